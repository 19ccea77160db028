/**
 * The map's colours: CSS variables of the root element, as text for canvases and as bytes for the graphics card.
 *
 * @module
 */

/** Variables that the map reads (without `--`), and what holds where no sheet gives them. */
export const DEFAULTS = Object.freeze({
  sea: '#0b1219',
  land: '#18212a',
  coast: '#3a4958',
  border: '#4b5a69',
  graticule: '#1c2834',
  'map-text': '#aab8c5',
  'map-halo': '#0b1219',
  trail: '#7d93a8',
  place: '#9fb4c8',
  'place-fill': '#9fb4c8',
  sensor: '#8fb0a6',
  coverage: '#2f6f8f',
  bearing: '#b7a98a',
  operator: '#c8b5e6',
  friend: '#7cc4e0',
  'height-low': '#d6a756',
  'height-middle': '#6fb58b',
  'height-high': '#8a9bea',
  'level-clear': '#8ba3b9',
  'level-watch': '#e8cf57',
  'level-warning': '#ff9d42',
  'level-imminent': '#ff7468',
  'level-ink': '#14100a',
  trouble: '#e59ad8',
  focus: '#86b9ee',
  quiet: '#9dadbb',
});

/** @typedef {keyof typeof DEFAULTS} Name */
/** @typedef {[red: number, green: number, blue: number]} Rgb 0 to 255 */
/** @typedef {{css: Record<Name, string>, rgb: Record<Name, Rgb>}} Colours */

/**
 * @param {(variable: string) => string} [read] value of a CSS variable such as `--sea`
 * @returns {Colours}
 */
export function readColours(read = fromRoot()) {
  const css = /** @type {Record<Name, string>} */ ({});
  const rgb = /** @type {Record<Name, Rgb>} */ ({});
  for (const [name, standard] of Object.entries(DEFAULTS)) {
    const given = read(`--${name}`).trim();
    const key = /** @type {Name} */ (name);
    css[key] = parseHex(given) ? given : standard;
    rgb[key] = /** @type {Rgb} */ (parseHex(css[key]));
  }
  return { css, rgb };
}

function fromRoot() {
  const style = getComputedStyle(document.documentElement);
  return (/** @type {string} */ variable) => style.getPropertyValue(variable);
}

/**
 * @param {string} text `#rgb` or `#rrggbb`
 * @returns {Rgb | null}
 */
export function parseHex(text) {
  const long = /^#[0-9a-f]{3}$/i.test(text) ? text.replace(/[0-9a-f]/gi, '$&$&') : text;
  if (!/^#[0-9a-f]{6}$/i.test(long)) return null;
  const value = Number.parseInt(long.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/**
 * Between three colours: low up to 100 m, middle at 400 m, high from 1,500 m on.
 * @param {Colours['rgb']} rgb
 * @param {number} heightM
 * @returns {Rgb}
 */
export function heightColour(rgb, heightM) {
  const [low, middle, high] = [rgb['height-low'], rgb['height-middle'], rgb['height-high']];
  if (!(heightM > 100)) return low;
  if (heightM < 400) return mix(low, middle, (heightM - 100) / 300);
  return heightM < 1500 ? mix(middle, high, (heightM - 400) / 1100) : high;
}

/** @param {Rgb} one @param {Rgb} other @param {number} share of the other @returns {Rgb} */
export function mix(one, other, share) {
  return [
    Math.round(one[0] + (other[0] - one[0]) * share),
    Math.round(one[1] + (other[1] - one[1]) * share),
    Math.round(one[2] + (other[2] - one[2]) * share),
  ];
}
