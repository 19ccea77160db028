/**
 * What stands on the ground: protected places with their reach, sensors with their health, bearings as wedges of their
 * accuracy, the graticule.
 *
 * @module
 */
import { isPosition } from '../../picture.js';
import { mercatorY } from '../mercator.js';
import { arc, band, fan, onScreen, triangles } from './geometry.js';

/** @typedef {import('../painter.js').Painter} Painter */
/** @typedef {import('../mercator.js').Camera} Camera */
/** @typedef {import('../colours.js').Colours} Colours */
/** @typedef {import('../colours.js').Rgb} Rgb */
/** @typedef {import('../../state.js').Place} Place */
/** @typedef {import('../../state.js').Sensor} Sensor */
/** @typedef {import('../../state.js').Bearing} Bearing */

/** A bearing is drawn for so long, and gets fainter. */
const BEARING_S = 6;
/** Of a bearing whose sensor does not say how far it hears. */
const BEARING_RANGE_M = 8000;
const SENSOR_PX = 11;

/**
 * Outline of a place on the ground without its margin, and the middle of what it means.
 * @param {Place} place
 * @returns {{outline: [number, number][], closed: boolean, middle: [number, number]} | null} null when it is nowhere now
 */
export function footprint(place) {
  const { shape, points, radius_m, lat, lon } = place;
  const at = shape === 'vessel' ? [lat, lon] : points[0];
  if (!at || at[0] === null || at[1] === null || !isPosition(at[0], at[1])) return null;
  const middle = /** @type {[number, number]} */ (shape === 'point' || shape === 'vessel' ? at : mean(points));
  if (shape === 'point' || shape === 'vessel') return { outline: arc(middle[0], middle[1], radius_m), closed: true, middle };
  return { outline: points, closed: shape === 'polygon', middle };
}

/** @param {[number, number][]} points @returns {[number, number]} */
function mean(points) {
  const sum = points.reduce(([lat, lon], point) => [lat + point[0], lon + point[1]], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/**
 * @param {Painter} painter @param {Camera} camera @param {Place[]} places @param {Colours} colours
 * @param {string | null} chosen id of the selected one
 * @param {Map<string, Rgb>} threatened colour of the places that something approaches
 */
export function drawPlaces(painter, camera, places, { rgb }, chosen, threatened) {
  for (const place of places) {
    const found = footprint(place);
    if (found === null) continue;
    const points = onScreen(camera, found.outline);
    const colour = place.id === chosen ? rgb.focus : (threatened.get(place.id) ?? rgb.place);
    const width = place.id === chosen || threatened.has(place.id) ? 2 : 1.3;
    const marginPx = place.radius_m * camera.pxPerM(found.middle[0]);
    if (place.shape === 'corridor') {
      const wide = ribbon(points, marginPx);
      painter.fill(wide, band(wide.length / 4), rgb['place-fill'], 0.08);
      painter.line(sides(wide), width, colour, 0.9, 0, true);
      painter.line(points, 1, colour, 0.5, 4);
      continue;
    }
    painter.fill(points, place.shape === 'polygon' ? triangles(points) : fan(points.length / 2), rgb['place-fill'], 0.08);
    painter.line(points, width, colour, 0.9, 0, true);
    if (place.shape === 'polygon' && marginPx > 3) painter.line(grown(points, marginPx), 1, colour, 0.5, 4, true);
    if (place.shape === 'point' || place.shape === 'vessel') cross(painter, camera, found.middle, colour);
  }
}

/** @param {Painter} painter @param {Camera} camera @param {[number, number]} at @param {Rgb} colour */
function cross(painter, camera, at, colour) {
  const [x, y] = camera.project(at[0], at[1]);
  painter.line([x - 4, y, x + 4, y], 1.3, colour, 0.9);
  painter.line([x, y - 4, x, y + 4], 1.3, colour, 0.9);
}

/** A line as a band: corners left, right, left, right... @param {number[]} p @param {number} half @returns {number[]} */
export function ribbon(p, half) {
  const found = [];
  for (let i = 0; i < p.length; i += 2) {
    const [before, after] = [Math.max(0, i - 2), Math.min(p.length - 2, i + 2)];
    const [dx, dy] = [p[after] - p[before], p[after + 1] - p[before + 1]];
    const length = Math.hypot(dx, dy) || 1;
    const [nx, ny] = [(-dy / length) * half, (dx / length) * half];
    found.push(p[i] + nx, p[i + 1] + ny, p[i] - nx, p[i + 1] - ny);
  }
  return found;
}

/** Left side there, right side back. @param {number[]} wide a ribbon's corners @returns {number[]} */
export function sides(wide) {
  const left = [];
  const right = [];
  for (let i = 0; i < wide.length; i += 4) {
    left.push(wide[i], wide[i + 1]);
    right.unshift(wide[i + 2], wide[i + 3]);
  }
  return [...left, ...right];
}

/** A convex-cornered outline moved outwards. @param {number[]} p @param {number} by @returns {number[]} */
function grown(p, by) {
  const [x, y] = [average(p, 0), average(p, 1)];
  const found = [];
  for (let i = 0; i < p.length; i += 2) {
    const length = Math.hypot(p[i] - x, p[i + 1] - y) || 1;
    found.push(p[i] + ((p[i] - x) / length) * by, p[i + 1] + ((p[i + 1] - y) / length) * by);
  }
  return found;
}

/** @param {number[]} p @param {number} first */
function average(p, first) {
  let sum = 0;
  for (let i = first; i < p.length; i += 2) sum += p[i];
  return sum / (p.length / 2);
}

const BROKEN = new Set(['silent', 'faulty', 'garbled']);

/** Whether a sensor brings nothing that could be relied on. @param {Sensor} sensor */
export const isBroken = (sensor) => BROKEN.has(sensor.state);

/**
 * Sensors as small marks whose form tells their state: a full square well; a hollow one late, off in time or unknown;
 * crossed out silent, faulty or garbled. The selected one shows its field of view.
 * @param {Painter} painter @param {Camera} camera @param {Sensor[]} sensors @param {Colours} colours
 * @param {string | null} chosen
 */
export function drawSensors(painter, camera, sensors, { rgb }, chosen) {
  for (const sensor of sensors) {
    if (!isPosition(sensor.lat ?? NaN, sensor.lon ?? NaN)) continue;
    if (sensor.id === chosen) fieldOfView(painter, camera, sensor, rgb.sensor);
    const [x, y] = camera.project(sensor.lat, sensor.lon);
    if (!camera.sees(x, y, 20)) continue;
    const well = sensor.state === 'well';
    const broken = isBroken(sensor);
    const colour = well ? rgb.sensor : broken ? rgb.trouble : rgb.quiet;
    const h = SENSOR_PX / 2;
    const box = [x - h, y + h, x, y - h, x + h, y + h];
    painter.fill(box, [0, 1, 2], well ? colour : rgb.sea, well ? 0.75 : 0.6);
    painter.line(box, 1.4, colour, 1, 0, true);
    if (broken) {
      painter.line([x - h, y - h, x + h, y + h], 1.6, colour, 1);
      painter.line([x - h, y + h, x + h, y - h], 1.6, colour, 1);
    }
    if (sensor.id === chosen) painter.ring(x, y, 13, 13, 0, 2.2, rgb.focus, 1);
  }
}

/** @param {Painter} painter @param {Camera} camera @param {Sensor} sensor @param {Rgb} colour */
function fieldOfView(painter, camera, sensor, colour) {
  const { lat, lon, azimuth_from_deg: from, azimuth_to_deg: to } = sensor;
  const points = onScreen(camera, arc(lat, lon, sensor.max_range_m, from, to));
  const whole = from === null || to === null;
  const outline = whole ? points : [...camera.project(lat, lon), ...points];
  painter.fill(outline, fan(outline.length / 2), colour, 0.06);
  painter.line(outline, 1.2, colour, 0.7, 0, true);
  if (sensor.min_range_m > 0) painter.line(onScreen(camera, arc(lat, lon, sensor.min_range_m, from, to)), 1, colour, 0.5, 3, whole);
}

/**
 * Bearings as wedges of two sigma to each side, as far as the sensor hears, fading over seconds; many of one sensor are
 * fainter each, so that a choir does not drown the map.
 * @param {Painter} painter @param {Camera} camera @param {Bearing[]} bearings @param {Map<string, Sensor>} sensors
 * @param {Rgb} colour @param {number} nowMs
 */
export function drawBearings(painter, camera, bearings, sensors, colour, nowMs) {
  const counts = new Map();
  for (const { sensor } of bearings) counts.set(sensor, (counts.get(sensor) ?? 0) + 1);
  for (const { sensor: id, azimuth_deg, sigma_deg, time_ms } of bearings) {
    const sensor = sensors.get(id);
    const ageS = (nowMs - time_ms) / 1000;
    if (!sensor || ageS > BEARING_S || !isPosition(sensor.lat ?? NaN, sensor.lon ?? NaN)) continue;
    if (!Number.isFinite(azimuth_deg) || !Number.isFinite(sigma_deg)) continue;
    const half = Math.min(Math.max(2 * sigma_deg, 0.3), 90);
    const rangeM = sensor.max_range_m > 0 ? sensor.max_range_m : BEARING_RANGE_M;
    const points = [...camera.project(sensor.lat, sensor.lon), ...onScreen(camera, arc(sensor.lat, sensor.lon, rangeM, azimuth_deg - half, azimuth_deg + half))];
    const strength = (1 - Math.max(0, ageS) / BEARING_S) / Math.sqrt(counts.get(id));
    painter.fill(points, fan(points.length / 2), colour, 0.16 * strength);
    painter.line(points, 1, colour, 0.45 * strength, 0, true);
  }
}

/**
 * Meridians and parallels at a round distance.
 * @param {Painter} painter @param {Camera} camera @param {Rgb} colour
 */
export function drawGraticule(painter, camera, colour) {
  const { west, east, north, south } = camera.bounds();
  const step = gridStep((360 * camera.width) / camera.worldPx);
  for (let lon = Math.ceil(west / step) * step; lon <= east; lon += step) {
    const x = (lon / 360 + 0.5 - camera.x) * camera.worldPx + camera.width / 2;
    painter.line([x, 0, x, camera.height], 1, colour, 0.8);
  }
  for (let lat = Math.ceil(south / step) * step; lat <= north; lat += step) {
    const y = camera.py(mercatorY(lat));
    painter.line([0, y, camera.width, y], 1, colour, 0.8);
  }
}

/** @param {number} spanDeg of the view @returns {number} degrees between lines: some six of them, at round minutes */
export function gridStep(spanDeg) {
  const steps = [1 / 60, 2 / 60, 5 / 60, 10 / 60, 0.5, 1, 2, 5, 10, 20, 45];
  return steps.find((step) => spanDeg / step <= 7) ?? 90;
}

