/** Puts the panels round the map, and takes them away again when the language changes. The map itself stays. */

import { createBanners } from './banners.js';
import { createDetails } from './details.js';
import { Scope, el, put } from './dom.js';
import { createNotices } from './notices.js';
import { createTable } from './table.js';
import { createTimeline } from './timeline.js';
import { createTopbar } from './topbar.js';

const SAID_MS = 4000;

/**
 * @param {import('../app.js').Page} app
 * @returns {() => void} takes them away
 */
export function mountPanels(app) {
  const { state, text } = app;
  const scope = new Scope(app);
  document.getElementById('start')?.remove();
  const notices = createNotices(app, scope);
  const table = createTable(app, scope);
  app.searchField = table.search;
  const map = document.getElementById('map') ?? el('div', { id: 'map' });
  const drawer = el('button', {
    type: 'button',
    class: 'drawer',
    on: { click: () => state.set('listOpen', !state.get('listOpen')) },
  });
  scope.show(['listOpen', 'notices'], () => {
    drawer.setAttribute('aria-expanded', String(state.get('listOpen')));
    put(drawer, text(state.get('listOpen') ? 'drawer.map' : 'drawer.list'));
    document.body.classList.toggle('list-open', state.get('listOpen'));
  });
  const main = el(
    'main',
    {},
    el('div', { class: 'left' }, notices.element, table.element),
    el('div', { class: 'middle' }, map, createSaid(scope), drawer, createTimeline(app, scope)),
    createDetails(app, scope),
  );
  const skip = el('a', { class: 'skip', href: '#notices-title', text: text('skip') });
  const parts = [skip, createTopbar(app, scope), createBanners(app, scope), main, notices.speaker];
  document.body.replaceChildren(...parts);
  nameMap(app);
  scope.show(['kiosk', 'screenshot'], () => {
    document.body.classList.toggle('kiosk', state.get('kiosk'));
    document.body.classList.toggle('screenshot', state.get('screenshot'));
  });
  return () => scope.end();
}

/** The map's name for screen readers, in the chosen language. @param {import('../app.js').Page} app */
export function nameMap({ text }) {
  document.querySelector('#map canvas[role]')?.setAttribute('aria-label', text('map.title'));
}

/** Short words about what was just done, seen and spoken, also over a window that hides the rest. @param {Scope} scope */
function createSaid(scope) {
  const element = el('div', { class: 'said', role: 'status' });
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {Element|null} */
  let home = null;
  scope.listen(scope.app.state, 'say', ({ detail }) => {
    home ??= element.parentElement;
    const place = document.querySelector('dialog[open]') ?? home;
    if (element.parentElement !== place) place?.append(element);
    put(element, detail);
    element.classList.add('shown');
    clearTimeout(timer);
    timer = setTimeout(() => element.classList.remove('shown'), SAID_MS);
  });
  scope.listen(document, 'close', () => home?.append(element), { capture: true });
  return element;
}
