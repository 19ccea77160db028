/** The picture against a plain map of rows, against bytes that are no frames, and against the laws of motion. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_ROWS, frameBytes } from '../src/frame.js';
import { LONGEST_CARRY_S, Picture, isPosition } from '../src/picture.js';
import { HELLO, frame, random, row } from './frames.js';

function ready() {
  const picture = new Picture();
  assert.ok(picture.layOut(HELLO));
  return picture;
}

/** @param {Picture} picture */
function held(picture) {
  return new Map(Array.from({ length: picture.count }, (_, i) => [picture.columns.number[i], picture.columns.height_m[i]]));
}

test('a snapshot replaces everything, changes add, change and remove', () => {
  const picture = ready();
  picture.apply(frame({ what: 1, rows: [row(1), row(2, { height_m: 50 }), row(3)] }));
  assert.deepEqual([...held(picture).keys()], [1, 2, 3]);
  picture.apply(frame({ rows: [row(2, { height_m: 60 }), row(9)], gone: [1, 77] }));
  assert.deepEqual(held(picture), new Map([[3, 100], [2, 60], [9, 100]]));
  assert.equal(picture.rowOf(1), -1);
  picture.apply(frame({ what: 1, rows: [row(9)] }));
  assert.deepEqual([...held(picture).keys()], [9]);
  assert.equal(picture.malformed, 0);
});

test('after any sequence of frames it holds what a map of rows would', () => {
  const next = random(3);
  const picture = ready();
  /** @type {Map<number, number>} */
  const model = new Map();
  for (let turn = 0; turn < 400; turn += 1) {
    const what = next() < 0.05 ? 1 : 2;
    const numbers = [...new Set(Array.from({ length: Math.floor(next() * 90) }, () => Math.floor(next() * 700)))];
    const rows = numbers.map((number) => row(number, { height_m: Math.floor(next() * 1000) }));
    const gone = what === 1 ? [] : Array.from({ length: Math.floor(next() * 50) }, () => Math.floor(next() * 700));
    if (what === 1) model.clear();
    for (const number of gone) model.delete(number);
    for (const { number, height_m } of rows) model.set(number, height_m);
    assert.ok(picture.apply(frame({ what: /** @type {1 | 2} */ (what), rows, gone })));
    assert.deepEqual(new Map([...held(picture)].sort()), new Map([...model].sort()));
    for (const number of model.keys()) assert.equal(picture.columns.number[picture.rowOf(number)], number);
  }
});

test('who listens is told which rows have news and who left', () => {
  const picture = ready();
  /** @type {any[]} */
  const told = [];
  picture.addEventListener('change', (event) => told.push(/** @type {CustomEvent} */ (event).detail));
  picture.apply(frame({ what: 1, rows: [row(5), row(6)] }));
  picture.apply(frame({ rows: [row(6)], gone: [5] }));
  picture.apply(frame({ what: 1, rows: [row(8)] }));
  assert.deepEqual(told.map(({ rows, removed, snapshot }) => [rows, removed, snapshot]), [[[0, 1], [], true], [[0], [5], false], [[0], [6], true]]);
});

test('a layout of another order and of further columns is followed', () => {
  const picture = new Picture();
  const columns = [['count', 'u8'], ...[...HELLO.columns].reverse()];
  assert.ok(picture.layOut({ ...HELLO, columns }));
  picture.apply(frame({ what: 1, rows: [row(4, { count: 3, lat: 51 })], columns }));
  assert.equal(picture.columns.count[0], 3);
  assert.equal(picture.columns.lat[0], 51);
});

test('a hello that cannot be read is refused and counted', () => {
  const bad = [null, 3, {}, { ...HELLO, version: 2 }, { ...HELLO, columns: 'number' }, { ...HELLO, columns: [['number', 'f16']] },
    { ...HELLO, columns: HELLO.columns.slice(1) }, { ...HELLO, columns: [...HELLO.columns, ['lat', 'f64']] },
    { ...HELLO, columns: [['number', 'constructor']] }];
  const picture = new Picture();
  for (const hello of bad) assert.equal(picture.layOut(hello), false);
  assert.equal(picture.malformed, bad.length);
});

test('frames before the hello, cut, lengthened, or with a wrong head change nothing and are counted', () => {
  const whole = frame({ what: 1, rows: [row(1), row(2), row(3)], gone: [] });
  assert.equal(new Picture().apply(whole), false);
  const picture = ready();
  picture.apply(frame({ what: 1, rows: [row(42)] }));
  let wrong = 0;
  for (let length = 0; length < whole.byteLength; length += 1, wrong += 1) assert.equal(picture.apply(whole.slice(0, length)), false);
  const longer = new Uint8Array(whole.byteLength + 8);
  longer.set(new Uint8Array(whole));
  const heads = /** @type {[number, number][]} */ ([[0, 3], [0, 0], [1, 2], [4, 255], [8, 1], [22, 0xf0], [23, 0x7f]]);
  for (const [at, value] of heads) {
    const copy = new Uint8Array(whole.slice(0));
    if (at === 22) copy.set([0xf0, 0x7f], 22);
    else if (at === 23) copy.set([0xf8, 0x7f], 22);
    else copy[at] = value;
    wrong += 1;
    assert.equal(picture.apply(copy.buffer), false, `byte ${at}`);
  }
  assert.equal(picture.apply(longer.buffer), false);
  assert.equal(picture.malformed, wrong + 1);
  assert.deepEqual([...held(picture).keys()], [42]);
});

test('no bytes make it fall over', () => {
  const next = random(11);
  const picture = ready();
  for (let turn = 0; turn < 2000; turn += 1) {
    const whole = new Uint8Array(frame({ what: next() < 0.5 ? 1 : 2, rows: [row(1), row(2)], gone: [1] }));
    const flips = 1 + Math.floor(next() * 6);
    for (let i = 0; i < flips; i += 1) whole[Math.floor(next() * whole.length)] = Math.floor(next() * 256);
    picture.apply(whole.buffer);
    assert.ok(picture.count <= 2 + picture.frames * 2);
    for (let i = 0; i < picture.count; i += 1) {
      assert.equal(typeof picture.kindOf(i), 'string');
      assert.equal(typeof picture.levelOf(i), 'string');
      assert.equal(picture.rowOf(picture.columns.number[i]), i);
    }
  }
  assert.ok(picture.malformed > 0 && picture.frames > 0);
});

test('a frame may not hold more rows than a site has', () => {
  const picture = ready();
  for (const [rows, good] of /** @type {[number, boolean][]} */ ([[MOST_ROWS + 1, false], [MOST_ROWS, true]])) {
    const view = new DataView(new ArrayBuffer(frameBytes(picture.layout, rows, 0)));
    view.setUint8(0, 1);
    view.setUint8(1, 1);
    view.setUint32(4, rows, true);
    assert.equal(picture.apply(view.buffer), good);
  }
});

test('between reports an object flies on with its velocity, and stands after the longest carry', () => {
  const picture = ready();
  picture.apply(frame({ what: 1, pictureMs: 10_000, rows: [row(1, { lat: 60, lon: 20, north_mps: 111.319490793, east_mps: 55.6597453965, up_mps: 2 })] }));
  const { lat, lon, heightM } = picture.place(0, 20_000);
  assert.ok(Math.abs(lat - 60.01) < 1e-9);
  assert.ok(Math.abs(lon - 20.01) < 1e-9); // at 60 degrees a degree of longitude is half as long
  assert.ok(Math.abs(heightM - 120) < 1e-4);
  assert.deepEqual(picture.place(0, 1e9), picture.place(0, 10_000 + 1000 * LONGEST_CARRY_S));
  picture.apply(frame({ pictureMs: 30_000, rows: [row(2)] }));
  assert.equal(picture.carriedS(0, 30_000), 20, 'a frame without news of an object leaves its time alone');
});

test('what has no position has none', () => {
  const picture = ready();
  const places = /** @type {[number, number][]} */ ([[NaN, 18], [54, NaN], [0, 0], [91, 0], [10, 181], [54, 18], [0, 9]]);
  picture.apply(frame({ what: 1, rows: places.map(([lat, lon], i) => row(i + 1, { lat, lon })) }));
  assert.deepEqual(places.map((_, i) => picture.placed(i)), [false, false, false, false, false, true, true]);
  assert.ok(!isPosition(Infinity, 0));
});
