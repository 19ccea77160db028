/**
 * Which sensors see the objects that notices are about. The feed's notices do not say; so the details of the first
 * object of each open call are asked for, few at a time, and kept for a while.
 */

const MOST_ASKED = 12;
const FRESH_MS = 8000;
const PERIOD_MS = 2000;
const MOST_KEPT = 200;

/**
 * @param {import('./app.js').Page} app
 * @returns {(notice: import('./state.js').Notice) => string[]}
 */
export function watchSensorsOf(app) {
  const { state } = app;
  /** @type {Map<number, {at_ms: number, sensors: string[]}>} */
  const known = new Map();
  let busy = false;
  const ask = async () => {
    if (busy || state.get('link').state !== 'open' || state.get('time').mode !== 'live' || document.hidden) return;
    busy = true;
    const now_ms = Date.now();
    const here = wanted(state.get('notices')).filter((track) => app.picture.rowOf(track) >= 0);
    const tracks = here.filter((track) => now_ms - (known.get(track)?.at_ms ?? 0) > FRESH_MS);
    for (const track of tracks.slice(0, MOST_ASKED)) {
      try {
        const details = await app.api.get(`/api/objects/${track}`);
        known.delete(track);
        known.set(track, { at_ms: now_ms, sensors: Object.keys(details.sensors).sort() });
      } catch {
        known.set(track, { at_ms: now_ms, sensors: known.get(track)?.sensors ?? [] }); // it has left meanwhile
      }
    }
    while (known.size > MOST_KEPT) known.delete(/** @type {number} */ (known.keys().next().value));
    busy = false;
    if (tracks.length) state.dispatchEvent(new Event('notices'));
  };
  setInterval(() => void ask(), PERIOD_MS);
  return (notice) => known.get(notice.track)?.sensors ?? [];
}

/** The first object of each open call. @param {import('./state.js').Notice[]} notices */
function wanted(notices) {
  /** @type {Map<number, import('./state.js').Notice>} */
  const first = new Map();
  for (const notice of notices) {
    if (notice.ended_ms) continue;
    const other = first.get(notice.call);
    if (!other || (notice.arrival_ms ?? Infinity) < (other.arrival_ms ?? Infinity)) first.set(notice.call, notice);
  }
  return [...first.values()].map((notice) => notice.track);
}
