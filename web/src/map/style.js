/**
 * The base map's style: land, coast, borders, the site's overlay, in the colours of the theme.
 *
 * @module
 */
import { mix } from './colours.js';

/** @typedef {import('./colours.js').Colours} Colours */
/** @typedef {import('./colours.js').Rgb} Rgb */
/** @typedef {{sea: string, land: string, coast: string, border: string, overlay: string}} BaseColours */

/**
 * The ground's colours, dimmed towards black and with their contrast about the sea raised or lowered.
 * @param {Colours} colours
 * @param {number} dim 0.2 to 1
 * @param {number} contrast 0.5 to 2
 * @returns {BaseColours}
 */
export function baseColours({ rgb }, dim, contrast) {
  const shade = (/** @type {Rgb} */ colour) => {
    const far = mix(rgb.sea, colour, contrast);
    const [red, green, blue] = far.map((part) => Math.round(Math.min(255, Math.max(0, part)) * dim));
    return `rgb(${red}, ${green}, ${blue})`;
  };
  return {
    sea: shade(rgb.sea),
    land: shade(rgb.land),
    coast: shade(rgb.coast),
    border: shade(rgb.border),
    overlay: shade(mix(rgb.land, rgb.coast, 0.6)),
  };
}

/**
 * @param {BaseColours} colours
 * @returns {{id: string, paint: Record<string, unknown>}[]} paint of each layer of the ground
 */
export function baseLayers({ sea, land, coast, border, overlay }) {
  return [
    { id: 'sea', paint: { 'background-color': sea } },
    { id: 'land', paint: { 'fill-color': land } },
    // docks dug into the land are water, all else is built
    {
      id: 'overlay-fill',
      paint: {
        'fill-color': ['match', ['get', 'class'], 'water', sea, overlay],
        'fill-opacity': ['match', ['get', 'class'], 'water', 1, 0.5],
      },
    },
    { id: 'border', paint: { 'line-color': border, 'line-width': 1, 'line-dasharray': [4, 3] } },
    { id: 'coast', paint: { 'line-color': coast, 'line-width': 1 } },
    { id: 'overlay-line', paint: { 'line-color': overlay, 'line-width': 1 } },
  ];
}

const KINDS = {
  sea: { type: 'background' },
  land: { type: 'fill', source: 'ground', 'source-layer': 'land' },
  'overlay-fill': { type: 'fill', source: 'overlay', filter: ['==', ['geometry-type'], 'Polygon'] },
  border: { type: 'line', source: 'ground', 'source-layer': 'border' },
  coast: { type: 'line', source: 'ground', 'source-layer': 'land' },
  'overlay-line': { type: 'line', source: 'overlay', filter: ['!=', ['geometry-type'], 'Point'] },
};

/**
 * @param {string} archive address of basemap.pmtiles
 * @param {BaseColours} colours
 */
export function baseStyle(archive, colours) {
  return {
    version: 8,
    sources: {
      ground: { type: 'vector', url: `pmtiles://${archive}` },
      overlay: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } },
    },
    layers: baseLayers(colours).map(({ id, paint }) => ({ id, paint, .../** @type {Record<string, object>} */ (KINDS)[id] })),
  };
}
