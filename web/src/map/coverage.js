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
 * @param {Answer} answer
 * @param {import('./colours.js').Rgb} colour
 * @returns {GroundImage | null}
 */
export function veil(answer, colour) {
  const found = readRaster(answer);
  if (found === null) return null;
  const { columns, rows, west, south, east, north } = answer;
  const canvas = document.createElement('canvas');
  const scale = Math.max(1, Math.min(CELL_PX, Math.floor(2048 / Math.max(columns, rows))));
  canvas.width = columns * scale;
  canvas.height = rows * scale;
  const draw = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const image = draw.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1) {
      const missed = 1 - found[Math.floor(y / scale) * columns + Math.floor(x / scale)] / 255;
      const hatch = (x + y) % HATCH_PX < 2 ? 1 : 0.55;
      image.data.set([...colour, Math.round(255 * VEIL_ALPHA * missed * hatch)], 4 * (y * canvas.width + x));
    }
  }
  draw.putImageData(image, 0, 0);
  return { west, south, east, north, canvas };
}
