/**
 * What a painter can do. The scene speaks these words; gl/painter.js says them to the graphics card, canvas.js to a plain
 * canvas. Positions and lengths are CSS pixels, angles radians clockwise from up, alpha 0 to 1.
 *
 * @module
 */

/** @typedef {import('./colours.js').Rgb} Rgb */
/** @typedef {import('./mercator.js').Camera} Camera */

/**
 * @typedef {object} Painter
 * @property {(camera: Camera) => void} begin start a frame
 * @property {(points: number[], triangles: number[], colour: Rgb, alpha: number) => void} fill x, y, x, y...; indices of
 *   corners, three a triangle
 * @property {(points: number[], width: number, colour: Rgb, alpha: number, dashPx?: number, closed?: boolean) => void} line
 * @property {(x: number, y: number, majorPx: number, minorPx: number, angle: number, width: number, colour: Rgb, alpha: number) => void} ring
 *   an ellipse; the angle is that of its major axis
 * @property {(shape: string, x: number, y: number, size: number, angle: number, colour: Rgb, fill: number, alpha: number, dashed: boolean) => void} symbol
 *   `fill`: how full its inside is, 0 hollow
 * @property {(key: string, x: number, y: number, size: number, alpha: number) => void} picture a symbol of its own colours,
 *   offered before by `offer`
 * @property {(key: string, image: HTMLCanvasElement) => boolean} offer false: there is no room for it
 * @property {(key: string) => boolean} has whether such a picture was offered
 * @property {(version: string, draw: () => void) => void} backdrop draw what lies lowest and changes seldom; it may be kept
 *   until the version changes or the view moves
 * @property {(trails: TrailLines) => void} trails lines in mercator's square, changed seldom
 * @property {(version: number, canvas: HTMLCanvasElement, boxes: Patch[]) => void} patches parts of a canvas, which is looked
 *   at again when the version changes
 * @property {(halo: Rgb) => void} halo colour behind symbols, for the whole frame
 * @property {() => void} flush what comes next lies above what came before
 * @property {() => void} destroy
 */

/** @typedef {{x: number, y: number, width: number, height: number, dx: number, dy: number}} Patch a part of a canvas that lies
 *   on the map at the same place, but for a way that it moved */

/**
 * @typedef {object} TrailLines
 * @property {number} version changes when the content does
 * @property {number} originX mercator, of the coordinates that follow
 * @property {number} originY
 * @property {number} count segments
 * @property {Float32Array} ends x, y of both ends of each segment, in metres of mercator's equator from the origin
 * @property {Uint32Array} colours one each segment, as `packed` gives them
 */

/** @param {Rgb} rgb @param {number} alpha @returns {number} premultiplied, red in the lowest byte */
export function packed([red, green, blue], alpha) {
  const a = alpha <= 0 ? 0 : alpha >= 1 ? 1 : alpha;
  return (
    ((Math.round(a * 255) << 24) | (Math.round(blue * a) << 16) | (Math.round(green * a) << 8) | Math.round(red * a)) >>> 0
  );
}
