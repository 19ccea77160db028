/**
 * Sound of warnings by WebAudio: one short tone for a new warning, two higher ones for an imminent one; once per call
 * and level, never per object. Browsers allow sound only after a click or key: until then `blocked` is true and the
 * page says so.
 */

const TONES = {
  warning: [{ at_s: 0, frequency_hz: 660, length_s: 0.35 }],
  imminent: [
    { at_s: 0, frequency_hz: 880, length_s: 0.18 },
    { at_s: 0.26, frequency_hz: 1175, length_s: 0.3 },
  ],
};
const LOUDNESS = 0.25;
const CALLS_KEPT = 1000;

export class Sound extends EventTarget {
  /** @param {() => boolean} muted */
  constructor(muted) {
    super();
    this.muted = muted;
    /** @type {AudioContext|null} */
    this.context = null;
    /** @type {Map<number, number>} loudest rank sounded per call */
    this.sounded = new Map();
    this.played = 0;
  }

  get blocked() {
    return this.context?.state !== 'running';
  }

  /** To be called from a click or key: browsers allow sound only then. */
  async allow() {
    this.context ??= new AudioContext();
    if (this.context.state !== 'running') await this.context.resume();
    this.dispatchEvent(new Event('change'));
  }

  /** @param {'warning'|'imminent'} kind */
  play(kind) {
    const context = this.context;
    if (!context || context.state !== 'running') return;
    this.played += 1;
    for (const { at_s, frequency_hz, length_s } of TONES[kind]) {
      const tone = new OscillatorNode(context, { type: 'triangle', frequency: frequency_hz });
      const volume = new GainNode(context, { gain: 0 });
      const start = context.currentTime + 0.02 + at_s;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      volume.gain.setValueAtTime(LOUDNESS, start + length_s - 0.06);
      volume.gain.linearRampToValueAtTime(0, start + length_s);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + length_s + 0.05);
    }
  }

  /**
   * Sound what is news among the standing notices: a call that reached warning or imminent for the first time.
   * @param {import('./state.js').Notice[]} notices
   * @param {boolean} quietly note them as known without sounding, for those that stood when the page opened
   * @returns {'warning'|'imminent'|null} what was new
   */
  hear(notices, quietly) {
    let loudest = 0;
    for (const { call, level, ended_ms, acknowledged } of notices) {
      const rank = ended_ms || acknowledged ? 0 : level === 'imminent' ? 2 : level === 'warning' ? 1 : 0;
      if (rank <= (this.sounded.get(call) ?? 0)) continue;
      this.sounded.delete(call);
      this.sounded.set(call, rank);
      loudest = Math.max(loudest, rank);
    }
    while (this.sounded.size > CALLS_KEPT)
      this.sounded.delete(/** @type {number} */ (this.sounded.keys().next().value));
    const news = loudest === 2 ? 'imminent' : loudest === 1 ? 'warning' : null;
    if (news && !quietly && !this.muted()) this.play(news);
    return quietly ? null : news;
  }
}
