/** The lasting errors of a sensor, as learnt, and how they went. */

import { errorChart } from './errorchart.js';
import { el } from './dom.js';
import { factList, part } from './facts.js';

const HISTORY_MS = 5000;
const SURE = 3;

/** @typedef {import('../app.js').Page} Page */
/** @typedef {Record<string, number>} Errors range_m, range_scale, azimuth_deg, elevation_deg, clock_s, east_m, north_m */
/** @typedef {{state: string, errors: Errors, sigma: Errors}} Registration */
/** @typedef {{time_ms: number, event: string, errors: Errors, sigma: Errors}} Note */

/** Lasting errors with their least that is worth words and how they are written. */
const ERRORS = Object.freeze([
  { name: 'range_m', least: 2, write: (/** @type {number} */ v) => `${v.toFixed(0)} m` },
  { name: 'range_scale', least: 0.001, write: (/** @type {number} */ v) => `${(100 * v).toFixed(2)} %` },
  { name: 'azimuth_deg', least: 0.05, write: (/** @type {number} */ v) => `${v.toFixed(2)}°` },
  { name: 'elevation_deg', least: 0.05, write: (/** @type {number} */ v) => `${v.toFixed(2)}°` },
  { name: 'clock_s', least: 0.02, write: (/** @type {number} */ v) => `${v.toFixed(2)} s` },
  { name: 'east_m', least: 5, write: (/** @type {number} */ v) => `${v.toFixed(0)} m` },
  { name: 'north_m', least: 5, write: (/** @type {number} */ v) => `${v.toFixed(0)} m` },
]);

/**
 * Those errors of a sensor that are sure and worth words, with their uncertainty.
 * @param {Errors} errors @param {Errors} sigma
 */
export function sureErrors(errors, sigma) {
  return ERRORS.filter(
    ({ name, least }) => Math.abs(errors[name]) > Math.max(least, SURE * (sigma[name] ?? 0)),
  ).map(({ name, write }) => ({ name, shown: `${write(errors[name])} ± ${write(sigma[name])}` }));
}

/** The part of a sensor's health that tells its errors. @param {Page} app @param {Registration|null} registration */
export function registrationPart({ text }, registration) {
  if (!registration) return [];
  const found = sureErrors(registration.errors, registration.sigma);
  return [
    part(
      text('registration.title'),
      el(
        'p',
        { class: 'registration', 'data-registration': registration.state },
        el('strong', { text: text(`registration.${registration.state}`) }),
      ),
      el('p', { class: 'quiet', text: text(`registration.${registration.state}.why`) }),
      ...(found.length ? [factList(found.map(({ name, shown }) => [text(`registration.${name}`), shown]))] : []),
    ),
  ];
}

/**
 * The history of a sensor's errors as small charts, and its events, renewed while it is open.
 * @param {Page} app @param {import('./dom.js').Scope} scope @param {string} id @param {() => boolean} alive
 */
export function createHistory(app, scope, id, alive) {
  const element = el('div');
  const show = async () => {
    try {
      const { notes } = await app.api.get(`/api/sensors/${encodeURIComponent(id)}/registration`);
      if (alive()) element.replaceChildren(...history(app, notes));
    } catch (problem) {
      if (alive()) element.replaceChildren(el('p', { class: 'problem', text: app.problem(problem) }));
    }
  };
  scope.every(HISTORY_MS, () => void show());
  return element;
}

/** @param {Page} app @param {Note[]} notes oldest first */
function history({ text, format }, notes) {
  const charts = ERRORS.filter(({ name, least }) => notes.some(({ errors }) => Math.abs(errors[name]) > least)).map(
    ({ name, write }) =>
      errorChart({
        title: text(`registration.${name}`),
        times_ms: notes.map(({ time_ms }) => time_ms),
        values: notes.map(({ errors }) => errors[name]),
        sigmas: notes.map(({ sigma }) => sigma[name]),
        write,
        clock: (ms) => format.clock(ms).slice(0, 5),
      }),
  );
  const events = notes.filter(({ event }) => event).reverse();
  return [
    ...(charts.length ? charts : [el('p', { class: 'quiet', text: text('registration.nothing') })]),
    ...(events.length
      ? [
          el(
            'ul',
            { class: 'events' },
            ...events.map(({ time_ms, event }) =>
              el('li', { text: `${format.clock(time_ms).slice(0, 8)} ${text(`registration.event.${event}`)}` }),
            ),
          ),
        ]
      : []),
  ];
}
