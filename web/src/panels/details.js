/** The right column: details of what is selected, or the display settings; it is there only on demand. */

import { closeButton } from './card.js';
import { createDisplay } from './display.js';
import { Scope, el } from './dom.js';
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
    const notice = state.get('notices').find((one) => one[key] === selection.id && (key === 'notice' || !one.ended_ms)) ??
      state.get('notices').find((one) => one[key] === selection.id); // prettier-ignore
    return notice ? { type: 'object', id: notice.track } : null;
  }
  return /** @type {any} */ (selection);
}

/** @type {Record<'object'|'sensor'|'place', (app: Page, scope: Scope, id: any) => {title: HTMLElement, element: HTMLElement}>} */
const MAKERS = { object: createObject, sensor: createSensor, place: createPlace };

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
    element.replaceChildren(el('header', { class: 'section-head' }, panel.title, closeButton(text('close'), close)), panel.element);
  };
  scope.show(['selection', 'panel', 'notices', 'kiosk'], show);
  return element;
}
