/** Columns of the object table, declared once: heading, what is shown, what is sorted by, and what a CSV holds. */

import { NO_IDENTITY } from '../picture.js';
import { known } from '../units.js';

/** @typedef {import('../app.js').Page} Page */
/**
 * @typedef {object} Column
 * @property {string} name of the text `table.NAME`
 * @property {(app: Page, row: number) => string} show
 * @property {(app: Page, row: number) => number|string} value what is sorted by, and exported
 * @property {boolean} [exportOnly]
 */

/** @param {Page} app @param {number} row */
export function identityOf({ picture, state }, row) {
  const index = picture.columns.identity[row];
  return index === NO_IDENTITY ? '' : (state.get('identities')[index] ?? '');
}

/** A kind with how many there are, if there is more than one: "7 × multirotor". @param {Page} app @param {string} kind @param {number} n */
export function severalOf({ text }, kind, n) {
  const name = text(`kind.${kind}`);
  return n > 1 ? `${n} × ${name}` : name;
}

/** @param {Page} app @param {number} row */
export function speedOf({ picture: { columns } }, row) {
  return Math.hypot(columns.east_mps[row], columns.north_mps[row]);
}

/** Direction of movement, NaN while it hardly moves. @param {Page} app @param {number} row */
export function courseOf({ picture: { columns } }, row) {
  const [east, north] = [columns.east_mps[row], columns.north_mps[row]];
  return Math.hypot(east, north) < 1 ? Number.NaN : (Math.atan2(east, north) * 180) / Math.PI;
}

/** @param {Page} app @param {number} row */
export function ageOf(app, row) {
  return app.now() - app.picture.columns.last_report_ms[row];
}

/** @param {string} name @returns {(app: Page, row: number) => number} */
const plain = (name) => (app, row) => app.picture.columns[name][row];

/** @type {readonly Column[]} */
export const COLUMNS = Object.freeze([
  { name: 'level', show: (app, row) => app.text(`level.${app.picture.levelOf(row)}`), value: plain('level') },
  { name: 'number', show: (app, row) => String(app.picture.columns.number[row]), value: plain('number') },
  {
    name: 'kind',
    show: (app, row) => severalOf(app, app.picture.kindOf(row), app.picture.columns.group_n?.[row] ?? 1),
    value: (app, row) => app.picture.kindOf(row),
  },
  { name: 'height', show: (app, row) => app.format.height(plain('height_m')(app, row)), value: plain('height_m') },
  { name: 'speed', show: (app, row) => app.format.speed(speedOf(app, row)), value: speedOf },
  { name: 'age', show: (app, row) => app.format.age(ageOf(app, row)), value: ageOf },
  {
    name: 'identity',
    show: (app, row) => identityOf(app, row) || app.text('identity.none'),
    value: identityOf,
    exportOnly: true,
  },
  {
    name: 'status',
    show: (app, row) => app.text(`status.${app.picture.statusOf(row)}`),
    value: (app, row) => app.picture.statusOf(row),
    exportOnly: true,
  },
]);

/** Fields of the CSV: SI units and degrees whatever the reader chose, so that files agree with each other. */
export const CSV_FIELDS = Object.freeze(
  /** @type {[string, (app: Page, row: number) => number|string][]} */ ([
    ['number', plain('number')],
    ['time_utc', (app) => new Date(app.now()).toISOString()],
    ['status', (app, row) => app.picture.statusOf(row)],
    ['kind', (app, row) => app.picture.kindOf(row)],
    ['kind_probability', plain('kind_probability')],
    ['level', (app, row) => app.picture.levelOf(row)],
    ['identity', identityOf],
    ['lat_deg', (app, row) => app.picture.place(row, app.now()).lat],
    ['lon_deg', (app, row) => app.picture.place(row, app.now()).lon],
    ['height_ellipsoid_m', plain('height_m')],
    ['speed_mps', speedOf],
    ['course_deg', (app, row) => (courseOf(app, row) + 360) % 360],
    ['climb_mps', plain('up_mps')],
    ['existence', plain('existence')],
    ['rcs_dbsm', plain('rcs_dbsm')],
    ['reports', plain('reports')],
    ['group_n', plain('group_n')],
    ['first_report_utc', (app, row) => new Date(plain('first_report_ms')(app, row)).toISOString()],
    ['last_report_utc', (app, row) => new Date(plain('last_report_ms')(app, row)).toISOString()],
  ]),
);

/**
 * A table as RFC 4180 text. A text that a spreadsheet would take for a formula is given an apostrophe: names come from radios.
 * @param {(string|number)[][]} lines
 */
export function csv(lines) {
  const cell = (/** @type {string|number} */ value) => {
    if (typeof value === 'number') return known(value) ? String(Number(value.toFixed(7))) : '';
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}
