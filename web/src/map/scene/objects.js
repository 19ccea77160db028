/**
 * Objects on the map: symbol, 95 % ellipse, leader. Also where each lies on the screen, for labels, clicks and following.
 *
 * Colour tells the threat level and nothing else; the outline tells the status (solid confirmed, dashed tentative, fading
 * while coasting), rings round the symbol tell an unacknowledged warning (one) or imminent danger (two), and hollow tells
 * acknowledged: no meaning rests on colour alone.
 *
 * @module
 */
import { FLAG_ACKNOWLEDGED } from '../../picture.js';
import { mercatorX, mercatorY } from '../mercator.js';
import { TURNING, shapeOf } from '../shapes.js';

/** @typedef {import('../painter.js').Painter} Painter */
/** @typedef {import('../mercator.js').Camera} Camera */
/** @typedef {import('../colours.js').Rgb} Rgb */
/** @typedef {import('../colours.js').Name} Name */

/** 95 % of two dimensions: the square root of the chi-square quantile with two degrees of freedom. */
export const SIGMAS_95 = Math.sqrt(5.991464547107979);
/** Smaller than its symbol an ellipse says nothing, larger than the screen it only fills it. */
const LEAST_ELLIPSE_PX = 9;
/**
 * From so many objects on the calm ones step back: smaller, with leaders of a share of their time, and only ellipses that
 * stand out; from the second number on ellipses are those of threats alone. The eye finds what matters, and the picture
 * keeps its pace.
 */
const MANY = 400;
const CROWD = 2000;
const LEAST_OF_MANY_PX = 18;
const MOST_ELLIPSE_PX = 4000;
/** Slower than this a direction means nothing. */
const LEAST_LEADER_MPS = 0.5;
const SIZES_PX = [17, 19, 22, 24];
const SMALL_PX = 13;
const LEADER_SHARE = 1 / 3;
/** Radii of the rings round a symbol, as a share of its size: of a warning, of imminent danger, under the pointer, selected. */
const [INNER, OUTER, HOVERED, CHOSEN] = [0.78, 0.98, 1.1, 1.25];
const FADE_S = 20;
const FAINTEST = 0.35;

/** What was drawn where in the last frame: one entry an object on the screen. */
export class Drawn {
  constructor() {
    this.count = 0;
    this.rows = new Int32Array(256);
    this.x = new Float32Array(256);
    this.y = new Float32Array(256);
  }

  /** @param {number} row @param {number} x @param {number} y */
  add(row, x, y) {
    if (this.count === this.rows.length) this.#grow();
    this.rows[this.count] = row;
    this.x[this.count] = x;
    this.y[this.count] = y;
    this.count += 1;
  }

  #grow() {
    const [rows, x, y] = [this.rows, this.x, this.y];
    this.rows = new Int32Array(2 * rows.length);
    this.x = new Float32Array(2 * rows.length);
    this.y = new Float32Array(2 * rows.length);
    this.rows.set(rows);
    this.x.set(x);
    this.y.set(y);
  }
}

/**
 * @param {number} ee m² @param {number} en @param {number} nn
 * @returns {{majorM: number, minorM: number, angle: number} | null} one sigma axes, angle of the major one clockwise from
 *   north, radians; null when these are no covariance
 */
export function axes(ee, en, nn) {
  const middle = (ee + nn) / 2;
  const half = Math.hypot((ee - nn) / 2, en);
  if (!(middle - half >= 0) || !(middle > 0)) return null;
  return { majorM: Math.sqrt(middle + half), minorM: Math.sqrt(middle - half), angle: 0.5 * Math.atan2(2 * en, nn - ee) };
}

/**
 * How strongly an object is drawn whose last report is old.
 * @param {boolean} coasting
 * @param {number} ageS of the last report
 */
export function strength(coasting, ageS) {
  if (!coasting) return 1;
  return Math.max(FAINTEST, 0.85 - ((0.85 - FAINTEST) * Math.max(0, ageS)) / FADE_S);
}

/**
 * @typedef {object} Look what belongs to how objects are drawn, fixed during a frame
 * @property {import('../../picture.js').Picture} picture
 * @property {number[]} rows those to draw
 * @property {number} nowMs
 * @property {import('../colours.js').Colours} colours
 * @property {import('../../state.js').Layers} layers
 * @property {Set<number>} chosen numbers selected
 * @property {Set<number>} quiet numbers of those in a wave whose first one bears the rings for all
 * @property {number | null} hover
 * @property {((row: number) => string | null) | null} pictures key of an object's own picture, once there is one
 */

/**
 * What is the same for all objects of a frame, looked up once: thousands follow.
 * @typedef {object} Ink
 * @property {Rgb[]} levels colour by level
 * @property {import('../shapes.js').Shape[]} shapes by kind
 * @property {boolean[]} turning by kind
 * @property {number} tentative status
 * @property {number} coasting status
 */

/** @param {Look} look @returns {Ink} */
function inkOf({ picture, colours }) {
  return {
    levels: picture.levels.map((word) => colours.rgb[/** @type {Name} */ (`level-${word}`)] ?? colours.rgb['level-clear']),
    shapes: picture.kinds.map(shapeOf),
    turning: picture.kinds.map((kind) => TURNING.has(kind)),
    tentative: picture.statuses.indexOf('tentative'),
    coasting: picture.statuses.indexOf('coasting'),
  };
}

/**
 * Draw all objects' lines, then their symbols over them, the more threatening above.
 * @param {Painter} painter @param {Camera} camera @param {Look} look @param {Drawn} drawn
 */
export function drawObjects(painter, camera, look, drawn) {
  locate(camera, look, drawn);
  const ink = inkOf(look);
  for (let i = 0; i < drawn.count; i += 1) underlay(painter, camera, look, ink, drawn, i);
  painter.flush();
  const above = [];
  for (let i = 0; i < drawn.count; i += 1) {
    if (look.picture.columns.level[drawn.rows[i]] > 0) above.push(i);
    else emblem(painter, look, ink, drawn, i);
  }
  const levels = look.picture.columns.level;
  above.sort((a, b) => levels[drawn.rows[a]] - levels[drawn.rows[b]]);
  for (const i of above) emblem(painter, look, ink, drawn, i);
  painter.flush();
}

/** @param {Camera} camera @param {Look} look @param {Drawn} drawn */
function locate(camera, { picture, rows, nowMs }, drawn) {
  drawn.count = 0;
  for (const row of rows) {
    if (row >= picture.count || !picture.placed(row)) continue;
    const { lat, lon } = picture.place(row, nowMs);
    const x = camera.px(mercatorX(lon));
    const y = camera.py(mercatorY(lat));
    if (camera.sees(x, y, 200)) drawn.add(row, x, y);
  }
}

/** @param {Painter} painter @param {Camera} camera @param {Look} look @param {Ink} ink @param {Drawn} drawn @param {number} i */
function underlay(painter, camera, look, ink, drawn, i) {
  const { picture, layers } = look;
  const c = picture.columns;
  const row = drawn.rows[i];
  const [x, y] = [drawn.x[i], drawn.y[i]];
  const threat = c.level[row] > 0;
  const colour = ink.levels[c.level[row]] ?? ink.levels[0];
  const pxPerM = camera.pxPerM(c.lat[row]);
  const faint = strengthOf(look, ink, row);
  if (layers.ellipses) {
    const found = axes(c.cov_ee_m2?.[row], c.cov_en_m2?.[row], c.cov_nn_m2?.[row]);
    const major = found ? found.majorM * SIGMAS_95 * pxPerM : 0;
    if (found && major > leastEllipse(look, row, drawn.count) && major < MOST_ELLIPSE_PX) {
      const minor = Math.max(1, found.minorM * SIGMAS_95 * pxPerM);
      painter.ring(x, y, major, minor, found.angle, 1, colour, (threat ? 0.6 : 0.35) * faint);
    }
  }
  const [east, north] = [c.east_mps[row], c.north_mps[row]];
  if (layers.leaderSeconds > 0 && Math.hypot(east, north) > LEAST_LEADER_MPS) {
    const reach = layers.leaderSeconds * pxPerM * (stepsBack(look, row, drawn.count) ? LEADER_SHARE : 1);
    painter.line([x, y, x + east * reach, y - north * reach], 1.2, colour, (threat ? 0.9 : 0.6) * faint);
  }
}

/** @param {Look} look @param {number} row @param {number} count of objects on the screen @returns {number} CSS pixels */
function leastEllipse(look, row, count) {
  if (!stepsBack(look, row, count)) return LEAST_ELLIPSE_PX;
  return count < CROWD ? LEAST_OF_MANY_PX : Infinity;
}

/** @param {Look} look @param {number} row @param {number} count of objects on the screen @returns {boolean} */
function stepsBack({ picture, chosen, hover }, row, count) {
  if (count < MANY || picture.columns.level[row] > 0) return false;
  const number = picture.columns.number[row];
  return number !== hover && !chosen.has(number);
}

/** @param {Painter} painter @param {Look} look @param {Ink} ink @param {Drawn} drawn @param {number} i */
function emblem(painter, look, ink, drawn, i) {
  const { picture, colours } = look;
  const c = picture.columns;
  const row = drawn.rows[i];
  const [x, y] = [drawn.x[i], drawn.y[i]];
  const level = rankOf(picture, row);
  const colour = ink.levels[level] ?? ink.levels[0];
  const alpha = strengthOf(look, ink, row);
  const size = stepsBack(look, row, drawn.count) ? SMALL_PX : SIZES_PX[level];
  const number = c.number[row];
  const seen = (c.flags[row] & FLAG_ACKNOWLEDGED) !== 0;
  const rings = ringsOf(look, row);
  if (rings > 0) painter.ring(x, y, size * INNER, size * INNER, 0, 1.6, colour, alpha);
  if (rings > 1) painter.ring(x, y, size * OUTER, size * OUTER, 0, 1.6, colour, alpha);
  const own = look.pictures?.(row) ?? null;
  const tentative = c.status[row] === ink.tentative;
  if (own !== null) painter.picture(own, x, y, size * 1.7, alpha);
  else {
    const shape = ink.shapes[c.kind[row]] ?? 'unknown';
    const angle = ink.turning[c.kind[row]] ? heading(c.east_mps[row], c.north_mps[row]) : 0;
    if (c.group_n?.[row] > 1) companions(painter, shape, x, y, size, angle, colour, alpha);
    painter.symbol(shape, x, y, size, angle, colour, fullness(level, seen, tentative), alpha, tentative);
  }
  if (look.chosen.has(number)) painter.ring(x, y, size * CHOSEN, size * CHOSEN, 0, 2.2, colours.rgb.focus, 1);
  else if (look.hover === number) painter.ring(x, y, size * HOVERED, size * HOVERED, 0, 1.2, colours.rgb.focus, 0.9);
}

/** @param {import('../../picture.js').Picture} picture @param {number} row */
function rankOf({ columns }, row) {
  return columns.level[row] < SIZES_PX.length ? columns.level[row] : 0;
}

/** How many rings warn of an object. @param {Look} look @param {number} row */
function ringsOf({ picture, quiet }, row) {
  const { flags, number } = picture.columns;
  const seen = (flags[row] & FLAG_ACKNOWLEDGED) !== 0;
  return seen || quiet.has(number[row]) ? 0 : rankOf(picture, row) - 1;
}

/**
 * How far an object's symbol and the rings round it reach: nothing should be written nearer.
 * @param {Look} look @param {number} row @returns {number} CSS pixels
 */
export function reachOf(look, row) {
  const number = look.picture.columns.number[row];
  const size = SIZES_PX[rankOf(look.picture, row)];
  if (look.chosen.has(number)) return CHOSEN * size;
  if (look.hover === number) return HOVERED * size;
  const rings = ringsOf(look, row);
  return size * (rings > 1 ? OUTER : rings > 0 ? INNER : 0.5);
}

/**
 * Two more of a group behind its symbol, whatever its count: that stands in the label.
 * @param {Painter} painter @param {import('../shapes.js').Shape} shape @param {number} x @param {number} y @param {number} size
 * @param {number} angle @param {Rgb} colour @param {number} alpha
 */
function companions(painter, shape, x, y, size, angle, colour, alpha) {
  for (const side of [-1, 1]) {
    painter.symbol(shape, x + side * 0.68 * size, y - 0.3 * size, 0.7 * size, angle, colour, 0.1, 0.9 * alpha, false);
  }
}

/** @param {number} level @param {boolean} seen @param {boolean} tentative */
function fullness(level, seen, tentative) {
  if (level > 0) return seen ? 0.08 : 0.85;
  return tentative ? 0.1 : 0.4;
}

/** @param {number} east @param {number} north @returns {number} radians clockwise from north */
function heading(east, north) {
  return Math.hypot(east, north) > LEAST_LEADER_MPS ? Math.atan2(east, north) : 0;
}

/** @param {Look} look @param {Ink} ink @param {number} row */
function strengthOf({ picture, nowMs }, ink, row) {
  const { status, last_report_ms } = picture.columns;
  return strength(status[row] === ink.coasting, (nowMs - last_report_ms[row]) / 1000);
}

/** @param {Look} look @param {number} row @returns {Rgb} */
export function levelColour({ picture, colours }, row) {
  return colours.rgb[/** @type {Name} */ (`level-${picture.levelOf(row)}`)] ?? colours.rgb['level-clear'];
}
