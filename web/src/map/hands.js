/**
 * What a person does on the map: with a pointer select, mark several, draw, zoom in, look where the cursor is; with the
 * arrow keys move it while it has the focus.
 *
 * @module
 */
import { groundAt, objectAt } from './pick.js';
import { listenToPointer } from './pointer.js';

/** Part of the view that an arrow key moves it by. */
const STEP = 0.25;
const ARROWS = /** @type {Record<string, [x: number, y: number]>} */ ({
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
});

/** @typedef {Pick<import('./stage.js').Stage, 'app' | 'element' | 'surface' | 'drawn'>} Scene */

/** @param {Scene} scene @returns {() => void} ends it */
export function listenToHands(scene) {
  const { app, element } = scene;
  const { state } = app;
  const end = listenToPointer(element, {
    click: (x, y, reach, add) => click(scene, x, y, reach, add),
    hover: (x, y, reach) => hover(scene, x, y, reach),
    leave() {
      state.set('hover', null);
      element.dispatchEvent(new CustomEvent('cursor', { detail: null }));
    },
    twice(x, y) {
      const camera = scene.surface?.camera();
      if (camera && !state.get('draft')) scene.surface?.goTo({ ...camera.unproject(x, y), zoom: camera.zoom + 1 });
    },
  });
  const drag = (/** @type {PointerEvent} */ event) => {
    if (event.buttons === 1 && event.target instanceof HTMLCanvasElement && state.get('follow')) state.set('follow', false);
  };
  const key = (/** @type {KeyboardEvent} */ event) => pan(scene, event);
  element.addEventListener('pointermove', drag);
  element.addEventListener('keydown', key);
  return () => {
    end();
    element.removeEventListener('pointermove', drag);
    element.removeEventListener('keydown', key);
  };
}

/** @param {Scene} scene @param {number} x @param {number} y @param {number} reach @param {boolean} add */
function click({ app, surface, drawn }, x, y, reach, add) {
  const { state, picture } = app;
  const camera = surface?.camera();
  if (!camera) return;
  const draft = state.get('draft');
  if (draft) return state.set('draft', [...draft, camera.unproject(x, y)]);
  const number = objectAt(drawn, picture, x, y, reach);
  if (number === null) {
    const layers = state.get('layers');
    const sensors = layers.sensors ? state.get('sensors') : [];
    state.set('picked', []);
    return state.set('selection', groundAt(camera, sensors, layers.places ? state.get('places') : [], x, y, reach));
  }
  const picked = state.get('picked');
  if (add) return state.set('picked', picked.includes(number) ? picked.filter((one) => one !== number) : [...picked, number]);
  state.set('picked', []);
  state.set('selection', { type: 'object', id: number });
}

/** @param {Scene} scene @param {number} x @param {number} y @param {number} reach */
function hover({ app, element, surface, drawn }, x, y, reach) {
  const { state, picture } = app;
  const camera = surface?.camera();
  if (!camera) return;
  const number = objectAt(drawn, picture, x, y, reach);
  state.set('hover', number);
  element.style.setProperty('--map-cursor', state.get('draft') ? 'crosshair' : number === null ? '' : 'pointer');
  element.dispatchEvent(new CustomEvent('cursor', { detail: camera.unproject(x, y) }));
}

/** @param {Scene} scene @param {KeyboardEvent} event */
function pan({ app, surface }, event) {
  const camera = surface?.camera();
  const way = ARROWS[event.key];
  if (!camera || !way || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  app.state.set('follow', false);
  surface?.goTo(camera.unproject(camera.width * (0.5 + way[0]), camera.height * (0.5 + way[1])));
}
