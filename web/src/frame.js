/**
 * The feed's binary frames and the layout that its `hello` gives them, read with every bound checked.
 *
 *     head, 40 bytes: u8 what (1 snapshot, 2 changes), u8 version, u16 0, u32 rows, u32 removed, u32 0,
 *                     f64 picture_ms, f64 sequence, f64 newest_report_ms; little-endian
 *     f64[removed]    numbers of the objects that are gone
 *     columns         in the order of the hello, each from a multiple of 8 bytes on
 *
 * The other half is lowsky/serve/feed/encode.py.
 *
 * @module
 */

/** @typedef {Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array} Column */
/** @typedef {{name: string, type: ColumnType, bytes: number}} ColumnLayout */
/** @typedef {keyof typeof TYPES} ColumnType */

export const TYPES = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  u16: Uint16Array,
  u8: Uint8Array,
};

/** What every layout must hold; further columns are kept and left alone. */
const NEEDED = 'number lat lon height_m east_mps north_mps last_report_ms identity status kind level flags'.split(' ');

export const HEADER_BYTES = 40;
export const VERSION = 1;
/** No site has more objects; a frame that claims so is broken. */
export const MOST_ROWS = 200_000;
export const SNAPSHOT = 1;
const CHANGES = 2;

/**
 * @typedef {object} Frame
 * @property {number} what @property {number} pictureMs @property {number} newestReportMs @property {number} sequence
 * @property {number[]} gone @property {Column} numbers @property {Record<string, Column>} columns
 */

/**
 * A binary frame as views on its buffer, or null when its length, head or numbers are not what a frame has.
 * @param {ArrayBuffer} buffer
 * @param {ColumnLayout[]} layout
 * @returns {Frame | null}
 */
export function readFrame(buffer, layout) {
  if (layout.length === 0 || buffer.byteLength < HEADER_BYTES) return null;
  const head = new DataView(buffer);
  const what = head.getUint8(0);
  const rows = head.getUint32(4, true);
  const removed = head.getUint32(8, true);
  const pictureMs = head.getFloat64(16, true);
  if ((what !== SNAPSHOT && what !== CHANGES) || head.getUint8(1) !== VERSION || rows > MOST_ROWS) return null;
  if (buffer.byteLength !== frameBytes(layout, rows, removed) || !Number.isFinite(pictureMs)) return null;
  const gone = [...new Float64Array(buffer, HEADER_BYTES, removed)];
  /** @type {Record<string, Column>} */
  const columns = {};
  let at = HEADER_BYTES + 8 * removed;
  for (const { name, type, bytes } of layout) {
    columns[name] = new TYPES[type](buffer, at, rows);
    at += padded(bytes * rows);
  }
  if (!columns.number.every(Number.isFinite)) return null;
  const newestReportMs = head.getFloat64(32, true);
  return { what, pictureMs, newestReportMs, sequence: head.getFloat64(24, true), gone, numbers: columns.number, columns };
}

/**
 * Length of a frame: 40 bytes of head, the numbers gone, then each column from a multiple of 8 bytes on.
 * @param {ColumnLayout[]} layout
 * @param {number} rows
 * @param {number} removed
 */
export function frameBytes(layout, rows, removed) {
  return layout.reduce((sum, { bytes }) => sum + padded(bytes * rows), HEADER_BYTES + 8 * removed);
}

/** @param {number} bytes */
function padded(bytes) {
  return Math.ceil(bytes / 8) * 8;
}

/**
 * @param {unknown} hello
 * @returns {{layout: ColumnLayout[], kinds: string[], statuses: string[], levels: string[]} | null}
 */
export function readLayout(hello) {
  if (typeof hello !== 'object' || hello === null) return null;
  const { version, columns, kinds, statuses, levels } = /** @type {Record<string, unknown>} */ (hello);
  if (version !== VERSION || !Array.isArray(columns) || columns.length > 100) return null;
  /** @type {ColumnLayout[]} */
  const layout = [];
  for (const column of columns) {
    if (!Array.isArray(column) || typeof column[0] !== 'string' || !Object.hasOwn(TYPES, column[1])) return null;
    const type = /** @type {ColumnType} */ (column[1]);
    layout.push({ name: column[0], type, bytes: TYPES[type].BYTES_PER_ELEMENT });
  }
  const names = new Set(layout.map(({ name }) => name));
  if (names.size !== layout.length || !NEEDED.every((name) => names.has(name))) return null;
  return { layout, kinds: words(kinds, 'unknown'), statuses: words(statuses, 'tentative'), levels: words(levels, 'clear') };
}

/**
 * @param {unknown} list
 * @param {string} first what the list is without news from the server
 * @returns {string[]}
 */
function words(list, first) {
  return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : [first];
}
