/** The lasting errors of a sensor, as learnt, and how they went. */

import { offset } from '../map/mercator.js';
import { errorChart } from './errorchart.js';
import { el } from './dom.js';
import { copyable, factList, part } from './facts.js';

const HISTORY_MS = 5000;
const SURE = 3;
const MOST_EVENTS = 8;
/** A time axis shorter than this needs seconds. */
const SHORT_MS = 600_000;

/** @typedef {import('../app.js').Page} Page */
/** @typedef {Record<string, number>} Errors range_m, range_scale, azimuth_deg, elevation_deg, clock_s, east_m, north_m */
/** @typedef {{state: string, errors: Errors, sigma: Errors}} Registration */
/** @typedef {{time_ms: number, event: string, errors: Errors, sigma: Errors}} Note */
/** @typedef {{name: string, least: number, unit: string, digits: number, times?: number}} Kind least: worth words */

/** @type {readonly Kind[]} */
const ERRORS = Object.freeze([
  { name: 'range_m', least: 2, unit: ' m', digits: 0 },
  { name: 'range_scale', least: 0.001, unit: ' %', digits: 2, times: 100 },
  { name: 'azimuth_deg', least: 0.05, unit: '°', digits: 2 },
  { name: 'elevation_deg', least: 0.05, unit: '°', digits: 2 },
  { name: 'clock_s', least: 0.02, unit: ' s', digits: 2 },
  { name: 'east_m', least: 5, unit: ' m', digits: 0 },
  { name: 'north_m', least: 5, unit: ' m', digits: 0 },
]);

/** A value with its unit. @param {Kind} kind @param {number} value */
function write({ unit, digits, times = 1 }, value) {
  return `${(times * value).toFixed(digits).replace('-', '−')}${unit}`;
}

/** Two standard deviations, rounded up: what is uncertain is never written as nothing. @param {Kind} kind @param {number} sigma */
function spread(kind, sigma) {
  const step = 10 ** kind.digits * (kind.times ?? 1);
  return `± ${write(kind, Math.ceil(2 * sigma * step - 1e-6) / step)}`.replaceAll(' ', '\u00a0');
}

/** @param {Kind} kind @param {Errors} errors @param {Errors} sigma */
function isSure({ name, least }, errors, sigma) {
  return Math.abs(errors[name]) > Math.max(least, SURE * (sigma[name] ?? 0));
}

/**
 * An error in words that say which way, with its uncertainty; or that there is none, and how sure that is.
 * @param {Page['text']} text @param {Kind} kind @param {Errors} errors @param {Errors} sigma
 */
function inWords(text, kind, errors, sigma) {
  const { name } = kind;
  const way = errors[name] < 0 ? 'minus' : 'plus';
  const words = isSure(kind, errors, sigma)
    ? text(`registration.${name}.${way}`, { n: write(kind, Math.abs(errors[name])) })
    : text('registration.none');
  return `${words} (${spread(kind, sigma[name])})`;
}

/**
 * Those errors of a sensor that are sure and worth words, with their uncertainty.
 * @param {Page['text']} text @param {Errors} errors @param {Errors} sigma
 */
export function sureErrors(text, errors, sigma) {
  return ERRORS.filter((kind) => isSure(kind, errors, sigma)).map((kind) => ({
    name: kind.name,
    shown: inWords(text, kind, errors, sigma),
  }));
}

/**
 * The part of a sensor's panel that tells its errors.
 * @param {Page} app @param {import('../state.js').Sensor} sensor
 */
export function registrationPart(app, sensor) {
  const { text } = app;
  const { registration } = sensor;
  if (!registration) return [];
  const { state, errors, sigma } = registration;
  const why = text('registration.sure.why');
  /** @type {import('./facts.js').Fact[]} */
  const found = sureErrors(text, errors, sigma).map(({ name, shown }) => [text(`registration.${name}`), shown, why]);
  if (state === 'displaced') found.push(placeFound(app, sensor, errors));
  return [
    part(
      text('registration.title'),
      el('p', { class: 'registration', 'data-registration': state }, el('strong', { text: text(`registration.${state}`) })),
      el('p', { class: 'quiet', text: text(`registration.${state}.why`) }),
      found.length > 0 && factList(found),
    ),
  ];
}

/**
 * Where a displaced sensor stands, to be copied into its description.
 * @param {Page} app @param {import('../state.js').Sensor} sensor @param {Errors} errors
 * @returns {import('./facts.js').Fact}
 */
function placeFound(app, { lat, lon }, { east_m, north_m }) {
  const azimuth_deg = (Math.atan2(-east_m, -north_m) * 180) / Math.PI;
  const place = offset(lat, lon, azimuth_deg, Math.hypot(east_m, north_m));
  return [app.text('registration.place'), copyable(app, app.format.position(...place)), app.text('registration.place.why')];
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
function history(app, notes) {
  const { text } = app;
  if (!notes.length) return [el('p', { class: 'quiet', text: text('registration.unknown.why') })];
  const last = notes[notes.length - 1];
  const short = last.time_ms - notes[0].time_ms < SHORT_MS;
  const charts = ERRORS.filter((kind) => notes.some(({ errors, sigma }) => isSure(kind, errors, sigma))).map((kind) =>
    errorChart({
      label: `${text(`registration.${kind.name}`)}: ${inWords(text, kind, last.errors, last.sigma)}`,
      times_ms: notes.map(({ time_ms }) => time_ms),
      values: notes.map(({ errors }) => errors[kind.name]),
      sigmas: notes.map(({ sigma }) => sigma[kind.name]),
      write: (value) => write(kind, value),
      clock: (ms) => app.format.clock(ms).slice(0, short ? 8 : 5),
    }),
  );
  return [
    ...(charts.length ? charts : [el('p', { class: 'quiet', text: text('registration.nothing') })]),
    charts.length > 0 && el('p', { class: 'quiet', text: text('registration.band') }),
    eventList(app, notes.filter(({ event }) => event).reverse()),
  ].filter((node) => node !== false);
}

/** What happened, the latest first. @param {Page} app @param {Note[]} events */
function eventList({ text, format }, events) {
  const lines = events
    .slice(0, MOST_EVENTS)
    .map(({ time_ms, event }) => `${format.clock(time_ms)} ${text(`registration.event.${event}`)}`);
  if (events.length > MOST_EVENTS) lines.push(text('registration.event.more', { n: events.length - MOST_EVENTS }));
  return el('ul', { class: 'list events' }, ...lines.map((line) => el('li', { text: line })));
}
