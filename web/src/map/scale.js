/**
 * What stands along the lower edge of the map: a bar as long as a round distance, the cursor's place, the ground's source.
 *
 * @module
 */
import { writePosition } from '../coordinates.js';
import { MILE_M } from '../units.js';

const MOST_PX = 110;
const STEPS = [1, 2, 5];

/** @param {number} mostM @returns {number} the largest of 1, 2, 5, 10, 20... that is not larger */
export function roundBelow(mostM) {
  const power = 10 ** Math.floor(Math.log10(mostM));
  return Math.max(...STEPS.map((step) => step * power).filter((value) => value <= mostM * (1 + 1e-9)));
}

/**
 * @param {number} pxPerM
 * @param {boolean} nautical
 * @returns {{px: number, text: string}}
 */
export function scaleOf(pxPerM, nautical) {
  const unitM = nautical ? MILE_M : MOST_PX / pxPerM >= 1000 ? 1000 : 1;
  const value = roundBelow(MOST_PX / pxPerM / unitM);
  const text = `${Number(value.toPrecision(1))} ${nautical ? 'nm' : unitM === 1 ? 'm' : 'km'}`;
  return { px: value * unitM * pxPerM, text };
}

/** The lower edge. */
export class Edge {
  /** @param {HTMLElement} parent @param {import('../state.js').State} state */
  constructor(parent, state) {
    this.bar = Object.assign(document.createElement('div'), { className: 'map-scale' });
    this.source = Object.assign(document.createElement('div'), { className: 'map-source', textContent: 'Natural Earth' });
    this.cursor = Object.assign(document.createElement('div'), { className: 'map-cursor', ariaHidden: 'true' });
    this.text = '';
    this.parent = parent;
    this.listener = (/** @type {Event} */ event) => {
      const { detail } = /** @type {CustomEvent<{lat: number, lon: number} | null>} */ (event);
      this.cursor.textContent = detail ? writePosition(detail.lat, detail.lon, state.get('coordinates')) : '';
    };
    parent.addEventListener('cursor', this.listener);
    parent.append(this.bar, this.cursor, this.source);
  }

  /** @param {import('./mercator.js').Camera} camera @param {boolean} nautical */
  show(camera, nautical) {
    const { lat } = camera.unproject(camera.width / 2, camera.height / 2);
    const { px, text } = scaleOf(camera.pxPerM(lat), nautical);
    const width = `${Math.round(px)}px`;
    if (this.text !== text) this.bar.textContent = this.text = text;
    if (this.bar.style.width !== width) this.bar.style.width = width;
  }

  destroy() {
    this.parent.removeEventListener('cursor', this.listener);
    for (const part of [this.bar, this.cursor, this.source]) part.remove();
  }
}
