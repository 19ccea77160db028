/**
 * The picture as the browser holds it: one typed array a column, one row an object, in the layout that the feed's
 * `hello` names.
 *
 *     const picture = new Picture();
 *     picture.layOut(hello);             // names, order and types of the columns
 *     picture.apply(arrayBuffer);        // a snapshot or changes; dispatches 'change'
 *     const row = picture.rowOf(17);     // -1: not in the picture
 *     const { lat, lon, heightM } = picture.place(row, nowMs);
 *
 * Rows are dense and move: after an object left, the last row takes its place. Keep numbers, not rows. A frame that
 * does not hold what it promises is counted in `malformed` and changes nothing.
 *
 * @module
 */
import { SNAPSHOT, TYPES, readFrame, readLayout } from './frame.js';

/** @typedef {import('./frame.js').Column} Column */
/** @typedef {import('./frame.js').ColumnLayout} ColumnLayout */
/** @typedef {import('./frame.js').Frame} Frame */
/**
 * @typedef {object} Change what `change` events carry in `detail`
 * @property {boolean} snapshot everything was replaced
 * @property {number[]} rows rows with news
 * @property {number[]} removed numbers of the objects that left
 */

export const NO_IDENTITY = 4294967295;
export const FLAG_ACKNOWLEDGED = 1;
export const FLAG_DOUBTFUL_IDENTITY = 2;
export const FLAG_KIND_BY_HAND = 4;
/** A state is carried on with its velocity for so long, then it stands: a picture that old is marked as old instead. */
export const LONGEST_CARRY_S = 30;

const METRES_PER_DEGREE = 111_319.490793;
/** The live picture, or the past that is played. */
export class Picture extends EventTarget {
  constructor() {
    super();
    /** @type {ColumnLayout[]} */
    this.layout = [];
    /** @type {Record<string, Column>} */
    this.columns = {};
    /** Time for which each row's state holds, UTC ms. @type {Float64Array} */
    this.validMs = new Float64Array(0);
    this.count = 0;
    /** Time of the newest frame and of the newest report in it, UTC ms; NaN before the first. */
    this.pictureMs = NaN;
    this.newestReportMs = NaN;
    this.sequence = 0;
    this.malformed = 0;
    this.frames = 0;
    /** @type {string[]} */
    this.kinds = ['unknown'];
    /** @type {string[]} */
    this.statuses = ['tentative'];
    /** @type {string[]} */
    this.levels = ['clear'];
    /** @type {Map<number, number>} */
    this.rows = new Map();
  }

  /**
   * Take the layout from a hello. What was held is forgotten, for it may have been laid out otherwise.
   * @param {unknown} hello
   * @returns {boolean} whether it can be read
   */
  layOut(hello) {
    const read = readLayout(hello);
    if (read === null) {
      this.malformed += 1;
      return false;
    }
    this.layout = read.layout;
    this.kinds = read.kinds;
    this.statuses = read.statuses;
    this.levels = read.levels;
    this.#reserve(256, false);
    this.clear();
    return true;
  }

  /** Forget all objects. */
  clear() {
    const removed = [...this.rows.keys()];
    this.rows.clear();
    this.count = 0;
    this.pictureMs = NaN;
    this.#tell({ snapshot: true, rows: [], removed });
  }

  /**
   * Row of an object, -1 when it is not in the picture.
   * @param {number} number
   */
  rowOf(number) {
    return this.rows.get(number) ?? -1;
  }

  /**
   * Take in one binary frame.
   * @param {ArrayBuffer} buffer
   * @returns {boolean} whether it was a frame of the known layout
   */
  apply(buffer) {
    const frame = readFrame(buffer, this.layout);
    if (frame === null) {
      this.malformed += 1;
      return false;
    }
    this.frames += 1;
    const removed = frame.what === SNAPSHOT ? this.#forgetAllBut(frame.numbers) : frame.gone.filter((n) => this.#remove(n));
    const rows = this.#store(frame);
    this.pictureMs = frame.pictureMs;
    this.newestReportMs = frame.newestReportMs;
    this.sequence = frame.sequence;
    this.#tell({ snapshot: frame.what === SNAPSHOT, rows, removed });
    return true;
  }

  /**
   * Where an object is at a time, carried on with its velocity. NaN where it has no position.
   * @param {number} row
   * @param {number} nowMs UTC
   * @returns {{lat: number, lon: number, heightM: number}}
   */
  place(row, nowMs) {
    const c = this.columns;
    const seconds = this.carriedS(row, nowMs);
    const lat = c.lat[row];
    const up = c.up_mps?.[row] || 0;
    return {
      lat: lat + ((c.north_mps[row] || 0) * seconds) / METRES_PER_DEGREE,
      lon: c.lon[row] + ((c.east_mps[row] || 0) * seconds) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180)),
      heightM: c.height_m[row] + up * seconds,
    };
  }

  /**
   * For how long a row's state is carried on to reach a time.
   * @param {number} row
   * @param {number} nowMs
   */
  carriedS(row, nowMs) {
    return Math.min(Math.max((nowMs - this.validMs[row]) / 1000, -1), LONGEST_CARRY_S);
  }

  /**
   * Whether an object has a position that can be drawn.
   * @param {number} row
   */
  placed(row) {
    return isPosition(this.columns.lat[row], this.columns.lon[row]);
  }

  /** @param {number} row */
  kindOf(row) {
    return this.kinds[this.columns.kind[row]] ?? 'unknown';
  }

  /** @param {number} row */
  statusOf(row) {
    return this.statuses[this.columns.status[row]] ?? 'tentative';
  }

  /** @param {number} row */
  levelOf(row) {
    return this.levels[this.columns.level[row]] ?? 'clear';
  }

  /** How many objects stand behind a number: more than one is a group. @param {number} number */
  countOf(number) {
    return this.columns.group_n?.[this.rowOf(number)] || 1;
  }

  /** What is written behind the number of a group, " ×7"; nothing behind that of one object. @param {number} row */
  manyOf(row) {
    const n = this.columns.group_n?.[row];
    return n > 1 ? ` ×${n}` : '';
  }

  /** @param {Change} detail */
  #tell(detail) {
    this.dispatchEvent(new CustomEvent('change', { detail }));
  }

  /**
   * @param {number} least
   * @param {boolean} keep
   */
  #reserve(least, keep) {
    const capacity = Math.max(256, 2 ** Math.ceil(Math.log2(Math.max(1, least))));
    /** @type {Record<string, Column>} */
    const columns = {};
    for (const { name, type } of this.layout) {
      columns[name] = new TYPES[type](capacity);
      if (keep) columns[name].set(this.columns[name].subarray(0, this.count));
    }
    const validMs = new Float64Array(capacity);
    if (keep) validMs.set(this.validMs.subarray(0, this.count));
    this.columns = columns;
    this.validMs = validMs;
  }

  /**
   * @param {Column} numbers
   * @returns {number[]} numbers that were there and are not among these
   */
  #forgetAllBut(numbers) {
    const stay = new Set(numbers);
    const gone = [...this.rows.keys()].filter((number) => !stay.has(number));
    this.rows.clear();
    this.count = 0;
    return gone;
  }

  /** @param {number} number */
  #remove(number) {
    const row = this.rows.get(number);
    if (row === undefined) return false;
    const last = this.count - 1;
    if (row !== last) {
      for (const { name } of this.layout) this.columns[name][row] = this.columns[name][last];
      this.validMs[row] = this.validMs[last];
      this.rows.set(this.columns.number[row], row);
    }
    this.rows.delete(number);
    this.count = last;
    return true;
  }

  /**
   * @param {Frame} frame
   * @returns {number[]} rows written
   */
  #store(frame) {
    const rows = [];
    for (let i = 0; i < frame.numbers.length; i += 1) {
      const number = frame.numbers[i];
      let row = this.rows.get(number);
      if (row === undefined) {
        row = this.count;
        this.rows.set(number, row);
        this.count += 1;
      }
      rows.push(row);
    }
    if (this.count > this.validMs.length) this.#reserveFor(frame);
    for (const { name } of this.layout) {
      const to = this.columns[name];
      const from = frame.columns[name];
      for (let i = 0; i < rows.length; i += 1) to[rows[i]] = from[i];
    }
    for (const row of rows) this.validMs[row] = frame.pictureMs;
    return rows;
  }

  /** @param {Frame} frame */
  #reserveFor(frame) {
    const wanted = this.count;
    this.count = Math.min(this.count, this.validMs.length);
    this.#reserve(wanted + frame.numbers.length, true);
    this.count = wanted;
  }
}

/**
 * Whether degrees are a place on the earth. 0, 0 is what broken sensors send, and is none.
 * @param {number} lat
 * @param {number} lon
 */
export function isPosition(lat, lon) {
  return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && !(lat === 0 && lon === 0);
}
