/**
 * The plain symbols: one form for each kind, drawn in a box from -1 to 1, north up. The same paths are drawn into the
 * graphics card's atlas, on the canvas of the fallback, and in the legend.
 *
 * @module
 */

/** Kinds whose symbol turns with the heading; of the others the leader tells it. */
export const TURNING = new Set(['fixed_wing', 'aircraft', 'vessel']);

/** Four rotors, and the body between them. */
const ROTORS = [
  circle(-0.56, -0.56, 0.36),
  circle(0.56, -0.56, 0.36),
  circle(0.56, 0.56, 0.36),
  circle(-0.56, 0.56, 0.36),
  'M-.4,-.22 L-.22,-.4 L0,-.26 L.22,-.4 L.4,-.22 L.26,0 L.4,.22 L.22,.4 L0,.26 L-.22,.4 L-.4,.22 L-.26,0 Z',
].join(' ');

/** SVG path data. */
const DATA = {
  multirotor: ROTORS,
  fixed_wing: 'M0,-.95 L.85,.6 L.3,.5 L0,.8 L-.3,.5 L-.85,.6 Z',
  bird: 'M-1,-.28 C-.6,-.62 -.2,-.5 0,-.05 C.2,-.5 .6,-.62 1,-.28 C.62,-.3 .3,-.05 .12,.42 L0,.6 L-.12,.42 C-.3,-.05 -.62,-.3 -1,-.28 Z',
  balloon:
    'M0,-.95 C.5,-.95 .72,-.6 .72,-.3 C.72,.1 .32,.35 .2,.5 L-.2,.5 C-.32,.35 -.72,.1 -.72,-.3 C-.72,-.6 -.5,-.95 0,-.95 Z M-.22,.66 L.22,.66 L.16,.95 L-.16,.95 Z',
  aircraft:
    'M0,-1 C.1,-1 .15,-.8 .15,-.55 L.15,-.3 L.95,.2 L.95,.42 L.15,.2 L.12,.62 L.4,.85 L.4,1 L0,.88 L-.4,1 L-.4,.85 L-.12,.62 L-.15,.2 L-.95,.42 L-.95,.2 L-.15,-.3 L-.15,-.55 C-.15,-.8 -.1,-1 0,-1 Z',
  vessel: 'M0,-1 C.3,-.7 .42,-.4 .42,-.1 L.42,.9 L-.42,.9 L-.42,-.1 C-.42,-.4 -.3,-.7 0,-1 Z',
  unknown: 'M0,-.8 L.8,0 L0,.8 L-.8,0 Z',
};

/** @param {number} x @param {number} y @param {number} radius */
function circle(x, y, radius) {
  return `M${x - radius},${y} a${radius},${radius} 0 1 0 ${2 * radius},0 a${radius},${radius} 0 1 0 ${-2 * radius},0 Z`;
}

/** @typedef {keyof typeof DATA} Shape */

/** In the order of their places in the atlas. */
export const SHAPES = /** @type {Shape[]} */ (Object.keys(DATA));

/** @param {string} kind a kind's word @returns {Shape} */
export function shapeOf(kind) {
  return Object.hasOwn(DATA, kind) ? /** @type {Shape} */ (kind) : 'unknown';
}

/** @param {string} kind @returns {string} SVG path data in a box from -1 to 1 */
export function shapeData(kind) {
  return DATA[shapeOf(kind)];
}
