/** Positions in words, against published values and properties. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { mgrs, utm, utmZone, writePosition } from '../src/coordinates.js';

test('MGRS of known places', () => {
  // NGA.STND.0037 and GEOTRANS: the White House, the Eiffel tower, Honolulu, Sydney Opera House, Seoul city hall.
  assert.equal(mgrs(38.8977, -77.0365)?.slice(0, 6), '18S UJ');
  assert.equal(mgrs(48.85824, 2.2945)?.slice(0, 6), '31U DQ');
  assert.equal(mgrs(21.3098, -157.8583)?.slice(0, 6), '4Q FJ ');
  assert.equal(mgrs(-33.85678, 151.2153)?.slice(0, 6), '56H LH');
  assert.equal(mgrs(37.5663, 126.9779)?.slice(0, 6), '52S CG');
});

test('the metres of MGRS are those of UTM', () => {
  // Equator and central meridian: easting 500 km, northing 0, by definition.
  assert.equal(mgrs(0, 3), '31N EA 00000 00000');
  const { easting_m, northing_m } = utm(0, 3, 31);
  assert.ok(Math.abs(easting_m - 500000) < 1e-6);
  assert.ok(Math.abs(northing_m) < 1e-6);
});

test('the meridian arc is right', () => {
  // Quarter meridian of WGS 84 is 10 001 965.729 m; UTM scales it by 0.9996.
  const { northing_m } = utm(90 - 1e-9, 3, 31);
  assert.ok(Math.abs(northing_m / 0.9996 - 10001965.729) < 0.01);
  // 45 degrees: 4 984 944.378 m.
  assert.ok(Math.abs(utm(45, 9, 32).northing_m / 0.9996 - 4984944.378) < 0.002);
});

test('a metre on the ground is a metre on the grid, nearly', () => {
  for (const [lat, lon] of [
    [10, 30.5],
    [56, 11],
    [-45, 170.2],
  ]) {
    const zone = utmZone(lat, lon);
    const [here, there] = [utm(lat, lon, zone), utm(lat + 0.0009, lon, zone)];
    const grid_m = Math.hypot(here.easting_m - there.easting_m, here.northing_m - there.northing_m);
    assert.ok(Math.abs(grid_m - 100) < 1.2, `${lat} ${lon}: ${grid_m}`);
  }
});

test('wide zones of Norway and Svalbard', () => {
  assert.equal(utmZone(60, 4), 32);
  assert.equal(utmZone(55.9, 4), 31);
  assert.deepEqual(
    [5, 15, 25, 40].map((lon) => utmZone(78, lon)),
    [31, 33, 35, 37],
  );
  assert.deepEqual([utmZone(0, 180), utmZone(0, -180), utmZone(0, 179.999)], [1, 1, 60]);
});

test('no grid near the poles: decimal degrees instead', () => {
  assert.equal(mgrs(85, 10), null);
  assert.equal(mgrs(-81, 10), null);
  assert.equal(mgrs(Number.NaN, 10), null);
  assert.equal(writePosition(85, 10, 'mgrs'), '85.00000, 10.00000');
});

test('degrees, minutes and seconds carry over', () => {
  assert.equal(writePosition(37.45261, 126.6, 'dms'), '37°27′09.4″N 126°36′00.0″E');
  assert.equal(writePosition(-0.99999999, -179.9999999, 'dms'), '1°00′00.0″S 180°00′00.0″W');
});
