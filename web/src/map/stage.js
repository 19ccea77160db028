/**
 * The stage: it knows what is to be drawn and when. A frame is drawn when something changed, and otherwise as often as the
 * fastest object moves half a pixel, so that a quiet night costs little and a raid stays smooth.
 *
 * @module
 */
import { readColours } from './colours.js';
import { offerSymbols, symbolKey } from './military.js';
import { groundAt, objectAt } from './pick.js';
import { listenToPointer } from './pointer.js';
import { drawBearings, drawGraticule, drawPlaces, drawSensors } from './scene/ground.js';
import { Drawn, drawObjects } from './scene/objects.js';
import { drawPaths } from './scene/paths.js';
import { ScaleBar } from './scale.js';
import { baseColours } from './style.js';
import { Texts } from './texts.js';
import { TrailKeeper } from './trail-lines.js';

/** @typedef {import('../state.js').App} App */
/** @typedef {import('../state.js').Notice} Notice */
/** @typedef {import('./surface.js').Surface} Surface */
/** @typedef {import('./painter.js').Painter} Painter */
/** @typedef {import('./mercator.js').Camera} Camera */
/** @typedef {import('./scene/objects.js').Look} Look */

const FASTEST_FRAME_MS = 30;
const SLOWEST_FRAME_MS = 250;
/** Trails, places, sensors and bearings are drawn anew so often; at once when the state that they show changes. */
const BACKDROP_EVERY_MS = 500;
const TEXTS_EVERY_MS = 200;
const URGENCY = { clear: 0, watch: 1, warning: 2, imminent: 3 };
/** A live picture older than this is marked: the map greys. */
const STALE_MS = 5000;
/** Of so many latest frames figures are kept. */
const FIGURES = 240;
const SAME_VIEW_DEG = 1e-7;
/** A followed object may be so far off the middle before the view moves after it. */
const FOLLOW_PX = 2;
/** Changes of these are seen at once; of the first group also in which rows are drawn. */
const SELECTING = /** @type {const} */ (['filters', 'isolate', 'selection', 'picked', 'notices', 'time']);
const SHOWING = /** @type {const} */ (['hover', 'follow', 'units', 'language']);
/** Changes of these change labels. */
const TELLING = /** @type {const} */ (['hover', 'selection', 'picked', 'layers', 'filters', 'units', 'theme']);
const BEHIND = /** @type {const} */ (['selection', 'notices', 'sensors', 'places', 'bearings', 'layers', 'draft', 'time']);

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
    this.writing = document.createElement('canvas');
    this.texts = new Texts(/** @type {CanvasRenderingContext2D} */ (this.writing.getContext('2d', { willReadFrequently: true })), app);
    /** @type {import('./texts.js').Box[]} */
    this.labels = [];
    this.textsVersion = 0;
    this.scale = new ScaleBar(element);
    /** @type {number[]} */
    this.rows = [];
    /** @type {Notice[]} */
    this.standing = [];
    this.dirty = true;
    this.rowsDirty = true;
    this.backdropAt = this.textsAt = this.frameAt = -Infinity;
    this.backdrop = 0;
    this.interval = SLOWEST_FRAME_MS;
    this.request = 0;
    this.stopped = false;
    this.frames = /** @type {number[]} */ ([]);
    this.drawMs = 0;
    /** @type {number[]} */
    this.lags = [];
    this.framesSeen = 0;
    this.textsView = '';
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
    const now = performance.now();
    this.frames = this.frames.filter((at) => now - at < 1000);
    const { drawn, drawMs } = this;
    const { count, malformed } = this.app.picture;
    const lagMs = [...this.lags].sort((a, b) => a - b)[this.lags.length >> 1] ?? NaN;
    return { framesPerS: this.frames.length, drawMs, lagMs, drawn: drawn.count, rows: count, labels: this.labels.length, webgl: this.surface?.webgl ?? false, malformed };
  }

  /** @returns {Promise<Blob>} */
  async png() {
    const layers = (await this.surface?.png()) ?? [];
    const { width, height } = this.writing;
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
    this.scale.destroy();
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
      ...TELLING.map((key) => state.on(key, () => (this.textsAt = -Infinity))),
      ...SHOWING.map((key) => state.on(key, () => this.refresh())),
      ...BEHIND.map((key) => state.on(key, () => this.#redrawBackdrop())),
      ...(/** @type {const} */ (['theme', 'dim', 'contrast'])).map((key) => state.on(key, repaint)),
      state.on('time', () => this.#onTime()),
      state.on('view', (view) => this.#onView(view)),
      listenToPointer(this.element, {
        click: (x, y, reach, add) => this.#click(x, y, reach, add),
        hover: (x, y, reach) => this.#hover(x, y, reach),
        leave: () => this.#leave(),
        twice: (x, y) => this.#twice(x, y),
      }),
    );
    const onDrag = () => state.get('follow') && state.set('follow', false);
    this.element.addEventListener('pointermove', (event) => event.buttons === 1 && event.target instanceof HTMLCanvasElement && onDrag());
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
    this.#drawNotices(painter, camera, look.nowMs);
    drawObjects(painter, camera, look, this.drawn);
    this.#drawTexts(painter, camera, look, began);
    this.interval = this.#pace(camera);
    this.#note(began, performance.now());
    this.#tellReady();
  }

  /** Figures of a frame; its pixels are out when the next one begins. @param {number} began @param {number} done */
  #note(began, done) {
    const { picture } = this.app;
    this.drawMs = done - began;
    this.frames.push(done);
    if (this.frames.length > FIGURES) this.frames.shift();
    if (picture.frames === this.framesSeen) return;
    this.framesSeen = picture.frames;
    const receivedMs = picture.newestReportMs;
    requestAnimationFrame(() => {
      this.lags.push(this.app.now() - receivedMs);
      if (this.lags.length > FIGURES) this.lags.shift();
    });
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
      this.#drawGround(painter, camera, look.nowMs);
      painter.flush();
      if (trails) painter.trails(this.trails.lines);
    });
  }

  /** @param {Painter} painter @returns {Look} */
  #look(painter) {
    const { state, picture } = this.app;
    const layers = state.get('layers');
    const chosen = this.#chosen();
    if (this.rowsDirty) this.#gather(chosen);
    const military = layers.symbols === 'app6' && this.#ownSymbols(painter);
    return {
      picture,
      rows: this.rows,
      nowMs: this.app.now(),
      colours: this.colours,
      layers,
      chosen,
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

  /** @param {Painter} painter @param {Camera} camera @param {number} nowMs */
  #drawGround(painter, camera, nowMs) {
    const { state } = this.app;
    const selection = state.get('selection');
    const layers = state.get('layers');
    const idOf = (/** @type {string} */ type) => (selection?.type === type ? String(selection.id) : null);
    drawGraticule(painter, camera, this.colours.rgb.graticule);
    if (layers.places) drawPlaces(painter, camera, state.get('places'), this.colours, idOf('place'), this.#threatened());
    if (layers.bearings) {
      const sensors = new Map(state.get('sensors').map((sensor) => [sensor.id, sensor]));
      drawBearings(painter, camera, state.get('bearings'), sensors, this.colours.rgb.bearing, nowMs);
    }
    if (layers.sensors) drawSensors(painter, camera, state.get('sensors'), this.colours, idOf('sensor'));
    const draft = state.get('draft');
    if (draft && draft.length > 0) {
      const points = draft.flatMap(({ lat, lon }) => camera.project(lat, lon));
      painter.line(points, 2, this.colours.rgb.focus, 1, 5, draft.length > 2);
      for (let i = 0; i < points.length; i += 2) painter.ring(points[i], points[i + 1], 4, 4, 0, 2, this.colours.rgb.focus, 1);
    }
  }

  /** @param {Painter} painter @param {Camera} camera @param {number} nowMs */
  #drawNotices(painter, camera, nowMs) {
    const selection = this.app.state.get('selection');
    const chosen = (/** @type {Notice} */ notice) =>
      (selection?.type === 'notice' && selection.id === notice.notice) ||
      (selection?.type === 'call' && selection.id === notice.call) ||
      (selection?.type === 'object' && selection.id === notice.track);
    const isolated = this.app.state.get('isolate');
    const shown = isolated ? this.standing.filter(chosen) : this.standing;
    drawPaths(painter, camera, shown, this.app.picture, { nowMs, colours: this.colours, chosen });
  }

  /** @param {Painter} painter @param {Camera} camera @param {Look} look @param {number} now */
  #drawTexts(painter, camera, look, now) {
    const { writing } = this;
    const [width, height] = [Math.round(camera.width * camera.ratio), Math.round(camera.height * camera.ratio)];
    const resized = writing.width !== width || writing.height !== height;
    if (resized) Object.assign(writing, { width, height });
    const view = `${camera.x} ${camera.y} ${camera.worldPx}`;
    if (resized || view !== this.textsView || now - this.textsAt >= TEXTS_EVERY_MS) {
      this.textsView = view;
      this.textsAt = now;
      this.textsVersion += 1;
      this.labels = this.texts.render(camera, look, this.drawn, this.standing);
      this.scale.show(camera, this.app.state.get('units') === 'nautical');
      this.#showAge();
    }
    painter.patches(this.textsVersion, writing, this.labels.map((label) => ({ ...label, ...this.#moved(camera, look, label) })));
  }

  /**
   * How far a label's object has moved since it was written, in whole device pixels, for letters stay sharp on these.
   * @param {Camera} camera @param {Look} look @param {import('./texts.js').Box} label
   */
  #moved(camera, { picture, nowMs }, { number, atX, atY }) {
    const row = number === null ? -1 : picture.rowOf(number);
    if (row < 0 || !picture.placed(row)) return { dx: 0, dy: 0 };
    const { lat, lon } = picture.place(row, nowMs);
    const [x, y] = camera.project(lat, lon);
    const whole = (/** @type {number} */ px) => Math.round(px * camera.ratio) / camera.ratio;
    return { dx: whole(x - atX), dy: whole(y - atY) };
  }

  #chosen() {
    const { state } = this.app;
    const selection = state.get('selection');
    const chosen = new Set(state.get('picked'));
    if (selection?.type === 'object') chosen.add(Number(selection.id));
    for (const { notice, call, track } of this.standing) {
      if (selection?.type === 'notice' && notice === selection.id) chosen.add(track);
      if (selection?.type === 'call' && call === selection.id) chosen.add(track);
    }
    return chosen;
  }

  /** @param {Set<number>} chosen */
  #gather(chosen) {
    const { state, picture, shown } = this.app;
    this.standing = state
      .get('notices')
      .filter((notice) => notice.ended_ms === null)
      .sort((a, b) => URGENCY[b.level] - URGENCY[a.level] || (a.arrival_ms ?? Infinity) - (b.arrival_ms ?? Infinity));
    const alone = state.get('isolate') && chosen.size > 0;
    this.rows = [];
    for (let row = 0; row < picture.count; row += 1) {
      if (alone ? chosen.has(picture.columns.number[row]) : shown(row)) this.rows.push(row);
    }
    this.rowsDirty = false;
  }

  #threatened() {
    const found = new Map();
    for (const { place, level } of this.standing) {
      if (!found.has(place) && URGENCY[level] > 0) found.set(place, this.colours.rgb[`level-${level}`]);
    }
    return found;
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
    const [number] = this.#chosen();
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

  /** @param {number} x @param {number} y @param {number} reach @param {boolean} add */
  #click(x, y, reach, add) {
    const { state, picture } = this.app;
    const camera = this.surface?.camera();
    if (!camera) return;
    const draft = state.get('draft');
    if (draft) return state.set('draft', [...draft, camera.unproject(x, y)]);
    const number = objectAt(this.drawn, picture, x, y, reach);
    if (number === null) {
      const layers = state.get('layers');
      const sensors = layers.sensors ? state.get('sensors') : [];
      state.set('picked', []);
      return state.set('selection', groundAt(camera, sensors, layers.places ? state.get('places') : [], x, y, reach));
    }
    const picked = state.get('picked');
    if (add) return state.set('picked', picked.includes(number) ? picked.filter((one) => one !== number) : [...picked, number]);
    state.set('picked', []);
    state.set('selection', { type: 'object', id: number });
  }

  /** @param {number} x @param {number} y @param {number} reach */
  #hover(x, y, reach) {
    const { state, picture } = this.app;
    const camera = this.surface?.camera();
    if (!camera) return;
    const number = objectAt(this.drawn, picture, x, y, reach);
    state.set('hover', number);
    this.element.style.setProperty('--map-cursor', state.get('draft') ? 'crosshair' : number === null ? '' : 'pointer');
    this.element.dispatchEvent(new CustomEvent('cursor', { detail: camera.unproject(x, y) }));
  }

  #leave() {
    this.app.state.set('hover', null);
    this.element.dispatchEvent(new CustomEvent('cursor', { detail: null }));
  }

  /** @param {number} x @param {number} y */
  #twice(x, y) {
    const camera = this.surface?.camera();
    if (camera && !this.app.state.get('draft')) this.surface?.goTo({ ...camera.unproject(x, y), zoom: camera.zoom + 1 });
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

