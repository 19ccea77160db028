/** The operator of an object, as far as broadcast Remote ID tells and whoever looks may see. */

import { identityOf } from './columns.js';
import { copyable } from './facts.js';

const EARTH_M = 6_371_000;

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {string} identity of the aircraft @returns {import('../state.js').Operator|undefined} */
export function operatorOf({ state }, identity) {
  return identity ? state.get('operators').find((one) => one.identity === identity) : undefined;
}

/**
 * Rows about the operator of the object in a row of the picture; none if nobody tells of one.
 * @param {Page} app @param {number} row
 * @returns {import('./facts.js').Fact[]}
 */
export function operatorFacts(app, row) {
  const { text, format, picture } = app;
  const operator = operatorOf(app, identityOf(app, row));
  if (!operator) return [];
  const at = picture.placed(row) ? picture.place(row, app.now()) : null;
  const away = at ? ` · ${text('operator.away', { distance: format.distance(distanceM(at, operator)) })}` : '';
  return [
    [text('fact.operator'), operator.operator_id || text('operator.unnamed'), text('operator.why')],
    [text(`operator.${operator.place}`), copyable(app, format.position(operator.lat, operator.lon)), text('operator.place.why')],
    [text('operator.heard'), `${format.age(app.now() - operator.received_ms)}${away}`],
  ];
}

/** Metres along the ground, by the haversine formula. @param {{lat: number, lon: number}} one @param {{lat: number, lon: number}} other */
export function distanceM(one, other) {
  const [a, b] = [one.lat, other.lat].map((deg) => (deg * Math.PI) / 180);
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(((other.lon - one.lon) * Math.PI) / 360) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half)));
}
