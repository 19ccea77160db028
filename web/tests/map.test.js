/** The map's geometry, labels and trails: closed forms, properties, limits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS, heightColour, mix, parseHex, readColours } from '../src/map/colours.js';
import { missedAt, readRaster } from '../src/map/coverage.js';
import { Heat, MOST_CELLS } from '../src/map/heat.js';
import { MOST_LABELS, Occupancy, Placer, WARNS } from '../src/map/labels.js';
import { Camera, EARTH_M, latOf, lonOf, mercatorX, mercatorY, offset } from '../src/map/mercator.js';
import { sidc } from '../src/map/military.js';
import { packed } from '../src/map/painter.js';
import { roundBelow, scaleOf } from '../src/map/scale.js';
import { arc, band, fan, triangles } from '../src/map/scene/geometry.js';
import { SHAPES, shapeData, shapeOf } from '../src/map/shapes.js';
import { linesOf } from '../src/map/surface-plain.js';
import { MOST_TRAILS, POINTS, Trails } from '../src/map/trails.js';
import { random } from './frames.js';

/** @param {number} a @param {number} b @param {number} tolerance */
const near = (a, b, tolerance) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

test('mercator there and back, and its known places', () => {
  for (const lat of [-85, -54.3, 0, 12.5, 54.42, 84.9]) near(latOf(mercatorY(lat)), lat, 1e-9);
  for (const lon of [-180, -0.1, 18.75, 179.9]) near(lonOf(mercatorX(lon)), lon, 1e-12);
  near(mercatorY(85.0511287798066), 0, 1e-12);
  near(mercatorY(0), 0.5, 1e-15);
  near(mercatorY(90), mercatorY(86), 1e-12);
});

test('a camera projects what it unprojects, to a hundredth of a pixel at the closest zoom', () => {
  const camera = new Camera();
  camera.look(54.42, 18.75, 19, 1280, 800, 2);
  for (const [x, y] of [[0, 0], [640, 400], [1279, 1], [-50, 900]]) {
    const { lat, lon } = camera.unproject(x, y);
    const [px, py] = camera.project(lat, lon);
    near(px, x, 0.01);
    near(py, y, 0.01);
  }
  const { west, east, north, south } = camera.bounds();
  near(camera.project(north, west)[0], 0, 1e-3);
  near(camera.project(south, east)[1], 800, 1e-3);
});

test('a camera at the antimeridian shows both sides', () => {
  const camera = new Camera();
  camera.look(0, 179.9, 8, 1000, 1000, 1);
  const perDegree = (512 * 2 ** 8) / 360;
  near(camera.project(0, -179.9)[0], 500 + 0.2 * perDegree, 1e-6);
});

test('pixels of a metre agree with a step on the sphere', () => {
  const camera = new Camera();
  camera.look(54, 18, 12, 1000, 1000, 1);
  for (const azimuth of [0, 45, 90, 200]) {
    const [lat, lon] = offset(54, 18, azimuth, 1000);
    const [x, y] = camera.project(lat, lon);
    near(Math.hypot(x - 500, y - 500), 1000 * camera.pxPerM(54), 0.05);
    near(((Math.atan2(x - 500, 500 - y) * 180) / Math.PI + 360) % 360, azimuth, 0.05);
  }
  const [lat] = offset(0, 0, 0, EARTH_M / 4);
  near(lat, 90, 1e-9);
});

test('arcs begin and end where they should, also across north', () => {
  const bearing = (/** @type {[number, number]} */ [lat, lon]) => ((Math.atan2(lon * Math.cos((54 * Math.PI) / 180), lat - 54) * 180) / Math.PI + 360) % 360;
  const points = arc(54, 0, 1000, 350, 20);
  near(bearing(points[0]), 350, 0.01);
  near(bearing(/** @type {[number, number]} */ (points.at(-1))), 20, 0.01);
  assert.ok(points.every((point) => bearing(point) > 349.9 || bearing(point) < 20.1));
  assert.equal(arc(54, 0, 1000).length, 64);
  assert.equal(arc(54, 0, 1000, 0, 360).length, 64);
});

/** @param {number[]} p @param {number[]} indices */
function covered(p, indices) {
  let sum = 0;
  for (let i = 0; i < indices.length; i += 3) {
    const [a, b, c] = indices.slice(i, i + 3).map((k) => [p[2 * k], p[2 * k + 1]]);
    sum += Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / 2;
  }
  return sum;
}

test('triangles cover a polygon exactly, whichever way round and however bent', () => {
  const next = random(5);
  for (let turn = 0; turn < 200; turn += 1) {
    const corners = 3 + Math.floor(next() * 20);
    const star = Array.from({ length: corners }, (_, i) => {
      const angle = (2 * Math.PI * i) / corners;
      const radius = 20 + 80 * next();
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    if (turn % 2) star.reverse();
    const p = star.flat();
    let area = 0;
    for (let i = 0; i < corners; i += 1) {
      const [[x0, y0], [x1, y1]] = [star[i], star[(i + 1) % corners]];
      area += (x0 * y1 - x1 * y0) / 2;
    }
    const found = triangles(p);
    assert.equal(found.length, 3 * (corners - 2));
    near(covered(p, found), Math.abs(area), 1e-6);
  }
});

test('a polygon that crosses itself ends all the same', () => {
  assert.ok(triangles([0, 0, 10, 10, 10, 0, 0, 10]).length <= 6);
  assert.deepEqual(triangles([0, 0, 1, 1]), []);
});

test('fans and bands', () => {
  near(covered([0, 0, 4, 0, 4, 4, 0, 4], fan(4)), 16, 0);
  near(covered([0, 1, 0, -1, 5, 1, 5, -1, 9, 1, 9, -1], band(3)), 18, 0);
});

test('labels never overlap, lie within the screen, and the important ones come first', () => {
  const next = random(9);
  const placer = new Placer();
  for (let turn = 0; turn < 20; turn += 1) {
    const wishes = Array.from({ length: 600 }, (_, i) => ({
      key: `k${i}`, x: next() * 1280, y: next() * 800, gap: 10, width: 30 + next() * 90, height: 14 + 14 * Math.floor(next() * 3), rank: Math.floor(next() * 5),
    }));
    const placed = placer.place(wishes, new Occupancy(1280, 800));
    const boxes = placed.map(({ index, x, y }) => [x, y, x + wishes[index].width, y + wishes[index].height]);
    boxes.forEach((a, i) => {
      assert.ok(a[0] >= 0 && a[1] >= 0 && a[2] <= 1280 && a[3] <= 800);
      for (const b of boxes.slice(i + 1)) assert.ok(a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3]);
    });
    const share = (/** @type {number} */ rank) => placed.filter(({ index }) => wishes[index].rank === rank).length / wishes.filter((wish) => wish.rank === rank).length;
    assert.ok(share(4) > share(0) + 0.2);
    assert.ok(placed.length > 60 && placed.length <= MOST_LABELS);
  }
});

test('a label stays on its side while that is free', () => {
  const placer = new Placer();
  const wish = { key: 'a', x: 100, y: 100, gap: 10, width: 50, height: 14, rank: 1 };
  const blocked = new Occupancy(500, 500);
  blocked.take(105, 90, 170, 110);
  const [first] = placer.place([wish], blocked);
  assert.ok(first.x < 100);
  const [second] = placer.place([wish], new Occupancy(500, 500));
  assert.equal(second.x, first.x);
});

test('warnings may cover the symbols of what is no threat, other labels may not', () => {
  const symbols = (/** @type {Occupancy} */ occupancy) => () => occupancy.take(0, 0, 500, 500);
  for (const [rank, count] of [[WARNS, 1], [WARNS - 0.1, 0]]) {
    const occupancy = new Occupancy(500, 500);
    const wish = { key: 'a', x: 100, y: 100, gap: 10, width: 50, height: 14, rank };
    assert.equal(new Placer().place([wish], occupancy, symbols(occupancy)).length, count);
  }
});

test('a trail is thinned to its reach and ordered, the newest first kept', () => {
  const trails = new Trails(3);
  for (let ms = 0; ms <= 600_000; ms += 100) trails.add(1, ms, ms / 1e6, 0.5, 100);
  const found = trails.points(1, 600_000);
  const times = found.map((at) => trails.times[at]);
  assert.ok(times.length >= POINTS - 4 && times.length <= POINTS);
  assert.ok(times[0] >= 600_000 - 180_000 && times[0] < 600_000 - 170_000);
  assert.ok(times.every((ms, i) => i === 0 || ms - times[i - 1] >= trails.spacingMs));
  found.forEach((at) => assert.equal(trails.x[at], trails.times[at] / 1e6));
  assert.deepEqual(trails.points(1, 600_000, 4).map((at) => trails.times[at]).at(-1), times.at(-1));
  assert.deepEqual(trails.points(1, 2_000_000), []);
  assert.deepEqual(trails.points(2, 0), []);
});

test('a time before the last one begins a trail anew', () => {
  const trails = new Trails(3);
  for (const ms of [0, 10_000, 20_000, 5000]) trails.add(1, ms, 0, 0, 0);
  assert.deepEqual(trails.points(1, 20_000).map((at) => trails.times[at]), [5000]);
});

test('an hour with objects that come and go takes no more memory than its busiest minute', () => {
  const trails = new Trails(3);
  let number = 0;
  let size = 0;
  for (let minute = 0; minute < 60; minute += 1) {
    const here = Array.from({ length: 500 }, () => (number += 1));
    for (let s = 0; s < 60; s += 3) for (const one of here) trails.add(one, (minute * 60 + s) * 1000, 0.5, 0.5, 1);
    for (const one of here) trails.remove(one);
    const bytes = trails.x.byteLength + trails.y.byteLength + trails.times.byteLength + trails.heights.byteLength;
    if (minute === 0) size = bytes;
    assert.equal(bytes, size);
  }
  assert.equal(trails.slots.size, 0);
});

test('there are never more trails than allowed', () => {
  const trails = new Trails(3);
  for (let number = 0; number < MOST_TRAILS + 50; number += 1) trails.add(number, 0, 0.1, 0.1, 1);
  assert.equal(trails.slots.size, MOST_TRAILS);
  trails.remove(3);
  trails.add(MOST_TRAILS + 7, 0, 0.2, 0.2, 1);
  assert.equal(trails.points(MOST_TRAILS + 7, 0).length, 1);
});

test('a trail that took a place over begins empty', () => {
  const trails = new Trails(3);
  for (const ms of [0, 10_000]) trails.add(1, ms, 0, 0, 0);
  trails.remove(1);
  trails.add(2, 20_000, 0, 0, 0);
  assert.equal(trails.points(2, 20_000).length, 1);
});

test('colours are read, and a broken sheet leaves the standard ones', () => {
  const { rgb, css } = readColours((name) => ({ '--sea': ' #123456', '--land': 'chartreuse', '--coast': '#abc' })[name] ?? '');
  assert.deepEqual(rgb.sea, [0x12, 0x34, 0x56]);
  assert.equal(css.land, DEFAULTS.land);
  assert.deepEqual(rgb.coast, [0xaa, 0xbb, 0xcc]);
  assert.equal(parseHex('#12345'), null);
  assert.deepEqual(mix([0, 0, 0], [100, 200, 50], 0.5), [50, 100, 25]);
});

test('height colours go from low by middle to high, and unknown heights are low', () => {
  const { rgb } = readColours(() => '');
  const at = (/** @type {number} */ heightM) => heightColour(rgb, heightM);
  assert.deepEqual([at(0), at(NaN), at(400), at(5000)], [rgb['height-low'], rgb['height-low'], rgb['height-middle'], rgb['height-high']]);
});

test('packed colours are premultiplied, red first', () => {
  assert.equal(packed([255, 128, 0], 1), 0xff0080ff);
  assert.equal(packed([255, 255, 255], 0), 0);
  assert.equal(packed([200, 100, 50], 0.5) >>> 24, 128);
  assert.equal(packed([255, 255, 255], 7), 0xffffffff);
});

test('the scale bar is of a round length that fits', () => {
  assert.deepEqual([1, 1.9, 2, 4.99, 5, 73, 0.3].map(roundBelow), [1, 1, 2, 2, 5, 50, 0.2].map((v) => v));
  for (const pxPerM of [3, 0.5, 0.01, 0.0004]) {
    for (const nautical of [false, true]) {
      const { px, text } = scaleOf(pxPerM, nautical);
      assert.ok(px <= 110.01 && px > 40, `${px}`);
      const [value, unit] = text.split(' ');
      near(Number(value) * { m: 1, km: 1000, nm: 1852 }[/** @type {'m'} */ (unit)] * pxPerM, px, 1e-6);
    }
  }
});

test('a coverage raster that is not what it says is none', () => {
  const data = btoa(String.fromCharCode(0, 128, 255, 7, 8, 9));
  const answer = { height_m: 100, west: 0, south: 0, east: 1, north: 1, columns: 3, rows: 2, data };
  assert.deepEqual([.../** @type {Uint8Array} */ (readRaster(answer))], [0, 128, 255, 7, 8, 9]);
  const found = /** @type {Uint8Array} */ (readRaster(answer));
  const missed = (/** @type {number} */ x, /** @type {number} */ y) => missedAt(found, 3, 2, x, y);
  assert.deepEqual([missed(0.5, 0.5), missed(2.5, 0.5), missed(-3, 0), missed(9, 1)], [1, 0, 1, 1], 'beyond the raster nothing is seen');
  near(missed(2, 0.5), (1 - 128 / 255) / 2, 1e-9);
  for (const bad of [{ columns: 4 }, { rows: -2, columns: -3 }, { data: '%' }, { columns: 1e6, rows: 1e6 }, { data: 3 }]) {
    assert.equal(readRaster(/** @type {any} */ ({ ...answer, ...bad })), null);
  }
});

test('every kind has a form of its own, and a military code of twenty digits', () => {
  const kinds = ['unknown', 'multirotor', 'fixed_wing', 'bird', 'balloon', 'aircraft', 'vessel'];
  assert.deepEqual([...SHAPES].sort(), [...kinds].sort());
  assert.equal(new Set(kinds.map(shapeData)).size, kinds.length);
  assert.equal(shapeOf('toString'), 'unknown');
  for (const kind of [...kinds, 'dragon']) assert.match(sidc(kind), /^1001(01|30)\d{14}$/);
});

test('lines of an overlay, whatever it holds', () => {
  const line = [[0, 0], [1, 1]];
  const features = [{ geometry: { type: 'LineString', coordinates: line } }, { geometry: { type: 'MultiPolygon', coordinates: [[line], [line]] } },
    { geometry: null }, { geometry: { type: 'Point', coordinates: [0, 0] } }];
  assert.deepEqual(linesOf({ features }), [line, line, line]);
  for (const nothing of [null, {}, { features: 3 }, { features: [{}] }]) assert.deepEqual(linesOf(nothing), []);
});

test('heat counts where objects were, joins cells when they are small, and has a limit', () => {
  const heat = new Heat();
  const [x, y] = [mercatorX(18), mercatorY(54)];
  for (let i = 0; i < 9; i += 1) heat.add(x, y);
  heat.add(x + 1e-4, y);
  const camera = new Camera();
  const drawn = (/** @type {number} */ zoom) => {
    camera.look(54, 18, zoom, 1000, 800, 1);
    /** @type {[number[], number][]} */
    const fills = [];
    heat.draw(/** @type {any} */ ({ fill: (/** @type {any[]} */ ...[points, , , alpha]) => fills.push([points, alpha]) }), camera, [0, 0, 0]);
    return fills;
  };
  const near = drawn(13);
  assert.equal(near.length, 2);
  const [[points, alpha], [, faint]] = near;
  assert.ok(alpha > faint && faint > 0);
  assert.ok(points[0] <= 500 && points[2] >= 500 && points[1] <= 400 && points[5] >= 400, 'the cell holds the place');
  const far = drawn(4);
  assert.equal(far.length, 1);
  assert.ok(far[0][0][2] - far[0][0][0] >= 3);
  for (let i = 0; i < MOST_CELLS + 9; i += 1) heat.add((i % 300) / 400, Math.floor(i / 300) / 400);
  assert.equal(heat.cells.size, MOST_CELLS);
  assert.ok(heat.leftOut >= 9);
});
