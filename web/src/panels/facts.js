/** Rows of "name: value" and the like, which all details are made of. */

import { el } from './dom.js';
import { controlIcon } from './icons.js';

/** @typedef {[name: string, value: string|Node, why?: string]} Fact why: shown on hover */

/** @param {Fact[]} facts */
export function factList(facts) {
  return el(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(([name, value, why]) => [el('dt', { text: name }), el('dd', { title: why }, value)]),
  );
}

/** So long what a pointer or the focus rests on is left as it is; longer, and it would be old without saying so. */
const HELD_MS = 5000;

/**
 * Make the children of an element anew, but not under the reader's hand: hints and buttons stay for a moment, and the
 * focus for ever.
 * @param {HTMLElement} parent @param {() => (Node|false)[]} make
 */
export function renew(parent, make) {
  const held = parent.matches(':hover') || parent.contains(document.activeElement);
  const now_ms = performance.now();
  if (held && parent.childElementCount && now_ms - Number(parent.dataset.renewed) < HELD_MS) return;
  const focused = [...parent.querySelectorAll('button')].findIndex((button) => button === document.activeElement);
  parent.dataset.renewed = String(now_ms);
  parent.replaceChildren(.../** @type {Node[]} */ (make().filter(Boolean)));
  parent.querySelectorAll('button')[focused]?.focus();
}

/**
 * A section with a heading.
 * @param {string} title @param {...import('./dom.js').Child} children
 */
export function part(title, ...children) {
  return el('section', { class: 'part' }, el('h3', { text: title }), ...children);
}

/**
 * A text that is copied when pressed.
 * @param {import('../app.js').Page} app @param {string} shown
 */
export function copyable(app, shown) {
  const press = async () => {
    try {
      await navigator.clipboard.writeText(shown);
      app.say(app.text('copied', { what: shown }));
    } catch {
      app.say(app.text('copied.not'));
    }
  };
  return el(
    'button',
    { type: 'button', class: 'copy', title: app.text('copy'), on: { click: press } },
    el('span', { text: shown }),
    controlIcon('copy'),
  );
}

/**
 * A bar for a probability, with the number beside it.
 * @param {string} name @param {number} share 0 to 1 @param {string} shown @param {string} why
 */
export function bar(name, share, shown, why) {
  const filled = el('span', { class: 'filled' });
  filled.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return el(
    'div',
    { class: 'bar', title: why },
    el('span', { class: 'bar-name', text: name }),
    el('span', { class: 'bar-track', 'aria-hidden': 'true' }, filled),
    el('span', { class: 'bar-value', text: shown }),
  );
}

/**
 * A table with headings.
 * @param {string} caption @param {string[]} heads @param {(string|Node)[][]} rows
 */
export function plainTable(caption, heads, rows) {
  return el(
    'div',
    { class: 'table-wrap', tabindex: 0, role: 'region', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', { class: 'unseen', text: caption }),
      el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col', text: head })))),
      el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, cell))))),
    ),
  );
}
