/**
 * Positions as people write them: decimal degrees, degrees-minutes-seconds, and MGRS.
 *
 * MGRS per NGA.STND.0037 (2014): grid zones with the exceptions of Norway and Svalbard, lettering set AA for WGS 84.
 * Transverse Mercator by Krüger's series to the fourth order in n (Karney 2011, equation 35: below a micrometre within
 * a zone). Polar regions (UPS, above 84 N and below 80 S) are not done: there the answer is null.
 */

const A_M = 6378137;
const F = 1 / 298.257223563;
const N = F / (2 - F);
const SCALE = 0.9996;
const RECTIFYING_M = (A_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const ALPHA = [
  N / 2 - (2 * N ** 2) / 3 + (5 * N ** 3) / 16 + (41 * N ** 4) / 180,
  (13 * N ** 2) / 48 - (3 * N ** 3) / 5 + (557 * N ** 4) / 1440,
  (61 * N ** 3) / 240 - (103 * N ** 4) / 140,
  (49561 * N ** 4) / 161280,
];
const BANDS = 'CDEFGHJKLMNPQRSTUVWX';
const COLUMNS = ['ABCDEFGH', 'JKLMNPQR', 'STUVWXYZ'];
const ROWS = 'ABCDEFGHJKLMNPQRSTUV';

/** @param {number} degrees */
const radians = (degrees) => (degrees * Math.PI) / 180;

/**
 * Zone number, with the wide zones of Norway (32V) and Svalbard (31X to 37X).
 * @param {number} lat degrees @param {number} lon degrees
 */
export function utmZone(lat, lon) {
  const east = ((((lon + 180) % 360) + 360) % 360) - 180;
  if (lat >= 56 && lat < 64 && east >= 3 && east < 12) return 32;
  if (lat >= 72 && east >= 0 && east < 42) return [31, 33, 35, 37][east < 9 ? 0 : east < 21 ? 1 : east < 33 ? 2 : 3];
  return Math.min(60, Math.floor((east + 180) / 6) + 1);
}

/**
 * Universal transverse Mercator coordinates in metres, in the given zone.
 * @param {number} lat degrees @param {number} lon degrees @param {number} zone
 */
export function utm(lat, lon, zone) {
  const away = radians((((lon - (zone * 6 - 183) + 180) % 360) + 360) % 360) - Math.PI;
  const e = (2 * Math.sqrt(N)) / (1 + N);
  const sine = Math.sin(radians(lat));
  const t = Math.sinh(Math.atanh(sine) - e * Math.atanh(e * sine));
  const xi = Math.atan2(t, Math.cos(away));
  const eta = Math.atanh(Math.sin(away) / Math.hypot(1, t));
  let x = eta;
  let y = xi;
  ALPHA.forEach((a, i) => {
    const k = 2 * (i + 1);
    x += a * Math.cos(k * xi) * Math.sinh(k * eta);
    y += a * Math.sin(k * xi) * Math.cosh(k * eta);
  });
  const northing_m = SCALE * RECTIFYING_M * y;
  return { easting_m: 500000 + SCALE * RECTIFYING_M * x, northing_m: lat < 0 ? northing_m + 1e7 : northing_m };
}

/**
 * MGRS to one metre, for example "52S CG 12345 67890", or null where MGRS has no UTM grid.
 * @param {number} lat degrees @param {number} lon degrees
 */
export function mgrs(lat, lon) {
  if (!(lat >= -80 && lat <= 84) || !Number.isFinite(lon)) return null;
  const zone = utmZone(lat, lon);
  const { easting_m, northing_m } = utm(lat, lon, zone);
  const band = BANDS[Math.min(19, Math.floor((lat + 80) / 8))];
  const east = Math.floor(easting_m);
  const north = Math.floor(northing_m);
  const column = COLUMNS[(zone - 1) % 3][Math.floor(east / 100000) - 1];
  const row = ROWS[(Math.floor(north / 100000) + (zone % 2 === 0 ? 5 : 0)) % 20];
  const digits = (/** @type {number} */ metres) => String(metres % 100000).padStart(5, '0');
  return `${zone}${band} ${column}${row} ${digits(east)} ${digits(north)}`;
}

/**
 * Degrees, minutes and seconds to a tenth (3 m), for example 37°27′09.4″N.
 * @param {number} degrees @param {string} letters positive and negative hemisphere, for example "NS"
 */
function sexagesimal(degrees, letters) {
  const tenths = Math.round(Math.abs(degrees) * 36000);
  const d = Math.floor(tenths / 36000);
  const m = Math.floor((tenths % 36000) / 600);
  const s = (tenths % 600) / 10;
  return `${d}°${String(m).padStart(2, '0')}′${s.toFixed(1).padStart(4, '0')}″${letters[degrees < 0 ? 1 : 0]}`;
}

/**
 * @param {number} lat degrees @param {number} lon degrees
 * @param {'decimal'|'dms'|'mgrs'} style MGRS falls back to decimal where it has no grid
 */
export function writePosition(lat, lon, style) {
  if (style === 'dms') return `${sexagesimal(lat, 'NS')} ${sexagesimal(lon, 'EW')}`;
  const grid = style === 'mgrs' ? mgrs(lat, lon) : null;
  return grid ?? `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}
