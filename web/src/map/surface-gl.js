/**
 * The surface with WebGL2: MapLibre draws the base map and moves the view, our own layer lies on top. North is up and the
 * view is straight down, always.
 *
 * @module
 */
import { AttributionControl, LngLatBounds, Map as GlMap, addProtocol, removeProtocol, setWorkerUrl } from 'maplibre-gl';
import { Protocol } from 'pmtiles';
import { Camera } from './mercator.js';
import { GlPainter } from './gl/painter.js';
import { baseLayers, baseStyle } from './style.js';

/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./surface.js').SurfaceOptions} SurfaceOptions */

const LEAST_ZOOM = 2;
const MOST_ZOOM = 19;
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
  map.addControl(new AttributionControl({ compact: true, customAttribution: 'Natural Earth' }), 'bottom-right');
  const camera = new Camera();
  /** @type {GlPainter | null} */
  let painter = null;
  /** @type {((blob: Blob | null) => void)[]} */
  const wanted = [];
  let coverage = '';

  const layer = /** @type {import('maplibre-gl').CustomLayerInterface} */ ({
    id: 'lowsky',
    type: 'custom',
    renderingMode: '2d',
    onAdd(_, gl) {
      painter = new GlPainter(gl);
    },
    onRemove() {
      painter?.destroy();
      painter = null;
    },
    render() {
      if (!painter) return;
      aim();
      draw(painter, camera);
      if (wanted.length) {
        const canvas = map.getCanvas();
        for (const give of wanted.splice(0)) canvas.toBlob(give);
      }
    },
  });
  const aim = () => {
    const { lat, lng } = map.getCenter();
    camera.look(lat, lng, map.getZoom(), element.clientWidth, element.clientHeight, map.getPixelRatio());
    return camera;
  };
  const reduced = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
  map.on('style.load', () => {
    if (!map.getLayer('lowsky')) map.addLayer(layer);
  });
  map.on('move', (event) => onMove('originalEvent' in event && event.originalEvent instanceof Event));
  map.on('moveend', onRest);
  const ready = /** @type {Promise<void>} */ (new Promise((resolve) => map.once('idle', () => resolve())));
  const observer = new ResizeObserver(() => map.resize());
  observer.observe(element);

  return {
    webgl: true,
    ready,
    camera: aim,
    repaint: () => map.triggerRepaint(),
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
      if (image === null || !map.getLayer('lowsky')) return;
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
    png: () =>
      new Promise((resolve) => {
        wanted.push(resolve);
        map.triggerRepaint();
      }),
    destroy() {
      observer.disconnect();
      map.remove();
      removeProtocol('pmtiles');
    },
  };
}
