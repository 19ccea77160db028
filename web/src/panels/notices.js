/**
 * What approaches: calls by time to arrival, with countdown, spread, kind, count, place and sensors. Many calls at once
 * are grouped under their places. With nothing to tell it says so, and by how many sensors that is known.
 */

import { callInHand, groupByCall, groupByPlace, selectedCall } from './calls.js';
import { callCard, updateCard } from './card.js';
import { el, put, reconcile } from './dom.js';

/** With more open calls than this they are listed under their places, in short. */
const MANY_CALLS = 3;
const COUNTDOWN_MS = 250;

/**
 * @param {import('../app.js').Page} app
 * @param {import('./dom.js').Scope} scope
 */
export function createNotices(app, scope) {
  const { state, text } = app;
  const count = el('span', { class: 'count' });
  const calm = el('p', { class: 'calm' });
  const open = el('div', { class: 'calls' });
  const endedList = el('div', { class: 'calls ended' });
  const endedCount = el('summary');
  const ended = el('details', { class: 'ended-calls' }, endedCount, endedList);
  const heading = el('h2', { id: 'notices-title', text: text('notices.title') });
  const body = el('div', { class: 'scroll' }, calm, open, ended);
  const section = el(
    'section',
    { class: 'notices', 'aria-labelledby': 'notices-title' },
    el('header', { class: 'section-head' }, heading, count),
    body,
  );
  const speaker = createSpeaker(app);

  const showCalm = () => {
    const standing = state.get('notices').some((notice) => !notice.ended_ms);
    const blind = state.get('link').state === 'lost' && state.get('time').mode === 'live';
    calm.hidden = standing && !blind;
    put(calm, calm.hidden ? '' : calmSentence(app));
  };
  const show = () => {
    const calls = groupByCall(state.get('notices'), (track) => app.picture.countOf(track));
    const standing = calls.filter((call) => !call.ended);
    const selection = state.get('selection');
    const hand = callInHand(calls, selection);
    const view = { selected: selectedCall(calls, selection)?.call, hand: hand?.acknowledged ? undefined : hand?.call };
    section.dataset.level = standing.some((call) => !call.acknowledged) ? 'open' : 'calm';
    const waiting = standing.filter((call) => !call.acknowledged).length;
    put(count, standing.length ? text('notices.count', { n: standing.length, m: waiting }) : '');
    showCalm();
    if (standing.length > MANY_CALLS) showPlaces(app, open, standing, view);
    else showCalls(app, open, standing, view, false);
    const over = calls.filter((call) => call.ended);
    ended.hidden = over.length === 0;
    put(endedCount, text('notices.ended', { n: over.length }));
    showCalls(app, endedList, over, view, true);
    speaker.hear(standing);
  };
  scope.show(['notices', 'selection', 'session', 'units', 'identities', 'time'], show);
  scope.show(['sensors', 'link', 'status'], showCalm);
  let counted = '';
  scope.every(COUNTDOWN_MS, () => {
    const counts = state.get('notices').map(({ track }) => app.picture.countOf(track)).join();
    if (counts !== counted) show(); // groups join and part between notices
    counted = counts;
    for (const node of body.querySelectorAll('[data-arrival]')) tick(app, /** @type {HTMLElement} */ (node));
  });
  return { element: section, speaker: speaker.element };
}

/**
 * @param {import('../app.js').Page} app @param {Element} parent
 * @param {import('./calls.js').Call[]} calls
 * @param {{selected: number|undefined, hand: number|undefined}} view
 * @param {boolean} short one line a call
 */
function showCalls(app, parent, calls, view, short) {
  reconcile(
    parent,
    calls,
    (call) => `call-${call.call}${short ? '-short' : ''}`,
    (call) => callCard(app, call.call, short),
    (node, call) => updateCard(app, node, call, view),
  );
}

/**
 * @param {import('../app.js').Page} app @param {Element} parent
 * @param {import('./calls.js').Call[]} calls
 * @param {{selected: number|undefined, hand: number|undefined}} view
 */
function showPlaces(app, parent, calls, view) {
  reconcile(
    parent,
    groupByPlace(calls),
    (group) => `place-${group.place}`,
    () => el('section', { class: 'place-group' }, el('h3'), el('div', { class: 'calls' })),
    (node, group) => {
      put(
        /** @type {Node} */ (node.firstChild),
        app.text('notices.place', { place: group.place_name, n: group.objects }),
      );
      showCalls(app, /** @type {Element} */ (node.lastChild), group.calls, view, true);
    },
  );
}

/** The countdown of one card. @param {import('../app.js').Page} app @param {HTMLElement} node */
function tick(app, node) {
  const left_s = (Number(node.dataset.arrival) - app.now()) / 1000;
  put(node, left_s > 0.5 ? app.text('notices.in', { time: app.format.duration(left_s) }) : app.text('notices.now'));
}

/**
 * Nothing approaches, and how far that is known: silence of a sensor is never drawn as calm.
 * @param {import('../app.js').Page} app
 */
export function calmSentence({ state, text }) {
  if (state.get('time').mode === 'past') return text('calm.past');
  if (state.get('link').state !== 'open') return text('calm.unknown');
  if (state.get('status')?.health?.status === 'starting') return text('calm.starting');
  const sensors = state.get('sensors');
  const well = sensors.filter((sensor) => sensor.state === 'well');
  const values = { n: sensors.length, m: well.length };
  if (sensors.length === 0 || state.get('status')?.newest_report_ms === null) return text('calm.blind');
  if (well.length === 0) return text('calm.none', values);
  return well.length === sensors.length ? text('calm.all', values) : text('calm.some', values);
}

/** Tells screen readers of new calls and of calls that became imminent. @param {import('../app.js').Page} app */
function createSpeaker(app) {
  const element = el('div', { class: 'unseen', role: 'alert', 'aria-live': 'assertive' });
  /** @type {Map<number, string>} */
  let told = new Map();
  return {
    element,
    /** @param {import('./calls.js').Call[]} calls */
    hear(calls) {
      if (app.state.get('time').mode === 'past') return; // what was raised then is no news now
      const news = calls.filter(
        (call) => !call.acknowledged && call.level !== 'watch' && told.get(call.call) !== call.level,
      );
      told = new Map(calls.map((call) => [call.call, call.level]));
      if (news.length)
        put(
          element,
          news
            .slice(0, 3)
            .map((call) => sentence(app, call))
            .join(' '),
        );
    },
  };
}

/**
 * A call as a sentence.
 * @param {import('../app.js').Page} app @param {import('./calls.js').Call} call
 */
export function sentence(app, call) {
  const left_ms = call.arrival_ms === null ? null : call.arrival_ms - app.now();
  return app.text('notices.sentence', {
    level: app.text(`level.${call.level}`),
    what: call.kinds.map(([kind, n]) => `${n} ${app.text(`kind.${kind}`)}`).join(', '),
    place: call.place_name,
    time: left_ms === null ? app.text('unknown') : app.format.duration(left_ms / 1000),
  });
}
