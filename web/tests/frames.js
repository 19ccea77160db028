/**
 * Frames as a server would write them, byte by byte and independent of the reader.
 *
 * @module
 */

export const HELLO = {
  type: 'hello',
  version: 1,
  columns: [
    ['number', 'f64'], ['lat', 'f64'], ['lon', 'f64'], ['first_report_ms', 'f64'], ['last_report_ms', 'f64'],
    ['height_m', 'f32'], ['east_mps', 'f32'], ['north_mps', 'f32'], ['up_mps', 'f32'], ['cov_ee_m2', 'f32'],
    ['cov_en_m2', 'f32'], ['cov_nn_m2', 'f32'], ['sigma_up_m', 'f32'], ['existence', 'f32'], ['kind_probability', 'f32'],
    ['rcs_dbsm', 'f32'], ['identity', 'u32'], ['reports', 'u32'], ['status', 'u8'], ['kind', 'u8'], ['level', 'u8'],
    ['flags', 'u8'],
  ],
  kinds: ['unknown', 'multirotor', 'fixed_wing', 'bird', 'balloon', 'aircraft', 'vessel'],
  statuses: ['tentative', 'confirmed', 'coasting', 'ended'],
  levels: ['clear', 'watch', 'warning', 'imminent'],
  now_ms: 1_700_000_000_000,
};

/** @type {Record<string, [bytes: number, put: (view: DataView, at: number, value: number) => void]>} */
const PUT = {
  f64: [8, (view, at, value) => view.setFloat64(at, value, true)],
  f32: [4, (view, at, value) => view.setFloat32(at, value, true)],
  u32: [4, (view, at, value) => view.setUint32(at, value, true)],
  u8: [1, (view, at, value) => view.setUint8(at, value)],
};

/**
 * @param {object} frame
 * @param {1 | 2} [frame.what] @param {Record<string, number>[]} [frame.rows] @param {number[]} [frame.gone]
 * @param {number} [frame.pictureMs] @param {string[][]} [frame.columns]
 * @returns {ArrayBuffer}
 */
export function frame({ what = 2, rows = [], gone = [], pictureMs = 1000, columns = HELLO.columns }) {
  const length = columns.reduce((sum, [, type]) => sum + Math.ceil((PUT[type][0] * rows.length) / 8) * 8, 40 + 8 * gone.length);
  const view = new DataView(new ArrayBuffer(length));
  view.setUint8(0, what);
  view.setUint8(1, 1);
  view.setUint32(4, rows.length, true);
  view.setUint32(8, gone.length, true);
  [pictureMs, 7, pictureMs - 20].forEach((value, i) => view.setFloat64(16 + 8 * i, value, true));
  gone.forEach((number, i) => view.setFloat64(40 + 8 * i, number, true));
  let at = 40 + 8 * gone.length;
  for (const [name, type] of columns) {
    const [bytes, put] = PUT[type];
    rows.forEach((row, i) => put(view, at + bytes * i, row[name] ?? (type.startsWith('f') ? NaN : 0)));
    at += Math.ceil((bytes * rows.length) / 8) * 8;
  }
  return view.buffer;
}

/** @param {number} number @param {Record<string, number>} [more] */
export function row(number, more = {}) {
  return { number, lat: 54, lon: 18, height_m: 100, east_mps: 0, north_mps: 0, up_mps: 0, last_report_ms: 900, status: 1, identity: 4294967295, ...more };
}

/** Always the same numbers between 0 and 1 (mulberry32). @param {number} seed */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
