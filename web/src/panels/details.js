/** The right column: details of what is selected, or the display settings; it is there only on demand. */

import { byArrival } from './calls.js';
import { closeButton } from './card.js';
import { createDisplay } from './display.js';
import { Scope, el, reconcile } from './dom.js';
import { levelIcon } from './icons.js';
import { createObject } from './object.js';
import { createPlace } from './place.js';
import { createSensor } from './sensor.js';

/** @typedef {import('../app.js').Page} Page */

/**
 * What the selection shows: a notice or a call shows its object.
 * @param {Page} app
 * @returns {{type: 'object'|'sensor'|'place', id: any}|null}
 */
export function detailed({ state }) {
  const selection = state.get('selection');
  if (!selection) return null;
  if (selection.type === 'notice' || selection.type === 'call') {
    const key = selection.type;
    const notice =
      state.get('notices').find((one) => one[key] === selection.id && (key === 'notice' || !one.ended_ms)) ??
      state.get('notices').find((one) => one[key] === selection.id);
    return notice ? { type: 'object', id: notice.track } : null;
  }
  return /** @type {any} */ (selection);
}

/** @type {Record<'object'|'sensor'|'place', (app: Page, scope: Scope, id: any) => {title: HTMLElement, element: HTMLElement}>} */
const MAKERS = { object: createObject, sensor: createSensor, place: createPlace };

/** The objects of a selected call, each a press away. @param {Page} app @param {Scope} scope */
function members(app, scope) {
  const { state, text } = app;
  const list = el('div', { class: 'members', role: 'group', 'aria-label': text('details.members') });
  const show = () => {
    const selection = state.get('selection');
    const notices =
      selection?.type === 'call'
        ? state
            .get('notices')
            .filter((one) => one.call === selection.id && !one.ended_ms)
            .sort(byArrival)
        : [];
    list.hidden = notices.length < 2;
    reconcile(
      list,
      notices,
      (notice) => String(notice.notice),
      (notice) =>
        el(
          'button',
          {
            type: 'button',
            class: 'chip',
            'data-level': notice.level,
            on: { click: () => state.set('selection', { type: 'object', id: notice.track }) },
          },
          levelIcon(notice.level),
          el('span', { text: String(notice.track) }),
        ),
    );
  };
  scope.show(['notices', 'selection'], show);
  return list;
}

/** @param {Page} app @param {Scope} scope */
export function createDetails(app, scope) {
  const { state, text } = app;
  const element = el('aside', { class: 'details', id: 'details', 'aria-label': text('details.title'), hidden: true });
  let shown = '';
  let inner = new Scope(app);
  scope.ends.push(() => inner.end());
  const show = () => {
    const what = detailed(app);
    const key = what ? `${what.type}:${what.id}` : state.get('panel');
    if (key === shown) return;
    shown = key;
    inner.end();
    inner = new Scope(app);
    element.hidden = key === '' || state.get('kiosk');
    document.body.classList.toggle('with-details', !element.hidden);
    if (element.hidden) {
      element.replaceChildren();
      return;
    }
    const panel = what ? MAKERS[what.type](app, inner, what.id) : createDisplay(app, inner);
    const close = () => (what ? state.set('selection', null) : state.set('panel', ''));
    element.replaceChildren(
      el('header', { class: 'section-head' }, panel.title, closeButton(text('close'), close)),
      members(app, inner),
      panel.element,
    );
  };
  scope.show(['selection', 'panel', 'notices', 'kiosk'], show);
  return element;
}
