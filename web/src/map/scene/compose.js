/**
 * Draws from the store what lies under the objects: places, bearings, sensors, people, a place being drawn, predicted paths.
 *
 * @module
 */
import { drawBearings, drawGraticule, drawPlaces, drawSensors } from './ground.js';
import { drawPaths } from './paths.js';
import { drawFriends, drawOperators } from './people.js';

/** @typedef {import('../../state.js').App} App */
/** @typedef {import('../../state.js').Notice} Notice */
/** @typedef {import('../cast.js').Cast} Cast */
/** @typedef {import('../colours.js').Colours} Colours */
/** @typedef {import('../mercator.js').Camera} Camera */
/** @typedef {import('../painter.js').Painter} Painter */
/** @typedef {{app: App, cast: Cast, colours: Colours}} Scene */

/** @param {Painter} painter @param {Camera} camera @param {Scene} scene @param {number} nowMs */
export function composeGround(painter, camera, { app: { state, picture }, cast, colours }, nowMs) {
  const selection = state.get('selection');
  const layers = state.get('layers');
  const idOf = (/** @type {string} */ type) => (selection?.type === type ? String(selection.id) : null);
  drawGraticule(painter, camera, colours.rgb.graticule);
  if (layers.places) drawPlaces(painter, camera, state.get('places'), colours, idOf('place'), cast.threatened(colours));
  if (layers.bearings) {
    const sensors = new Map(state.get('sensors').map((sensor) => [sensor.id, sensor]));
    drawBearings(painter, camera, state.get('bearings'), sensors, colours.rgb.bearing, nowMs);
  }
  if (layers.sensors) drawSensors(painter, camera, state.get('sensors'), colours, idOf('sensor'));
  if (layers.people) {
    const operators = state.get('operators');
    drawOperators(painter, camera, operators, picture, state.get('identities'), colours, nowMs, cast.chosen());
    drawFriends(painter, camera, state.get('friends'), colours, nowMs);
  }
  drawDraft(painter, camera, state.get('draft') ?? [], colours);
}

/** @param {Painter} painter @param {Camera} camera @param {{lat: number, lon: number}[]} draft @param {Colours} colours */
function drawDraft(painter, camera, draft, { rgb }) {
  const points = draft.flatMap(({ lat, lon }) => camera.project(lat, lon));
  if (draft.length > 1) painter.line(points, 2, rgb.focus, 1, 5, draft.length > 2);
  for (let i = 0; i < points.length; i += 2) painter.ring(points[i], points[i + 1], 4, 4, 0, 2, rgb.focus, 1);
}

/** @param {Painter} painter @param {Camera} camera @param {Scene} scene @param {number} nowMs */
export function composePaths(painter, camera, { app, cast, colours }, nowMs) {
  const selection = app.state.get('selection');
  const chosen = (/** @type {Notice} */ notice) =>
    (selection?.type === 'notice' && selection.id === notice.notice) ||
    (selection?.type === 'call' && selection.id === notice.call) ||
    (selection?.type === 'object' && selection.id === notice.track);
  const shown = app.state.get('isolate') ? cast.standing.filter(chosen) : cast.standing;
  drawPaths(painter, camera, shown, app.picture, { nowMs, colours, chosen });
}
