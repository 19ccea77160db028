/**
 * Web mercator in float64: the earth as a square of side 1, and a camera that looks straight down on it, north up.
 * Positions on the screen are computed here, for the graphics card knows 32 bits only, which at a site's scale is metres.
 *
 * @module
 */

export const EARTH_M = 40_075_016.685578488;
/** Where mercator's square ends. */
export const MOST_LAT = 85.051128779806589;
const TILE_PX = 512;

/** @param {number} lon degrees @returns {number} 0 at the antimeridian's west, 1 at its east */
export function mercatorX(lon) {
  return (lon + 180) / 360;
}

/** @param {number} lat degrees @returns {number} 0 in the north, 1 in the south */
export function mercatorY(lat) {
  const radians = (Math.min(Math.max(lat, -MOST_LAT), MOST_LAT) * Math.PI) / 180;
  return 0.5 - Math.asinh(Math.tan(radians)) / (2 * Math.PI);
}

/** @param {number} x @returns {number} degrees */
export function lonOf(x) {
  return x * 360 - 180;
}

/** @param {number} y @returns {number} degrees */
export function latOf(y) {
  return (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;
}

/**
 * Degrees a way off, on a sphere: enough to draw with (0.5 % at most against the ellipsoid).
 * @param {number} lat @param {number} lon @param {number} azimuthDeg @param {number} rangeM
 * @returns {[lat: number, lon: number]}
 */
export function offset(lat, lon, azimuthDeg, rangeM) {
  const angle = (rangeM / EARTH_M) * 2 * Math.PI;
  const from = (lat * Math.PI) / 180;
  const azimuth = (azimuthDeg * Math.PI) / 180;
  const to = Math.asin(Math.sin(from) * Math.cos(angle) + Math.cos(from) * Math.sin(angle) * Math.cos(azimuth));
  const east = Math.atan2(
    Math.sin(azimuth) * Math.sin(angle) * Math.cos(from),
    Math.cos(angle) - Math.sin(from) * Math.sin(to),
  );
  return [(to * 180) / Math.PI, lon + (east * 180) / Math.PI];
}

/** What part of the earth is on the screen, and where. */
export class Camera {
  constructor() {
    this.x = 0.5;
    this.y = 0.5;
    /** Side of the earth's square, CSS pixels. */
    this.worldPx = TILE_PX;
    this.width = 1;
    this.height = 1;
    /** Device pixels per CSS pixel. */
    this.ratio = 1;
  }

  /**
   * @param {number} lat @param {number} lon @param {number} zoom
   * @param {number} width CSS pixels @param {number} height @param {number} ratio
   */
  look(lat, lon, zoom, width, height, ratio) {
    this.x = mercatorX(lon);
    this.y = mercatorY(lat);
    this.worldPx = TILE_PX * 2 ** zoom;
    this.width = width;
    this.height = height;
    this.ratio = ratio;
  }

  /** @param {number} x mercator, taken on the side of the earth that is nearer @returns {number} CSS pixels */
  px(x) {
    let dx = x - this.x;
    if (dx > 0.5) dx -= 1;
    else if (dx < -0.5) dx += 1;
    return dx * this.worldPx + this.width / 2;
  }

  /** @param {number} y mercator @returns {number} CSS pixels */
  py(y) {
    return (y - this.y) * this.worldPx + this.height / 2;
  }

  /** @param {number} lat @param {number} lon @returns {[x: number, y: number]} CSS pixels */
  project(lat, lon) {
    return [this.px(mercatorX(lon)), this.py(mercatorY(lat))];
  }

  /** @param {number} px @param {number} py @returns {{lat: number, lon: number}} */
  unproject(px, py) {
    const lon = lonOf(this.x + (px - this.width / 2) / this.worldPx);
    return { lat: latOf(this.y + (py - this.height / 2) / this.worldPx), lon: ((lon + 540) % 360) - 180 };
  }

  /** @param {number} lat @returns {number} CSS pixels that a metre is long there */
  pxPerM(lat) {
    return this.worldPx / (EARTH_M * Math.cos((lat * Math.PI) / 180));
  }

  /** @param {number} x @param {number} y @param {number} margin CSS pixels */
  sees(x, y, margin) {
    return x > -margin && y > -margin && x < this.width + margin && y < this.height + margin;
  }

  get zoom() {
    return Math.log2(this.worldPx / TILE_PX);
  }

  /** @returns {{west: number, south: number, east: number, north: number}} degrees */
  bounds() {
    const halfX = this.width / 2 / this.worldPx;
    const halfY = this.height / 2 / this.worldPx;
    return {
      west: lonOf(this.x - halfX),
      south: latOf(this.y + halfY),
      east: lonOf(this.x + halfX),
      north: latOf(this.y - halfY),
    };
  }
}
