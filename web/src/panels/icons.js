/** Small drawings, all with the current text colour. Kinds and levels differ by form, not only by colour. */

import { svg } from './dom.js';

/** Paths in a box of 16; those of KINDS are drawn as lines. */
const KINDS = {
  unknown: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M6.3 6.4a1.8 1.8 0 1 1 2.6 1.7q-.9.5-.9 1.4M8 11.6v.1',
  multirotor:
    'M4.5 4.5l7 7M11.5 4.5l-7 7M3.8 2a1.8 1.8 0 1 0 .01 0M12.2 2a1.8 1.8 0 1 0 .01 0M3.8 10.4a1.8 1.8 0 1 0 .01 0M12.2 10.4a1.8 1.8 0 1 0 .01 0',
  fixed_wing: 'M8 1.5L14 14L8 10.8L2 14Z',
  bird: 'M1.5 6Q5 4 8 9Q11 4 14.5 6Q11 7 8 12.5Q5 7 1.5 6Z',
  balloon: 'M8 1.8a4.4 4.4 0 0 1 4.4 4.4Q12.4 9 9 11.4H7Q3.6 9 3.6 6.2A4.4 4.4 0 0 1 8 1.8M6.8 14h2.4',
  aircraft: 'M8 1.5v13M1.5 9L8 6.2L14.5 9M5.2 14L8 12.4L10.8 14',
  vessel: 'M8 1.5Q12 5 11.5 14H4.5Q4 5 8 1.5Z',
};

const LEVELS = {
  clear: 'M8 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7',
  watch: 'M2 8Q8 1.5 14 8Q8 14.5 2 8M8 6a2 2 0 1 0 0 4a2 2 0 1 0 0-4',
  warning: 'M8 2L14.5 13.5H1.5ZM8 6.2v3.6M8 11.4v.3',
  imminent: 'M5.2 1.5h5.6L14.5 5.2v5.6L10.8 14.5H5.2L1.5 10.8V5.2ZM8 4.4v4.8M8 11.2v.3',
};

const SENSOR_STATES = {
  well: 'M8 3.4a4.6 4.6 0 1 0 0 9.2a4.6 4.6 0 1 0 0-9.2',
  late: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.2l2 1.6',
  silent: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M5 8h6',
  faulty: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  garbled: 'M1.5 8L4 8L6 3.5L8 12.5L10 5L11.5 10L12.5 8L14.5 8',
  off_in_time: 'M12.8 5.4a5.5 5.5 0 1 1-1.2-1.6M8 5v3.2l2 1.6M13.8 1.2v3.6h-3.6',
  unknown: KINDS.unknown,
};

const CONTROLS = {
  sun: 'M8 5a3 3 0 1 0 0 6a3 3 0 1 0 0-6M8 1v1.8M8 13.2V15M1 8h1.8M13.2 8H15M3 3l1.3 1.3M11.7 11.7L13 13M13 3l-1.3 1.3M4.3 11.7L3 13',
  moon: 'M13 10A6 6 0 1 1 6.2 2.6A5 5 0 0 0 13 10Z',
  sound: 'M2 6h2.5L8 3v10L4.5 10H2ZM10.5 5.5q2 2.5 0 5M12.5 3.8q3.4 4.2 0 8.4',
  mute: 'M2 6h2.5L8 3v10L4.5 10H2ZM10.5 6l4 4M14.5 6l-4 4',
  display: 'M2 4h7M12.5 4H14M2 8h2M7.5 8H14M2 12h6M11.5 12H14M9 2.5v3h3v-3ZM4.2 6.5v3h3v-3ZM8.2 10.5v3h3v-3Z',
  account: 'M8 2.5a2.7 2.7 0 1 0 0 5.4a2.7 2.7 0 1 0 0-5.4M2.8 14q.6-4.2 5.2-4.2t5.2 4.2',
  help: KINDS.unknown,
  close: 'M4 4l8 8M12 4l-8 8',
  play: 'M4.5 2.8L13 8L4.5 13.2Z',
  pause: 'M5 3v10M11 3v10',
  back: 'M11.5 3L5.5 8l6 5ZM3.6 3v10',
  on: 'M4.5 3l6 5l-6 5ZM12.4 3v10',
  copy: 'M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3',
  filter: 'M2 3h12L9.5 8.5V13L6.5 11.2V8.5Z',
};

const FILLED = new Set([SENSOR_STATES.well, CONTROLS.play, KINDS.fixed_wing, KINDS.bird]);

/** @param {string} path @param {string} name */
function icon(path, name) {
  const shape = svg('path', { d: path, class: FILLED.has(path) ? 'filled' : 'lined' });
  return svg('svg', { viewBox: '0 0 16 16', class: `icon ${name}`, 'aria-hidden': 'true', focusable: 'false' }, shape);
}

/** @param {string} kind */
export const kindIcon = (kind) => icon(Reflect.get(KINDS, kind) ?? KINDS.unknown, 'kind-icon');
/** @param {string} level */
export const levelIcon = (level) => icon(Reflect.get(LEVELS, level) ?? LEVELS.clear, 'level-icon');
/** @param {string} state */
export const sensorIcon = (state) => icon(Reflect.get(SENSOR_STATES, state) ?? SENSOR_STATES.unknown, 'sensor-icon');
/** @param {keyof typeof CONTROLS} name */
export const controlIcon = (name) => icon(CONTROLS[name], 'control-icon');
