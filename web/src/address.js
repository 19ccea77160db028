/**
 * Every view has an address, and habits stay with the browser.
 *
 * What is shown (centre, zoom, selection, filters, layers, time, modes) is mirrored to the page's query; a new selection
 * or a jump in time makes a step for the back button, everything else replaces the current one. Habits (language,
 * units, coordinates, theme, sound, brightness) are kept in localStorage, and stand in the address only where they differ
 * from the defaults, so that a link shows another reader the same view in their own language. The address wins.
 */

import { DEFAULT_FILTERS, DEFAULT_LAYERS, LIVE } from './state.js';

/** @typedef {import('./state.js').Values} Values */

const STORE = 'lowsky';
const WRITE_AFTER_MS = 300;

const LEVELS = ['clear', 'watch', 'warning', 'imminent'];
const KINDS = ['unknown', 'multirotor', 'fixed_wing', 'bird', 'balloon', 'aircraft', 'vessel'];
const SELECTABLE = ['object', 'sensor', 'place', 'notice', 'call'];

/** Choices that are both a habit and part of an address: key of the store, name in the address, what it may be. */
const HABITS = /** @type {const} */ ([
  { key: 'language', name: 'lang', words: ['en', 'ko'] },
  { key: 'units', name: 'units', words: ['metric', 'nautical'] },
  { key: 'coordinates', name: 'coords', words: ['decimal', 'dms', 'mgrs'] },
  { key: 'theme', name: 'theme', words: ['night', 'day'] },
]);
const KEPT = /** @type {const} */ (['language', 'units', 'coordinates', 'theme', 'muted', 'dim', 'contrast']);
const MIRRORED = /** @type {const} */ ([
  'view', 'selection', 'picked', 'follow', 'isolate', 'filters', 'layers', 'search', 'time', 'kiosk', 'screenshot',
  'language', 'units', 'coordinates', 'theme', 'sort', 'inView', 'dim', 'contrast',
]); // prettier-ignore

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
    picked: (query.get('also') ?? '').split(',').map((text) => number(text, 1, Number.MAX_SAFE_INTEGER) ?? 0).filter(Boolean),
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
  const { view, selection, filters, layers, time, sort } = values;
  const query = new URLSearchParams();
  /** @type {(name: string, value: string|number, otherwise?: string|number) => void} */
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
  set('kinds', filters.kinds.join(','));
  if (filters.minHeightM !== null || filters.maxHeightM !== null)
    set('height', `${Math.round(filters.minHeightM ?? 0) || ''}..${filters.maxHeightM === null ? '' : Math.round(filters.maxHeightM)}`);
  set('source', filters.source, DEFAULT_FILTERS.source);
  set('level', filters.level, DEFAULT_FILTERS.level);
  set('tentative', filters.tentative ? '' : 'no');
  set('labels', layers.labels, DEFAULT_LAYERS.labels);
  set('trails', layers.trails, DEFAULT_LAYERS.trails);
  set('trail', layers.trailMinutes, DEFAULT_LAYERS.trailMinutes);
  set('coverage', layers.coverageHeightM, 0);
  set('leader', layers.leaderSeconds, DEFAULT_LAYERS.leaderSeconds);
  set('symbols', layers.symbols, 'plain');
  set('without', ['ellipses', 'bearings', 'places', 'sensors'].filter((name) => !Reflect.get(layers, name)).join(','));
  set('q', values.search);
  set('sort', `${sort.column}.${sort.up ? 'up' : 'down'}`, 'level.down');
  set('list', values.inView ? '' : 'all');
  set('dim', values.dim, 1);
  set('contrast', values.contrast, 1);
  for (const { key, name, words } of HABITS) set(name, values[key], words[0] === 'en' ? 'en' : words[0]);
  if (time.mode === 'past') {
    set('at', new Date(time.atMs).toISOString().slice(0, 19) + 'Z');
    set('speed', time.speed, 1);
  }
  const flags = { follow: values.follow, isolate: values.isolate, heat: layers.heat, kiosk: values.kiosk,
    screenshot: values.screenshot, play: time.mode === 'past' && time.playing }; // prettier-ignore
  for (const [name, on] of Object.entries(flags)) if (on) query.set(name, '');
  const text = query.toString().replace(/=(?=&|$)/g, '').replace(/%2C/g, ',').replace(/%3A/g, ':');
  return text ? `?${text}` : '';
}

/** @returns {Partial<Values>} habits kept by this browser, or {} where it keeps nothing */
export function readHabits() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? '{}');
    /** @type {Partial<Values>} */
    const values = {};
    for (const { key, words } of HABITS) if (words.includes(/** @type {never} */ (kept[key]))) Object.assign(values, { [key]: kept[key] });
    if (typeof kept.muted === 'boolean') values.muted = kept.muted;
    for (const key of /** @type {const} */ (['dim', 'contrast'])) if (kept[key] >= 0.3 && kept[key] <= 1.6) values[key] = kept[key];
    return values;
  } catch {
    return {}; // storage is switched off or holds what we did not write: defaults are fine
  }
}

/** @param {Values} values */
function keepHabits(values) {
  try {
    localStorage.setItem(STORE, JSON.stringify(Object.fromEntries(KEPT.map((key) => [key, values[key]]))));
  } catch {
    // storage is full or switched off: the choice holds until the page is left
  }
}

/**
 * Mirror the store to the address and back from now on.
 * @param {import('./state.js').State} state
 */
export function mirror(state) {
  let restoring = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const write = (isStep = false) => {
    clearTimeout(timer);
    timer = undefined;
    const address = writeAddress(state.values);
    if (address !== location.search) history[isStep ? 'pushState' : 'replaceState'](null, '', address || location.pathname);
  };
  /** @param {boolean} isStep */
  const note = (isStep) => {
    if (restoring) return;
    if (isStep) write(true);
    else timer ??= setTimeout(write, WRITE_AFTER_MS);
  };
  let mode = state.get('time').mode;
  for (const key of MIRRORED) {
    state.on(key, () => {
      const jump = key === 'time' && state.get('time').mode !== mode;
      mode = state.get('time').mode;
      note(key === 'selection' || jump);
    });
  }
  for (const key of KEPT) state.on(key, () => keepHabits(state.values));
  addEventListener('popstate', () => {
    clearTimeout(timer);
    timer = undefined;
    restoring = true;
    for (const [key, value] of Object.entries(readAddress(location.search))) {
      if (key !== 'view' || value) state.set(/** @type {any} */ (key), /** @type {any} */ (value));
    }
    restoring = false;
  });
}
