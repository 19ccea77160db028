/**
 * The surface without WebGL: a plain canvas that can be dragged and zoomed. Its ground is the graticule and the site's
 * overlay, no coast; objects, places and sensors are the same.
 *
 * @module
 */
import { CanvasPainter } from './canvas.js';
import { Camera } from './mercator.js';
import { LEAST_ZOOM, MOST_ZOOM } from './surface.js';

/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./surface.js').SurfaceOptions} SurfaceOptions */

const REST_MS = 150;
const WHEEL_ZOOM = 1 / 400;
const FIT_PADDING = 0.8;

/** @param {SurfaceOptions} options @returns {Surface} */
export function createPlainSurface(options) {
  return new PlainSurface(options);
}

/** @implements {Surface} */
class PlainSurface {
  /** @param {SurfaceOptions} options */
  constructor({ element, view, base, draw, onMove, onRest }) {
    this.webgl = false;
    this.element = element;
    this.view = { ...view };
    this.base = base;
    this.onMove = onMove;
    this.onRest = onRest;
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'map-ground';
    this.canvas.tabIndex = 0;
    element.append(this.canvas);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    this.painter = new CanvasPainter(this.context);
    this.eye = new Camera();
    this.draw = draw;
    this.frame = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    /** @type {any} */
    this.geojson = null;
    /** @type {import('./surface.js').GroundImage | null} */
    this.ground = null;
    /** @type {Map<number, {x: number, y: number}>} */
    this.pointers = new Map();
    this.observer = new ResizeObserver(() => this.repaint());
    this.observer.observe(element);
    this.ready = /** @type {Promise<void>} */ (new Promise((resolve) => requestAnimationFrame(() => resolve())));
    this.#listen();
    this.repaint();
  }

  camera() {
    const { lat, lon, zoom } = this.view;
    this.eye.look(lat, lon, zoom, this.element.clientWidth, this.element.clientHeight, Math.min(devicePixelRatio, 2));
    return this.eye;
  }

  repaint() {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.#paintFrame());
  }

  /** @param {{lat: number, lon: number, zoom?: number}} view */
  jumpTo({ lat, lon, zoom = this.view.zoom }) {
    this.#move({ lat, lon, zoom });
  }

  /** @param {{lat: number, lon: number, zoom?: number}} view */
  goTo(view) {
    this.jumpTo(view);
  }

  /** @param {[number, number][]} points */
  fit(points) {
    if (points.length === 0) return;
    const camera = this.camera();
    const xs = points.map(([lat, lon]) => camera.project(lat, lon)[0]);
    const ys = points.map(([lat, lon]) => camera.project(lat, lon)[1]);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const share = Math.max((right - left) / camera.width, (bottom - top) / camera.height, 1e-6) / FIT_PADDING;
    const zoom = Math.min(14, this.view.zoom - Math.log2(share));
    this.#move({ ...camera.unproject((left + right) / 2, (top + bottom) / 2), zoom });
  }

  /** @param {number} by */
  zoomBy(by) {
    this.#move({ ...this.view, zoom: this.view.zoom + by });
  }

  /** @param {import('./style.js').BaseColours} colours */
  paint(colours) {
    this.base = colours;
    this.repaint();
  }

  /** @param {any} geojson */
  overlay(geojson) {
    this.geojson = geojson;
    this.repaint();
  }

  /** @param {import('./surface.js').GroundImage | null} image */
  image(image) {
    this.ground = image;
    this.repaint();
  }

  /** @returns {Promise<(Blob | null)[]>} */
  async png() {
    return [await new Promise((resolve) => this.canvas.toBlob(resolve))];
  }

  destroy() {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    this.painter.destroy();
    this.canvas.remove();
  }

  #paintFrame() {
    this.frame = 0;
    const camera = this.camera();
    const [width, height] = [Math.round(camera.width * camera.ratio), Math.round(camera.height * camera.ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const { context } = this;
    context.setTransform(camera.ratio, 0, 0, camera.ratio, 0, 0);
    context.fillStyle = this.base.sea;
    context.fillRect(0, 0, camera.width, camera.height);
    this.#paintGround(camera);
    this.draw(this.painter, camera);
  }

  /** @param {Camera} camera */
  #paintGround(camera) {
    const { context } = this;
    if (this.ground) {
      const { west, north, east, south, canvas } = this.ground;
      const [left, top] = camera.project(north, west);
      const [right, bottom] = camera.project(south, east);
      context.drawImage(canvas, left, top, right - left, bottom - top);
    }
    context.strokeStyle = this.base.overlay;
    context.lineWidth = 1;
    for (const line of linesOf(this.geojson)) {
      context.beginPath();
      for (const [lon, lat] of line) context.lineTo(...camera.project(lat, lon));
      context.stroke();
    }
  }

  /** @param {{lat: number, lon: number, zoom: number}} view */
  #move({ lat, lon, zoom }) {
    this.view = { lat: Math.min(85, Math.max(-85, lat)), lon, zoom: Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom)) };
    this.onMove();
    this.repaint();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.onRest(), REST_MS);
  }

  /** Zoom so that what lies under a point stays there. @param {number} x @param {number} y @param {number} by */
  #zoomAt(x, y, by) {
    const camera = this.camera();
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, this.view.zoom + by));
    const keep = 1 - 2 ** (this.view.zoom - zoom);
    const centre = camera.unproject(camera.width / 2 + (x - camera.width / 2) * keep, camera.height / 2 + (y - camera.height / 2) * keep);
    this.#move({ ...centre, zoom });
  }

  #listen() {
    const { canvas, pointers } = this;
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      this.#zoomAt(event.clientX - box.left, event.clientY - box.top, -event.deltaY * WHEEL_ZOOM);
    }, { passive: false });
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    canvas.addEventListener('pointermove', (event) => this.#drag(event));
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) {
      canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
    }
  }

  /** @param {PointerEvent} event */
  #drag({ pointerId, clientX: x, clientY: y }) {
    const before = this.pointers.get(pointerId);
    if (!before) return;
    const others = [...this.pointers.entries()].filter(([id]) => id !== pointerId);
    this.pointers.set(pointerId, { x, y });
    const camera = this.camera();
    if (others.length === 1) {
      const other = others[0][1];
      const ratio = Math.hypot(x - other.x, y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      const box = this.canvas.getBoundingClientRect();
      this.#zoomAt((x + other.x) / 2 - box.left, (y + other.y) / 2 - box.top, Math.log2(ratio));
    } else if (others.length === 0) {
      const centre = camera.unproject(camera.width / 2 - (x - before.x), camera.height / 2 - (y - before.y));
      this.#move({ ...centre, zoom: this.view.zoom });
    }
  }
}

/** @param {any} geojson @returns {number[][][]} all lines and outlines in it */
export function linesOf(geojson) {
  const features = Array.isArray(geojson?.features) ? geojson.features : [];
  return features.flatMap((/** @type {any} */ { geometry }) => {
    if (geometry?.type === 'LineString') return [geometry.coordinates];
    if (geometry?.type === 'Polygon' || geometry?.type === 'MultiLineString') return geometry.coordinates;
    return geometry?.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
  });
}
