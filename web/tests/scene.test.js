/** What the scene has a painter draw, looked at by a painter that only takes notes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readColours } from '../src/map/colours.js';
import { Camera, mercatorX } from '../src/map/mercator.js';
import { groundAt, objectAt } from '../src/map/pick.js';
import { drawBearings, drawPlaces, drawSensors, footprint, gridStep, ribbon } from '../src/map/scene/ground.js';
import { Drawn, SIGMAS_95, axes, drawObjects, strength } from '../src/map/scene/objects.js';
import { MOST_PATHS, ahead, at, drawPaths } from '../src/map/scene/paths.js';
import { drawFriends, drawOperators, rowsByIdentity, strengthOf } from '../src/map/scene/people.js';
import { countdown } from '../src/map/texts.js';
import { MOST_SEGMENTS, TrailKeeper } from '../src/map/trail-lines.js';
import { wavesOf } from '../src/map/waves.js';
import { Picture } from '../src/picture.js';
import { DEFAULT_LAYERS } from '../src/state.js';
import { HELLO, frame, row } from './frames.js';

const colours = readColours(() => '');
const camera = new Camera();
camera.look(54, 18, 11, 1000, 800, 1);

function notes() {
  /** @type {Record<string, any[][]>} */
  const taken = { fill: [], line: [], ring: [], symbol: [], picture: [], trails: [] };
  const painter = /** @type {any} */ ({ flush() {}, begin() {}, halo() {}, destroy() {}, has: () => false, offer: () => false });
  for (const word of Object.keys(taken)) painter[word] = (/** @type {any[]} */ ...args) => void taken[word].push(args);
  return { painter, taken };
}

/** @param {ReturnType<typeof row>[]} rows @param {Partial<import('../src/map/scene/objects.js').Look>} [more] */
function drawn(rows, more = {}) {
  const picture = new Picture();
  picture.layOut(HELLO);
  picture.apply(frame({ what: 1, rows, pictureMs: 1000 }));
  const { painter, taken } = notes();
  const found = new Drawn();
  const look = { picture, rows: rows.map((_, i) => i), nowMs: 1000, colours, layers: DEFAULT_LAYERS, chosen: new Set(), quiet: new Set(), hover: null, pictures: null, ...more };
  drawObjects(painter, camera, /** @type {any} */ (look), found);
  return { taken, found, picture };
}

test('nothing is drawn at 0, 0, nor what has no position', () => {
  const there = new Camera();
  there.look(0, 0, 11, 1000, 800, 1);
  const { taken, found } = drawn([row(1, { lat: 0, lon: 0 }), row(2, { lat: NaN, lon: NaN }), row(3, { lat: 54, lon: NaN })]);
  assert.equal(found.count, 0);
  for (const list of Object.values(taken)) assert.deepEqual(list, []);
  const { painter, taken: ground } = notes();
  const nowhere = /** @type {any} */ ({ id: 'x', name: 'x', shape: 'vessel', points: [], radius_m: 500, lat: null, lon: null });
  drawPlaces(painter, there, [nowhere, { ...nowhere, shape: 'point', points: [[0, 0]] }], colours, null, new Map());
  drawSensors(painter, there, [/** @type {any} */ ({ id: 's', lat: 0, lon: 0, state: 'well' }), /** @type {any} */ ({ id: 't', lat: null, lon: null })], colours, null);
  for (const list of Object.values(ground)) assert.deepEqual(list, []);
  assert.equal(footprint(nowhere), null);
});

test('outline tells the status, colour and rings the level, hollow that somebody has seen it', () => {
  const look = (/** @type {any} */ more) => {
    const { taken } = drawn([row(1, more)], { layers: /** @type {any} */ ({ ...DEFAULT_LAYERS, ellipses: false }) });
    const [, , , , , colour, fill, alpha, dashed] = taken.symbol[0];
    return { colour, fill, alpha, dashed, rings: taken.ring.length };
  };
  assert.equal(look({ status: 0 }).dashed, true);
  assert.equal(look({ status: 1 }).dashed, false);
  assert.deepEqual([0, 1, 2, 3].map((level) => look({ level }).rings), [0, 0, 1, 2]);
  assert.deepEqual(look({ level: 3 }).colour, colours.rgb['level-imminent']);
  assert.deepEqual(look({ level: 9 }).colour, colours.rgb['level-clear']);
  const seen = look({ level: 3, flags: 1 });
  assert.deepEqual([seen.rings, seen.colour], [0, colours.rgb['level-imminent']]);
  assert.ok(seen.fill < 0.2 && look({ level: 3 }).fill > 0.7);
  assert.ok(look({ status: 2, last_report_ms: -9000 }).alpha < look({ status: 2, last_report_ms: 900 }).alpha);
});

test('in a wave the first one bears the rings for all', () => {
  const { taken } = drawn([row(1, { level: 3 }), row(2, { level: 3 })], { quiet: new Set([2]) });
  assert.equal(taken.ring.length, 2);
});

test('threats lie above the rest, whatever the order of the rows', () => {
  const { taken } = drawn([row(1, { level: 3 }), row(2), row(3, { level: 1 })]);
  assert.deepEqual(taken.symbol.map(([, , , , , colour]) => colour), ['level-clear', 'level-watch', 'level-imminent'].map((name) => colours.rgb[/** @type {'sea'} */ (name)]));
});

test('coasting fades with age down to a limit, the others never', () => {
  assert.equal(strength(false, 500), 1);
  const ages = [0, 5, 10, 20, 60, 1e6].map((age) => strength(true, age));
  ages.forEach((alpha, i) => assert.ok(i === 0 || alpha <= ages[i - 1]));
  assert.equal(ages.at(-1), 0.35);
});

test('ellipses are the 95 % ones of the covariance, turned as it is', () => {
  const turn = 0.6;
  const [major, minor] = [300, 120];
  const [s, c] = [Math.sin(turn), Math.cos(turn)];
  const found = axes(major ** 2 * s * s + minor ** 2 * c * c, (major ** 2 - minor ** 2) * s * c, major ** 2 * c * c + minor ** 2 * s * s);
  assert.ok(found);
  for (const [value, wanted] of [[found.majorM, major], [found.minorM, minor], [found.angle, turn]]) assert.ok(Math.abs(value - wanted) < 1e-9);
  assert.ok(Math.abs(1 - Math.exp(-(SIGMAS_95 ** 2) / 2) - 0.95) < 1e-12, 'the share within so many sigmas in two dimensions');
  for (const bad of [[NaN, 0, 1], [1, 5, 1], [-1, 0, -1], [0, 0, 0]]) assert.equal(axes(bad[0], bad[1], bad[2]), null);
  const { taken } = drawn([row(1, { cov_ee_m2: 90_000, cov_en_m2: 0, cov_nn_m2: 10_000 })]);
  const [, , a, b, angle] = taken.ring[0];
  const pxPerM = camera.pxPerM(54);
  assert.ok(Math.abs(a - 300 * SIGMAS_95 * pxPerM) < 0.01 && Math.abs(b - 100 * SIGMAS_95 * pxPerM) < 0.01);
  assert.ok(Math.abs(Math.abs(angle) - Math.PI / 2) < 1e-6);
});

test('a leader is as long as the way of its seconds, and points there', () => {
  const { taken, found } = drawn([row(1, { east_mps: 30, north_mps: 40 })]);
  const [[x0, y0, x1, y1]] = taken.line[0];
  assert.ok(Math.abs(Math.hypot(x1 - x0, y1 - y0) - 50 * 60 * camera.pxPerM(54)) < 0.01);
  assert.ok(x1 > x0 && y1 < y0);
  assert.ok(Math.abs(x0 - found.x[0]) < 0.01);
  const none = drawn([row(1, { east_mps: 30 })], { layers: /** @type {any} */ ({ ...DEFAULT_LAYERS, leaderSeconds: 0 }) });
  assert.equal(none.taken.line.length, 0);
});

test('among many the calm ones step back, and who is threatening, chosen or pointed at does not', () => {
  const many = Array.from({ length: 450 }, (_, i) => row(i + 1, { east_mps: 30, level: i === 0 ? 1 : 0 }));
  const full = drawn([row(1, { east_mps: 30 })]).taken;
  const { taken } = drawn(many, { chosen: new Set([2]), hover: 3 });
  const reach = (/** @type {number[]} */ [x0, , x1]) => Math.round(10 * (x1 - x0));
  const most = reach(full.line[0][0]);
  const lengths = taken.line.map(([points]) => reach(points));
  assert.deepEqual(lengths.slice(0, 3), [most, most, most]);
  assert.ok(lengths.slice(3).every((length) => Math.abs(length - most / 3) <= 1));
  const sizes = taken.symbol.map(([, , , size]) => size).sort((a, b) => a - b);
  assert.ok(sizes[446] < full.symbol[0][3]);
  assert.deepEqual(sizes.slice(447), [17, 17, 19]);
});

test('a click finds the nearest in reach, of two that touch the more threatening', () => {
  const { found, picture } = drawn([row(1), row(2, { lon: 18.003, level: 3 }), row(3, { lon: 18.1 })]);
  const [x, y] = camera.project(54, 18);
  assert.equal(objectAt(found, picture, x + 4, y, 14), 2);
  assert.equal(objectAt(found, picture, x - 8, y, 14), 1);
  assert.equal(objectAt(found, picture, x - 15, y, 14), null);
  assert.equal(objectAt(found, picture, x - 15, y, 24), 1);
});

test('sensors and places can be clicked, sensors first', () => {
  const place = /** @type {any} */ ({ id: 'p', shape: 'point', points: [[54, 18]], radius_m: 300 });
  const sensor = /** @type {any} */ ({ id: 's', lat: 54, lon: 18 });
  const [x, y] = camera.project(54, 18);
  assert.deepEqual(groundAt(camera, [sensor], [place], x, y, 14), { type: 'sensor', id: 's' });
  assert.deepEqual(groundAt(camera, [], [place], x, y, 14), { type: 'place', id: 'p' });
  assert.equal(groundAt(camera, [sensor], [place], x + 40, y, 14), null);
});

const path = /** @type {[number, number, number, number][]} */ ([[18, 54, 0, 0], [18.01, 54, 30_000, 100], [18.02, 54, 60_000, 300]]);

test('a path begins where the object is and leaves out what is behind', () => {
  const points = ahead(path, 45_000, { lat: 54.001, lon: 18.014 });
  assert.deepEqual(points.map(({ lat, lon, ms }) => [lat, lon, ms]), [[54.001, 18.014, 45_000], [54, 18.02, 60_000]]);
  const [first] = ahead(path, 45_000, null);
  assert.ok(Math.abs(first.lon - 18.015) < 1e-12 && Math.abs(first.sigmaM - 200) < 1e-9);
  assert.deepEqual(ahead(path, 70_000, { lat: 54, lon: 18 }), []);
  assert.deepEqual(ahead(/** @type {any} */ ([[NaN, 1, 2, 3], null, [1]]), 0, null), []);
  assert.equal(at(ahead(path, 0, null), 90_000), null);
});

test('ticks stand at whole half minutes before arrival, the fan is as wide as the spread', () => {
  const picture = new Picture();
  picture.layOut(HELLO);
  const { painter, taken } = notes();
  const notice = /** @type {any} */ ({ notice: 1, call: 1, track: 5, level: 'warning', arrival_ms: 60_000, path });
  drawPaths(painter, camera, [notice], picture, { nowMs: 1000, colours, chosen: () => false });
  const ticks = taken.line.filter(([points]) => points.length === 4);
  assert.equal(ticks.length, 1);
  assert.ok(Math.abs((ticks[0][0][0] + ticks[0][0][2]) / 2 - camera.px(mercatorX(18.01))) < 0.01);
  const corners = taken.fill[0][0];
  const width = Math.hypot(corners.at(-4) - corners.at(-2), corners.at(-3) - corners.at(-1));
  assert.ok(Math.abs(width - 2 * 1.96 * 300 * camera.pxPerM(54)) < 0.1);
  drawPaths(painter, camera, Array.from({ length: 200 }, (_, i) => ({ ...notice, notice: i })), picture, { nowMs: 1000, colours, chosen: () => false });
  assert.equal(taken.line.filter(([points]) => points.length > 4).length - 1, MOST_PATHS);
  assert.equal(taken.fill.length, 1, 'no smear of fans in a raid');
});

test('a bearing is a wedge of its accuracy from its sensor, and is gone after seconds', () => {
  const sensors = new Map([['rf', /** @type {any} */ ({ id: 'rf', lat: 54, lon: 18, max_range_m: 5000 })]]);
  const line = { sensor: 'rf', azimuth_deg: 90, sigma_deg: 5, time_ms: 0 };
  const { painter, taken } = notes();
  drawBearings(painter, camera, [line, { ...line, sensor: 'none' }, { ...line, sigma_deg: NaN }], sensors, [1, 2, 3], 1000);
  assert.equal(taken.fill.length, 1);
  const p = taken.fill[0][0];
  const angle = (/** @type {number} */ i) => (Math.atan2(p[i] - p[0], p[1] - p[i + 1]) * 180) / Math.PI;
  assert.ok(Math.abs(angle(2) - 80) < 0.1 && Math.abs(angle(p.length - 2) - 100) < 0.1);
  drawBearings(painter, camera, [line], sensors, [1, 2, 3], 7000);
  assert.equal(taken.fill.length, 1);
});

test('a sensor that does not work is crossed out, whatever its colour', () => {
  const lines = (/** @type {string} */ state) => {
    const { painter, taken } = notes();
    drawSensors(painter, camera, [/** @type {any} */ ({ id: 's', lat: 54, lon: 18, state })], colours, null);
    return taken.line.length;
  };
  assert.deepEqual(['well', 'late', 'unknown', 'silent', 'faulty'].map(lines), [1, 1, 1, 3, 3]);
});

test('a ribbon is as wide as asked on straight ways', () => {
  assert.deepEqual(ribbon([0, 0, 10, 0], 3), [0, 3, 0, -3, 10, 3, 10, -3]);
});

test('grid lines are few at every zoom', () => {
  for (let span = 0.1; span < 360; span *= 1.3) assert.ok(span / gridStep(span) <= 7);
});

test('a wave shares one label at the object that comes first', () => {
  const notices = Array.from({ length: 6 }, (_, i) => /** @type {any} */ ({ call: i < 5 ? 1 : 2, track: i + 1, arrival_ms: i === 2 ? null : 9000 - 1000 * i }));
  const all = new Set([1, 2, 3, 4, 5, 6]);
  const waves = wavesOf(notices, all);
  assert.deepEqual([...waves.keys()], [5, 4, 2, 1, 3].sort());
  assert.deepEqual(waves.get(3), { lead: 5, count: 5, firstMs: 5000, lastMs: 9000 });
  assert.equal(wavesOf(notices, all, (number) => (number === 2 ? 7 : 1)).get(3)?.count, 11, 'a group counts for all of it');
  assert.equal(wavesOf(notices, new Set([1, 2, 3])).size, 0, 'three can have their own');
});

test('time to go', () => {
  assert.deepEqual([0, 59_400, 60_000, 754_000, -5].map(countdown), ['−0:00', '−0:59', '−1:00', '−12:34', '−0:00']);
});

test('lines of trails stay within their budget and end where the object is', () => {
  const picture = new Picture();
  picture.layOut(HELLO);
  const keeper = new TrailKeeper(picture);
  const many = 3000;
  const rows = (/** @type {number} */ s) => Array.from({ length: many }, (_, i) => row(i + 1, { lon: 18 + s / 1e5, lat: 54 + i / 1e5 }));
  for (let s = 0; s < 180; s += 4) picture.apply(frame({ rows: rows(s), pictureMs: 1000 * s }));
  const found = new Drawn();
  const look = /** @type {any} */ ({ picture, nowMs: 180_000, layers: DEFAULT_LAYERS, colours, chosen: new Set() });
  for (let i = 0; i < many; i += 1) found.add(i, 0, 0);
  keeper.refresh(look, found, camera);
  assert.ok(keeper.lines.count > many && keeper.lines.count <= MOST_SEGMENTS);
  found.count = 1;
  keeper.refresh(look, found, camera);
  const { count, ends, originX } = keeper.lines;
  assert.ok(count > 30);
  assert.ok(Math.abs(ends[4 * (count - 1) + 2] / 40_075_016.685578488 + originX - mercatorX(picture.columns.lon[0])) < 1e-8);
  picture.apply(frame({ what: 1, rows: [] , pictureMs: 181_000 }));
  assert.equal(keeper.store.slots.size, 0);
});

/** @param {any} more */
const operator = (more = {}) => ({ identity: 'A1', operator_id: '', lat: 54.01, lon: 18.01, height_m: null, place: /** @type {const} */ ('live'), sensor: 'rid', time_ms: 1000, received_ms: 1000, ...more });

/** @param {any[]} operators @param {number} nowMs @param {number[]} [chosen] */
function people(operators, nowMs, chosen = []) {
  const { picture } = drawn([row(1, { identity: 0 }), row(2, { identity: 1 })]);
  const { painter, taken } = notes();
  drawOperators(painter, camera, operators, picture, ['A1', 'B2'], colours, nowMs, new Set(chosen));
  return taken;
}

test('an operator is a figure with a line to the aircraft that bears his identity', () => {
  const taken = people([operator(), operator({ identity: 'nobody' }), operator({ lat: 0, lon: 0 })], 1000);
  const lines = taken.line.filter(([points]) => points.length === 4);
  assert.equal(lines.length, 1);
  assert.equal(taken.fill.length, 8); // head and shoulders of two, each with a halo
  const [x, y] = camera.project(54.01, 18.01);
  assert.deepEqual(lines[0][0].slice(0, 2), [x, y]);
  assert.equal(lines[0][4] > 0, true); // dashed
});

test('operators fade with age, lose their line, and the chosen one keeps it', () => {
  assert.equal(strengthOf(0), 1);
  assert.equal(strengthOf(-5), 1);
  assert.ok(strengthOf(300) < strengthOf(10) && strengthOf(300) > strengthOf(1e9));
  const late = people([operator()], 301_000);
  assert.equal(late.line.filter(([points]) => points.length === 4).length, 0);
  assert.equal(people([operator()], 301_000, [1]).line.filter(([points]) => points.length === 4).length, 1);
});

test('a place of take-off is hollow: he may have gone', () => {
  const filled = (/** @type {any} */ more) => people([operator(more)], 1000).fill.filter((call) => call[2] === colours.rgb.operator).length;
  assert.equal(filled({}), 2);
  assert.equal(filled({ place: 'takeoff' }), 0);
  assert.equal(people([operator({ place: 'takeoff' })], 1000).line.filter(([points]) => points.length > 4).length, 2);
});

test('one\'s own stand where they are until they are stale', () => {
  const friend = { uid: 'u', callsign: 'KIM', type: 'a-f-G', lat: 54, lon: 18, height_m: null, sigma_m: 500, time_ms: 0, stale_ms: 2000 };
  const count = (/** @type {number} */ nowMs) => {
    const { painter, taken } = notes();
    drawFriends(painter, camera, [friend], colours, nowMs);
    return [taken.fill.length, taken.ring.length];
  };
  assert.deepEqual(count(2000), [4, 1]);
  assert.deepEqual(count(2001), [0, 0]);
});

test('rows are found by identity only where somebody asks', () => {
  const { picture } = drawn([row(1, { identity: 0 })]);
  assert.equal(rowsByIdentity(picture, ['A1'], new Set()).size, 0);
  assert.deepEqual([...rowsByIdentity(picture, ['A1'], new Set(['A1', 'x']))], [['A1', 0]]);
});
