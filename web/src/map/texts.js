/**
 * The labels' words: objects' names, heights and speeds, places, sensors in trouble. They are written on a canvas of their
 * own a few times a second; a painter takes them from there for each frame, beside where their objects are by then.
 *
 * @module
 */
import { FLAG_ACKNOWLEDGED, NO_IDENTITY, isPosition } from '../picture.js';
import { Format } from '../units.js';
import { Occupancy, Placer, WARNS } from './labels.js';
import { footprint, isBroken } from './scene/ground.js';
import { levelColour, reachOf } from './scene/objects.js';
import { wavesOf } from './waves.js';

/** @typedef {import('../state.js').App} App */
/** @typedef {import('./mercator.js').Camera} Camera */
/** @typedef {import('./scene/objects.js').Drawn} Drawn */
/** @typedef {import('./scene/objects.js').Look} Look */
/** @typedef {import('./waves.js').Wave} Wave */
/** @typedef {{lines: string[], colour: string, strong: boolean}} Text */
/** @typedef {import('./labels.js').Wish & Text & {number: number | null}} Label `number` of its object */
/** @typedef {{x: number, y: number, width: number, height: number, atX: number, atY: number, number: number | null}} Box
 *   where a label was written, and where its point was then */

const FONT_PX = 12;
const LINE_PX = 14;
/** A report older than this is told. */
const OLD_S = 3;
const SYMBOL_HALF_PX = 9;
/** Between what is drawn of an object and its label. */
const GAP_PX = 4;
/** Width and height of what stands in the lower corners: the scale, and where the ground comes from. */
const CORNER_PX = [120, 24];
const MOST_WIDTHS = 2000;

/** Draws labels; keeps their sides from frame to frame. */
export class Texts {
  /** @param {CanvasRenderingContext2D} draw @param {App} app */
  constructor(draw, app) {
    this.draw = draw;
    this.app = app;
    this.placer = new Placer();
    this.format = new Format(app);
    /** @type {Map<string, number>} */
    this.widths = new Map();
    this.font = '';
  }

  /**
   * @param {Camera} camera @param {Look} look @param {Drawn} drawn
   * @param {import('../state.js').Notice[]} notices standing ones
   * @returns {Box[]}
   */
  render(camera, look, drawn, notices) {
    const { draw } = this;
    draw.setTransform(camera.ratio, 0, 0, camera.ratio, 0, 0);
    draw.clearRect(0, 0, camera.width, camera.height);
    if (look.layers.labels === 0 && look.chosen.size === 0 && look.hover === null) return [];
    const occupancy = new Occupancy(camera.width, camera.height);
    occupancy.take(0, camera.height - CORNER_PX[1], CORNER_PX[0], camera.height);
    occupancy.take(camera.width - CORNER_PX[0], camera.height - CORNER_PX[1], camera.width, camera.height);
    takeSymbols(occupancy, look, drawn, true);
    const labels = [...this.#places(camera, look), ...this.#sensors(camera, look), ...this.#people(camera, look), ...this.#objects(look, drawn, notices)];
    const placed = this.placer.place(labels, occupancy, () => takeSymbols(occupancy, look, drawn, false));
    this.#write(labels, placed, look.colours.css['map-halo']);
    return placed.map(({ index, x, y }) => {
      const { width, height, x: atX, y: atY, number } = labels[index];
      return { x, y, width, height, atX, atY, number };
    });
  }

  /**
   * @param {Look} look @param {Drawn} drawn @param {import('../state.js').Notice[]} notices
   * @returns {Label[]}
   */
  #objects(look, drawn, notices) {
    const { picture, chosen, layers } = look;
    const arrivals = earliest(notices);
    const waves = wavesOf(notices, this.#numbersOf(look, drawn), (number) => picture.countOf(number));
    const labels = [];
    for (let i = 0; i < drawn.count; i += 1) {
      const row = drawn.rows[i];
      const number = picture.columns.number[row];
      const level = picture.columns.level[row];
      const picked = chosen.has(number) || look.hover === number;
      if (!picked && (layers.labels === 0 || (layers.labels === 1 && level === 0))) continue;
      if (!picked && level === 0 && picture.statusOf(row) === 'tentative') continue;
      const wave = waves.get(number);
      if (wave && !picked && wave.lead !== number) continue;
      const lines = wave && !picked ? waveLines(wave, look.nowMs) : this.#linesOf(look, row, picked, arrivals.get(number) ?? null);
      const [red, green, blue] = level > 0 ? levelColour(look, row) : look.colours.rgb['map-text'];
      const text = { lines, colour: `rgb(${red} ${green} ${blue})`, strong: level >= 2 || picked };
      labels.push({ ...this.#label(`o${number}`, drawn.x[i], drawn.y[i], reachOf(look, row) + GAP_PX, rankOf(picture, row, picked), text), number });
    }
    return labels;
  }

  /** @param {Look} look @param {Drawn} drawn */
  #numbersOf({ picture }, drawn) {
    const numbers = new Set();
    for (let i = 0; i < drawn.count; i += 1) numbers.add(picture.columns.number[drawn.rows[i]]);
    return numbers;
  }

  /** @param {Look} look @param {number} row @param {boolean} picked @param {number | null} arrivalMs */
  #linesOf({ picture, layers, nowMs }, row, picked, arrivalMs) {
    const c = picture.columns;
    const index = c.identity[row];
    const name = (index !== NO_IDENTITY && this.app.state.get('identities')[index]) || String(c.number[row]);
    const ageS = (nowMs - c.last_report_ms[row]) / 1000;
    const first = `${name}${picture.manyOf(row)}${ageS > OLD_S ? `  ${Math.floor(ageS)} s` : ''}`;
    const level = c.level[row];
    const lines = [first];
    if (arrivalMs !== null && arrivalMs > nowMs) lines.push(countdown(arrivalMs - nowMs));
    if (picked || (level > 0 && layers.labels > 0) || layers.labels === 2) {
      const speed = Math.hypot(c.east_mps[row], c.north_mps[row]);
      const facts = [];
      if (Number.isFinite(c.height_m[row])) facts.push(this.format.height(c.height_m[row]));
      if (Number.isFinite(speed)) facts.push(this.format.speed(speed));
      if (facts.length) lines.push(facts.join('  '));
    }
    return lines;
  }

  /** @param {Camera} camera @param {Look} look @returns {Label[]} */
  #places(camera, { layers, colours }) {
    if (!layers.places || layers.labels === 0) return [];
    return this.app.state.get('places').flatMap((place) => {
      const found = footprint(place);
      if (found === null) return [];
      const [x, y] = camera.project(found.middle[0], found.middle[1]);
      if (!camera.sees(x, y, 0)) return [];
      const text = { lines: [place.name || place.id], colour: colours.css['map-text'], strong: true };
      return [this.#label(`p${place.id}`, x, y, 8, WARNS + 0.5, text)];
    });
  }

  /** @param {Camera} camera @param {Look} look @returns {Label[]} sensors that are not well, all when zoomed in */
  #sensors(camera, { layers, colours }) {
    if (!layers.sensors || layers.labels === 0) return [];
    return this.app.state.get('sensors').flatMap((sensor) => {
      const trouble = isBroken(sensor);
      if (!isPosition(sensor.lat, sensor.lon) || (!trouble && layers.labels < 2)) return [];
      const [x, y] = camera.project(sensor.lat, sensor.lon);
      if (!camera.sees(x, y, 0)) return [];
      const text = { lines: [sensor.id], colour: colours.css[trouble ? 'trouble' : 'sensor'], strong: trouble };
      return [this.#label(`s${sensor.id}`, x, y, 10, trouble ? 1.9 : 0.2, text)];
    });
  }

  /** @param {Camera} camera @param {Look} look @returns {Label[]} one's own by their call signs, operators when all is labelled */
  #people(camera, { layers, colours, nowMs }) {
    if (!layers.people || layers.labels === 0) return [];
    const { state } = this.app;
    const friends = state.get('friends').filter(({ stale_ms }) => nowMs <= stale_ms);
    const named = [
      ...friends.map(({ uid, callsign, lat, lon }) => ({ key: `f${uid}`, words: callsign || uid, lat, lon, colour: colours.css.friend })),
      ...(layers.labels < 2 ? [] : state.get('operators')).map(({ identity, operator_id, lat, lon }) => ({
        key: `r${identity}${lat}${lon}`, words: operator_id || this.app.text('operator'), lat, lon, colour: colours.css.operator,
      })),
    ];
    return named.flatMap(({ key, words, lat, lon, colour }) => {
      if (!isPosition(lat, lon)) return [];
      const [x, y] = camera.project(lat, lon);
      return camera.sees(x, y, 0) ? [this.#label(key, x, y, 11, 0.1, { lines: [words], colour, strong: false })] : [];
    });
  }

  /**
   * @param {string} key @param {number} x @param {number} y @param {number} gap @param {number} rank @param {Text} text
   * @returns {Label}
   */
  #label(key, x, y, gap, rank, text) {
    const width = Math.max(...text.lines.map((line) => this.#width(line, text.strong)));
    return { key, x, y, gap, width: width + 6, height: LINE_PX * text.lines.length + 2, rank, number: null, ...text };
  }

  /** @param {string} line @param {boolean} strong */
  #width(line, strong) {
    const key = `${strong ? '+' : '-'}${line}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size > MOST_WIDTHS) this.widths.clear();
      this.#use(strong);
      width = this.draw.measureText(line).width;
      this.widths.set(key, width);
    }
    return width;
  }

  /** @param {boolean} strong */
  #use(strong) {
    const family = getComputedStyle(document.documentElement).getPropertyValue('--font') || 'system-ui, sans-serif';
    this.font = family;
    this.draw.font = `${strong ? 600 : 400} ${FONT_PX}px ${family}`;
  }

  /** @param {Label[]} labels @param {import('./labels.js').Placed[]} placed @param {string} halo */
  #write(labels, placed, halo) {
    const { draw } = this;
    draw.textBaseline = 'middle';
    draw.lineJoin = 'round';
    draw.strokeStyle = halo;
    draw.lineWidth = 3;
    for (const strong of [false, true]) {
      this.#use(strong);
      for (const { index, x, y } of placed) {
        const label = labels[index];
        if (label.strong !== strong) continue;
        draw.fillStyle = label.colour;
        label.lines.forEach((line, i) => {
          draw.strokeText(line, x + 3, y + 1 + LINE_PX * (i + 0.5));
          draw.fillText(line, x + 3, y + 1 + LINE_PX * (i + 0.5));
        });
      }
    }
  }
}

/**
 * Symbols that labels must not cover: those of threats always, the others for the labels that are no warnings.
 * @param {Occupancy} occupancy @param {Look} look @param {Drawn} drawn @param {boolean} threats
 */
function takeSymbols(occupancy, { picture }, drawn, threats) {
  for (let i = 0; i < drawn.count; i += 1) {
    if (picture.columns.level[drawn.rows[i]] > 0 !== threats) continue;
    const [x, y] = [drawn.x[i], drawn.y[i]];
    occupancy.take(x - SYMBOL_HALF_PX, y - SYMBOL_HALF_PX, x + SYMBOL_HALF_PX, y + SYMBOL_HALF_PX);
  }
}

/** @param {import('../picture.js').Picture} picture @param {number} row @param {boolean} picked */
function rankOf(picture, row, picked) {
  const c = picture.columns;
  const fresh = (c.flags[row] & FLAG_ACKNOWLEDGED) === 0 ? 0.5 : 0;
  const sure = picture.statusOf(row) === 'confirmed' ? 0.3 : 0;
  const level = c.level[row];
  return (picked ? 10 : 0) + level + (level > 0 ? WARNS + fresh : 0) + sure + (c.existence?.[row] > 0.9 ? 0.1 : 0);
}

/** @param {import('../state.js').Notice[]} notices @returns {Map<number, number>} object to its next arrival */
function earliest(notices) {
  const found = new Map();
  for (const { track, arrival_ms } of notices) {
    if (arrival_ms !== null && !(found.get(track) < arrival_ms)) found.set(track, arrival_ms);
  }
  return found;
}

/** @param {Wave} wave @param {number} nowMs @returns {string[]} */
function waveLines({ count, firstMs, lastMs }, nowMs) {
  if (firstMs === null || lastMs === null) return [`×${count}`];
  return [`×${count}`, `${countdown(firstMs - nowMs)} … ${countdown(lastMs - nowMs)}`];
}

/** @param {number} ms @returns {string} minutes and seconds to go */
export function countdown(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `−${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
