/**
 * Where objects have been since the page opened, or in the past that was played: a count of trail points for each cell of
 * a grid in mercator's square. The number of cells is bounded; what falls into further ones is left out and counted.
 *
 * @module
 */

/** @typedef {import('./painter.js').Painter} Painter */
/** @typedef {import('./mercator.js').Camera} Camera */

/** Cells along the equator: some 150 to 300 m each. */
const SIDE = 2 ** 17;
export const MOST_CELLS = 40_000;
const LEAST_PX = 3;
const MOST_ALPHA = 0.55;

/** Counts by cell. */
export class Heat {
  constructor() {
    /** @type {Map<number, number>} */
    this.cells = new Map();
    this.most = 0;
    this.leftOut = 0;
  }

  /** @param {number} x mercator @param {number} y */
  add(x, y) {
    const key = Math.floor(y * SIDE) * SIDE + Math.floor(x * SIDE);
    const before = this.cells.get(key);
    if (before === undefined && this.cells.size === MOST_CELLS) {
      this.leftOut += 1;
      return;
    }
    const count = (before ?? 0) + 1;
    this.cells.set(key, count);
    this.most = Math.max(this.most, count);
  }

  /** @param {Painter} painter @param {Camera} camera @param {import('./colours.js').Rgb} colour */
  draw(painter, camera, colour) {
    for (const [key, { count, cells }] of this.#blocks(camera)) {
      const side = SIDE / cells;
      const x = camera.px((key % side) / side);
      const y = camera.py(Math.floor(key / side) / side);
      const px = camera.worldPx / side;
      if (!camera.sees(x, y, px)) continue;
      const corners = [x, y, x + px, y, x, y + px, x + px, y + px];
      painter.fill(corners, [0, 1, 2, 1, 3, 2], colour, (MOST_ALPHA * Math.log1p(count)) / Math.log1p(this.most));
    }
  }

  /**
   * Cells joined into blocks that are no smaller than a few pixels; of each the fullest cell counts.
   * @param {Camera} camera
   * @returns {Map<number, {count: number, cells: number}>}
   */
  #blocks(camera) {
    const cells = 2 ** Math.max(0, Math.ceil(Math.log2((LEAST_PX * SIDE) / camera.worldPx)));
    const side = SIDE / cells;
    /** @type {Map<number, {count: number, cells: number}>} */
    const blocks = new Map();
    for (const [key, count] of this.cells) {
      const block = Math.floor(Math.floor(key / SIDE) / cells) * side + Math.floor((key % SIDE) / cells);
      const before = blocks.get(block);
      if (!before || before.count < count) blocks.set(block, { count, cells });
    }
    return blocks;
  }
}
