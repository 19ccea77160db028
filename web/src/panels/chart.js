/**
 * Small line charts in SVG with a scale, a time axis and words for those who cannot see them. Gaps stay gaps.
 */

import { known } from '../units.js';
import { el, svg } from './dom.js';

export const WIDTH = 320;
const HEIGHT = 84;
const LEFT = 46;
export const BOTTOM = 16;
export const TOP = 6;
const GAP_MS = 15000;

/**
 * A chart of values over time.
 * @param {object} options
 * @param {string} options.title @param {number[]} options.times_ms @param {(number|null)[]} options.values
 * @param {(value: number) => string} options.write a value with its unit
 * @param {(ms: number) => string} options.clock @param {string} options.empty what is said without values
 */
export function lineChart({ title, times_ms, values, write, clock, empty }) {
  const points = times_ms.map((ms, i) => ({ ms, value: values[i] })).filter(({ value }) => known(value));
  const caption = el('figcaption', { text: title });
  if (points.length < 2) return el('figure', { class: 'chart' }, caption, el('p', { class: 'quiet', text: empty }));
  const numbers = points.map(({ value }) => /** @type {number} */ (value));
  const [low, high] = niceRange(Math.min(...numbers), Math.max(...numbers));
  const [from, to] = [points[0].ms, points[points.length - 1].ms];
  const x = (/** @type {number} */ ms) => LEFT + ((ms - from) / Math.max(1, to - from)) * (WIDTH - LEFT - 6);
  const y = (/** @type {number} */ value) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  let path = '';
  points.forEach(({ ms, value }, i) => {
    const jump = i === 0 || ms - points[i - 1].ms > GAP_MS;
    path += `${jump ? 'M' : 'L'}${x(ms).toFixed(1)} ${y(/** @type {number} */ (value)).toFixed(1)}`;
  });
  const label = `${title}: ${write(numbers[0])} – ${write(numbers[numbers.length - 1])}, ${write(Math.min(...numbers))} … ${write(Math.max(...numbers))}`;
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
    ...[low, high].flatMap((value) => scaleLine(y(value), write(value))),
    svg('path', { d: path, class: 'series' }),
    words(LEFT, HEIGHT - 3, 'start', clock(from)),
    words(WIDTH - 6, HEIGHT - 3, 'end', clock(to)),
  );
  return el('figure', { class: 'chart' }, caption, drawing);
}

/** @param {number} y @param {string} text */
function scaleLine(y, text) {
  return [
    svg('line', { x1: LEFT, x2: WIDTH - 6, y1: y, y2: y, class: 'grid-line' }),
    words(LEFT - 4, y + 4, 'end', text),
  ];
}

/** Writing in a drawing. @param {number} x @param {number} y @param {'start'|'end'|'middle'} anchor @param {string} text */
export function words(x, y, anchor, text) {
  const node = svg('text', { x, y, 'text-anchor': anchor });
  node.textContent = text;
  return node;
}

/**
 * Round limits round the values, never so near each other that noise looks like a climb.
 * @param {number} least @param {number} most
 * @returns {[number, number]}
 */
export function niceRange(least, most) {
  const span = Math.max(most - least, 10);
  const step = 10 ** Math.floor(Math.log10(span));
  return [Math.floor(least / step) * step, Math.ceil((most + 1e-9) / step) * step];
}

/**
 * The horizon of a sensor: lowest elevation seen, by azimuth.
 * @param {object} options
 * @param {string} options.label @param {number[]} options.azimuth_deg @param {number[]} options.elevation_deg
 */
export function horizonChart({ label, azimuth_deg, elevation_deg }) {
  const most = Math.max(5, ...elevation_deg) * 1.15;
  const least = Math.min(-1, ...elevation_deg);
  const x = (/** @type {number} */ azimuth) => LEFT - 14 + (azimuth / 360) * (WIDTH - LEFT + 8);
  const y = (/** @type {number} */ elevation) =>
    TOP + (1 - (elevation - least) / (most - least)) * (HEIGHT - TOP - BOTTOM);
  const order = azimuth_deg.map((_, i) => i).sort((a, b) => azimuth_deg[a] - azimuth_deg[b]);
  const line = order.map((i) => [azimuth_deg[i], elevation_deg[i]]);
  if (line.length) {
    const [first, last] = [line[0], line[line.length - 1]];
    const gap = first[0] + 360 - last[0];
    const edge = gap > 0 ? last[1] + ((first[1] - last[1]) * (360 - last[0])) / gap : first[1];
    line.unshift([0, edge]);
    line.push([360, edge]);
  }
  const top = line.map(([azimuth, elevation]) => `${x(azimuth).toFixed(1)} ${y(elevation).toFixed(1)}`).join('L');
  const bottom = HEIGHT - BOTTOM;
  const shape = line.length
    ? [svg('path', { d: `M${x(0)} ${bottom}L${top}L${x(360)} ${bottom}Z`, class: 'horizon' })]
    : [];
  const marks = [0, 90, 180, 270, 360].map((azimuth) =>
    words(x(azimuth), HEIGHT - 3, azimuth === 360 ? 'end' : 'middle', `${azimuth}°`),
  );
  return svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label, class: 'horizon-chart' },
    ...shape,
    ...scaleLine(y(0), '0°'),
    ...scaleLine(TOP + 4, `${Math.round(most)}°`).slice(1),
    ...marks,
  );
}
