/**
 * Numbers as people read them: each with its unit, "unknown" as a word, probabilities in percent.
 * Inside all is metres, metres per second, degrees and UTC milliseconds; only here do other units exist.
 */

import { writePosition } from './coordinates.js';

const FEET = 1 / 0.3048;
export const MILE_M = 1852;
const KNOTS = 3600 / MILE_M;

/** @typedef {number|null|undefined} Maybe */

/**
 * @param {Maybe} value
 * @returns {value is number}
 */
export function known(value) {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** Writes values in the units, coordinates and language of the store. */
export class Format {
  /** @param {Pick<import('./state.js').App, 'state'|'text'>} app */
  constructor(app) {
    this.state = app.state;
    this.text = app.text;
  }

  get nautical() {
    return this.state.get('units') === 'nautical';
  }

  unknown() {
    return this.text('unknown');
  }

  /** @param {Maybe} value_m above the ellipsoid */
  height(value_m) {
    if (!known(value_m)) return this.unknown();
    return this.nautical ? `${Math.round((value_m * FEET) / 10) * 10} ft` : `${Math.round(value_m)} m`;
  }

  /** @param {Maybe} value_mps */
  speed(value_mps) {
    if (!known(value_mps)) return this.unknown();
    return this.nautical ? `${Math.round(value_mps * KNOTS)} kn` : `${Math.round(value_mps)} m/s`;
  }

  /** @param {Maybe} value_mps positive up */
  climb(value_mps) {
    if (!known(value_mps)) return this.unknown();
    const sign = value_mps > 0 ? '+' : '';
    if (this.nautical) return `${sign}${Math.round((value_mps * FEET * 60) / 50) * 50} ft/min`;
    return `${sign}${value_mps.toFixed(1)} m/s`;
  }

  /** @param {Maybe} value_m */
  distance(value_m) {
    if (!known(value_m)) return this.unknown();
    if (this.nautical) return `${(value_m / MILE_M).toFixed(value_m < 18520 ? 2 : 1)} nm`;
    if (value_m < 1000) return `${Math.round(value_m)} m`;
    return `${(value_m / 1000).toFixed(value_m < 100000 ? 1 : 0)} km`;
  }

  /** @param {Maybe} value_deg clockwise from true north */
  direction(value_deg) {
    if (!known(value_deg)) return this.unknown();
    return `${String(Math.round(((value_deg % 360) + 360) % 360) % 360).padStart(3, '0')}°`;
  }

  /** @param {Maybe} value */
  percent(value) {
    if (!known(value)) return this.unknown();
    if (value > 0.99 && value < 1) return '> 99 %';
    if (value > 0 && value < 0.01) return '< 1 %';
    return `${Math.round(value * 100)} %`;
  }

  /**
   * @param {Maybe} lat degrees @param {Maybe} lon degrees
   */
  position(lat, lon) {
    if (!known(lat) || !known(lon)) return this.unknown();
    return writePosition(lat, lon, this.state.get('coordinates'));
  }

  /**
   * A span of time, for example "2 min 14 s".
   * @param {Maybe} seconds
   */
  duration(seconds) {
    if (!known(seconds)) return this.unknown();
    const whole = Math.max(0, Math.round(seconds));
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    if (h) return this.text('duration.h', { h, m: String(m).padStart(2, '0') });
    if (m) return this.text('duration.m', { m, s: String(s).padStart(2, '0') });
    return this.text('duration.s', { s });
  }

  /**
   * Age of something, to a tenth of a second while it is young.
   * @param {Maybe} ms
   */
  age(ms) {
    if (!known(ms)) return this.unknown();
    const seconds = Math.max(0, ms / 1000);
    return seconds < 10 ? this.text('duration.s', { s: seconds.toFixed(1) }) : this.duration(seconds);
  }

  /**
   * Time of day in UTC, for example "07:54:12 UTC".
   * @param {Maybe} ms
   */
  clock(ms) {
    return known(ms) ? `${new Date(ms).toISOString().slice(11, 19)} UTC` : this.unknown();
  }

  /**
   * Date and time in UTC.
   * @param {Maybe} ms
   */
  dateTime(ms) {
    return known(ms) ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC` : this.unknown();
  }

  /**
   * Time of day where the reader is, with the zone's short name.
   * @param {Maybe} ms
   */
  local(ms) {
    if (!known(ms)) return this.unknown();
    const date = new Date(ms);
    const parts = new Intl.DateTimeFormat(this.state.get('language'), { timeZoneName: 'short' }).formatToParts(date);
    const zone = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
    return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
  }
}

/**
 * Metres of a height typed in the chosen units, or null for an empty or wrong text.
 * @param {string} text @param {boolean} nautical
 */
export function readHeight(text, nautical) {
  const value = Number.parseFloat(text);
  return Number.isFinite(value) ? (nautical ? value / FEET : value) : null;
}

/**
 * The number a height is typed as in the chosen units.
 * @param {number} value_m @param {boolean} nautical
 */
export function typedHeight(value_m, nautical) {
  return String(Math.round(nautical ? value_m * FEET : value_m));
}
