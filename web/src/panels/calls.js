/**
 * Notices as people take them in: by call, so that a wave of forty is one line with a count. Pure functions.
 */

import { RANKS } from '../vocabulary.js';

/** @typedef {import('../state.js').Notice} Notice */
/** @typedef {import('../state.js').LevelWord} LevelWord */

/**
 * @typedef {object} Call one call: objects that come for one place together
 * @property {number} call @property {string} place @property {string} place_name
 * @property {LevelWord} level the highest of those that stand
 * @property {Notice[]} notices by time to arrival @property {Notice[]} open those that stand
 * @property {Notice} first the one that arrives first, of those that stand if any
 * @property {number|null} arrival_ms @property {number|null} early_ms @property {number|null} late_ms of the first
 * @property {number|null} last_ms when the last one arrives
 * @property {[string, number][]} kinds kind and count, the most frequent first
 * @property {boolean} acknowledged all that stand are
 * @property {number} objects that come, with all of each group
 * @property {boolean} ended
 */

const LATEST = Number.MAX_SAFE_INTEGER;

/** @param {Notice} one @param {Notice} other */
export function byArrival(one, other) {
  return (
    (one.arrival_ms ?? LATEST) - (other.arrival_ms ?? LATEST) ||
    RANKS[other.level] - RANKS[one.level] ||
    one.notice - other.notice
  );
}

/**
 * @param {Notice[]} notices of one call @param {(track: number) => number} countOf objects that a track stands for
 * @returns {Call}
 */
function summarise(notices, countOf) {
  const sorted = [...notices].sort(byArrival);
  const open = sorted.filter((notice) => !notice.ended_ms);
  const standing = open.length ? open : sorted;
  const first = standing[0];
  /** @type {Map<string, number>} */
  const kinds = new Map();
  for (const { why, track } of standing) kinds.set(why.kind, (kinds.get(why.kind) ?? 0) + countOf(track));
  const arrivals = standing.map((notice) => notice.arrival_ms).filter((ms) => ms !== null);
  return {
    call: first.call,
    place: first.place,
    place_name: first.place_name,
    level: open.reduce(
      (most, { level }) => (RANKS[level] > RANKS[most] ? level : most),
      /** @type {LevelWord} */ ('clear'),
    ),
    notices: sorted,
    open,
    first,
    arrival_ms: first.arrival_ms,
    early_ms: first.early_ms,
    late_ms: first.late_ms,
    last_ms: arrivals.length ? Math.max(...arrivals) : null,
    kinds: [...kinds].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)),
    acknowledged: standing.every((notice) => notice.acknowledged !== null),
    objects: [...new Set(open.map(({ track }) => track))].reduce((sum, track) => sum + countOf(track), 0),
    ended: open.length === 0,
  };
}

/**
 * Calls by time to the first arrival; ended ones behind, the latest first.
 * @param {Notice[]} notices @param {(track: number) => number} [countOf] objects that a track stands for
 * @returns {Call[]}
 */
export function groupByCall(notices, countOf = () => 1) {
  /** @type {Map<number, Notice[]>} */
  const groups = new Map();
  for (const notice of notices) {
    const group = groups.get(notice.call);
    if (group) group.push(notice);
    else groups.set(notice.call, [notice]);
  }
  const calls = [...groups.values()].map((group) => summarise(group, countOf));
  const ended_ms = (/** @type {Call} */ call) => Math.max(...call.notices.map((notice) => notice.ended_ms ?? 0));
  const open = calls.filter((call) => !call.ended).sort((one, other) => byArrival(one.first, other.first));
  const ended = calls.filter((call) => call.ended).sort((one, other) => ended_ms(other) - ended_ms(one));
  return [...open, ...ended];
}

/**
 * Calls under the places they come for, the place that is reached first on top.
 * @param {Call[]} calls
 * @returns {{place: string, place_name: string, calls: Call[], objects: number}[]}
 */
export function groupByPlace(calls) {
  /** @type {Map<string, {place: string, place_name: string, calls: Call[], objects: number}>} */
  const places = new Map();
  for (const call of calls) {
    const entry = places.get(call.place) ?? { place: call.place, place_name: call.place_name, calls: [], objects: 0 };
    entry.calls.push(call);
    entry.objects += call.objects;
    places.set(call.place, entry);
  }
  return [...places.values()];
}

/**
 * The call that a key acts on: the selected one, else the first that waits to be acknowledged, else the first.
 * @param {Call[]} calls @param {import('../state.js').Selection|null} selection
 * @returns {Call|undefined}
 */
export function callInHand(calls, selection) {
  const open = calls.filter((call) => !call.ended);
  return selectedCall(open, selection) ?? open.find((call) => !call.acknowledged) ?? open[0];
}

/**
 * @param {Call[]} calls @param {import('../state.js').Selection|null} selection
 * @returns {Call|undefined}
 */
export function selectedCall(calls, selection) {
  if (!selection) return undefined;
  const { type, id } = selection;
  if (type === 'call') return calls.find((call) => call.call === id);
  if (type === 'notice') return calls.find((call) => call.notices.some((notice) => notice.notice === id));
  if (type === 'object') return calls.find((call) => call.open.some((notice) => notice.track === id));
  return undefined;
}
