/**
 * Labels from frame to frame: written anew a few times a second or when the view moves, and meanwhile kept beside their
 * objects.
 *
 * @module
 */
import { Texts } from './texts.js';

/** @typedef {import('./mercator.js').Camera} Camera */
/** @typedef {import('./painter.js').Painter} Painter */
/** @typedef {import('./scene/objects.js').Drawn} Drawn */
/** @typedef {import('./scene/objects.js').Look} Look */

const EVERY_MS = 200;

export class Writing {
  /** @param {import('../state.js').App} app */
  constructor(app) {
    this.canvas = document.createElement('canvas');
    this.texts = new Texts(/** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d', { willReadFrequently: true })), app);
    /** @type {import('./texts.js').Box[]} */
    this.labels = [];
    this.version = 0;
    this.atMs = -Infinity;
    this.view = '';
  }

  /** Have them written anew with the next frame. */
  refresh() {
    this.atMs = -Infinity;
  }

  /**
   * @param {Painter} painter @param {Camera} camera @param {Look} look @param {Drawn} drawn
   * @param {import('../state.js').Notice[]} standing @param {number} now local clock, ms
   * @returns {boolean} whether they were written anew
   */
  draw(painter, camera, look, drawn, standing, now) {
    const anew = this.#isDue(camera, now);
    if (anew) {
      this.atMs = now;
      this.version += 1;
      this.labels = this.texts.render(camera, look, drawn, standing);
    }
    const patches = this.labels.map((label) => ({ ...label, ...moved(camera, look, label) }));
    painter.patches(this.version, this.canvas, patches);
    return anew;
  }

  /** @param {Camera} camera @param {number} now */
  #isDue(camera, now) {
    const [width, height] = [Math.round(camera.width * camera.ratio), Math.round(camera.height * camera.ratio)];
    const resized = this.canvas.width !== width || this.canvas.height !== height;
    if (resized) Object.assign(this.canvas, { width, height });
    const view = `${camera.x} ${camera.y} ${camera.worldPx}`;
    const turned = view !== this.view;
    this.view = view;
    return resized || turned || now - this.atMs >= EVERY_MS;
  }
}

/**
 * How far a label's object has moved since it was written, in whole device pixels, for letters stay sharp on these.
 * @param {Camera} camera @param {Look} look @param {import('./texts.js').Box} label
 */
function moved(camera, { picture, nowMs }, { number, atX, atY }) {
  const row = number === null ? -1 : picture.rowOf(number);
  if (row < 0 || !picture.placed(row)) return { dx: 0, dy: 0 };
  const { lat, lon } = picture.place(row, nowMs);
  const [x, y] = camera.project(lat, lon);
  const whole = (/** @type {number} */ px) => Math.round(px * camera.ratio) / camera.ratio;
  return { dx: whole(x - atX), dy: whole(y - atY) };
}
