/**
 * How fast the map is drawn, and how long a report takes to its pixels.
 *
 * @module
 */

/** Of so many latest frames figures are kept. */
const FRAMES = 240;

export class Meter {
  constructor() {
    /** @type {number[]} */
    this.frames = [];
    /** @type {number[]} */
    this.lags = [];
    this.drawMs = 0;
    this.seen = 0;
  }

  /**
   * A frame was drawn just now; its pixels are out when the next one begins.
   * @param {number} began local clock, ms @param {import('../picture.js').Picture} picture
   * @param {() => number} serverNow
   */
  note(began, picture, serverNow) {
    const done = performance.now();
    this.drawMs = done - began;
    keep(this.frames, done);
    if (picture.frames === this.seen) return;
    this.seen = picture.frames;
    const receivedMs = picture.newestReportMs;
    requestAnimationFrame(() => keep(this.lags, serverNow() - receivedMs));
  }

  read() {
    const now = performance.now();
    const framesPerS = this.frames.filter((at) => now - at < 1000).length;
    const lagMs = [...this.lags].sort((a, b) => a - b)[this.lags.length >> 1] ?? NaN;
    return { framesPerS, drawMs: this.drawMs, lagMs };
  }
}

/** @param {number[]} list @param {number} value */
function keep(list, value) {
  list.push(value);
  if (list.length > FRAMES) list.shift();
}
