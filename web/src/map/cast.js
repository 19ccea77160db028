/**
 * Who is on the stage: the rows that are drawn, who is selected, which notices stand, whom waves stand for.
 *
 * @module
 */
import { RANKS } from '../vocabulary.js';
import { wavesOf } from './waves.js';

/** @typedef {import('../state.js').App} App */
/** @typedef {import('../state.js').Notice} Notice */

export class Cast {
  /** @param {Pick<App, 'state' | 'picture' | 'shown'>} app */
  constructor(app) {
    this.app = app;
    /** @type {number[]} */
    this.rows = [];
    /** Most urgent first. @type {Notice[]} */
    this.standing = [];
    /** Numbers of those in a wave that are not its first. @type {Set<number>} */
    this.quiet = new Set();
  }

  /** @returns {Set<number>} numbers of the selected objects, the one that matters most first */
  chosen() {
    const { state } = this.app;
    const selection = state.get('selection');
    const chosen = new Set(selection?.type === 'object' ? [Number(selection.id)] : []);
    for (const { notice, call, track } of this.standing) {
      if (selection?.type === 'notice' && notice === selection.id) chosen.add(track);
      if (selection?.type === 'call' && call === selection.id) chosen.add(track);
    }
    for (const number of state.get('picked')) chosen.add(number);
    return chosen;
  }

  /** Find out anew who is drawn. @param {Set<number>} chosen */
  gather(chosen) {
    const { state, picture, shown } = this.app;
    this.standing = state
      .get('notices')
      .filter((notice) => notice.ended_ms === null)
      .sort((a, b) => RANKS[b.level] - RANKS[a.level] || (a.arrival_ms ?? Infinity) - (b.arrival_ms ?? Infinity));
    const waves = wavesOf(this.standing, new Set(this.standing.map(({ track }) => track)));
    this.quiet = new Set([...waves].filter(([number, { lead }]) => number !== lead).map(([number]) => number));
    const alone = state.get('isolate') && chosen.size > 0;
    this.rows = [];
    for (let row = 0; row < picture.count; row += 1) {
      if (alone ? chosen.has(picture.columns.number[row]) : shown(row)) this.rows.push(row);
    }
  }

  /** @param {import('./colours.js').Colours} colours @returns {Map<string, import('./colours.js').Rgb>} by place */
  threatened({ rgb }) {
    const found = new Map();
    for (const { place, level } of this.standing) {
      if (!found.has(place) && RANKS[level] > 0) found.set(place, rgb[`level-${level}`]);
    }
    return found;
  }
}
