/** Colours of the stylesheet for what is drawn on a canvas. */

/** @param {string} name of a CSS variable, with its dashes */
export function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
