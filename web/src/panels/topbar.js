/**
 * The line above all: which site, live or not, what time it is, how old the newest report is, how the sensors are, and
 * the switches for language, night, units, sound, display, account and help.
 */

import { attribute, el, put } from './dom.js';
import { controlIcon, sensorIcon } from './icons.js';
import { createAccount } from './account.js';

const TICK_MS = 200;
const OLD_MS = 5000;
/** More sensors than this are shown as counts by state. */
const MOST_DOTS = 16;
/** More states than this have no room for their words on a narrow screen; their signs and counts stay. */
const MOST_WORDS = 2;
const NARROW = matchMedia('(max-width: 700px)');
const STATES = ['faulty', 'silent', 'garbled', 'off_in_time', 'late', 'unknown', 'well'];

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope */
export function createTopbar(app, scope) {
  const { state, text } = app;
  const site = el('h1', { class: 'site' });
  const sensors = el('div', { class: 'sensors', role: 'group', 'aria-label': text('sensors.title') });
  scope.show(['site'], () => put(site, state.get('site')?.name ?? 'lowsky'));
  scope.show(['sensors', 'link'], () => showSensors(app, sensors));
  scope.listen(NARROW, 'change', () => showSensors(app, sensors));
  return el('header', { class: 'topbar' }, site, createClock(app, scope), sensors, createSwitches(app, scope));
}

/** @param {Page} app @param {import('./dom.js').Scope} scope */
function createClock(app, scope) {
  const { state, text, format } = app;
  const beat = el('span', { class: 'beat', 'aria-hidden': 'true' });
  const mode = el('span');
  const chip = el('span', { class: 'mode' }, beat, mode);
  const utc = el('time', { class: 'utc', title: text('clock.utc') });
  const local = el('time', { class: 'local', title: text('clock.local') });
  const newest = el('span', { class: 'newest', title: text('newest.why') });
  scope.every(TICK_MS, () => {
    const now_ms = app.now();
    const status = state.get('status');
    const live = state.get('time').mode === 'live';
    const link = state.get('link').state;
    const known = live ? link : 'past';
    attribute(chip, 'data-mode', known);
    put(mode, text(`mode.${known}`));
    put(utc, format.clock(now_ms));
    put(local, format.local(now_ms));
    local.hidden = new Date(now_ms).getTimezoneOffset() === 0;
    const age_ms = status?.newest_report_ms ? app.serverNow() - status.newest_report_ms : null;
    put(
      newest,
      age_ms === null ? text('newest.none') : text(live ? 'newest' : 'newest.live', { time: format.age(age_ms) }),
    );
    newest.dataset.old = String(age_ms === null || age_ms > OLD_MS);
  });
  scope.on('status', () => beat.classList.toggle('now'));
  return el('div', { class: 'clock' }, chip, utc, local, newest);
}

/** @param {Page} app @param {HTMLElement} parent */
function showSensors(app, parent) {
  const { state, text } = app;
  const sensors = state.get('sensors');
  const lost = state.get('link').state !== 'open';
  const stateOf = (/** @type {import('../state.js').Sensor} */ sensor) => (lost ? 'unknown' : sensor.state);
  if (sensors.length > MOST_DOTS || NARROW.matches) {
    const counts = STATES.map((word) => [word, sensors.filter((sensor) => stateOf(sensor) === word).length]).filter(
      ([, n]) => n,
    );
    const signature = JSON.stringify(counts);
    if (parent.dataset.shown === signature) return;
    parent.dataset.shown = signature;
    parent.replaceChildren(
      ...counts.map(([word, n]) => {
        const name = text(`sensor.${word}`);
        const shown = NARROW.matches && counts.length > MOST_WORDS ? el('span', { class: 'unseen', text: name }) : name;
        return el('span', { class: 'dot', 'data-state': word, title: name }, sensorIcon(String(word)), `${n} `, shown);
      }),
    );
    return;
  }
  const signature = JSON.stringify(sensors.map((sensor) => [sensor.id, stateOf(sensor)]));
  if (parent.dataset.shown === signature) return;
  parent.dataset.shown = signature;
  parent.replaceChildren(
    ...sensors.map((sensor) => {
      const label = `${sensor.id}: ${text(`sensor.${stateOf(sensor)}`)}`;
      const press = () => app.commands.chooseSensor(sensor.id);
      return el(
        'button',
        {
          type: 'button',
          class: 'dot',
          'data-state': stateOf(sensor),
          title: label,
          'aria-label': label,
          on: { click: press },
        },
        sensorIcon(stateOf(sensor)),
      );
    }),
  );
}

/** @param {Page} app @param {import('./dom.js').Scope} scope */
function createSwitches(app, scope) {
  const { state, text, commands } = app;
  const other = state.get('language') === 'en' ? 'ko' : 'en';
  const language = el('button', {
    type: 'button',
    class: 'word-button',
    lang: other,
    text: text('language.other'),
    on: { click: () => state.set('language', other) },
  });
  const units = el('button', { type: 'button', class: 'word-button', on: { click: commands.units } });
  const night = iconButton(text('switch.night'), 'n', commands.night);
  const mute = iconButton('', 'm', commands.mute);
  const display = iconButton(text('switch.display'), 'd', commands.display);
  display.append(controlIcon('display'));
  const help = iconButton(text('switch.help'), '?', commands.help);
  help.append(controlIcon('help'));
  scope.show(['units'], () => {
    const name = text(`units.${state.get('units')}`);
    put(units, name);
    attribute(units, 'aria-label', text('switch.units', { units: name }));
    attribute(units, 'title', text('switch.units', { units: name }));
  });
  scope.show(['theme'], () => night.replaceChildren(controlIcon(state.get('theme') === 'night' ? 'sun' : 'moon')));
  const showMute = () => {
    const silent = state.get('muted') || app.sound.blocked;
    const label = state.get('muted')
      ? text('switch.muted')
      : app.sound.blocked
        ? text('switch.blocked')
        : text('switch.sound');
    mute.replaceChildren(
      controlIcon(silent ? 'mute' : 'sound'),
      el('span', { class: 'muted-word', text: state.get('muted') ? text('muted') : silent ? text('sound.allow') : '' }),
    );
    mute.dataset.silent = String(silent);
    attribute(mute, 'title', `${label} (m)`);
    attribute(mute, 'aria-label', label);
    attribute(mute, 'aria-pressed', String(state.get('muted')));
  };
  scope.show(['muted'], showMute);
  scope.listen(app.sound, 'change', showMute);
  return el(
    'nav',
    { class: 'switches', 'aria-label': text('switches') },
    mute,
    units,
    language,
    night,
    display,
    createAccount(app, scope),
    help,
  );
}

/** @param {string} label @param {string} key @param {() => void} press */
function iconButton(label, key, press) {
  return el('button', {
    type: 'button',
    class: 'icon-button',
    title: `${label} (${key})`,
    'aria-label': label,
    'aria-keyshortcuts': key,
    on: { click: press },
  });
}
