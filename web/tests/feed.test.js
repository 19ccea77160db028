/** The connection, on a socket and a clock of the test's own. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Picture, ServerClock, connect, readMessage } from '../src/feed.js';
import { HELLO, frame, row } from './frames.js';

/** @type {Socket[]} */
let sockets = [];

class Socket {
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    this.binaryType = '';
    this.closed = false;
    /** @type {((event: {data: unknown}) => void) | null} */
    this.onmessage = null;
    /** @type {(() => void) | null} */
    this.onclose = null;
    sockets.push(this);
  }

  close() {
    this.closed = true;
    this.onclose?.();
  }

  /** @param {unknown} data */
  say(data) {
    this.onmessage?.({ data: data instanceof ArrayBuffer ? data : JSON.stringify(data) });
  }
}

const real = globalThis.WebSocket;
beforeEach(() => {
  sockets = [];
  globalThis.WebSocket = /** @type {any} */ (Socket);
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
});
afterEach(() => {
  mock.timers.reset();
  globalThis.WebSocket = real;
});

function opened() {
  const picture = new Picture();
  /** @type {string[]} */
  const texts = [];
  /** @type {string[]} */
  const states = [];
  const feed = connect({ picture, url: 'ws://test/feed', onText: ({ type }) => texts.push(type), onState: ({ state }) => states.push(state) });
  return { picture, texts, states, feed };
}

const last = () => /** @type {Socket} */ (sockets.at(-1));

test('hello, then frames, then texts', () => {
  const { picture, texts, states } = opened();
  last().say(HELLO);
  last().say(frame({ what: 1, rows: [row(1)] }));
  last().say({ type: 'notices', notices: [] });
  assert.equal(picture.count, 1);
  assert.deepEqual(texts, ['hello', 'notices']);
  assert.deepEqual(states, ['connecting', 'open']);
});

test('text that is no message is counted, and the next one is read', () => {
  const { picture, texts } = opened();
  last().say(HELLO);
  for (const data of ['{', '3', 'null', '[]', '{"type":3}']) last().onmessage?.({ data });
  last().say({ type: 'status', now_ms: 1 });
  assert.equal(picture.malformed, 5);
  assert.deepEqual(texts, ['hello', 'status']);
  assert.equal(readMessage('{"type":"x","a":1}')?.a, 1);
});

test('a lost connection is told, and made again ever more seldom, soon again after it stood', () => {
  const { states, picture } = opened();
  last().say(HELLO);
  last().say(frame({ what: 1, rows: [row(1)] }));
  last().onclose?.();
  assert.deepEqual(states, ['connecting', 'open', 'lost']);
  assert.equal(picture.count, 1, 'the old picture stays, and is marked as old');
  const waits = [];
  for (let i = 0; i < 7; i += 1) {
    const before = sockets.length;
    let waited = 0;
    while (sockets.length === before) {
      mock.timers.tick(50);
      waited += 50;
    }
    waits.push(waited);
    last().onclose?.();
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 4000, 4000]);
  mock.timers.tick(4000);
  last().say(HELLO);
  assert.equal(states.at(-1), 'open');
  last().onclose?.();
  mock.timers.tick(250);
  assert.equal(sockets.length, 10);
});

test('a connection that says nothing for long is dead, also before its first word', () => {
  const { states } = opened();
  mock.timers.tick(6000);
  assert.equal(states.at(-1), 'lost');
  mock.timers.tick(250);
  last().say(HELLO);
  for (let i = 0; i < 10; i += 1) {
    mock.timers.tick(1000);
    last().say({ type: 'status', now_ms: 1 });
  }
  assert.equal(states.at(-1), 'open');
  mock.timers.tick(6000);
  assert.equal(states.at(-1), 'lost');
  assert.ok(sockets.at(-1)?.closed);
});

test('while held the picture stays and only the pulse comes through; afterwards everything comes fresh', () => {
  const { feed, picture, texts } = opened();
  last().say(HELLO);
  feed.hold(true);
  last().say(frame({ what: 1, rows: [row(1), row(2)] }));
  for (const type of ['notices', 'sensors', 'status', 'event']) last().say({ type });
  assert.equal(picture.count, 0);
  assert.deepEqual(texts, ['hello', 'status', 'event']);
  feed.hold(false);
  assert.equal(sockets.length, 2);
  assert.ok(sockets[0].closed);
  last().say(HELLO);
  last().say(frame({ what: 1, rows: [row(1), row(2)] }));
  assert.equal(picture.count, 2);
});

test('a page that opens in the past learns the layout all the same', () => {
  const { feed, picture } = opened();
  feed.hold(true);
  last().say(HELLO);
  last().say(frame({ what: 1, rows: [row(1)] }));
  assert.equal(picture.count, 0);
  assert.ok(picture.apply(frame({ what: 1, rows: [row(5)] })), 'what the recording gives can be read');
  last().onclose?.();
  mock.timers.tick(250);
  last().say(HELLO);
  assert.equal(picture.count, 1, 'a new connection leaves the shown past alone');
});

test('closed is closed', () => {
  const { feed, states } = opened();
  last().say(HELLO);
  feed.close();
  mock.timers.tick(60_000);
  assert.equal(sockets.length, 1);
  assert.equal(states.at(-1), 'open');
});

test('the quickest of the latest messages tells the server clock', () => {
  const clock = new ServerClock();
  const [ahead, delays] = [5000, [80, 300, 20, 900]];
  delays.forEach((delay, i) => clock.observe(1000 * i + ahead, 1000 * i + delay));
  assert.equal(clock.nowMs(10_000), 10_000 + ahead - 20);
  clock.observe(NaN, 0);
  assert.equal(clock.nowMs(10_000), 10_000 + ahead - 20);
  for (let i = 0; i < 30; i += 1) clock.observe(i * 1000 - 7000, i * 1000 + 50);
  assert.equal(clock.nowMs(0), -7050, 'a clock that was set is followed');
});
