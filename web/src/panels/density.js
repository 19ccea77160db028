/** What the timeline shows: objects over time as an area, notices as columns, gaps of the recording hatched, an axis. */

import { RANKS } from '../vocabulary.js';
import { colourOf } from './colour.js';

/** @typedef {{from_ms: number, to_ms: number, objects: number[], notices: {time_ms: number, level: import('../state.js').LevelWord, place: string}[]}} Density */

/**
 * @param {HTMLCanvasElement} canvas @param {Density|null} density @param {[number, number][]} gaps
 * @param {{from_ms: number, to_ms: number}} range
 */
export function drawDensity(canvas, density, gaps, { from_ms, to_ms }) {
  const box = canvas.getBoundingClientRect();
  const scale = devicePixelRatio || 1;
  const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, width, height);
  const x = (/** @type {number} */ ms) => ((ms - from_ms) / (to_ms - from_ms)) * width;
  drawAxis(context, { from_ms, to_ms, width, height, scale, x });
  if (!density) return;
  const most = Math.max(1, ...density.objects);
  const bin_ms = (density.to_ms - density.from_ms) / Math.max(1, density.objects.length);
  const floor = height - 15 * scale;
  context.fillStyle = colourOf('--chart');
  context.globalAlpha = 0.55;
  density.objects.forEach((count, i) => {
    const start = x(density.from_ms + i * bin_ms);
    const tall = (count / most) * (floor - 4 * scale);
    if (count > 0)
      context.fillRect(start, floor - tall, Math.max(1, x(density.from_ms + (i + 1) * bin_ms) - start), tall);
  });
  context.globalAlpha = 1;
  for (const [start_ms, end_ms] of gaps) drawGap(context, x(start_ms), x(end_ms), floor);
  drawNotices(context, density.notices, { x, floor, step: 4 * scale });
}

/**
 * Hatched where nothing was recorded: that is not the same as nothing there.
 * @param {CanvasRenderingContext2D} context @param {number} left @param {number} right @param {number} floor
 */
function drawGap(context, left, right, floor) {
  context.save();
  context.beginPath();
  context.rect(left, 0, Math.max(2, right - left), floor);
  context.clip();
  context.strokeStyle = colourOf('--trouble');
  context.beginPath();
  for (let at = left - floor; at < right + 2; at += 8) {
    context.moveTo(at, floor);
    context.lineTo(at + floor, 0);
  }
  context.stroke();
  context.restore();
}

/**
 * How many notices were raised, as columns with the urgent ones at their foot: a raid stands out from a single one.
 * @param {CanvasRenderingContext2D} context @param {Density['notices']} notices
 * @param {{x: (ms: number) => number, floor: number, step: number}} frame step: width of a column
 */
function drawNotices(context, notices, { x, floor, step }) {
  /** @type {Map<number, number[]>} count by level */
  const columns = new Map();
  for (const { time_ms, level } of notices) {
    const at = Math.floor(x(time_ms) / step);
    const counts = columns.get(at) ?? [0, 0, 0, 0];
    counts[RANKS[level]] += 1;
    columns.set(at, counts);
  }
  const most = Math.max(4, ...[...columns.values()].map((counts) => counts.reduce((sum, n) => sum + n, 0)));
  for (const [at, counts] of columns) {
    let foot = floor;
    for (const level of /** @type {const} */ (['imminent', 'warning', 'watch', 'clear'])) {
      const tall = counts[RANKS[level]] && Math.max(3, (counts[RANKS[level]] / most) * floor * 0.8);
      context.fillStyle = colourOf(`--level-${level}`);
      context.fillRect(at * step, foot - tall, step - 1, tall);
      foot -= tall;
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{from_ms: number, to_ms: number, width: number, height: number, scale: number, x: (ms: number) => number}} frame
 */
function drawAxis(context, { from_ms, to_ms, width, height, scale, x }) {
  const steps_s = [10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400];
  const room = Math.max(2, width / (90 * scale));
  const step_ms = 1000 * (steps_s.find((step) => (to_ms - from_ms) / 1000 / step <= room) ?? 86400);
  context.fillStyle = colourOf('--quiet');
  context.font = `${11 * scale}px ${colourOf('--font')}`;
  context.textAlign = 'center';
  for (let ms = Math.ceil(from_ms / step_ms) * step_ms; ms <= to_ms; ms += step_ms) {
    const label = new Date(ms).toISOString().slice(11, step_ms < 60000 ? 19 : 16);
    const half = context.measureText(label).width / 2;
    context.fillRect(x(ms), height - 15 * scale, scale, 3 * scale);
    if (x(ms) > half && x(ms) < width - half) context.fillText(label, x(ms), height - 2 * scale);
  }
}
