/**
 * A view as the query of an address, and back. What an address does not name is left at its default; nonsense in it is
 * left out. Pure functions.
 */

import { DEFAULT_FILTERS, DEFAULT_LAYERS, LIVE } from './state.js';
import { KINDS, LEVELS } from './vocabulary.js';

/** @typedef {import('./state.js').Values} Values */

const SELECTABLE = ['object', 'sensor', 'place', 'notice', 'call'];

/** Choices that are both a habit and part of an address: key of the store, name in the address, what it may be. */
export const HABITS = /** @type {const} */ ([
  { key: 'language', name: 'lang', words: ['en', 'ko'] },
  { key: 'units', name: 'units', words: ['metric', 'nautical'] },
  { key: 'coordinates', name: 'coords', words: ['decimal', 'dms', 'mgrs'] },
  { key: 'theme', name: 'theme', words: ['night', 'day'] },
]);

/** @param {string|null} text @param {number} least @param {number} most */
function number(text, least, most) {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= least && value <= most ? value : null;
}

/**
 * @template {string} Word
 * @param {string|null} text @param {readonly Word[]} words @param {Word} otherwise
 * @returns {Word}
 */
function word(text, words, otherwise) {
  return words.includes(/** @type {Word} */ (text)) ? /** @type {Word} */ (text) : otherwise;
}

/** @param {URLSearchParams} query @returns {Values['view']} */
function readView(query) {
  const [lat, lon, zoom] = [number(query.get('lat'), -90, 90), number(query.get('lon'), -180, 180), query.get('zoom')];
  return lat === null || lon === null ? null : { lat, lon, zoom: number(zoom, 0, 22) ?? 10 };
}

/** @param {URLSearchParams} query @returns {Values['selection']} */
function readSelection(query) {
  const [type, ...rest] = (query.get('select') ?? '').split(':');
  const id = rest.join(':');
  if (!SELECTABLE.includes(type) || !id) return null;
  const numbered = type === 'object' || type === 'notice' || type === 'call';
  if (numbered && number(id, 0, Number.MAX_SAFE_INTEGER) === null) return null;
  return { type: /** @type {any} */ (type), id: numbered ? Number(id) : id };
}

/** @param {URLSearchParams} query @returns {Values['filters']} */
function readFilters(query) {
  const [low, high] = (query.get('height') ?? '').split('..');
  return {
    kinds: (query.get('kinds') ?? '').split(',').filter((kind) => KINDS.includes(kind)),
    minHeightM: number(low ?? null, -1000, 100000),
    maxHeightM: number(high ?? null, -1000, 100000),
    source: word(query.get('source'), ['all', 'declared', 'silent'], 'all'),
    level: /** @type {any} */ (word(query.get('level'), LEVELS, 'clear')),
    tentative: query.get('tentative') !== 'no',
  };
}

/** @param {URLSearchParams} query @returns {Values['layers']} */
function readLayers(query) {
  const off = (query.get('without') ?? '').split(',');
  return {
    ...DEFAULT_LAYERS,
    labels: /** @type {0|1|2} */ (Math.round(number(query.get('labels'), 0, 2) ?? DEFAULT_LAYERS.labels)),
    trails: word(query.get('trails'), ['off', 'plain', 'height'], DEFAULT_LAYERS.trails),
    trailMinutes: number(query.get('trail'), 1, 30) ?? DEFAULT_LAYERS.trailMinutes,
    coverageHeightM: number(query.get('coverage'), 0, 10000) ?? 0,
    leaderSeconds: number(query.get('leader'), 0, 600) ?? DEFAULT_LAYERS.leaderSeconds,
    ellipses: !off.includes('ellipses'),
    bearings: !off.includes('bearings'),
    places: !off.includes('places'),
    sensors: !off.includes('sensors'),
    people: !off.includes('people'),
    heat: query.has('heat'),
    symbols: word(query.get('symbols'), ['plain', 'app6'], 'plain'),
  };
}

/** @param {URLSearchParams} query @returns {Values['time']} */
function readTime(query) {
  const atMs = Date.parse(query.get('at') ?? '');
  if (!Number.isFinite(atMs)) return { ...LIVE };
  return { mode: 'past', atMs, speed: number(query.get('speed'), 0.1, 100) ?? 1, playing: query.has('play') };
}

/**
 * What an address asks for. Habits are there only when it names them.
 * @param {string} search the query, with or without "?"
 * @returns {Partial<Values>}
 */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  /** @type {Partial<Values>} */
  const values = {
    view: readView(query),
    selection: readSelection(query),
    picked: (query.get('also') ?? '')
      .split(',')
      .map((text) => number(text, 1, Number.MAX_SAFE_INTEGER) ?? 0)
      .filter(Boolean),
    follow: query.has('follow'),
    isolate: query.has('isolate'),
    filters: readFilters(query),
    layers: readLayers(query),
    search: (query.get('q') ?? '').slice(0, 100),
    time: readTime(query),
    kiosk: query.has('kiosk'),
    screenshot: query.has('screenshot'),
    inView: query.get('list') !== 'all',
  };
  const [column, way] = (query.get('sort') ?? '').split('.');
  if (column) values.sort = { column, up: way !== 'down' };
  const [dim, contrast] = [number(query.get('dim'), 0.3, 1), number(query.get('contrast'), 0.6, 1.6)];
  if (dim !== null) values.dim = dim;
  if (contrast !== null) values.contrast = contrast;
  for (const { key, name, words } of HABITS) {
    const value = query.get(name);
    if (/** @type {readonly (string|null)[]} */ (words).includes(value)) Object.assign(values, { [key]: value });
  }
  return values;
}

/**
 * The query that shows these values, "" for a plain view.
 * @param {Values} values
 */
export function writeAddress(values) {
  const { view, selection, time, sort } = values;
  const query = new URLSearchParams();
  /** @type {Write} */
  const set = (name, value, otherwise = '') => {
    if (value !== otherwise) query.set(name, String(value));
  };
  if (view) {
    set('lat', view.lat.toFixed(5));
    set('lon', view.lon.toFixed(5));
    set('zoom', view.zoom.toFixed(2));
  }
  if (selection) set('select', `${selection.type}:${selection.id}`);
  set('also', values.picked.join(','));
  writeFilters(values.filters, set);
  writeLayers(values.layers, set);
  set('q', values.search);
  set('sort', `${sort.column}.${sort.up ? 'up' : 'down'}`, 'level.down');
  set('list', values.inView ? '' : 'all');
  set('dim', values.dim, 1);
  set('contrast', values.contrast, 1);
  for (const { key, name, words } of HABITS) set(name, values[key], words[0]);
  if (time.mode === 'past') {
    set('at', `${new Date(time.atMs).toISOString().slice(0, 19)}Z`);
    set('speed', time.speed, 1);
  }
  const { follow, isolate, kiosk, screenshot } = values;
  const flags = {
    follow,
    isolate,
    heat: values.layers.heat,
    kiosk,
    screenshot,
    play: time.mode === 'past' && time.playing,
  };
  for (const [name, on] of Object.entries(flags)) if (on) query.set(name, '');
  const text = query
    .toString()
    .replace(/=(?=&|$)/g, '')
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':');
  return text ? `?${text}` : '';
}

/** @typedef {(name: string, value: string|number, otherwise?: string|number) => void} Write but for what is so anyway */

/** @param {Values['filters']} filters @param {Write} set */
function writeFilters({ kinds, minHeightM, maxHeightM, source, level, tentative }, set) {
  const whole = (/** @type {number|null} */ height_m) => (height_m === null ? '' : Math.round(height_m));
  set('kinds', kinds.join(','));
  set('height', `${whole(minHeightM)}..${whole(maxHeightM)}`, '..');
  set('source', source, DEFAULT_FILTERS.source);
  set('level', level, DEFAULT_FILTERS.level);
  set('tentative', tentative ? '' : 'no');
}

/** @param {Values['layers']} layers @param {Write} set */
function writeLayers(layers, set) {
  set('labels', layers.labels, DEFAULT_LAYERS.labels);
  set('trails', layers.trails, DEFAULT_LAYERS.trails);
  set('trail', layers.trailMinutes, DEFAULT_LAYERS.trailMinutes);
  set('coverage', layers.coverageHeightM, 0);
  set('leader', layers.leaderSeconds, DEFAULT_LAYERS.leaderSeconds);
  set('symbols', layers.symbols, 'plain');
  set('without', ['ellipses', 'bearings', 'places', 'sensors', 'people'].filter((name) => !Reflect.get(layers, name)).join(','));
}
