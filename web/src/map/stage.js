/**
 * The stage: it knows what is to be drawn and when. A frame is drawn when something changed, and otherwise as often as the
 * fastest object moves half a pixel, so that a quiet night costs little and a raid stays smooth.
 *
 * @module
 */
import { Cast } from './cast.js';
import { readColours } from './colours.js';
import { listenToHands } from './hands.js';
import { Meter } from './meter.js';
import { offerSymbols, symbolKey } from './military.js';
import { composeGround, composePaths } from './scene/compose.js';
import { Drawn, drawObjects } from './scene/objects.js';
import { Edge } from './scale.js';
import { baseColours } from './style.js';
import { TrailKeeper } from './trail-lines.js';
import { Writing } from './writing.js';

/** @typedef {import('../state.js').App} App */
/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./painter.js').Painter} Painter */
/** @typedef {import('./mercator.js').Camera} Camera */
/** @typedef {import('./scene/objects.js').Look} Look */

const FASTEST_FRAME_MS = 30;
const SLOWEST_FRAME_MS = 250;
/** Trails, places, sensors and bearings are drawn anew so often; at once when the state that they show changes. */
const BACKDROP_EVERY_MS = 500;
/** A live picture older than this is marked: the map greys. */
const STALE_MS = 5000;
const SAME_VIEW_DEG = 1e-7;
/** A followed object may be so far off the middle before the view moves after it. */
const FOLLOW_PX = 2;
/** Changes of these are seen at once; of the first group also in which rows are drawn. */
const SELECTING = /** @type {const} */ (['filters', 'isolate', 'selection', 'picked', 'notices', 'time']);
const SHOWING = /** @type {const} */ (['hover', 'follow', 'units', 'language']);
/** Changes of these change labels. */
const TELLING = /** @type {const} */ (['hover', 'selection', 'picked', 'layers', 'filters', 'units', 'theme']);
const BEHIND = /** @type {const} */ (['selection', 'notices', 'sensors', 'places', 'bearings', 'operators', 'friends', 'layers', 'draft', 'time']);

export class Stage {
  /** @param {HTMLElement} element @param {App} app */
  constructor(element, app) {
    this.element = element;
    this.app = app;
    this.colours = readColours();
    this.trails = new TrailKeeper(app.picture);
    this.drawn = new Drawn();
    /** @type {Surface | null} */
    this.surface = null;
    this.writing = new Writing(app);
    this.edge = new Edge(element, app.state);
    this.cast = new Cast(app);
    this.dirty = true;
    this.rowsDirty = true;
    this.backdropAt = this.frameAt = -Infinity;
    this.backdrop = 0;
    this.interval = SLOWEST_FRAME_MS;
    this.request = 0;
    this.stopped = false;
    this.meter = new Meter();
    /** @type {number | undefined} */
    this.timeMs = undefined;
    /** @type {Painter | null} */
    this.symbolsOf = null;
    /** @type {(() => void)[]} */
    this.offs = [];
  }

  /** @param {(options: import('./surface.js').SurfaceOptions) => Surface} create */
  begin(create) {
    const { state } = this.app;
    this.surface = create({
      element: this.element,
      view: state.get('view') ?? { lat: 0, lon: 0, zoom: 2 },
      base: this.#base(),
      draw: (painter, camera) => this.#draw(painter, camera),
      onMove: () => this.refresh(),
      onRest: () => this.#tellView(),
    });
    const name = () => {
      for (const canvas of this.element.querySelectorAll('canvas[tabindex]')) canvas.setAttribute('aria-label', this.app.text('map.title'));
    };
    name();
    this.offs.push(state.on('language', name));
    this.#listen();
    const loop = (/** @type {number} */ now) => {
      this.#tick(now);
      this.request = requestAnimationFrame(loop);
    };
    this.request = requestAnimationFrame(loop);
    void this.surface.ready.then(() => this.#tellView());
  }

  /** Have a frame drawn soon. */
  refresh() {
    this.dirty = true;
  }

  /** @returns {import('./index.js').Figures} */
  figures() {
    const { count, malformed } = this.app.picture;
    const { drawn, writing, surface } = this;
    return { ...this.meter.read(), drawn: drawn.count, rows: count, labels: writing.labels.length, webgl: surface?.webgl ?? false, malformed };
  }

  /** @returns {Promise<Blob>} */
  async png() {
    const layers = (await this.surface?.png()) ?? [];
    const { width, height } = this.writing.canvas;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const draw = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    for (const blob of layers) {
      if (!blob) throw new Error('the map could not be drawn');
      draw.drawImage(await createImageBitmap(blob), 0, 0, width, height);
    }
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the map could not be drawn'))));
    });
  }

  destroy() {
    cancelAnimationFrame(this.request);
    for (const off of this.offs) off();
    this.trails.destroy();
    this.surface?.destroy();
    this.edge.destroy();
  }

  #base() {
    const { state } = this.app;
    return baseColours(this.colours, state.get('dim'), state.get('contrast'));
  }

  #listen() {
    const { state, picture } = this.app;
    const onChange = () => {
      this.rowsDirty = true;
      this.refresh();
    };
    picture.addEventListener('change', onChange);
    const repaint = () => {
      this.colours = readColours();
      this.surface?.paint(this.#base());
      this.symbolsOf = null;
      this.#redrawBackdrop();
      onChange();
    };
    this.offs.push(
      () => picture.removeEventListener('change', onChange),
      ...SELECTING.map((key) => state.on(key, onChange)),
      ...TELLING.map((key) => state.on(key, () => this.writing.refresh())),
      ...SHOWING.map((key) => state.on(key, () => this.refresh())),
      ...BEHIND.map((key) => state.on(key, () => this.#redrawBackdrop())),
      ...(/** @type {const} */ (['theme', 'dim', 'contrast'])).map((key) => state.on(key, repaint)),
      state.on('time', () => this.#onTime()),
      state.on('view', (view) => this.#onView(view)),
      listenToHands(this),
    );
  }

  #redrawBackdrop() {
    this.backdropAt = -Infinity;
    this.refresh();
  }

  /** @param {number} now */
  #tick(now) {
    if (this.stopped || document.hidden) return;
    this.#follow();
    if (!this.dirty && now - this.frameAt < this.interval) return;
    this.frameAt = now;
    this.dirty = false;
    this.surface?.repaint();
  }

  /** @param {Painter} painter @param {Camera} camera */
  #draw(painter, camera) {
    if (this.stopped) return;
    const began = performance.now();
    const look = this.#look(painter);
    painter.begin(camera);
    painter.halo(this.colours.rgb['map-halo']);
    this.#drawBackdrop(painter, camera, look, began);
    composePaths(painter, camera, this, look.nowMs);
    drawObjects(painter, camera, look, this.drawn);
    if (this.writing.draw(painter, camera, look, this.drawn, this.cast.standing, began)) {
      this.edge.show(camera, this.app.state.get('units') === 'nautical');
      this.#showAge();
    }
    this.interval = this.#pace(camera);
    this.meter.note(began, this.app.picture, this.app.now);
    this.#tellReady();
  }

  /** @param {Painter} painter @param {Camera} camera @param {Look} look @param {number} now */
  #drawBackdrop(painter, camera, look, now) {
    const trails = look.layers.trails !== 'off';
    if (now - this.backdropAt > BACKDROP_EVERY_MS) {
      this.backdropAt = now;
      this.backdrop += 1;
      if (trails) this.trails.refresh(look, this.drawn, camera);
    }
    painter.backdrop(String(this.backdrop), () => {
      if (look.layers.heat) this.trails.heat.draw(painter, camera, this.colours.rgb.trail);
      composeGround(painter, camera, this, look.nowMs);
      painter.flush();
      if (trails) painter.trails(this.trails.lines);
    });
  }

  /** @param {Painter} painter @returns {Look} */
  #look(painter) {
    const { state, picture } = this.app;
    const layers = state.get('layers');
    const chosen = this.cast.chosen();
    if (this.rowsDirty) this.cast.gather(chosen);
    this.rowsDirty = false;
    const military = layers.symbols === 'app6' && this.#ownSymbols(painter);
    return {
      picture,
      rows: this.cast.rows,
      nowMs: this.app.now(),
      colours: this.colours,
      layers,
      chosen,
      quiet: this.cast.quiet,
      hover: state.get('hover'),
      pictures: military ? (row) => symbolKey(picture.kindOf(row), picture.levelOf(row), this.colours) : null,
    };
  }

  /** Whether the symbols of APP-6 are there; they are fetched at the first time. @param {Painter} painter */
  #ownSymbols(painter) {
    const { kinds, levels } = this.app.picture;
    if (painter.has(symbolKey(kinds[0], levels[0], this.colours))) return true;
    if (this.symbolsOf !== painter) {
      this.symbolsOf = painter;
      void offerSymbols(painter, kinds, levels, this.colours).then(() => this.refresh());
    }
    return false;
  }

  /** @param {Camera} camera @returns {number} ms until the fastest object has moved half a pixel */
  #pace(camera) {
    const { drawn } = this;
    const c = this.app.picture.columns;
    let fastest = 0;
    for (let i = 0; i < drawn.count; i += 1) {
      const row = drawn.rows[i];
      fastest = Math.max(fastest, Math.hypot(c.east_mps[row], c.north_mps[row]) || 0);
    }
    const pxPerS = fastest * camera.pxPerM(this.#middle().lat);
    return Math.min(SLOWEST_FRAME_MS, Math.max(FASTEST_FRAME_MS, 500 / Math.max(pxPerS, 0.01)));
  }

  #middle() {
    return this.surface?.camera().unproject(this.element.clientWidth / 2, this.element.clientHeight / 2) ?? { lat: 0, lon: 0 };
  }

  #follow() {
    const { state, picture } = this.app;
    if (!state.get('follow') || !this.surface) return;
    const [number] = this.cast.chosen();
    const row = number === undefined ? -1 : picture.rowOf(number);
    if (row < 0 || !picture.placed(row)) return;
    const { lat, lon } = picture.place(row, this.app.now());
    const [x, y] = this.surface.camera().project(lat, lon);
    if (Math.hypot(x - this.element.clientWidth / 2, y - this.element.clientHeight / 2) > FOLLOW_PX) this.surface.jumpTo({ lat, lon });
  }

  /** The map greys when what it shows is old, for silence must never look like calm. */
  #showAge() {
    const { state, picture } = this.app;
    const live = state.get('time').mode === 'live';
    const old = live && (state.get('link').state === 'lost' || this.app.now() - picture.pictureMs > STALE_MS);
    if (old !== this.element.classList.contains('stale')) this.element.classList.toggle('stale', old);
  }

  #tellView() {
    if (!this.surface) return;
    const camera = this.surface.camera();
    const { lat, lon } = this.#middle();
    this.app.state.set('view', { lat, lon, zoom: camera.zoom });
    this.app.state.set('bounds', camera.bounds());
    this.refresh();
  }

  /** @param {import('../state.js').View | null} view */
  #onView(view) {
    if (!view || !this.surface) return;
    const here = this.#middle();
    const zoom = this.surface.camera().zoom;
    const same = Math.abs(here.lat - view.lat) < SAME_VIEW_DEG && Math.abs(here.lon - view.lon) < SAME_VIEW_DEG && Math.abs(zoom - view.zoom) < 1e-4;
    if (!same) this.surface.jumpTo(view);
  }

  /** A jump in time begins all trails anew. */
  #onTime() {
    const now = this.app.now();
    if (Math.abs(now - (this.timeMs ?? now)) > 10_000) this.trails.store.clear();
    this.timeMs = now;
  }

  #tellReady() {
    if (this.element.dataset.ready === 'yes' || this.app.picture.frames === 0) return;
    void this.surface?.ready.then(() => {
      this.element.dataset.ready = 'yes';
      if (!this.app.state.get('screenshot')) return;
      this.stopped = true;
      document.body.dataset.ready = 'yes';
    });
  }
}

