/** Which objects are shown, on the map and in the table alike. Pure but for reading the store. */

import { NO_IDENTITY } from '../picture.js';
import { RANKS } from '../vocabulary.js';

/**
 * Whether the filters let a row of the picture through. Objects with a notice that stands and the selected one always
 * pass: a filter never hides a warning.
 * @param {import('../feed.js').Picture} picture
 * @param {number} row
 * @param {import('../state.js').Values} values
 */
export function passes(picture, row, { filters, selection }) {
  const columns = picture.columns;
  const level = columns.level[row];
  if (level >= RANKS.warning) return true;
  if (selection?.type === 'object' && selection.id === columns.number[row]) return true;
  if (filters.kinds.length && !filters.kinds.includes(picture.kinds[columns.kind[row]])) return false;
  if (!filters.tentative && picture.statuses[columns.status[row]] === 'tentative') return false;
  if (level < RANKS[filters.level]) return false;
  const height_m = columns.height_m[row];
  if (filters.minHeightM !== null && !(height_m >= filters.minHeightM)) return false;
  if (filters.maxHeightM !== null && !(height_m <= filters.maxHeightM)) return false;
  if (filters.source !== 'all') return (columns.identity[row] !== NO_IDENTITY) === (filters.source === 'declared');
  return true;
}

/** @param {import('../state.js').Filters} filters @returns {number} how many filters are on */
export function filtersOn({ kinds, minHeightM, maxHeightM, source, level, tentative }) {
  return [
    kinds.length,
    minHeightM !== null || maxHeightM !== null,
    source !== 'all',
    level !== 'clear',
    !tentative,
  ].filter(Boolean).length;
}

/**
 * Whether a row is in what the map shows.
 * @param {{lat: number, lon: number}} at @param {import('../state.js').Bounds|null} bounds
 */
export function inBounds({ lat, lon }, bounds) {
  if (!bounds) return true;
  return lat >= bounds.south && lat <= bounds.north && lon >= bounds.west && lon <= bounds.east;
}
