/**
 * The map of one site: base map, symbols, what belongs to them, and what a person does with it.
 *
 *     const map = createMap(element, app);     // app: see state.js; gives a MapView
 *     await map.ready;
 *
 * It reads `app.picture`, `app.now()`, `app.shown(row)` and `app.state` (selection, picked, hover, follow, isolate,
 * notices, sensors, places, bearings, operators, friends, identities, layers, filters, view, theme, dim, contrast, screenshot, draft, link,
 * time), redraws by itself when they change, and writes `selection`, `picked`, `hover`, `follow` (given up on a drag),
 * `draft`, `view` and `bounds`. Setting `view` moves it. The element dispatches `cursor` events whose `detail` is
 * {lat, lon} or null, and has the attribute `data-ready` once base map and a picture have been drawn.
 *
 * Colours come from CSS variables of the root element, see colours.js. Style sheets it brings along by itself.
 *
 * @module
 */
import { watchServer } from './server.js';
import { Stage } from './stage.js';
import { hasWebGl } from './surface.js';
import { createPlainSurface } from './surface-plain.js';

/** @typedef {import('../state.js').App} App */
/** @typedef {import('../state.js').MapView} MapView */

/**
 * How the map is doing; also by `document.getElementById('map').figures()`, for benchmarks and support. A `hurry` event
 * on that element asks for a frame at once.
 * @typedef {object} Figures
 * @property {number} framesPerS drawn in the last second
 * @property {number} drawMs of the last frame, in the page's own thread
 * @property {number} lagMs from the receipt of the newest report at the server to its pixels, median of the latest frames
 * @property {number} drawn objects on the screen @property {number} rows objects in the picture
 * @property {number} labels @property {boolean} webgl @property {number} malformed frames and messages
 */

/**
 * @param {HTMLElement} element
 * @param {App} app
 * @returns {MapView & {figures: () => Figures, repaint: () => void, destroy: () => void}}
 */
export function createMap(element, app) {
  bringSheet('../../vendor/maplibre-gl/maplibre-gl.css');
  bringSheet('../../styles/map.css');
  const stage = new Stage(element, app);
  Object.assign(element, { figures: () => stage.figures() });
  element.addEventListener('hurry', () => stage.refresh());
  const ready = start(stage, element);
  /** @type {() => void} */
  let end = () => {};
  void ready.then(() => {
    end = watchServer(app, stage);
  });
  return {
    goTo: (view) => stage.surface?.goTo(view),
    fit: (points) => stage.surface?.fit(points),
    zoomBy: (by) => stage.surface?.zoomBy(by),
    png: () => stage.png(),
    figures: () => stage.figures(),
    repaint: () => stage.refresh(),
    ready,
    destroy() {
      end();
      stage.destroy();
    },
  };
}

/** @param {Stage} stage @param {HTMLElement} element */
async function start(stage, element) {
  const plain = new URLSearchParams(location.search).has('canvas') || !hasWebGl();
  const create = plain ? createPlainSurface : (await import('./surface-gl.js')).createGlSurface;
  element.dataset.surface = plain ? 'canvas' : 'webgl';
  stage.begin(create);
  await stage.surface?.ready;
}

/** @param {string} path */
function bringSheet(path) {
  const { href } = new URL(path, import.meta.url);
  if (document.head.querySelector(`link[href="${href}"]`)) return;
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href }));
}
