/**
 * Two numbers a line, as places and horizons are typed.
 *
 * @module
 */

/**
 * The pairs of a text, or the number of its first wrong line. Empty lines say nothing.
 * @param {string} typed with spaces, commas or semicolons between the numbers
 * @param {(first: number, second: number) => boolean} allowed
 * @returns {[number, number][]|number}
 */
export function readPairs(typed, allowed) {
  /** @type {[number, number][]} */
  const pairs = [];
  for (const [i, line] of typed.split('\n').entries()) {
    if (!line.trim()) continue;
    const values = line
      .trim()
      .split(/[\s,;]+/)
      .map(Number);
    const [first, second] = values;
    if (values.length !== 2 || !allowed(first, second)) return i + 1;
    pairs.push([first, second]);
  }
  return pairs;
}
