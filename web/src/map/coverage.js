/**
 * What the sensors that are alive would not see now at a height: asked from the server, drawn as a hatched veil where an
 * object would be missed for ten seconds; no veil where it would be found.
 *
 * @module
 */

/** @typedef {import('./surface.js').GroundImage} GroundImage */
/** @typedef {{height_m: number, west: number, south: number, east: number, north: number, columns: number, rows: number, data: string}} Answer */

/** Pixels that each cell of the raster becomes, so that the hatching is finer than the cells. */
const CELL_PX = 6;
const MOST_CELLS = 1_000_000;
const MOST_PX = 2048;
const VEIL_ALPHA = 0.5;
const HATCH_PX = 8;

/**
 * Detection probabilities of a raster, row 0 north.
 * @param {Answer} answer
 * @returns {Uint8Array | null} times 255; null when the answer is none
 */
export function readRaster({ columns, rows, data }) {
  if (!(columns > 0) || !(rows > 0) || columns * rows > MOST_CELLS || typeof data !== 'string') return null;
  try {
    const text = atob(data);
    if (text.length !== columns * rows) return null;
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * The veil as a picture three times as wide and high as the raster: beyond it no sensor reaches.
 * @param {Answer} answer
 * @param {import('./colours.js').Rgb} colour
 * @returns {GroundImage | null}
 */
export function veil(answer, colour) {
  const found = readRaster(answer);
  if (found === null) return null;
  const { columns, rows, west, south, east, north } = answer;
  const scale = Math.max(1, Math.min(CELL_PX, Math.floor(MOST_PX / (3 * Math.max(columns, rows)))));
  const canvas = Object.assign(document.createElement('canvas'), { width: 3 * columns * scale, height: 3 * rows * scale });
  const draw = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = draw.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1) {
      const missed = missedAt(found, columns, rows, (x + 0.5) / scale - columns, (y + 0.5) / scale - rows);
      const hatch = (x + y) % HATCH_PX < 2 ? 1 : 0.55;
      image.data.set([...colour, Math.round(255 * VEIL_ALPHA * missed * hatch)], 4 * (y * canvas.width + x));
    }
  }
  draw.putImageData(image, 0, 0);
  const [width, height] = [east - west, north - south];
  return { west: west - width, south: Math.max(-85, south - height), east: east + width, north: Math.min(85, north + height), canvas };
}

/**
 * Between the middles of the four nearest cells.
 * @param {Uint8Array} found @param {number} columns @param {number} rows @param {number} x in cells from the west edge
 * @param {number} y from the north edge
 * @returns {number} probability of missing an object there
 */
export function missedAt(found, columns, rows, x, y) {
  const at = (/** @type {number} */ column, /** @type {number} */ row) =>
    column < 0 || row < 0 || column >= columns || row >= rows ? 1 : 1 - found[row * columns + column] / 255;
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [u, v] = [x - 0.5 - left, y - 0.5 - top];
  const upper = at(left, top) * (1 - u) + at(left + 1, top) * u;
  return upper * (1 - v) + (at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u) * v;
}
