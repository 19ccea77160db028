/**
 * Where objects have been: a ring of points for each, thinned to one every few seconds, all in a few arrays of fixed
 * shape. Memory is bounded by the number of objects in the picture, never by the time that a page stays open.
 *
 * @module
 */

export const POINTS = 64;
/** More objects than this have no trail. */
export const MOST_TRAILS = 20_000;

/** Trails of all objects; positions in mercator's square. */
export class Trails {
  /** @param {number} [minutes] how far they reach back */
  constructor(minutes = 3) {
    /** @type {Map<number, number>} number to slot */
    this.slots = new Map();
    /** @type {number[]} */
    this.free = [];
    this.used = 0;
    this.times = new Float64Array(256 * POINTS);
    this.x = new Float64Array(256 * POINTS);
    this.y = new Float64Array(256 * POINTS);
    this.heights = new Float32Array(256 * POINTS);
    this.counts = new Uint16Array(256);
    this.starts = new Uint16Array(256);
    this.reachMs = minutes * 60_000;
    this.spacingMs = this.reachMs / (POINTS - 2);
  }

  /** @param {number} minutes */
  reach(minutes) {
    this.reachMs = minutes * 60_000;
    this.spacingMs = this.reachMs / (POINTS - 2);
  }

  clear() {
    this.slots.clear();
    this.free = [];
    this.used = 0;
  }

  /**
   * Take a point in, if the last one is old enough. A time before the last one starts the trail anew.
   * @param {number} number @param {number} timeMs @param {number} x @param {number} y @param {number} heightM
   * @returns {boolean} whether it was taken in
   */
  add(number, timeMs, x, y, heightM) {
    let slot = this.slots.get(number);
    if (slot === undefined) {
      slot = this.#take(number);
      if (slot < 0) return false;
    }
    const count = this.counts[slot];
    if (count > 0) {
      const last = this.#at(slot, count - 1);
      if (timeMs < this.times[last]) this.counts[slot] = 0;
      else if (timeMs - this.times[last] < this.spacingMs) return false;
    }
    const at = slot * POINTS + ((this.starts[slot] + this.counts[slot]) % POINTS);
    this.times[at] = timeMs;
    this.x[at] = x;
    this.y[at] = y;
    this.heights[at] = heightM;
    if (this.counts[slot] < POINTS) this.counts[slot] += 1;
    else this.starts[slot] = (this.starts[slot] + 1) % POINTS;
    return true;
  }

  /** Whether a point of that time would be taken in. @param {number} number @param {number} timeMs */
  isDue(number, timeMs) {
    const slot = this.slots.get(number);
    if (slot === undefined || this.counts[slot] === 0) return true;
    const since = timeMs - this.times[this.#at(slot, this.counts[slot] - 1)];
    return since < 0 || since >= this.spacingMs;
  }

  /** @param {number} number of an object that left */
  remove(number) {
    const slot = this.slots.get(number);
    if (slot === undefined) return;
    this.slots.delete(number);
    this.free.push(slot);
  }

  /**
   * Indices into `times`, `x`, `y`, `heights` of an object's points, oldest first, those only that reach back no further
   * than allowed. `every` takes one of so many, and always the newest.
   * @param {number} number @param {number} nowMs @param {number} [every]
   * @returns {number[]}
   */
  points(number, nowMs, every = 1) {
    const slot = this.slots.get(number);
    const found = [];
    const count = slot === undefined ? 0 : this.counts[slot];
    for (let i = count - 1; i >= 0; i -= every) {
      const at = this.#at(/** @type {number} */ (slot), i);
      if (nowMs - this.times[at] > this.reachMs) break;
      found.push(at);
    }
    return found.reverse();
  }

  /** @param {number} slot @param {number} i */
  #at(slot, i) {
    return slot * POINTS + ((this.starts[slot] + i) % POINTS);
  }

  /** @param {number} number @returns {number} a slot, -1 when there is none left */
  #take(number) {
    let slot = this.free.pop();
    if (slot === undefined) {
      if (this.used === MOST_TRAILS) return -1;
      slot = this.used;
      this.used += 1;
      if (this.used > this.counts.length) this.#reserve(2 * this.counts.length);
    }
    this.counts[slot] = 0;
    this.starts[slot] = 0;
    this.slots.set(number, slot);
    return slot;
  }

  /** @param {number} slots */
  #reserve(slots) {
    this.times = grown(Float64Array, slots * POINTS, this.times);
    this.x = grown(Float64Array, slots * POINTS, this.x);
    this.y = grown(Float64Array, slots * POINTS, this.y);
    this.heights = grown(Float32Array, slots * POINTS, this.heights);
    this.counts = grown(Uint16Array, slots, this.counts);
    this.starts = grown(Uint16Array, slots, this.starts);
  }
}

/**
 * @template {Float64Array | Float32Array | Uint16Array} A
 * @param {new (length: number) => A} Kind
 * @param {number} length
 * @param {A} [old]
 * @returns {A}
 */
function grown(Kind, length, old) {
  const array = new Kind(length);
  if (old) array.set(old);
  return array;
}
