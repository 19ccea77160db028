/**
 * The connection that keeps a picture live.
 *
 *     const feed = connect({ picture, onText: (message) => ..., onState: (link) => ... });
 *     feed.nowMs();       // the server's clock
 *     feed.hold(true);    // while the past is shown: only `status`, `event`, `places` and `hello` still come through
 *     feed.hold(false);   // back: connects anew, so that everything comes fresh, a snapshot first
 *
 * It connects again by itself, soon at first and then every few seconds, and takes a connection that has gone silent for
 * lost. Binary frames go into the picture; every text message, `hello` included, is handed to `onText`. Text that is not
 * JSON with a type is counted in `picture.malformed`.
 *
 * @module
 */
import { Picture } from './picture.js';

export { Picture, NO_IDENTITY, FLAG_ACKNOWLEDGED, FLAG_DOUBTFUL_IDENTITY, FLAG_KIND_BY_HAND, isPosition } from './picture.js';

/** @typedef {{type: string, [key: string]: any}} Message a text message of the feed */
/** @typedef {{state: 'connecting' | 'open' | 'lost', sinceMs: number, attempts: number}} Link */
/**
 * @typedef {object} Feed
 * @property {() => number} nowMs the server's clock, UTC ms, as far as its messages tell
 * @property {(held: boolean) => void} hold keep live frames off the picture, or let them in again
 * @property {() => void} close end the connection for good
 */

/** Waits between attempts to connect; the last one repeats. */
const WAITS_MS = [250, 500, 1000, 2000, 4000];
/** `status` comes each second: so long without a message is a dead connection. */
const SILENCE_MS = 6000;
const WHILE_HELD = new Set(['hello', 'status', 'event', 'places']);
/** Of so many latest messages with a time the one that was quickest tells the server's clock. */
const CLOCK_SAMPLES = 20;

/**
 * Connect, and stay connected until closed.
 * @param {object} options
 * @param {Picture} options.picture
 * @param {(message: Message) => void} options.onText
 * @param {(link: Link) => void} [options.onState]
 * @param {string} [options.url] by default `/feed` where the page came from
 * @returns {Feed}
 */
export function connect({ picture, onText, onState = () => {}, url = feedUrl() }) {
  const clock = new ServerClock();
  /** @type {WebSocket | null} */
  let socket = null;
  let attempts = 0;
  let held = false;
  let closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Link['state'] | ''} */
  let told = '';

  /** @param {Link['state']} state */
  const tell = (state) => {
    if (state !== told || state === 'connecting') onState({ state, sinceMs: Date.now(), attempts });
    told = state;
  };
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(lose, SILENCE_MS);
  };
  const lose = () => {
    drop();
    if (closed) return;
    tell('lost');
    timer = setTimeout(open, WAITS_MS[Math.min(attempts, WAITS_MS.length - 1)]);
    attempts += 1;
  };
  const drop = () => {
    clearTimeout(timer);
    const old = socket;
    socket = null;
    old?.close();
  };
  const open = () => {
    if (attempts === 0) tell('connecting');
    const current = new WebSocket(url);
    socket = current;
    current.binaryType = 'arraybuffer';
    current.onmessage = ({ data }) => {
      if (current !== socket) return;
      watch();
      if (typeof data !== 'string') {
        if (!held) picture.apply(data);
        return;
      }
      const message = readMessage(data);
      if (message === null) picture.malformed += 1;
      else take(message);
    };
    current.onclose = () => current === socket && lose();
    watch();
  };
  /** @param {Message} message */
  const take = (message) => {
    if (typeof message.now_ms === 'number') clock.observe(message.now_ms);
    if (message.type === 'hello') {
      if (!held || picture.layout.length === 0) picture.layOut(message);
      attempts = 0;
      tell('open');
    }
    if (!held || WHILE_HELD.has(message.type)) onText(message);
  };
  open();
  return {
    nowMs: () => clock.nowMs(),
    hold(wanted) {
      if (held && !wanted) {
        held = false;
        attempts = 0;
        drop();
        open();
      }
      held = wanted;
    },
    close() {
      closed = true;
      drop();
    },
  };
}

/** The server's clock: its messages come late by their way, so the quickest of the latest ones is nearest. */
export class ServerClock {
  /** @type {number[]} */
  #offsets = [];
  #offset = 0;

  /**
   * @param {number} serverMs what the server's clock said when it sent
   * @param {number} [localMs]
   */
  observe(serverMs, localMs = Date.now()) {
    if (!Number.isFinite(serverMs)) return;
    this.#offsets.push(serverMs - localMs);
    if (this.#offsets.length > CLOCK_SAMPLES) this.#offsets.shift();
    this.#offset = Math.max(...this.#offsets);
  }

  /** @param {number} [localMs] */
  nowMs(localMs = Date.now()) {
    return localMs + this.#offset;
  }
}

/**
 * @param {string} text
 * @returns {Message | null}
 */
export function readMessage(text) {
  try {
    const message = JSON.parse(text);
    return message !== null && typeof message === 'object' && typeof message.type === 'string' ? message : null;
  } catch {
    return null;
  }
}

function feedUrl() {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/feed`;
}
