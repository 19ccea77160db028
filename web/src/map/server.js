/**
 * What the map asks the server for by itself: where objects have been before the page opened, the site's overlay, and the
 * coverage of the sensors at a height.
 *
 * @module
 */
import { veil } from './coverage.js';

/** @typedef {import('../state.js').App} App */
/** @typedef {import('./stage.js').Stage} Stage */

/** Sensors come and go: what they would not see is asked again so often. */
const COVERAGE_EVERY_MS = 20_000;

/**
 * @param {App} app
 * @param {Stage} stage
 * @returns {() => void} ends it
 */
export function watchServer(app, stage) {
  const { state } = app;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = 0;
  const showCoverage = async () => {
    clearTimeout(timer);
    const heightM = state.get('layers').coverageHeightM;
    asked += 1;
    const question = asked;
    const answer = heightM > 0 ? await ask(`/api/coverage?height_m=${heightM}`) : null;
    if (question !== asked) return;
    stage.surface?.image(answer ? veil(answer, stage.colours.rgb.coverage) : null);
    if (heightM > 0) timer = setTimeout(showCoverage, COVERAGE_EVERY_MS);
  };
  let heightM = 0;
  const offs = [
    state.on('layers', (layers) => {
      if (layers.coverageHeightM === heightM) return;
      heightM = layers.coverageHeightM;
      void showCoverage();
    }),
    state.on('theme', () => void showCoverage()),
  ];
  heightM = state.get('layers').coverageHeightM;
  if (heightM > 0) void showCoverage();
  void loadTrails(app, stage);
  void loadOverlay(app, stage);
  return () => {
    clearTimeout(timer);
    asked += 1;
    for (const off of offs) off();
  };
}

/** @param {App} app @param {Stage} stage */
async function loadTrails({ state }, stage) {
  if (state.get('time').mode !== 'live') return;
  const answer = await ask(`/api/trails?minutes=${state.get('layers').trailMinutes}`);
  const trails = Array.isArray(answer) ? answer : answer?.trails;
  if (Array.isArray(trails) && state.get('time').mode === 'live') stage.trails.load(trails);
}

/** @param {App} app @param {Stage} stage */
async function loadOverlay({ state }, stage) {
  const address = /** @type {{overlay?: string | null} | null} */ (state.get('site'))?.overlay;
  if (!address) return;
  const geojson = await ask(address);
  if (geojson) stage.surface?.overlay(geojson);
}

/** @param {string} path of this server @returns {Promise<any>} null when there is no such answer */
async function ask(path) {
  const url = new URL(path, location.href);
  if (url.origin !== location.origin) return null;
  try {
    const answer = await fetch(url, { credentials: 'same-origin' });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
