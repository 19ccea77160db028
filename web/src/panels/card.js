/**
 * One call in the list of notices: level, countdown with its spread, what and how many, which place, seen by which
 * sensors, who acknowledged. Press it for a close-up.
 */

import { severalOf } from './columns.js';
import { el, attribute, put } from './dom.js';
import { controlIcon, kindIcon, levelIcon } from './icons.js';

/** @typedef {import('./calls.js').Call} Call */

/**
 * @param {import('../app.js').Page} app @param {number} number of the call
 * @param {boolean} short one line
 */
export function callCard(app, number, short) {
  const { text } = app;
  const part = (/** @type {string} */ name, tag = 'span') =>
    el(/** @type {'span'} */ (tag), { class: name, 'data-part': name });
  const main = el(
    'button',
    { class: 'card-main', type: 'button', on: { click: () => app.commands.closeUpCall(number) } },
    el('span', { class: 'card-top' }, part('level'), part('countdown')),
    el('span', { class: 'card-what' }, part('what'), part('sure')),
    part('whither'),
    part('spread'),
    part('seen'),
  );
  const acknowledge = el(
    'button',
    {
      class: 'acknowledge',
      type: 'button',
      'data-part': 'button',
      on: { click: () => app.commands.acknowledgeCall(number) },
    },
    el('span', { text: text('notices.acknowledge') }),
    el('kbd', { text: 'a' }),
  );
  return el(
    'article',
    { class: `card${short ? ' short' : ''}`, 'data-call': number },
    main,
    acknowledge,
    part('done', 'p'),
  );
}

/**
 * @param {import('../app.js').Page} app @param {HTMLElement} node @param {Call} call
 * @param {{selected: number|undefined, hand: number|undefined}} view
 */
export function updateCard(app, node, call, view) {
  const { text, format } = app;
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (node.querySelector(`[data-part="${name}"]`));
  node.dataset.level = call.ended ? 'clear' : call.level;
  node.classList.toggle('acknowledged', call.acknowledged);
  node.classList.toggle('over', call.ended);
  node.classList.toggle('in-hand', view.hand === call.call);
  attribute(part('button').previousElementSibling ?? node, 'aria-current', view.selected === call.call ? 'true' : null);
  showLevel(app, part('level'), call);
  const countdown = part('countdown');
  if (call.ended) {
    delete countdown.dataset.arrival;
    put(countdown, text('notices.endedAt', { time: format.clock(call.first.ended_ms) }));
  } else if (call.arrival_ms === null) {
    delete countdown.dataset.arrival;
    put(countdown, text('notices.noArrival'));
  } else countdown.dataset.arrival = String(call.arrival_ms);
  showWhat(app, part('what'), call);
  const sure = part('sure');
  put(sure, format.percent(call.first.probability));
  sure.title = text('notices.probability.why', { percent: format.percent(call.first.probability) });
  put(part('whither'), text('notices.whither', { place: call.place_name }));
  put(part('spread'), spread(app, call, node.classList.contains('short')));
  put(part('seen'), seenBy(app, call));
  const button = /** @type {HTMLButtonElement} */ (part('button'));
  button.hidden = call.acknowledged || call.ended || !app.may('officer') || app.state.get('time').mode === 'past';
  button.disabled = app.busy.has(call.call);
  put(part('done'), done(app, call));
}

/** @param {import('../app.js').Page} app @param {HTMLElement} node @param {Call} call */
function showLevel(app, node, call) {
  const level = call.ended ? 'clear' : call.level;
  if (node.dataset.level === level) return;
  node.dataset.level = level;
  node.replaceChildren(levelIcon(level), app.text(`level.${level}`));
}

/** @param {import('../app.js').Page} app @param {HTMLElement} node @param {Call} call */
function showWhat(app, node, call) {
  const signature = call.kinds.map(([kind, n]) => `${kind}:${n}`).join();
  if (node.dataset.kinds === signature) return;
  node.dataset.kinds = signature;
  const parts = call.kinds.flatMap(([kind, n]) => [
    kindIcon(kind),
    el('span', { text: severalOf(app, kind, n) }),
  ]);
  node.replaceChildren(...parts);
}

/**
 * When the first arrives, between what times, and unless short when the last one does.
 * @param {import('../app.js').Page} app @param {Call} call @param {boolean} short
 */
function spread({ text, format, now }, call, short) {
  if (call.ended || call.arrival_ms === null) return '';
  if (call.arrival_ms <= now())
    return call.last_ms !== null && call.last_ms - now() > 1000
      ? text('notices.last', { time: format.clock(call.last_ms) })
      : '';
  const time = format.clock(call.arrival_ms);
  const first = short ? time : text('notices.at', { time });
  const between =
    call.early_ms === null || call.late_ms === null
      ? text('notices.spread.unknown')
      : text('notices.spread', { early: hhmmss(call.early_ms), late: hhmmss(call.late_ms) });
  const last =
    !short && call.open.length > 1 && call.last_ms !== null && call.last_ms - call.arrival_ms >= 1000
      ? `, ${text('notices.last', { time: hhmmss(call.last_ms) })}`
      : '';
  return `${first} (${between})${last}`;
}

/** @param {number} ms */
const hhmmss = (ms) => new Date(ms).toISOString().slice(11, 19);

/** @param {import('../app.js').Page} app @param {Call} call */
function seenBy(app, call) {
  if (call.ended) return '';
  const sensors = new Set(call.open.flatMap((notice) => app.sensorsOf(notice)));
  return sensors.size ? app.text('notices.seen', { sensors: [...sensors].join(', ') }) : '';
}

/** @param {import('../app.js').Page} app @param {Call} call */
function done({ text, format }, call) {
  const standing = call.open.length ? call.open : call.notices;
  const seen = standing.filter((notice) => notice.acknowledged);
  const receivers = new Set(standing.flatMap((notice) => notice.delivered.map(({ to }) => to)));
  const parts = [];
  if (seen.length) {
    const { by, at_ms } = /** @type {{by: string, at_ms: number}} */ (seen[0].acknowledged);
    const all = seen.length === standing.length;
    parts.push(
      all
        ? text('notices.acknowledged', { who: by, time: format.clock(at_ms) })
        : text('notices.partly', { n: seen.length, m: standing.length }),
    );
  }
  if (receivers.size)
    parts.push(text('notices.delivered', { n: receivers.size, receivers: [...receivers].join(', ') }));
  return parts.join(' · ');
}

/** @param {string} title @param {() => void} close */
export function closeButton(title, close) {
  return el(
    'button',
    { class: 'icon-button', type: 'button', title, 'aria-label': title, on: { click: close } },
    controlIcon('close'),
  );
}
