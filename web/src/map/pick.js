/**
 * What a pointer means: the nearest object within reach, else a sensor, else a place.
 *
 * @module
 */
import { isPosition } from '../picture.js';
import { footprint } from './scene/ground.js';

/** @typedef {import('../state.js').Selection} Selection */
/** @typedef {import('./scene/objects.js').Drawn} Drawn */
/** @typedef {import('./mercator.js').Camera} Camera */

export const MOUSE_REACH_PX = 14;
export const TOUCH_REACH_PX = 24;

/**
 * @param {Drawn} drawn
 * @param {import('../picture.js').Picture} picture
 * @param {number} x @param {number} y CSS pixels @param {number} reach
 * @returns {number | null} number of the object; among those in reach the more threatening wins by a few pixels
 */
export function objectAt(drawn, picture, x, y, reach) {
  let best = reach;
  let found = null;
  for (let i = 0; i < drawn.count; i += 1) {
    const row = drawn.rows[i];
    if (row >= picture.count) continue;
    const distance = Math.hypot(drawn.x[i] - x, drawn.y[i] - y);
    const cost = distance - 2 * picture.columns.level[row];
    if (distance > reach || cost >= best) continue;
    best = cost;
    found = picture.columns.number[row];
  }
  return found;
}

/**
 * @param {Camera} camera
 * @param {import('../state.js').Sensor[]} sensors @param {import('../state.js').Place[]} places
 * @param {number} x @param {number} y @param {number} reach
 * @returns {Selection | null}
 */
export function groundAt(camera, sensors, places, x, y, reach) {
  for (const { id, lat, lon } of sensors) {
    if (!isPosition(lat, lon)) continue;
    const [sx, sy] = camera.project(lat, lon);
    if (Math.hypot(sx - x, sy - y) <= reach) return { type: 'sensor', id };
  }
  for (const place of places) {
    const found = footprint(place);
    if (found === null) continue;
    const [px, py] = camera.project(found.middle[0], found.middle[1]);
    if (Math.hypot(px - x, py - y) <= reach) return { type: 'place', id: place.id };
  }
  return null;
}
