/**
 * What a person can do about notices: go through them, look closely, acknowledge, end. The page answers at once; what the
 * server must know is sent behind it.
 */

import { callInHand, groupByCall, selectedCall } from './panels/calls.js';
import { ask } from './panels/dialog.js';

/** @typedef {import('./app.js').Page} Page */
/** @typedef {import('./panels/calls.js').Call} Call */

/** @param {Page} app */
export function noticeCommands(app) {
  const { state } = app;
  const calls = () => groupByCall(state.get('notices'));
  return {
    nextNotice: () => choose(app, calls(), 1),
    previousNotice: () => choose(app, calls(), -1),
    acknowledgeCall: (/** @type {number} */ number) => acknowledgeCall(app, number),
    acknowledge: () => {
      const call = callInHand(calls(), state.get('selection'));
      if (!app.may('officer')) app.say(app.text('may.not'));
      else if (!call || call.acknowledged) app.say(app.text('notices.noneToAcknowledge'));
      else void acknowledgeCall(app, call.call);
    },
    closeUpCall: (/** @type {number} */ number) => {
      const call = calls().find((one) => one.call === number);
      if (call) closeUp(app, call);
    },
    closeUp: () => {
      const selection = state.get('selection');
      const call = selection ? selectedCall(calls(), selection) : callInHand(calls(), null);
      if (call) closeUp(app, call);
      else if (selection?.type === 'object') app.commands.closeUpObject(Number(selection.id));
    },
    endNotice: (/** @type {import('./state.js').Notice} */ notice) => endNotice(app, notice),
  };
}

/** Select the next or previous call and put the focus on it. @param {Page} app @param {Call[]} calls @param {1|-1} by */
function choose(app, calls, by) {
  const open = calls.filter((call) => !call.ended);
  if (!open.length) return app.say(app.text('notices.none'));
  const now = selectedCall(open, app.state.get('selection'));
  const at = now ? open.indexOf(now) + by : by > 0 ? 0 : open.length - 1;
  const next = open[(at + open.length) % open.length];
  app.state.set('selection', { type: 'call', id: next.call });
  const card = /** @type {HTMLElement|null} */ (document.querySelector(`[data-call="${next.call}"] .card-main`));
  card?.scrollIntoView({ block: 'nearest' });
  card?.focus();
}

/** Select a call and show all of it with its place. @param {Page} app @param {Call} call */
function closeUp({ state, picture, map }, call) {
  const one = call.open.length <= 1;
  state.set('selection', one ? { type: 'notice', id: call.first.notice } : { type: 'call', id: call.call });
  const place = state.get('places').find(({ id }) => id === call.place);
  /** @type {[number, number][]} */
  const points = [];
  for (const notice of one ? [call.first] : call.open) {
    const row = picture.rowOf(notice.track);
    if (row >= 0 && picture.placed(row)) points.push([picture.columns.lat[row], picture.columns.lon[row]]);
  }
  if (place && place.lat !== null && place.lon !== null) points.push([place.lat, place.lon]);
  if (points.length) map?.fit(points);
  state.set('listOpen', false);
}

/** @param {Page} app @param {number} number of the call */
async function acknowledgeCall(app, number) {
  const { state } = app;
  const call = groupByCall(state.get('notices')).find((one) => one.call === number);
  if (!call || app.busy.has(number)) return;
  if (state.get('time').mode === 'past') return app.say(app.text('past.only'));
  app.busy.add(number);
  state.dispatchEvent(new Event('notices'));
  const single = `/api/notices/${call.first.notice}/acknowledge`;
  const path = call.notices.length === 1 ? single : `/api/calls/${number}/acknowledge`;
  const done = await app.attempt(() => app.api.post(path));
  app.busy.delete(number);
  if (done) takeAsAcknowledged(app, call);
  state.dispatchEvent(new Event('notices'));
}

/** @param {Page} app @param {import('./state.js').Notice} notice */
async function endNotice(app, notice) {
  const { text } = app;
  const why = await ask(app, text('notices.end'), text('notices.end.why'), text('notices.end'));
  if (!why) return;
  await app.attempt(() => app.api.post(`/api/notices/${notice.notice}/end`, { why }), text('notices.end.done'));
}

/** Shown as acknowledged until the feed says so itself. @param {Page} app @param {Call} call */
function takeAsAcknowledged({ state, serverNow }, call) {
  const by = state.get('session')?.user ?? '';
  const seen = new Set(call.open.map((notice) => notice.notice));
  const notices = state
    .get('notices')
    .map((notice) =>
      seen.has(notice.notice) && !notice.acknowledged
        ? { ...notice, acknowledged: { by, at_ms: serverNow() } }
        : notice,
    );
  state.set('notices', notices);
}
