/**
 * Where objects with a notice are expected to fly: the predicted path to the place with a fan of its spread, and ticks at
 * each whole half minute before arrival.
 *
 * @module
 */
import { band, onScreen } from './geometry.js';

/** @typedef {import('../painter.js').Painter} Painter */
/** @typedef {import('../mercator.js').Camera} Camera */
/** @typedef {import('../../state.js').Notice} Notice */
/** @typedef {import('../colours.js').Colours} Colours */
/** @typedef {import('../colours.js').Name} Name */

/** 95 % of one dimension. */
const SIGMAS = 1.96;
export const TICK_MS = 30_000;
const TICK_PX = 4;
/** In a raid the paths of so many most urgent notices are drawn; the symbols and the list tell of the others. */
export const MOST_PATHS = 60;
/** From so many on, fans are drawn for the selected only: overlapping they would be a smear. */
const MOST_FANS = 8;

/** @typedef {{lat: number, lon: number, sigmaM: number, ms: number}} Point */

/**
 * The part of a path that still lies ahead, beginning where the object is.
 * @param {[number, number, number, number][]} path lon, lat, ms, sigma_m
 * @param {number} nowMs
 * @param {{lat: number, lon: number} | null} from the object's place now, null when it is not known
 * @returns {Point[]}
 */
export function ahead(path, nowMs, from) {
  const points = path
    .filter((point) => Array.isArray(point) && point.length >= 3 && point.slice(0, 3).every(Number.isFinite))
    .map(([lon, lat, ms, sigmaM]) => ({ lat, lon, ms, sigmaM: sigmaM > 0 ? sigmaM : 0 }));
  const left = points.filter(({ ms }) => ms > nowMs);
  if (left.length === 0) return [];
  const start = from ? { ...from, sigmaM: 0, ms: nowMs } : at(points, nowMs);
  return start ? [start, ...left] : left;
}

/**
 * A path's point at a time, between its points.
 * @param {Point[]} points in the order of time
 * @param {number} ms
 * @returns {Point | null} null outside of the path's times
 */
export function at(points, ms) {
  for (let i = 1; i < points.length; i += 1) {
    const [a, b] = [points[i - 1], points[i]];
    if (a.ms > ms || b.ms < ms) continue;
    const share = b.ms > a.ms ? (ms - a.ms) / (b.ms - a.ms) : 0;
    return {
      lat: a.lat + share * (b.lat - a.lat),
      lon: a.lon + share * (b.lon - a.lon),
      sigmaM: a.sigmaM + share * (b.sigmaM - a.sigmaM),
      ms,
    };
  }
  return null;
}

/**
 * @param {Painter} painter @param {Camera} camera @param {Notice[]} notices standing ones, most urgent first
 * @param {import('../../picture.js').Picture} picture
 * @param {{nowMs: number, colours: Colours, chosen: (notice: Notice) => boolean}} look
 */
export function drawPaths(painter, camera, notices, picture, { nowMs, colours, chosen }) {
  const shown = notices.filter((notice, i) => i < MOST_PATHS || chosen(notice));
  for (const notice of shown) {
    const row = picture.rowOf(notice.track);
    const from = row >= 0 && picture.placed(row) ? picture.place(row, nowMs) : null;
    const points = ahead(notice.path, nowMs, from);
    if (points.length < 2) continue;
    const colour = colours.rgb[/** @type {Name} */ (`level-${notice.level}`)] ?? colours.rgb['level-watch'];
    const picked = chosen(notice);
    const line = onScreen(camera, points.map(({ lat, lon }) => [lat, lon]));
    if (picked || shown.length <= MOST_FANS) spread(painter, camera, points, line, colour);
    painter.line(line, picked ? 2.2 : 1.4, colour, picked ? 1 : shown.length > MOST_FANS ? 0.5 : 0.8, 5);
    if (picked || shown.length <= MOST_FANS) ticks(painter, camera, points, notice.arrival_ms, colour);
  }
}

/** @param {Painter} painter @param {Camera} camera @param {Point[]} points @param {number[]} line @param {import('../colours.js').Rgb} colour */
function spread(painter, camera, points, line, colour) {
  const corners = points.flatMap(({ lat, sigmaM }, i) => {
    const half = SIGMAS * sigmaM * camera.pxPerM(lat);
    const [nx, ny] = across(line, i);
    const [x, y] = [line[2 * i], line[2 * i + 1]];
    return [x + nx * half, y + ny * half, x - nx * half, y - ny * half];
  });
  painter.fill(corners, band(points.length), colour, 0.13);
}

/** @param {number[]} line @param {number} i @returns {[number, number]} unit vector across the way at a point */
function across(line, i) {
  const before = Math.max(0, i - 1);
  const after = Math.min(line.length / 2 - 1, i + 1);
  const [dx, dy] = [line[2 * after] - line[2 * before], line[2 * after + 1] - line[2 * before + 1]];
  const length = Math.hypot(dx, dy) || 1;
  return [-dy / length, dx / length];
}

/** @param {Painter} painter @param {Camera} camera @param {Point[]} points @param {number | null} arrivalMs @param {import('../colours.js').Rgb} colour */
function ticks(painter, camera, points, arrivalMs, colour) {
  const end = arrivalMs ?? points[points.length - 1].ms;
  for (let ms = end - TICK_MS; ms > points[0].ms; ms -= TICK_MS) {
    const here = at(points, ms);
    const next = at(points, Math.min(ms + 1000, points[points.length - 1].ms));
    if (!here || !next) continue;
    const [x, y] = camera.project(here.lat, here.lon);
    const [toX, toY] = camera.project(next.lat, next.lon);
    const length = Math.hypot(toX - x, toY - y) || 1;
    const [nx, ny] = [(-(toY - y) / length) * TICK_PX, ((toX - x) / length) * TICK_PX];
    painter.line([x - nx, y - ny, x + nx, y + ny], 1.6, colour, 0.9);
  }
}
