/** A small chart of an estimate over time with the band of its uncertainty and the line of no error. */

import { BOTTOM, TOP, WIDTH, words } from './chart.js';
import { el, svg } from './dom.js';

const HEIGHT = 72;
const LEFT = 52;
const BAND = 2;

/**
 * @param {object} options
 * @param {string} options.label what stands over it @param {number[]} options.times_ms ascending
 * @param {number[]} options.values @param {number[]} options.sigmas
 * @param {(value: number) => string} options.write a value with its unit
 * @param {(ms: number) => string} options.clock
 */
export function errorChart({ label, times_ms, values, sigmas, write, clock }) {
  const [from, to] = [times_ms[0], times_ms[times_ms.length - 1]];
  const most = Math.max(...values.map((value, i) => Math.abs(value) + BAND * settled(sigmas, i)), 1e-9);
  const x = (/** @type {number} */ ms) => LEFT + ((ms - from) / Math.max(1, to - from)) * (WIDTH - LEFT - 6);
  const y = (/** @type {number} */ value) =>
    TOP + (0.5 - (0.5 * Math.max(-most, Math.min(most, value))) / most) * (HEIGHT - TOP - BOTTOM);
  const at = (/** @type {number} */ i, /** @type {number} */ value) => `${x(times_ms[i]).toFixed(1)} ${y(value).toFixed(1)}`;
  const upper = values.map((value, i) => at(i, value + BAND * sigmas[i]));
  const lower = values.map((value, i) => at(i, value - BAND * sigmas[i])).reverse();
  return el(
    'figure',
    { class: 'chart' },
    el('figcaption', { text: label }),
    svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
      svg('path', { d: `M${[...upper, ...lower].join('L')}Z`, class: 'band' }),
      svg('line', { x1: LEFT, x2: WIDTH - 6, y1: y(0), y2: y(0), class: 'grid-line' }),
      svg('path', { d: `M${values.map((value, i) => at(i, value)).join('L')}`, class: 'series' }),
      words(LEFT - 4, y(most) + 6, 'end', write(most)),
      words(LEFT - 4, y(0) + 4, 'end', '0'),
      words(LEFT - 4, y(-most), 'end', write(-most)),
      words(LEFT, HEIGHT - 3, 'start', clock(from)),
      words(WIDTH - 6, HEIGHT - 3, 'end', clock(to)),
    ),
  );
}

/** The uncertainty that the scale is made for: the first guesses are so wide that all else would be a flat line. */
function settled(/** @type {number[]} */ sigmas, /** @type {number} */ i) {
  return Math.min(sigmas[i], 3 * sigmas[sigmas.length - 1]);
}
