/**
 * The surface with WebGL2: MapLibre draws the ground and moves the view, and on a transparent canvas of our own over it
 * lies what moves. North is up and the view is straight down, always.
 *
 * Two canvases, because the ground seldom changes and the objects always do: with software rendering a frame of the ground
 * costs ten times one of a hundred objects. While the view moves both are drawn in the same frame; when it rests, ours
 * takes a picture of the ground and MapLibre's is left out, for each canvas costs the browser a copy of the screen.
 *
 * @module
 */
import { LngLatBounds, Map as GlMap, addProtocol, removeProtocol, setWorkerUrl } from 'maplibre-gl';
import { Protocol } from 'pmtiles';
import { Camera } from './mercator.js';
import { GlPainter } from './gl/painter.js';
import { baseLayers, baseStyle } from './style.js';
import { LEAST_ZOOM, MOST_ZOOM } from './surface.js';

/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./surface.js').SurfaceOptions} SurfaceOptions */

const EASE_MS = 350;

/**
 * @param {SurfaceOptions} options
 * @returns {Surface}
 * @throws {Error} when there is no WebGL2
 */
export function createGlSurface({ element, view, base, draw, onMove, onRest }) {
  const protocol = new Protocol();
  addProtocol('pmtiles', protocol.tile);
  setWorkerUrl(new URL('../../vendor/maplibre-gl/maplibre-gl-worker.mjs', import.meta.url).href);
  const map = new GlMap({
    container: element,
    style: /** @type {any} */ (baseStyle(new URL('../../assets/basemap.pmtiles', import.meta.url).href, base)),
    center: [view.lon, view.lat],
    zoom: view.zoom,
    minZoom: LEAST_ZOOM,
    maxZoom: MOST_ZOOM,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    keyboard: false,
    boxZoom: false,
    doubleClickZoom: false,
    attributionControl: false,
    fadeDuration: 0,
    renderWorldCopies: true,
    canvasContextAttributes: { antialias: false, powerPreference: 'high-performance' },
  });
  map.touchZoomRotate.disableRotation();
  const camera = new Camera();
  const live = new LiveCanvas(element);
  let coverage = '';
  const paintLive = () => live.paint(aim(), draw);
  const aim = () => {
    const { lat, lng } = map.getCenter();
    camera.look(lat, lng, map.getZoom(), element.clientWidth, element.clientHeight, map.getPixelRatio());
    return camera;
  };
  const reduced = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
  map.on('move', onMove);
  map.on('movestart', () => live.rest(null));
  map.on('render', paintLive);
  map.on('idle', () => {
    if (map.isMoving()) return;
    live.rest(map.getCanvas());
    paintLive();
  });
  map.on('moveend', onRest);
  const ready = /** @type {Promise<void>} */ (new Promise((resolve) => map.once('idle', () => resolve())));
  const observer = new ResizeObserver(() => map.resize());
  observer.observe(element);

  return {
    webgl: true,
    ready,
    camera: aim,
    repaint: paintLive,
    jumpTo: ({ lat, lon, zoom }) => map.jumpTo({ center: [lon, lat], ...(zoom === undefined ? {} : { zoom }) }),
    goTo({ lat, lon, zoom }) {
      map.easeTo({ center: [lon, lat], ...(zoom === undefined ? {} : { zoom }), duration: reduced() ? 0 : EASE_MS });
    },
    fit(points) {
      const bounds = new LngLatBounds();
      for (const [lat, lon] of points) bounds.extend([lon, lat]);
      const padding = Math.min(80, element.clientWidth / 5, element.clientHeight / 5);
      map.fitBounds(bounds, { padding, maxZoom: 14, duration: reduced() ? 0 : EASE_MS });
    },
    zoomBy: (by) => map.easeTo({ zoom: map.getZoom() + by, duration: reduced() ? 0 : EASE_MS / 2 }),
    paint(colours) {
      for (const { id, paint } of baseLayers(colours)) {
        if (!map.getLayer(id)) continue;
        for (const [name, value] of Object.entries(paint)) /** @type {any} */ (map).setPaintProperty(id, name, value);
      }
    },
    overlay(geojson) {
      const put = () => /** @type {import('maplibre-gl').GeoJSONSource} */ (map.getSource('overlay'))?.setData(geojson);
      if (map.isStyleLoaded()) put();
      else map.once('load', put);
    },
    image(image) {
      if (coverage) {
        map.removeLayer(coverage);
        map.removeSource(coverage);
        coverage = '';
      }
      if (image === null || !map.getLayer('border')) return;
      const { west, south, east, north } = image;
      coverage = 'coverage';
      map.addSource(coverage, {
        type: 'canvas',
        canvas: image.canvas,
        animate: false,
        coordinates: [
          [west, north],
          [east, north],
          [east, south],
          [west, south],
        ],
      });
      map.addLayer({ id: coverage, type: 'raster', source: coverage, paint: { 'raster-fade-duration': 0 } }, 'border');
    },
    async png() {
      const ground = await new Promise((resolve) => {
        map.once('render', () => map.getCanvas().toBlob(resolve));
        map.triggerRepaint();
      });
      paintLive();
      return [ground, await live.png()];
    },
    destroy() {
      observer.disconnect();
      live.destroy();
      map.remove();
      removeProtocol('pmtiles');
    },
  };
}

/** The transparent canvas of what moves. */
class LiveCanvas {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = Object.assign(document.createElement('canvas'), { className: 'map-live' });
    parent.append(this.canvas);
    const options = { antialias: false, depth: false, stencil: false, powerPreference: 'high-performance' };
    this.gl = /** @type {WebGL2RenderingContext | null} */ (this.canvas.getContext('webgl2', options));
    if (!this.gl) throw new Error('this browser has no WebGL2');
    /** @type {GlPainter | null} */
    this.painter = new GlPainter(this.gl);
    /** @type {HTMLCanvasElement | null} */
    this.below = null;
    this.canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      this.painter = null;
      this.rest(null);
    });
    this.canvas.addEventListener('webglcontextrestored', () => {
      if (this.gl) this.painter = new GlPainter(this.gl);
    });
  }

  /** The view rests, and this is the ground, drawn just now; or it moves. @param {HTMLCanvasElement | null} ground */
  rest(ground) {
    if (this.below) this.below.style.opacity = '';
    this.below = this.painter ? ground : null;
    this.painter?.backing.lay(this.below);
    if (this.below) this.below.style.opacity = '0';
  }

  /** @param {Camera} camera @param {SurfaceOptions['draw']} draw */
  paint(camera, draw) {
    const { canvas, gl, painter } = this;
    if (!gl || !painter || gl.isContextLost()) return;
    const [width, height] = [Math.round(camera.width * camera.ratio), Math.round(camera.height * camera.ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    draw(painter, camera);
  }

  /** Only right after `paint`. @returns {Promise<Blob | null>} */
  png() {
    return new Promise((resolve) => this.canvas.toBlob(resolve));
  }

  destroy() {
    this.painter?.destroy();
    this.canvas.remove();
  }
}
