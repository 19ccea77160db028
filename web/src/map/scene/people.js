/**
 * Places of people: operators with a thin line to their aircraft, fading with age, and one's own. A figure with a filled
 * head and shoulders stands where somebody is; hollow is where the aircraft took off, and somebody was.
 *
 * @module
 */
import { NO_IDENTITY, isPosition } from '../../picture.js';
import { fan } from './geometry.js';

/** @typedef {import('../painter.js').Painter} Painter */
/** @typedef {import('../mercator.js').Camera} Camera */
/** @typedef {import('../colours.js').Rgb} Rgb */
/** @typedef {import('../../state.js').Operator} Operator */
/** @typedef {import('../../state.js').Friend} Friend */

/** An operator heard of so long ago is as faint as it gets. */
const FADED_S = 600;
const LEAST_STRENGTH = 0.35;
/** A line to an aircraft is drawn while the place is so fresh: later it tells nothing of where he is. */
const LINE_S = 120;
/** Head and shoulders, in pixels about the place. */
const HEAD_PX = 3.6;
const SHOULDER_PX = 6.2;
const HALO_PX = 1.8;
const ROUND = 12;

/**
 * How strongly a place of some age is drawn.
 * @param {number} ageS @returns {number}
 */
export function strengthOf(ageS) {
  return Math.max(LEAST_STRENGTH, 1 - (Math.max(0, ageS) / FADED_S) * (1 - LEAST_STRENGTH));
}

/**
 * Rows of the picture by what their objects declare themselves to be.
 * @param {import('../../picture.js').Picture} picture @param {string[]} identities @param {Set<string>} wanted
 * @returns {Map<string, number>}
 */
export function rowsByIdentity(picture, identities, wanted) {
  const found = new Map();
  if (wanted.size === 0) return found;
  const column = picture.columns.identity;
  for (let row = 0; row < picture.count; row += 1) {
    const name = column[row] === NO_IDENTITY ? undefined : identities[column[row]];
    if (name !== undefined && wanted.has(name)) found.set(name, row);
  }
  return found;
}

/**
 * @param {Painter} painter @param {Camera} camera @param {Operator[]} operators
 * @param {import('../../picture.js').Picture} picture @param {string[]} identities
 * @param {{rgb: Record<'operator' | 'map-halo' | 'focus', Rgb>}} colours @param {number} nowMs @param {Set<number>} chosen
 */
export function drawOperators(painter, camera, operators, picture, identities, { rgb }, nowMs, chosen) {
  const rows = rowsByIdentity(picture, identities, new Set(operators.map(({ identity }) => identity).filter(Boolean)));
  for (const { identity, lat, lon, place, received_ms } of operators) {
    if (!isPosition(lat, lon)) continue;
    const ageS = (nowMs - received_ms) / 1000;
    const strength = strengthOf(ageS);
    const [x, y] = camera.project(lat, lon);
    const row = rows.get(identity) ?? -1;
    const own = row >= 0 && chosen.has(picture.columns.number[row]);
    const colour = own ? rgb.focus : rgb.operator;
    if (row >= 0 && picture.placed(row) && (own || ageS < LINE_S)) {
      const at = picture.place(row, nowMs);
      painter.line([x, y, ...camera.project(at.lat, at.lon)], 1, colour, (own ? 0.9 : 0.55) * strength, 3);
    }
    if (camera.sees(x, y, 20)) figure(painter, x, y, colour, rgb['map-halo'], strength, place !== 'takeoff');
  }
}

/**
 * @param {Painter} painter @param {Camera} camera @param {Friend[]} friends
 * @param {{rgb: Record<'friend' | 'map-halo', Rgb>}} colours @param {number} nowMs
 */
export function drawFriends(painter, camera, friends, { rgb }, nowMs) {
  for (const { lat, lon, sigma_m, stale_ms } of friends) {
    if (!isPosition(lat, lon) || nowMs > stale_ms) continue;
    const [x, y] = camera.project(lat, lon);
    if (!camera.sees(x, y, 20)) continue;
    const reachPx = 2 * (sigma_m ?? 0) * camera.pxPerM(lat);
    if (reachPx > 2 * SHOULDER_PX) painter.ring(x, y, reachPx, reachPx, 0, 1, rgb.friend, 0.4);
    figure(painter, x, y, rgb.friend, rgb['map-halo'], 1, true);
  }
}

/**
 * @param {Painter} painter @param {number} x @param {number} y @param {Rgb} colour @param {Rgb} halo
 * @param {number} strength @param {boolean} there
 */
function figure(painter, x, y, colour, halo, strength, there) {
  const parts = (/** @type {number} */ more) => [circle(x, y - HEAD_PX - 1, HEAD_PX + more), shoulders(x, y + SHOULDER_PX + 0.5 + more / 2, SHOULDER_PX + more)];
  const fill = (/** @type {number[]} */ outline, /** @type {Rgb} */ ink, /** @type {number} */ alpha) =>
    painter.fill(outline, fan(outline.length / 2), ink, alpha);
  for (const outline of parts(HALO_PX)) fill(outline, halo, 0.8 * strength);
  for (const outline of parts(0)) {
    if (there) fill(outline, colour, strength);
    else painter.line(outline, 1.5, colour, strength, 0, true);
  }
}

/** @param {number} x @param {number} y @param {number} radius @returns {number[]} */
function circle(x, y, radius) {
  return Array.from({ length: ROUND }, (_, i) => (2 * Math.PI * i) / ROUND).flatMap((a) => [x + radius * Math.cos(a), y + radius * Math.sin(a)]);
}

/** A half disc on its flat side. @param {number} x @param {number} bottom @param {number} radius @returns {number[]} */
function shoulders(x, bottom, radius) {
  return Array.from({ length: ROUND / 2 + 1 }, (_, i) => Math.PI * (1 + i / (ROUND / 2))).flatMap((a) => [
    x + radius * Math.cos(a),
    bottom + radius * Math.sin(a),
  ]);
}
