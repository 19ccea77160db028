/**
 * What carries the map: something that shows the ground, can be moved, and lets us draw on it. surface-gl.js is MapLibre
 * with WebGL2, surface-plain.js a plain canvas where there is none.
 *
 * @module
 */

/** @typedef {import('../state.js').View} View */
/** @typedef {import('./painter.js').Painter} Painter */
/** @typedef {import('./mercator.js').Camera} Camera */
/** @typedef {import('./style.js').BaseColours} BaseColours */
/** @typedef {{west: number, south: number, east: number, north: number, canvas: HTMLCanvasElement}} GroundImage */

/**
 * @typedef {object} SurfaceOptions
 * @property {HTMLElement} element
 * @property {View} view
 * @property {BaseColours} base
 * @property {(painter: Painter, camera: Camera) => void} draw called for each frame
 * @property {() => void} onMove the view moves
 * @property {() => void} onRest it came to rest
 */

/**
 * @typedef {object} Surface
 * @property {boolean} webgl
 * @property {Promise<void>} ready the ground has been drawn completely
 * @property {() => Camera} camera what is in view
 * @property {() => void} repaint have `draw` called now, or in the next frame
 * @property {(view: {lat: number, lon: number, zoom?: number}) => void} jumpTo at once
 * @property {(view: {lat: number, lon: number, zoom?: number}) => void} goTo on a short way, unless a person wants no motion
 * @property {(points: [number, number][]) => void} fit lat, lon
 * @property {(by: number) => void} zoomBy
 * @property {(colours: BaseColours) => void} paint
 * @property {(geojson: any) => void} overlay the site's own quays, runways, blocks
 * @property {(image: GroundImage | null) => void} image one picture on the ground, beneath all else
 * @property {() => Promise<(Blob | null)[]>} png what is drawn, lowest first
 * @property {() => void} destroy
 */

export const LEAST_ZOOM = 2;
export const MOST_ZOOM = 19;

/** Whether the browser can draw with WebGL2. */
export function hasWebGl() {
  try {
    const gl = document.createElement('canvas').getContext('webgl2');
    gl?.getExtension('WEBGL_lose_context')?.loseContext();
    return gl !== null;
  } catch {
    return false;
  }
}
