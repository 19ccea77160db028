/**
 * Words of the page in the chosen language. Both catalogues have the same keys and placeholders (tested); a missing
 * key shows itself instead of hiding. `key.one` is taken when the value `n` is 1, where the language has one.
 */

export const LANGUAGES = /** @type {const} */ (['en', 'ko']);

/** @type {Map<string, Record<string, string>>} */
const catalogues = new Map();

/**
 * Fetch a catalogue once.
 * @param {string} language
 */
export async function loadLanguage(language) {
  if (catalogues.has(language)) return;
  const answer = await fetch(new URL(`./${language}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`no words for language ${language}: ${answer.status}`);
  catalogues.set(language, await answer.json());
}

/**
 * @param {string} language
 * @param {string} key
 * @param {Record<string, string|number>} [values] for placeholders such as {n}
 */
export function translate(language, key, values = {}) {
  const words = catalogues.get(language) ?? {};
  const one = values.n === 1 || values.n === '1' ? words[`${key}.one`] : undefined;
  const pattern = one ?? words[key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
