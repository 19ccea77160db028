/**
 * Every view has an address, and habits stay with the browser.
 *
 * What is shown (centre, zoom, selection, filters, layers, time, modes) is mirrored to the page's query; a new selection
 * or a jump in time makes a step for the back button, everything else replaces the current one. Habits (language,
 * units, coordinates, theme, sound, brightness) are kept in localStorage, and stand in the address only where they differ
 * from the defaults, so that a link shows another reader the same view in their own language. The address wins.
 */

import { HABITS, readAddress, writeAddress } from './query.js';

/** @typedef {import('./state.js').Values} Values */

const STORE = 'lowsky';
const WRITE_AFTER_MS = 300;

const KEPT = /** @type {const} */ (['language', 'units', 'coordinates', 'theme', 'muted', 'dim', 'contrast']);
const MIRRORED = /** @type {const} */ ([
  'view',
  'selection',
  'picked',
  'follow',
  'isolate',
  'filters',
  'layers',
  'search',
  'time',
  'kiosk',
  'screenshot',
  'language',
  'units',
  'coordinates',
  'theme',
  'sort',
  'inView',
  'dim',
  'contrast',
]);

/** @returns {Partial<Values>} habits kept by this browser, or {} where it keeps nothing */
export function readHabits() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? '{}');
    /** @type {Partial<Values>} */
    const values = {};
    for (const { key, words } of HABITS)
      if (words.includes(/** @type {never} */ (kept[key]))) Object.assign(values, { [key]: kept[key] });
    if (typeof kept.muted === 'boolean') values.muted = kept.muted;
    for (const key of /** @type {const} */ (['dim', 'contrast']))
      if (kept[key] >= 0.3 && kept[key] <= 1.6) values[key] = kept[key];
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
    if (address !== location.search)
      history[isStep ? 'pushState' : 'replaceState'](null, '', address || location.pathname);
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
