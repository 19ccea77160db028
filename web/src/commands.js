/**
 * What a person can do, by key, button or row alike. Each answers at once on the page; what the server must know is sent
 * behind it, and said if it fails.
 */

import { noticeCommands } from './noticecommands.js';
import { openHelp } from './panels/help.js';
import { LIVE } from './state.js';

const CLOSE_ZOOM = 14;
const STEP_MS = 1000;
const COVERAGE_M = 100;

/** @typedef {import('./app.js').Page} Page */

/** @param {Page} app */
export function createCommands(app) {
  return {
    ...noticeCommands(app),
    ...objectCommands(app),
    ...mapCommands(app),
    ...timeCommands(app),
    ...pageCommands(app),
  };
}

/** @typedef {ReturnType<typeof createCommands>} Commands */

/** @param {Page} app */
function objectCommands(app) {
  const { state } = app;
  return {
    chooseObject: (/** @type {number} */ number, /** @type {boolean} */ also) => {
      const picked = state.get('picked');
      if (!also) {
        state.set('picked', []);
        state.set('selection', { type: 'object', id: number });
      } else
        state.set('picked', picked.includes(number) ? picked.filter((one) => one !== number) : [...picked, number]);
    },
    closeUpObject: (/** @type {number} */ number) => {
      const row = app.picture.rowOf(number);
      if (row < 0 || !app.picture.placed(row)) return app.say(app.text('object.noPosition'));
      const { lat, lon } = app.picture.place(row, app.now());
      app.map?.goTo({ lat, lon, zoom: Math.max(CLOSE_ZOOM, state.get('view')?.zoom ?? 0) });
    },
    chooseSensor: (/** @type {string} */ id) => {
      state.set('selection', { type: 'sensor', id });
      const sensor = state.get('sensors').find((one) => one.id === id);
      const bounds = state.get('bounds');
      const seen =
        sensor &&
        bounds &&
        sensor.lat < bounds.north &&
        sensor.lat > bounds.south &&
        sensor.lon < bounds.east &&
        sensor.lon > bounds.west;
      if (sensor && !seen) app.map?.goTo({ lat: sensor.lat, lon: sensor.lon });
    },
  };
}

/** @param {Page} app */
function mapCommands(app) {
  const { state, text } = app;
  const turn = (/** @type {'follow'|'isolate'} */ key) => {
    if (!state.get('selection') && !state.get(key)) return app.say(text('select.first'));
    state.set(key, !state.get(key));
    app.say(text(`${key}.${state.get(key) ? 'on' : 'off'}`));
  };
  return {
    labels: () => {
      const labels = /** @type {0|1|2} */ ((state.get('layers').labels + 1) % 3);
      state.change('layers', { labels });
      app.say(`${text('display.labels')}: ${text(`labels.${labels}`)}`);
    },
    trails: () => {
      const words = /** @type {const} */ (['off', 'plain', 'height']);
      const trails = words[(words.indexOf(state.get('layers').trails) + 1) % 3];
      state.change('layers', { trails });
      app.say(`${text('display.trails')}: ${text(`trails.${trails}`)}`);
    },
    coverage: () => {
      const coverageHeightM = state.get('layers').coverageHeightM ? 0 : COVERAGE_M;
      state.change('layers', { coverageHeightM });
      app.say(
        `${text('display.coverageHeightM')}: ${coverageHeightM ? app.format.height(coverageHeightM) : text('off')}`,
      );
    },
    people: () => {
      const people = !state.get('layers').people;
      state.change('layers', { people });
      app.say(`${text('display.people')}: ${text(people ? 'on' : 'off')}`);
    },
    home: () => {
      const view = state.get('site')?.view;
      state.set('follow', false);
      if (view) app.map?.goTo(view);
    },
    follow: () => turn('follow'),
    isolate: () => turn('isolate'),
    zoomIn: () => app.map?.zoomBy(1),
    zoomOut: () => app.map?.zoomBy(-1),
  };
}

/** @param {Page} app */
function timeCommands(app) {
  const { state } = app;
  /** Paused out of the live picture, Space leads back there; after scrubbing it plays. */
  let leftLive = false;
  const goLive = () => {
    leftLive = false;
    state.set('time', { ...LIVE, speed: state.get('time').speed });
  };
  const goToTime = (
    /** @type {number} */ atMs,
    playing = state.get('time').mode === 'past' && state.get('time').playing,
  ) => {
    leftLive = false;
    state.change('time', { mode: 'past', atMs: Math.min(atMs, app.serverNow()), playing });
  };
  const stepTime = (/** @type {number} */ by_ms) => {
    const { mode } = state.get('time');
    if (mode === 'live' && by_ms > 0) return;
    const at_ms = (mode === 'live' ? Math.floor(app.now() / STEP_MS) * STEP_MS : app.now()) + by_ms;
    if (at_ms >= app.serverNow()) goLive();
    else goToTime(at_ms, false);
  };
  return {
    goLive,
    live: goLive,
    goToTime,
    stepTime,
    pause: () => {
      const { mode, playing } = state.get('time');
      if (mode === 'live') {
        goToTime(app.now(), false);
        leftLive = true;
      } else if (!playing && leftLive) goLive();
      else state.change('time', { playing: !playing, atMs: app.now() });
    },
    stepBack: () => stepTime(-STEP_MS),
    stepOn: () => stepTime(STEP_MS),
  };
}

/** @param {Page} app */
function pageCommands(app) {
  const { state, text } = app;
  return {
    mute: () => {
      void app.sound.allow();
      state.set('muted', !state.get('muted'));
      app.say(text(state.get('muted') ? 'switch.muted' : 'switch.sound'));
    },
    night: () => state.set('theme', state.get('theme') === 'night' ? 'day' : 'night'),
    units: () => state.set('units', state.get('units') === 'metric' ? 'nautical' : 'metric'),
    display: () => {
      const open = state.get('panel') === 'display' && !state.get('selection');
      state.set('panel', open ? '' : 'display');
      if (!open) state.set('selection', null);
    },
    help: () => openHelp(app),
    search: () => {
      state.set('kiosk', false);
      app.searchField?.focus();
      app.searchField?.select();
    },
    back: () => {
      if (document.activeElement === app.searchField) app.searchField?.blur();
      else if (state.get('selection')) {
        state.set('selection', null);
        state.set('picked', []);
        state.set('follow', false);
        state.set('isolate', false);
      } else if (state.get('panel')) state.set('panel', '');
      else if (state.get('kiosk')) state.set('kiosk', false);
      else if (state.get('time').mode === 'past') timeCommands(app).goLive();
    },
    drill: (/** @type {boolean} */ on) => app.attempt(() => app.api.post('/api/drill', { on })),
    signOut: async () => {
      await app.attempt(() => app.api.remove('/api/session'));
      location.assign('/login');
    },
  };
}
