/**
 * The page of the map: brings together the store, the feed, the map and the panels, and starts them.
 *
 * Nothing is shown before the server has said who asks and for which site; without a session the login page comes.
 */

import { ApiError, createApi } from './api.js';
import { mirror, readHabits } from './address.js';
import { createCommands } from './commands.js';
import { connect } from './feed.js';
import { loadLanguage, translate } from './i18n/catalogue.js';
import { listenToKeys } from './keys.js';
import { createMap } from './map/index.js';
import { passes } from './panels/filter.js';
import { mountPanels, nameMap } from './panels/layout.js';
import { followTime } from './past.js';
import { Picture } from './picture.js';
import { watchSensorsOf } from './provenance.js';
import { readAddress } from './query.js';
import { Sound } from './sound.js';
import { State } from './state.js';
import { Format } from './units.js';

/** @typedef {'viewer'|'officer'|'integrator'|'administrator'} Role */
/** Who may do what: a role may do what those it holds may. */
const HOLDS = /** @type {Record<Role, Role[]>} */ ({
  viewer: ['viewer'],
  officer: ['viewer', 'officer'],
  integrator: ['viewer', 'integrator'],
  administrator: ['viewer', 'officer', 'integrator', 'administrator'],
});

/**
 * @typedef {object} Extras what panels share beside the App
 * @property {import('./api.js').Api} api
 * @property {Format} format
 * @property {Sound} sound
 * @property {EventTarget} alarms dispatches 'alarm' with the level of a new live warning
 * @property {import('./commands.js').Commands} commands
 * @property {() => number} serverNow UTC ms of the server's clock, also while the past is shown
 * @property {Set<number>} busy calls being acknowledged
 * @property {(role: Role) => boolean} may whether who is signed in may do what needs this role
 * @property {(words: string) => void} say tell the person something briefly
 * @property {(problem: unknown) => string} problem an error as a sentence
 * @property {(work: () => Promise<unknown>, done?: string) => Promise<boolean>} attempt do it, and say what went wrong
 * @property {(notice: import('./state.js').Notice) => string[]} sensorsOf sensors that see its object, as far as known
 * @property {HTMLInputElement|null} searchField
 */
/** @typedef {import('./state.js').App & Extras} Page */

/** @param {State} state */
function createPage(state) {
  const text = (/** @type {string} */ key, /** @type {Record<string, string|number>} */ values = {}) =>
    translate(state.get('language'), key, values);
  /** @type {Page} */
  const app = /** @type {any} */ ({
    state,
    text,
    map: null,
    picture: new Picture(),
    alarms: new EventTarget(),
    busy: new Set(),
    searchField: null,
  });
  app.format = new Format(app);
  app.api = createApi(() => state.get('session')?.csrf ?? '');
  app.sound = new Sound(() => state.get('muted'));
  app.shown = (row) => passes(app.picture, row, state.values);
  app.may = (role) => HOLDS[state.get('session')?.role ?? 'viewer'].includes(role);
  app.say = (words) => state.dispatchEvent(new CustomEvent('say', { detail: words }));
  app.problem = (problem) => {
    if (!(problem instanceof ApiError)) return problem instanceof Error ? problem.message : String(problem);
    if (problem.status === 0) return text('problem.unreachable');
    return text('problem.server', { words: problem.message });
  };
  app.attempt = async (work, done) => {
    try {
      await work();
      if (done) app.say(done);
      return true;
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 401) toLogin();
      app.say(app.problem(problem));
      return false;
    }
  };
  app.commands = createCommands(app);
  return app;
}

function toLogin() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Take in the feed's text messages. @param {Page} app */
function createReader(app) {
  const { state, sound } = app;
  let first = true; // notices that stood when the page opened are known, not news
  /** @type {Record<string, (message: any) => void>} */
  const readers = {
    identities: ({ from, names }) => state.set('identities', [...state.get('identities').slice(0, from), ...names]),
    notices: ({ notices }) => {
      sound.hear(notices, first);
      first = false;
      state.set('notices', notices);
    },
    sensors: ({ sensors }) => state.set('sensors', sensors),
    places: ({ places }) => state.set('places', places),
    bearings: ({ lines }) => state.set('bearings', lines),
    operators: ({ operators }) => state.set('operators', operators),
    friends: ({ friends }) => state.set('friends', friends),
    status: (message) => state.set('status', message),
    event: (message) => {
      const urgent = message.level === 'warning' || message.level === 'imminent';
      if (state.get('time').mode === 'past' && urgent && (message.kind === 'raised' || message.kind === 'level'))
        hearEvent(app, message);
    },
  };
  return (/** @type {{type: string}} */ message) => readers[message.type]?.(message);
}

/** A live warning while the past is shown: it sounds and says so all the same. @param {Page} app @param {any} event */
function hearEvent(app, event) {
  const news = app.sound.hear(
    [/** @type {any} */ ({ call: event.call, level: event.level, ended_ms: null, acknowledged: null })],
    false,
  );
  if (news) app.alarms.dispatchEvent(new CustomEvent('alarm', { detail: news }));
}

/** Sound from the first click or key on, as browsers allow it. @param {Page} app */
function allowSound({ sound }) {
  for (const type of ['pointerdown', 'keydown']) {
    addEventListener(type, () => void (sound.blocked && sound.allow()), { capture: true });
  }
}

/**
 * Across restarts of the server: a session that is over leads to the login, a new one is taken over, and a page of another
 * version is loaded anew.
 * @param {Page} app
 */
function watchSession({ state, api }) {
  let lost = false;
  state.on('link', async ({ state: link }) => {
    if (link === 'open' && !lost) return;
    lost = link !== 'open';
    try {
      state.set('session', await api.get('/api/session'));
      if (lost) return;
      const site = await api.get('/api/site');
      if (site.version !== state.get('site')?.version) location.reload();
      state.set('site', site);
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 401) toLogin();
    }
  });
}

/** Language and theme of the document, and the panels made anew when the language changes. @param {Page} app */
async function mountInLanguage(app) {
  const { state } = app;
  /** @type {(() => void)|null} */
  let end = null;
  const mount = () => {
    document.documentElement.lang = state.get('language');
    document.title = `${state.get('site')?.name ?? ''} – lowsky`;
    end?.();
    end = mountPanels(app);
  };
  await loadLanguage(state.get('language'));
  mount();
  state.on('language', async (language) => {
    await loadLanguage(language);
    if (language === state.get('language')) mount();
  });
}

/** @param {State} state */
function showTheme(state) {
  const show = () => {
    document.documentElement.dataset.theme = state.get('theme');
  };
  state.on('theme', show);
  show();
}

/** @param {Page} app @param {HTMLElement} element */
function startMap(app, element) {
  try {
    app.map = createMap(element, app);
    nameMap(app);
  } catch (problem) {
    // Without WebGL the lists still tell all there is to know.
    app.state.dispatchEvent(new CustomEvent('say', { detail: app.text('map.none') }));
    element.dataset.problem = problem instanceof Error ? problem.message : String(problem);
    element.dataset.words = app.text('map.none');
  }
}

/** A person's own language at the first visit. */
function browserLanguage() {
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

async function start() {
  const wanted = readAddress(location.search);
  const own = { ...readHabits(), ...wanted };
  const state = new State({ language: browserLanguage(), ...own });
  showTheme(state);
  const app = createPage(state);
  await loadLanguage(state.get('language'));
  state.set('session', await app.api.get('/api/session'));
  const site = await app.api.get('/api/site');
  state.set('site', site);
  if (!own.language && browserLanguage() !== 'ko') state.set('language', site.language);
  if (!own.units) state.set('units', site.units);
  if (!state.get('view')) state.set('view', site.view);
  const feed = connect({ picture: app.picture, onText: createReader(app), onState: (link) => state.set('link', link) });
  app.serverNow = feed.nowMs;
  app.now = feed.nowMs;
  state.on('time', ({ mode }) => {
    if (mode !== 'past') return; // the recording has none of these; back live they come anew
    state.set('bearings', []);
    state.set('operators', []);
    state.set('friends', []);
  });
  const past = followTime({ app, feed });
  app.now = past.nowMs;
  app.sensorsOf = watchSensorsOf(app);
  await mountInLanguage(app);
  startMap(app, /** @type {HTMLElement} */ (document.getElementById('map')));
  allowSound(app);
  watchSession(app);
  listenToKeys(/** @type {any} */ (app.commands));
  mirror(state);
}

start().catch((problem) => {
  if (problem instanceof ApiError && problem.status === 401) return toLogin();
  const place = document.getElementById('start');
  if (place) place.textContent = problem instanceof Error ? problem.message : String(problem);
  setTimeout(() => location.reload(), 5000);
});
