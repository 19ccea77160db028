/**
 * What must not be overlooked: exercise, lost connection, old picture, the past, a warning while the past is looked at,
 * and how long ago that began. Nothing here depends on colour alone.
 */

import { el, put } from './dom.js';

const OLD_MS = 10000;
const TICK_MS = 500;
const BACK_MS = 6000;

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope */
export function createBanners(app, scope) {
  const { state, text } = app;
  const make = (/** @type {string} */ name, /** @type {string} */ role, /** @type {(Node|null)[]} */ ...more) => {
    const words = el('span', { class: 'words' });
    const node = el('div', { class: `banner ${name}`, hidden: true }, words, ...more);
    const spoken = el('span', { class: 'unseen', role });
    node.append(spoken);
    return { node, words, spoken };
  };
  const press = (/** @type {string} */ name, /** @type {() => void} */ fn) =>
    el('button', { type: 'button', text: text(name), on: { click: fn } });
  const drill = make('drill', 'status');
  const lost = make('lost', 'alert');
  const back = make('back', 'status');
  const old = make('old', 'alert');
  const past = make(
    'past',
    'status',
    press('past.return', () => app.commands.goLive()),
  );
  const alarm = make(
    'alarm',
    'alert',
    press('past.return', () => app.commands.goLive()),
  );
  const all = [drill, lost, back, old, past, alarm];
  const show = (
    /** @type {typeof drill} */ banner,
    /** @type {string} */ words,
    /** @type {string} */ said = words,
  ) => {
    banner.node.hidden = words === '';
    put(banner.words, words);
    put(banner.spoken, said);
  };
  let lostSince_ms = 0;
  let backUntil_ms = 0;
  const tick = () => {
    const link = state.get('link');
    const live = state.get('time').mode === 'live';
    const status = state.get('status');
    const now_ms = Date.now();
    if (link.state === 'lost' && !lostSince_ms) lostSince_ms = link.sinceMs || now_ms;
    if (link.state === 'open' && lostSince_ms) {
      show(back, text('link.back', { time: app.format.duration((now_ms - lostSince_ms) / 1000) }));
      lostSince_ms = 0;
      backUntil_ms = now_ms + BACK_MS;
    }
    if (now_ms > backUntil_ms || lostSince_ms) show(back, '');
    const age = app.format.duration((app.serverNow() - (status?.now_ms ?? app.serverNow())) / 1000);
    show(
      lost,
      lostSince_ms ? text(status ? 'link.lost' : 'link.never', { time: age, n: link.attempts + 1 }) : '',
      lostSince_ms ? text('link.lost.said') : '',
    );
    const silent_ms = status?.newest_report_ms ? app.serverNow() - status.newest_report_ms : null;
    const isOld = live && !lostSince_ms && status !== null && (silent_ms === null || silent_ms > OLD_MS);
    const why = status?.health?.status === 'starting' ? 'old.starting' : silent_ms === null ? 'old.never' : 'old';
    const words = text(why, { time: app.format.duration((silent_ms ?? 0) / 1000) });
    show(old, isOld ? words : '', isOld ? (why === 'old' ? text('old.said') : words) : '');
    show(past, live ? '' : text('past.words', { time: app.format.dateTime(app.now()) }), live ? '' : text('past.said'));
    document.body.dataset.link = lostSince_ms ? 'lost' : link.state;
    document.body.dataset.time = state.get('time').mode;
    document.body.dataset.old = String(isOld);
  };
  scope.every(TICK_MS, tick);
  scope.show(['link', 'time', 'status'], tick);
  scope.show(['status', 'site'], () => {
    const on = state.get('status')?.drill ?? state.get('site')?.drill ?? false;
    show(drill, on ? text('drill.words') : '', on ? text('drill.said') : '');
    document.body.dataset.drill = String(on);
  });
  scope.listen(app.alarms, 'alarm', ({ detail }) =>
    show(alarm, state.get('time').mode === 'past' ? text('past.alarm', { level: text(`level.${detail}`) }) : ''),
  );
  scope.on('time', (time) => time.mode === 'live' && show(alarm, ''));
  return el('div', { class: 'banners' }, ...all.map(({ node }) => node));
}
