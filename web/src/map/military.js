/**
 * Symbols after APP-6(D) / MIL-STD-2525D for those who want them: drawn by milsymbol, which is fetched at first use, one
 * picture for each kind and threat level. Colour stays that of the level; the frame is that of an unknown affiliation, for
 * whose an object is, nobody here knows.
 *
 * @module
 */

/** @typedef {import('./colours.js').Colours} Colours */
/** @typedef {import('./colours.js').Name} Name */

/** Symbol set and entity: APP-6(D) tables of air (01) and sea surface (30). Birds have none, and are air tracks. */
const CODES = /** @type {Record<string, [set: string, entity: string]>} */ ({
  unknown: ['01', '000000'],
  multirotor: ['01', '120300'],
  fixed_wing: ['01', '110300'],
  bird: ['01', '000000'],
  balloon: ['01', '120400'],
  aircraft: ['01', '120100'],
  vessel: ['30', '140000'],
});
const SIZE_PX = 38;
/** Of milsymbol's own measure, in which a symbol is 200 wide: they are drawn small. */
const STROKE = 11;

/** @param {string} kind @returns {string} twenty digits */
export function sidc(kind) {
  const [set, entity] = CODES[kind] ?? CODES.unknown;
  return `1001${set}0000${entity}0000`;
}

/**
 * Draw those pictures into a painter that it has not yet.
 * @param {import('./painter.js').Painter} painter @param {string[]} kinds @param {string[]} levels @param {Colours} colours
 * @returns {Promise<void>}
 */
export async function offerSymbols(painter, kinds, levels, colours) {
  await import('milsymbol');
  const { Symbol: Drawn } = /** @type {typeof import('milsymbol').default} */ (/** @type {any} */ (globalThis).ms);
  for (const kind of kinds) {
    for (const level of levels) {
      const key = symbolKey(kind, level, colours);
      if (painter.has(key)) continue;
      const colour = colours.css[/** @type {Name} */ (`level-${level}`)] ?? colours.css['level-clear'];
      const symbol = new Drawn(sidc(kind), { size: SIZE_PX, monoColor: colour, fill: false, strokeWidth: STROKE, outlineWidth: STROKE, outlineColor: colours.css['map-halo'] });
      painter.offer(key, symbol.asCanvas(1));
    }
  }
}

/** @param {string} kind @param {string} level @param {Colours} colours */
export function symbolKey(kind, level, colours) {
  return `${kind} ${level} ${colours.css.land}`;
}
