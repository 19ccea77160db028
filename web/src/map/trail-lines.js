/**
 * Trails as lines for a painter: made anew a few times a second, not each frame, and never more than a budget, so that
 * five thousand objects cost what one thousand do.
 *
 * @module
 */
import { heightColour } from './colours.js';
import { Heat } from './heat.js';
import { EARTH_M, mercatorX, mercatorY } from './mercator.js';
import { packed } from './painter.js';
import { POINTS, Trails } from './trails.js';

/** @typedef {import('./painter.js').TrailLines} TrailLines */
/** @typedef {import('./scene/objects.js').Look} Look */

export const MOST_SEGMENTS = 16_000;
const NEWEST_ALPHA = 0.6;

/** Keeps the trails of a picture and the lines made of them. */
export class TrailKeeper {
  /** @param {import('../picture.js').Picture} picture */
  constructor(picture) {
    this.store = new Trails();
    this.heat = new Heat();
    /** @type {TrailLines} */
    this.lines = { version: 0, originX: 0.5, originY: 0.5, count: 0, ends: new Float32Array(4 * MOST_SEGMENTS), colours: new Uint32Array(MOST_SEGMENTS) };
    this.picture = picture;
    this.listener = (/** @type {Event} */ event) => this.#take(/** @type {CustomEvent} */ (event).detail);
    picture.addEventListener('change', this.listener);
  }

  destroy() {
    this.picture.removeEventListener('change', this.listener);
  }

  /**
   * Take in where objects have been before the page opened.
   * @param {{number: number, time_ms: number[], lat: number[], lon: number[], height_m: number[]}[]} histories
   */
  load(histories) {
    for (const { number, time_ms, lat, lon, height_m } of histories) {
      const last = Math.min(time_ms.length, lat.length, lon.length);
      for (let i = 0; i < last; i += 1) {
        this.#add(number, time_ms[i], lat[i], lon[i], height_m[i] ?? NaN);
      }
    }
  }

  /**
   * Make the lines anew.
   * @param {Look} look @param {import('./scene/objects.js').Drawn} drawn objects on the screen
   * @param {import('./mercator.js').Camera} camera
   */
  refresh({ picture, nowMs, layers, colours, chosen }, drawn, camera) {
    const { lines, store } = this;
    store.reach(layers.trailMinutes);
    lines.version += 1;
    lines.originX = camera.x;
    lines.originY = camera.y;
    lines.count = 0;
    const every = Math.ceil((drawn.count * POINTS) / MOST_SEGMENTS);
    for (let i = 0; i < drawn.count && lines.count < MOST_SEGMENTS; i += 1) {
      const row = drawn.rows[i];
      const number = picture.columns.number[row];
      const { lat, lon } = picture.place(row, nowMs);
      const colour = chosen.has(number) ? colours.rgb.focus : colours.rgb.trail;
      const byHeight = layers.trails === 'height';
      this.#trail(number, nowMs, every, mercatorX(lon), mercatorY(lat), (heightM) => (byHeight ? heightColour(colours.rgb, heightM) : colour));
    }
  }

  /**
   * @param {number} number @param {number} nowMs @param {number} every @param {number} x where it is now @param {number} y
   * @param {(heightM: number) => import('./colours.js').Rgb} colourAt
   */
  #trail(number, nowMs, every, x, y, colourAt) {
    const { lines, store } = this;
    const points = store.points(number, nowMs, every);
    for (let i = 0; i < points.length && lines.count < MOST_SEGMENTS; i += 1) {
      const from = points[i];
      const last = i + 1 === points.length;
      const at = 4 * lines.count;
      lines.ends[at] = (store.x[from] - lines.originX) * EARTH_M;
      lines.ends[at + 1] = (store.y[from] - lines.originY) * EARTH_M;
      lines.ends[at + 2] = ((last ? x : store.x[points[i + 1]]) - lines.originX) * EARTH_M;
      lines.ends[at + 3] = ((last ? y : store.y[points[i + 1]]) - lines.originY) * EARTH_M;
      const age = (nowMs - store.times[from]) / store.reachMs;
      lines.colours[lines.count] = packed(colourAt(store.heights[from]), NEWEST_ALPHA * (1 - 0.85 * Math.min(1, Math.max(0, age))));
      lines.count += 1;
    }
  }

  /** @param {import('../picture.js').Change} change */
  #take({ rows, removed }) {
    const { picture, store } = this;
    for (const number of removed) store.remove(number);
    const c = picture.columns;
    for (const row of rows) {
      if (!picture.placed(row) || picture.statusOf(row) === 'tentative') continue;
      this.#add(c.number[row], picture.validMs[row], c.lat[row], c.lon[row], c.height_m[row]);
    }
  }

  /** @param {number} number @param {number} timeMs @param {number} lat @param {number} lon @param {number} heightM */
  #add(number, timeMs, lat, lon, heightM) {
    if (!this.store.isDue(number, timeMs)) return;
    const [x, y] = [mercatorX(lon), mercatorY(lat)];
    if (this.store.add(number, timeMs, x, y, heightM)) this.heat.add(x, y);
  }
}
