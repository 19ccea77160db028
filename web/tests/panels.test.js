/** Calls, filters, units, keys, sounds and files, without a browser. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { translate } from '../src/i18n/catalogue.js';
import { KEYS, actionOf, characterOf } from '../src/keys.js';
import { niceRange } from '../src/panels/chart.js';
import { callInHand, groupByCall, groupByPlace, selectedCall } from '../src/panels/calls.js';
import { csv } from '../src/panels/columns.js';
import { filtersOn, inBounds, passes } from '../src/panels/filter.js';
import { mostOf, ratesOf } from '../src/panels/links.js';
import { readPoints } from '../src/panels/placeseditor.js';
import { sureErrors } from '../src/panels/registration.js';
import { learntFacts, readHorizon } from '../src/panels/sensor.js';
import { STOPS, stopOf } from '../src/panels/sensitivity.js';
import { Sound } from '../src/sound.js';
import { initialValues, State } from '../src/state.js';
import { Format, readHeight, typedHeight } from '../src/units.js';

const EN = JSON.parse(readFileSync(new URL('../src/i18n/en.json', import.meta.url), 'utf8'));
const english = (/** @type {string} */ key, /** @type {Record<string, string|number>} */ given = {}) =>
  EN[key].replace(/\{(\w+)\}/g, (/** @type {string} */ _, /** @type {string} */ name) => given[name]);

/** @param {Partial<import('../src/state.js').Notice>} values @returns {import('../src/state.js').Notice} */
const notice = (values) => ({
  notice: 1,
  call: 1,
  track: 1,
  place: 'pier',
  place_name: 'Pier',
  level: 'warning',
  probability: 0.9,
  arrival_ms: 60000,
  early_ms: 50000,
  late_ms: 70000,
  raised_ms: 0,
  ended_ms: null,
  acknowledged: null,
  delivered: [],
  path: [],
  why: { distance_m: 1, speed_mps: 2, height_m: 3, kind: 'fixed_wing', rule: 'r' },
  ...values,
});
const SEEN = { by: 'kim', at_ms: 5 };

test('a wave is one call with counts, by time to arrival', () => {
  const wave = Array.from({ length: 40 }, (_, i) =>
    notice({ notice: i + 1, track: 100 + i, arrival_ms: 200000 - i * 1000, level: i === 3 ? 'imminent' : 'watch' }),
  );
  const single = notice({
    notice: 50,
    call: 2,
    track: 7,
    arrival_ms: 120000,
    place: 'tank',
    place_name: 'Tank',
    why: { ...wave[0].why, kind: 'multirotor' },
  });
  const calls = groupByCall([...wave, single]);
  assert.deepEqual(
    calls.map(({ call }) => call),
    [2, 1],
  );
  assert.equal(calls[1].open.length, 40);
  assert.equal(calls[1].level, 'imminent');
  assert.equal(calls[1].arrival_ms, 161000);
  assert.equal(calls[1].last_ms, 200000);
  assert.deepEqual(calls[1].kinds, [['fixed_wing', 40]]);
  assert.deepEqual(
    groupByPlace(calls).map(({ place, objects }) => [place, objects]),
    [
      ['tank', 1],
      ['pier', 40],
    ],
  );
});

test('ended calls come last; unknown arrival after known', () => {
  const calls = groupByCall([
    notice({ call: 1, ended_ms: 9 }),
    notice({ call: 2, notice: 2, arrival_ms: null }),
    notice({ call: 3, notice: 3 }),
  ]);
  assert.deepEqual(
    calls.map(({ call }) => call),
    [3, 2, 1],
  );
  assert.equal(calls[2].ended, true);
  assert.equal(calls[2].level, 'clear');
});

test('a call is acknowledged when all of it that stands is', () => {
  const half = groupByCall([notice({ acknowledged: SEEN }), notice({ notice: 2, track: 2 })])[0];
  assert.equal(half.acknowledged, false);
  const rest = groupByCall([notice({ acknowledged: SEEN }), notice({ notice: 2, track: 2, ended_ms: 4 })])[0];
  assert.equal(rest.acknowledged, true);
});

test('the key acts on the selected call, else on the first that waits', () => {
  const calls = groupByCall([
    notice({ acknowledged: SEEN }),
    notice({ notice: 2, call: 2, track: 2, arrival_ms: 90000 }),
    notice({ notice: 3, call: 3, track: 3, arrival_ms: 95000 }),
  ]);
  assert.equal(callInHand(calls, null)?.call, 2);
  assert.equal(callInHand(calls, { type: 'call', id: 3 })?.call, 3);
  assert.equal(callInHand(calls, { type: 'object', id: 1 })?.call, 1);
  assert.equal(selectedCall(calls, { type: 'notice', id: 3 })?.call, 3);
  assert.equal(callInHand([], null), undefined);
});

/** @param {Record<string, number>} row */
const picture = (row) =>
  /** @type {any} */ ({
    columns: Object.fromEntries(
      Object.entries({ number: 5, level: 0, kind: 1, status: 1, height_m: 80, identity: 4294967295, ...row }).map(
        ([name, value]) => [name, [value]],
      ),
    ),
    kinds: ['unknown', 'bird'],
    statuses: ['tentative', 'confirmed'],
  });

test('filters let through what they say, and never hide a warning', () => {
  const values = initialValues();
  const strict = {
    ...values,
    filters: {
      kinds: ['multirotor'],
      minHeightM: 100,
      maxHeightM: 200,
      source: /** @type {const} */ ('declared'),
      level: /** @type {const} */ ('watch'),
      tentative: false,
    },
  };
  assert.equal(passes(picture({}), 0, values), true);
  assert.equal(passes(picture({}), 0, strict), false);
  assert.equal(passes(picture({ level: 2 }), 0, strict), true);
  assert.equal(passes(picture({}), 0, { ...strict, selection: { type: 'object', id: 5 } }), true);
  const only = (/** @type {object} */ filters) => ({ ...values, filters: { ...values.filters, ...filters } });
  assert.equal(passes(picture({}), 0, only({ minHeightM: 81 })), false);
  assert.equal(passes(picture({ height_m: Number.NaN }), 0, only({ maxHeightM: 500 })), false);
  assert.equal(passes(picture({ status: 0 }), 0, only({ tentative: false })), false);
  assert.equal(passes(picture({ identity: 0 }), 0, only({ source: 'silent' })), false);
  assert.equal(filtersOn(strict.filters), 5);
  assert.equal(filtersOn(values.filters), 0);
});

/** @param {Record<string, number>} errors @param {Record<string, number>} sigma */
const told = (errors, sigma) =>
  sureErrors(english, errors, sigma).map(({ name, shown }) => `${name}: ${shown.replaceAll('\u00a0', ' ')}`);

test('only errors that are sure and matter get words', () => {
  const none = { range_m: 0, range_scale: 0, azimuth_deg: 0, elevation_deg: 0, clock_s: 0, east_m: 0, north_m: 0 };
  const sigma = { ...none, range_m: 4, azimuth_deg: 0.1, clock_s: 0.02, east_m: 100 };
  const errors = { ...none, range_m: -58.2, range_scale: 0.012, azimuth_deg: 0.25, clock_s: 0.35, east_m: 90 };
  assert.deepEqual(told(errors, sigma), [
    'range_m: 58 m too near (± 8 m)',
    'range_scale: 1.20 % too far (± 0.00 %)',
    'clock_s: 0.35 s ahead (± 0.04 s)',
  ]);
  assert.deepEqual(told(none, none), []);
});

test('what is uncertain is never written as nothing', () => {
  const sigma = { range_m: 0.2, range_scale: 0.00101, azimuth_deg: 0, elevation_deg: 0, clock_s: 0.01, east_m: 0, north_m: 0 };
  const errors = { ...sigma, range_m: 40, range_scale: 0.02, clock_s: -0.25 };
  const words = ['range_m: 40 m too far (± 1 m)', 'range_scale: 2.00 % too far (± 0.21 %)', 'clock_s: 0.25 s behind (± 0.02 s)'];
  assert.deepEqual(told(errors, sigma), words);
});

test('what is learnt of a radar is told of what it measures, and what is not is said to be not', () => {
  const learnt = { false_plots: 3.17, sigma_range: 1.02, sigma_azimuth: 1.58, sigma_elevation: null };
  const rows = (/** @type {string} */ kind, /** @type {any} */ values) =>
    learntFacts(/** @type {any} */ ({ text: english }), kind, values).map(([name, value]) => `${name}: ${value}`);
  assert.deepEqual(rows('radar_2d', learnt), [
    'False plots: 3.2 × described',
    'Range errors: as described',
    'Azimuth errors: 1.6 × described',
  ]);
  assert.equal(rows('radar_3d', learnt)[3], 'Elevation errors: not learnt yet');
});

test('a group counts for all that it stands for', () => {
  const notices = [1, 2, 3].map((track) => notice({ notice: track, track }));
  const [call] = groupByCall(notices, (track) => (track === 2 ? 7 : 1));
  assert.deepEqual(call.kinds, [['fixed_wing', 9]]);
  assert.equal(groupByPlace([call])[0].objects, 9);
});

test('a rate between two stops of the knob is shown at the nearer by ratio', () => {
  assert.equal(STOPS[stopOf(2)], 2);
  assert.equal(STOPS[stopOf(3)], 2);
  assert.equal(STOPS[stopOf(3.5)], 5);
  assert.equal(stopOf(0.001), 0);
  assert.equal(stopOf(1e6), STOPS.length - 1);
});

test('in view', () => {
  const bounds = { west: 10, south: 55, east: 12, north: 57 };
  assert.equal(inBounds({ lat: 56, lon: 11 }, bounds), true);
  assert.equal(inBounds({ lat: 54, lon: 11 }, bounds), false);
  assert.equal(inBounds({ lat: 0, lon: 0 }, null), true);
});

/** @param {Partial<import('../src/state.js').Values>} values */
function format(values) {
  return new Format({ state: new State(values), text: english });
}

test('every number has its unit, and unknown is a word', () => {
  const metric = format({});
  assert.equal(metric.height(81.6), '82 m');
  assert.equal(metric.speed(27.4), '27 m/s');
  assert.equal(metric.distance(1850), '1.9 km');
  assert.equal(metric.distance(850), '850 m');
  assert.equal(metric.climb(-1.26), '-1.3 m/s');
  assert.equal(metric.direction(-0.2), '000°');
  assert.equal(metric.direction(359.7), '000°');
  const nautical = format({ units: 'nautical' });
  assert.equal(nautical.height(100), '330 ft');
  assert.equal(nautical.speed(51.44), '100 kn');
  assert.equal(nautical.distance(1852), '1.00 nm');
  assert.equal(nautical.climb(5.08), '+1000 ft/min');
  for (const write of [
    'height',
    'speed',
    'distance',
    'climb',
    'direction',
    'percent',
    'duration',
    'age',
    'clock',
    'dateTime',
    'local',
  ]) {
    assert.equal(Reflect.get(metric, write).call(metric, Number.NaN), 'unknown', write);
    assert.equal(Reflect.get(metric, write).call(metric, null), 'unknown', write);
  }
  assert.equal(metric.position(Number.NaN, 1), 'unknown');
});

test('probabilities never claim certainty by rounding', () => {
  assert.deepEqual(
    [0, 0.001, 0.5, 0.997, 1].map((p) => format({}).percent(p)),
    ['0 %', '< 1 %', '50 %', '> 99 %', '100 %'],
  );
});

test('times', () => {
  const { duration, age, clock } = Object.fromEntries(
    ['duration', 'age', 'clock'].map((name) => [
      name,
      (/** @type {number} */ value) => Reflect.get(format({}), name).call(format({}), value),
    ]),
  );
  assert.deepEqual([4, 134, 3600 * 2 + 61].map(duration), ['4 s', '2 min 14 s', '2 h 01 min']);
  assert.deepEqual([400, 9940, 61000].map(age), ['0.4 s', '9.9 s', '1 min 01 s']);
  assert.equal(clock(Date.UTC(2026, 0, 1, 7, 54, 12, 900)), '07:54:12 UTC');
});

test('heights are typed in the chosen unit', () => {
  assert.ok(Math.abs((readHeight('1000', true) ?? 0) - 304.8) < 1e-9);
  assert.equal(readHeight('', false), null);
  assert.equal(typedHeight(304.8, true), '1000');
});

test('each key means one thing', () => {
  const keys = KEYS.flatMap((key) => key.keys);
  assert.equal(new Set(keys).size, keys.length);
  for (const { action } of KEYS) assert.ok(`action.${action}` in EN, action);
});

test('keys work by character, on Korean keyboards by place', () => {
  const press = (/** @type {object} */ values) =>
    /** @type {any} */ ({
      key: '',
      code: '',
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      defaultPrevented: false,
      target: null,
      ...values,
    });
  globalThis.Element ??= /** @type {any} */ (class {});
  assert.equal(actionOf(press({ key: 'a', code: 'KeyA' })), 'acknowledge');
  assert.equal(actionOf(press({ key: 'A', code: 'KeyA' })), 'acknowledge');
  assert.equal(characterOf(press({ key: 'ㅁ', code: 'KeyA' })), 'a');
  assert.equal(actionOf(press({ key: 'ㅁ', code: 'KeyA' })), 'acknowledge');
  assert.equal(actionOf(press({ key: 'a', ctrlKey: true })), null);
  assert.equal(actionOf(press({ key: 'F5', code: 'F5' })), null);
});

test('one tone a call and level, none for what is known, acknowledged or muted', () => {
  let muted = false;
  const sound = new Sound(() => muted);
  /** @type {string[]} */
  const played = [];
  sound.play = (kind) => void played.push(kind);
  sound.hear([notice({ call: 9 })], true);
  sound.hear([notice({ call: 9 }), notice({ call: 9, notice: 2 })], false);
  assert.deepEqual(played, []);
  sound.hear([notice({ call: 10 }), notice({ call: 10, notice: 3 })], false);
  sound.hear([notice({ call: 10, level: 'imminent' })], false);
  sound.hear([notice({ call: 10, level: 'warning' })], false);
  sound.hear(
    [notice({ call: 11, level: 'watch' }), notice({ call: 12, acknowledged: SEEN }), notice({ call: 13, ended_ms: 1 })],
    false,
  );
  assert.deepEqual(played, ['warning', 'imminent']);
  muted = true;
  assert.equal(sound.hear([notice({ call: 14 })], false), 'warning');
  assert.deepEqual(played, ['warning', 'imminent']);
  for (let call = 100; call < 3000; call += 1) sound.hear([notice({ call })], false);
  assert.ok(sound.sounded.size <= 1000);
});

test('a spreadsheet takes no name for a formula', () => {
  assert.equal(
    csv([['a', 1.5, Number.NaN, '=HYPERLINK("x")', 'two\nlines', '-3']]),
    'a,1.5,,"\'=HYPERLINK(""x"")","two\nlines",\'-3\r\n',
  );
});

test('horizons and corners are read line by line', () => {
  assert.deepEqual(readHorizon('350 2\n\n10, 1.5\n'), { azimuth_deg: [10, 350], elevation_deg: [1.5, 2] });
  assert.equal(readHorizon('10 1\n360 1'), 2);
  assert.equal(readHorizon('10'), 1);
  assert.deepEqual(readPoints('55.1 11.2\n-3;4'), [
    [55.1, 11.2],
    [-3, 4],
  ]);
  assert.equal(readPoints('55 11\n91 0'), 2);
});

test('scales of charts hold the values and are never flat', () => {
  for (const [low, high] of [
    [0, 0],
    [3, 3.1],
    [-20, 950],
    [99, 101],
  ]) {
    const [from, to] = niceRange(low, high);
    assert.ok(from <= low && to >= high && to - from >= 1, `${low} ${high}: ${from} ${to}`);
  }
});

test('a text that is missing shows its key', () => {
  assert.equal(translate('xx', 'no.such'), 'no.such');
});

test('rates of links are those since the look before, and none when counting began anew', () => {
  const look = (/** @type {number} */ at_ms, /** @type {number} */ messages) => ({
    at_ms,
    counts: new Map([['in a', /** @type {[number, number]} */ ([messages, 10 * messages])]]),
  });
  assert.equal(ratesOf(null, look(0, 5))('in a'), null);
  assert.deepEqual(ratesOf(look(0, 5), look(2000, 25))('in a'), [10, 100]);
  assert.equal(ratesOf(look(0, 5), look(2000, 25))('in b'), null);
  assert.equal(ratesOf(look(0, 5), look(2000, 3))('in a'), null);
  assert.deepEqual(mostOf({ b: 1, c: 7, a: 1 }), [
    ['c', 7],
    ['a', 1],
    ['b', 1],
  ]);
});
