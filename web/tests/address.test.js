/** Every view has an address, and an address shows the same view. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { readAddress, writeAddress } from '../src/query.js';
import { safeNext } from '../src/login.js';
import { initialValues, State } from '../src/state.js';

test('a plain view has a plain address', () => {
  assert.equal(writeAddress(initialValues()), '');
});

test('what was written is read again', () => {
  const values = {
    ...initialValues(),
    view: { lat: 55.99989, lon: -11.0005, zoom: 10.25 },
    selection: { type: /** @type {const} */ ('sensor'), id: 'radar:ne & co' },
    picked: [3, 17],
    follow: true,
    filters: {
      kinds: ['bird', 'fixed_wing'],
      minHeightM: 50,
      maxHeightM: 400,
      source: /** @type {const} */ ('declared'),
      level: /** @type {const} */ ('watch'),
      tentative: false,
    },
    layers: {
      ...initialValues().layers,
      labels: /** @type {const} */ (2),
      trails: /** @type {const} */ ('height'),
      coverageHeightM: 100,
      ellipses: false,
      sensors: false,
      heat: true,
    },
    search: 'HL 7=?&',
    time: { mode: /** @type {const} */ ('past'), atMs: Date.UTC(2026, 10, 23, 3, 12, 20), speed: 10, playing: true },
    language: /** @type {const} */ ('ko'),
    units: /** @type {const} */ ('nautical'),
    coordinates: /** @type {const} */ ('mgrs'),
    theme: /** @type {const} */ ('day'),
    sort: { column: 'height', up: false },
    inView: false,
    kiosk: true,
    dim: 0.5,
  };
  const read = readAddress(writeAddress(values));
  for (const [key, value] of Object.entries(read)) assert.deepEqual(value, Reflect.get(values, key), key);
  for (const key of ['language', 'units', 'coordinates', 'theme', 'sort', 'dim']) assert.ok(key in read, key);
});

test('one-sided heights', () => {
  const filters = { ...initialValues().filters, maxHeightM: 120 };
  assert.deepEqual(readAddress(writeAddress({ ...initialValues(), filters })).filters, filters);
  const above = { ...initialValues().filters, minHeightM: 0 };
  assert.deepEqual(readAddress(writeAddress({ ...initialValues(), filters: above })).filters, above);
});

test('nonsense in an address is left out', () => {
  const read = readAddress(
    '?lat=91&lon=x&zoom=a&select=gun:1&labels=9&trails=loud&kinds=bird,ufo&at=never&lang=xx&dim=99&also=a,-1,5&speed=-3',
  );
  assert.equal(read.view, null);
  assert.equal(read.selection, null);
  assert.deepEqual(read.filters?.kinds, ['bird']);
  assert.equal(read.time?.mode, 'live');
  assert.deepEqual(read.picked, [5]);
  assert.ok(!('language' in read) && !('dim' in read));
  assert.deepEqual(read.layers, initialValues().layers);
});

test('any text can be read', () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 500; i += 1) {
    const text = Array.from({ length: 60 }, () => String.fromCharCode(32 + Math.floor(random() * 95))).join('');
    readAddress(`?select=${text}&height=${text}&at=${text}&${text}`);
  }
});

test('the store tells of news only', () => {
  const state = new State();
  let told = 0;
  state.on('layers', () => (told += 1));
  state.change('layers', { labels: 1 });
  assert.equal(told, 0);
  state.change('layers', { labels: 2 });
  assert.equal(told, 1);
});

test('after the login only this site is gone to', () => {
  assert.equal(safeNext('/?lat=1'), '/?lat=1');
  for (const bad of [null, '', 'https://elsewhere', '//elsewhere', '/\\elsewhere', '/\t/elsewhere', 'javascript:1'])
    assert.equal(safeNext(bad), '/');
});
