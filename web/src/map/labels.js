/**
 * Labels that never overlap: the most important first, each at the first free of six sides of its symbol, by preference
 * the one it had before, so that labels do not jump. Places on the screen are kept in a coarse grid.
 *
 * @module
 */

/** A label that wants to be beside a point; higher ranks are more important, equal ones keep their order.
 * @typedef {{key: string, x: number, y: number, gap: number, width: number, height: number, rank: number}} Wish
 */
/** @typedef {{index: number, x: number, y: number}} Placed left upper corner; `index` of the wish */

const CELL_PX = 32;
/** Labels of this rank and above are warnings: they may cover the symbols of what is no threat. */
export const WARNS = 2;
/** No screen holds more legible ones. */
export const MOST_LABELS = 400;

/** Boxes on the screen, to be asked what is free. */
export class Occupancy {
  /** @param {number} width @param {number} height CSS pixels */
  constructor(width, height) {
    this.columns = Math.max(1, Math.ceil(width / CELL_PX));
    this.lines = Math.max(1, Math.ceil(height / CELL_PX));
    this.width = width;
    this.height = height;
    /** @type {Map<number, number[]>} cell to indices into boxes */
    this.cells = new Map();
    /** @type {number[]} left, top, right, bottom of each */
    this.boxes = [];
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  isFree(left, top, right, bottom) {
    if (left < 0 || top < 0 || right > this.width || bottom > this.height) return false;
    return !this.#cellsOf(left, top, right, bottom).some((cell) =>
      this.cells.get(cell)?.some((i) => {
        const b = this.boxes;
        return left < b[i + 2] && right > b[i] && top < b[i + 3] && bottom > b[i + 1];
      }),
    );
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  take(left, top, right, bottom) {
    const at = this.boxes.length;
    this.boxes.push(left, top, right, bottom);
    for (const cell of this.#cellsOf(left, top, right, bottom)) {
      const list = this.cells.get(cell);
      if (list) list.push(at);
      else this.cells.set(cell, [at]);
    }
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom */
  #cellsOf(left, top, right, bottom) {
    const found = [];
    const [c0, c1] = [Math.max(0, Math.floor(left / CELL_PX)), Math.min(this.columns - 1, Math.floor(right / CELL_PX))];
    const [l0, l1] = [Math.max(0, Math.floor(top / CELL_PX)), Math.min(this.lines - 1, Math.floor(bottom / CELL_PX))];
    for (let line = l0; line <= l1; line += 1) for (let c = c0; c <= c1; c += 1) found.push(line * this.columns + c);
    return found;
  }
}

/** Places labels frame after frame, and remembers on which side each was. */
export class Placer {
  constructor() {
    /** @type {Map<string, number>} */
    this.sides = new Map();
  }

  /**
   * @param {Wish[]} wishes
   * @param {Occupancy} occupancy with what no label may cover taken in; labels are added
   * @param {() => void} [takeRest] takes in what only warnings may cover
   * @returns {Placed[]}
   */
  place(wishes, occupancy, takeRest = () => {}) {
    const order = wishes.map((_, i) => i).sort((a, b) => wishes[b].rank - wishes[a].rank || a - b);
    const sides = new Map();
    const placed = [];
    let warnings = true;
    for (const index of order) {
      if (placed.length === MOST_LABELS) break;
      const wish = wishes[index];
      if (warnings && wish.rank < WARNS) {
        takeRest();
        warnings = false;
      }
      const side = this.#freeSide(wish, occupancy);
      if (side < 0) continue;
      const [x, y] = corner(wish, side);
      occupancy.take(x, y, x + wish.width, y + wish.height);
      sides.set(wish.key, side);
      placed.push({ index, x, y });
    }
    this.sides = sides;
    return placed;
  }

  /** @param {Wish} wish @param {Occupancy} occupancy @returns {number} -1: none */
  #freeSide(wish, occupancy) {
    const before = this.sides.get(wish.key) ?? 0;
    for (const side of [before, 0, 1, 2, 3, 4, 5]) {
      const [x, y] = corner(wish, side);
      if (occupancy.isFree(x, y, x + wish.width, y + wish.height)) return side;
    }
    return -1;
  }
}

/**
 * @param {Wish} wish @param {number} side 0 right, 1 left, 2 below, 3 above, 4 right above, 5 right below
 * @returns {[number, number]}
 */
function corner({ x, y, gap, width, height }, side) {
  if (side > 3) return [x + 0.7 * gap, side === 4 ? y - 0.7 * gap - height : y + 0.7 * gap];
  if (side === 0) return [x + gap, y - height / 2];
  if (side === 1) return [x - gap - width, y - height / 2];
  return side === 2 ? [x - width / 2, y + gap] : [x - width / 2, y - gap - height];
}
