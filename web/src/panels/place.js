/** One protected place: what it is, and what approaches it. */

import { byArrival } from './calls.js';
import { el } from './dom.js';
import { copyable, factList, part } from './facts.js';

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope @param {string} id */
export function createPlace(app, scope, id) {
  const { state, text } = app;
  const title = el('h2', { text: id });
  const about = el('div');
  const element = el('div', { class: 'scroll padded' }, about);
  scope.show(['places', 'notices', 'units', 'coordinates'], () => {
    const place = state.get('places').find((one) => one.id === id);
    title.textContent = place?.name ?? id;
    if (about.matches(':hover') && about.childElementCount) return;
    about.replaceChildren(...(place ? placeParts(app, place) : [el('p', { text: text('place.gone') })]));
  });
  return { title, element };
}

/** @param {Page} app @param {import('../state.js').Place} place */
function placeParts(app, place) {
  const { text, format, state } = app;
  const at =
    place.lat === null || place.lon === null
      ? text('place.unseen')
      : copyable(app, format.position(place.lat, place.lon));
  const coming = state
    .get('notices')
    .filter((notice) => notice.place === place.id && !notice.ended_ms)
    .sort(byArrival);
  const items = coming.map((notice) =>
    el(
      'li',
      {},
      el('button', {
        type: 'button',
        class: 'link',
        text: text('place.notice', {
          n: notice.track,
          kind: text(`kind.${notice.why.kind}`),
          level: text(`level.${notice.level}`),
          time: format.clock(notice.arrival_ms),
        }),
        on: { click: () => state.set('selection', { type: 'notice', id: notice.notice }) },
      }),
    ),
  );
  /** @type {import('./facts.js').Fact[]} */
  const facts = [
    [text('fact.shape'), text(`shape.${place.shape}`)],
    [text('fact.position'), at],
    [text('fact.radius'), format.distance(place.radius_m)],
    [text('fact.band'), `${format.height(place.bottom_m)} – ${format.height(place.top_m)}`, text('fact.height.why')],
  ];
  if (place.identity) facts.push([text('fact.vessel'), place.identity]);
  return [
    factList(facts),
    part(
      text('place.coming'),
      items.length ? el('ul', { class: 'list' }, ...items) : el('p', { class: 'quiet', text: text('place.nothing') }),
    ),
  ];
}
