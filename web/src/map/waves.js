/**
 * Waves: objects of one call, which share a label and whose first one bears the rings for all.
 *
 * @module
 */

/** From so many on, objects of one call share a label. */
const LEAST_WAVE = 4;

/** @typedef {{lead: number, count: number, firstMs: number | null, lastMs: number | null}} Wave */

/**
 * Objects that come together: those of a call of many share one label, at the one that arrives first.
 * @param {import('../state.js').Notice[]} notices standing ones
 * @param {Set<number>} onScreen numbers of the objects on the screen
 * @param {(number: number) => number} [countOf] objects that one of them stands for
 * @returns {Map<number, Wave>} by object
 */
export function wavesOf(notices, onScreen, countOf = () => 1) {
  /** @type {Map<number, Map<number, number | null>>} */
  const calls = new Map();
  for (const { call, track, arrival_ms } of notices) {
    if (!onScreen.has(track)) continue;
    const members = calls.get(call) ?? new Map();
    const known = members.get(track) ?? null;
    members.set(track, known !== null && (arrival_ms === null || known < arrival_ms) ? known : arrival_ms);
    calls.set(call, members);
  }
  /** @type {Map<number, Wave>} */
  const found = new Map();
  for (const members of calls.values()) {
    if (members.size < LEAST_WAVE) continue;
    const order = [...members].sort((a, b) => (a[1] ?? Infinity) - (b[1] ?? Infinity));
    const arrivals = order.flatMap(([, ms]) => (ms === null ? [] : [ms]));
    const count = order.reduce((sum, [number]) => sum + countOf(number), 0);
    const wave = { lead: order[0][0], count, firstMs: arrivals[0] ?? null, lastMs: arrivals.at(-1) ?? null };
    for (const number of members.keys()) found.set(number, wave);
  }
  return found;
}
