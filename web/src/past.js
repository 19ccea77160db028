/**
 * The past in the place of the live picture: what was known at a time, from the recording.
 *
 *     const past = followTime({ app, feed });      // watches app.state's `time`
 *     app.now = past.nowMs;                        // live: the server's clock; past: the play-head
 *
 * While `time.mode` is 'past' the feed is held, snapshots of the play-head's time go into the same Picture, and
 * `notices`, `identities` follow it. With `playing` the play-head runs at `speed`, and `time.atMs` with it. It waits
 * for the server: while an answer is under way, time that passes is skipped, never queued.
 *
 * @module
 */

/** @typedef {import('./feed.js').Feed} Feed */
/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Time} Time */
/**
 * @typedef {object} Player
 * @property {() => number} nowMs UTC ms of what is shown
 * @property {() => void} close
 */

/** How often the play-head moves, and how often notices are asked for at least. */
const STEP_MS = 200;
const NOTICES_EVERY_MS = 1000;

/**
 * @param {object} options
 * @param {{state: State, picture: import('./picture.js').Picture}} options.app
 * @param {Pick<Feed, 'hold' | 'nowMs'>} options.feed
 * @param {(path: string) => Promise<Response>} [options.get]
 * @returns {Player}
 */
export function followTime({ app, feed, get = (path) => fetch(path, { credentials: 'same-origin' }) }) {
  const head = new PlayHead(app, feed, get);
  const off = app.state.on('time', (time) => head.turn(time));
  head.turn(app.state.get('time'));
  return {
    nowMs: () => head.nowMs(),
    close() {
      off();
      head.stop();
    },
  };
}

class PlayHead {
  /**
   * @param {{state: State, picture: import('./picture.js').Picture}} app
   * @param {Pick<Feed, 'hold' | 'nowMs'>} feed
   * @param {(path: string) => Promise<Response>} get
   */
  constructor(app, feed, get) {
    this.app = app;
    this.feed = feed;
    this.get = get;
    /** @type {Time} */
    this.time = { mode: 'live', atMs: 0, speed: 1, playing: true };
    /** Local clock when `time.atMs` was set. */
    this.sinceMs = 0;
    this.shownMs = NaN;
    this.noticesMs = -Infinity;
    this.asking = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  nowMs() {
    const { mode, atMs, playing, speed } = this.time;
    if (mode === 'live') return this.feed.nowMs();
    return playing ? Math.min(atMs + speed * Math.min(Date.now() - this.sinceMs, 2 * STEP_MS), this.feed.nowMs()) : atMs;
  }

  /** @param {Time} time what the state says now */
  turn(time) {
    const before = this.time.mode;
    this.time = time;
    this.sinceMs = Date.now();
    if (time.mode === 'live') {
      this.stop();
      if (before === 'past') this.feed.hold(false);
      return;
    }
    if (before === 'live') {
      this.feed.hold(true);
      this.shownMs = NaN;
      this.noticesMs = -Infinity;
    }
    if (time.playing && this.timer === undefined) this.timer = setInterval(() => this.#step(), STEP_MS);
    if (!time.playing) this.stop();
    void this.#show();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Move the play-head on; at the end of the recording it goes live. */
  #step() {
    const next = this.time.atMs + this.time.speed * (Date.now() - this.sinceMs);
    if (next >= this.feed.nowMs()) this.app.state.set('time', { ...this.time, mode: 'live' });
    else this.app.state.set('time', { ...this.time, atMs: next });
  }

  /** Ask for the picture of the play-head's time, one question at a time, until the newest wish is shown. */
  async #show() {
    if (this.asking) return;
    this.asking = true;
    try {
      while (this.time.mode === 'past' && this.time.atMs !== this.shownMs) {
        const atMs = this.time.atMs;
        await this.#ask(atMs);
        this.shownMs = atMs;
      }
    } finally {
      this.asking = false;
    }
  }

  /** @param {number} atMs */
  async #ask(atMs) {
    const time = Math.round(atMs);
    const wantsNotices = !this.time.playing || Math.abs(Date.now() - this.noticesMs) >= NOTICES_EVERY_MS;
    try {
      const [picture, state] = await Promise.all([
        this.get(`/api/recording/picture?time_ms=${time}`),
        wantsNotices ? this.get(`/api/recording/state?time_ms=${time}`) : null,
      ]);
      if (this.time.mode !== 'past') return;
      if (state?.ok) {
        const { notices, identities } = await state.json();
        this.noticesMs = Date.now();
        if (Array.isArray(identities)) this.app.state.set('identities', identities);
        if (Array.isArray(notices)) this.app.state.set('notices', notices);
      }
      if (picture.ok) {
        const bytes = await picture.arrayBuffer();
        if (this.time.mode === 'past') this.app.picture.apply(bytes);
      }
    } catch {
      // The server could not be reached: the last picture stays, and the next wish asks again.
    }
  }
}
