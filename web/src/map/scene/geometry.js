/**
 * Outlines and triangles of what lies on the ground, in CSS pixels of a camera.
 *
 * @module
 */
import { offset } from '../mercator.js';

/** @typedef {import('../mercator.js').Camera} Camera */

const ARC_STEPS = 64;

/**
 * A sector of a circle on the earth; all round when the azimuths are null or a whole turn apart.
 * @param {number} lat @param {number} lon @param {number} rangeM
 * @param {number | null} [fromDeg] @param {number | null} [toDeg] clockwise from `fromDeg`
 * @returns {[lat: number, lon: number][]} the arc, without the middle
 */
export function arc(lat, lon, rangeM, fromDeg = null, toDeg = null) {
  const whole = fromDeg === null || toDeg === null || Math.abs(toDeg - fromDeg) >= 360;
  const from = whole ? 0 : fromDeg;
  const sweep = whole ? 360 : (((toDeg - fromDeg) % 360) + 360) % 360;
  const steps = Math.max(2, Math.ceil((ARC_STEPS * sweep) / 360));
  const count = whole ? steps : steps + 1;
  return Array.from({ length: count }, (_, i) => offset(lat, lon, from + (sweep * i) / steps, rangeM));
}

/** @param {Camera} camera @param {[lat: number, lon: number][]} points @returns {number[]} x, y, x, y... */
export function onScreen(camera, points) {
  return points.flatMap(([lat, lon]) => camera.project(lat, lon));
}

/** @param {number} count @returns {number[]} triangles from corner 0 to each side: of a convex outline, or a sector */
export function fan(count) {
  const found = [];
  for (let i = 1; i + 1 < count; i += 1) found.push(0, i, i + 1);
  return found;
}

/** @param {number} pairs @returns {number[]} triangles of a band whose corners come left, right, left, right... */
export function band(pairs) {
  const found = [];
  for (let i = 0; i + 1 < pairs; i += 1) {
    const at = 2 * i;
    found.push(at, at + 1, at + 2, at + 1, at + 3, at + 2);
  }
  return found;
}

/**
 * Triangles of a simple polygon by ear clipping (Meisters 1975); quadratic, for outlines of tens of corners.
 * @param {number[]} points x, y, x, y..., not closed
 * @returns {number[]} indices of corners
 */
export function triangles(points) {
  const left = Array.from({ length: points.length / 2 }, (_, i) => i);
  if (area(points) < 0) left.reverse();
  const found = [];
  let tries = left.length;
  while (left.length > 2 && tries > 0) {
    const [a, b, c] = [left[0], left[1], left[2]];
    if (isEar(points, left, a, b, c)) {
      found.push(a, b, c);
      left.splice(1, 1);
      tries = left.length;
    } else {
      left.push(/** @type {number} */ (left.shift()));
      tries -= 1;
    }
  }
  return found;
}

/** @param {number[]} p */
function area(p) {
  let sum = 0;
  for (let i = 0, j = p.length - 2; i < p.length; j = i, i += 2) sum += p[j] * p[i + 1] - p[i] * p[j + 1];
  return sum;
}

/** @param {number[]} p @param {number[]} left @param {number} a @param {number} b @param {number} c */
function isEar(p, left, a, b, c) {
  if (turn(p, a, b, c) <= 0) return false;
  return !left.some((k) => k !== a && k !== b && k !== c && inside(p, a, b, c, k));
}

/** @param {number[]} p @param {number} a @param {number} b @param {number} c */
function turn(p, a, b, c) {
  return (p[2 * b] - p[2 * a]) * (p[2 * c + 1] - p[2 * a + 1]) - (p[2 * b + 1] - p[2 * a + 1]) * (p[2 * c] - p[2 * a]);
}

/** @param {number[]} p @param {number} a @param {number} b @param {number} c @param {number} k */
function inside(p, a, b, c, k) {
  return turn(p, a, b, k) >= 0 && turn(p, b, c, k) >= 0 && turn(p, c, a, k) >= 0;
}
