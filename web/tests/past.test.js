/** The play-head: what it asks, what it shows, and that it never queues. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { followTime } from '../src/past.js';
import { Picture } from '../src/picture.js';
import { State } from '../src/state.js';
import { HELLO, frame, row } from './frames.js';

const NOW = 1_000_000;
beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'Date'], now: NOW }));
afterEach(() => mock.timers.reset());

const settle = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

/** @param {(path: string) => Promise<any>} [answer] */
function shown(answer) {
  const picture = new Picture();
  picture.layOut(HELLO);
  const state = new State();
  /** @type {string[]} */
  const asked = [];
  /** @type {boolean[]} */
  const held = [];
  const standard = async (/** @type {string} */ path) => {
    const timeMs = Number(path.split('=')[1]);
    if (path.includes('/state')) return { ok: true, json: async () => ({ notices: [], identities: [`at ${timeMs}`] }) };
    return { ok: true, arrayBuffer: async () => frame({ what: 1, rows: [row(timeMs)], pictureMs: timeMs }) };
  };
  const get = (/** @type {string} */ path) => {
    asked.push(path);
    return (answer ?? standard)(path);
  };
  const feed = { hold: (/** @type {boolean} */ on) => void held.push(on), nowMs: () => Date.now() };
  const past = followTime({ app: { state, picture }, feed, get: /** @type {any} */ (get) });
  return { picture, state, asked, held, past };
}

test('live is the clock of the server, and asks nothing', () => {
  const { past, asked, held } = shown();
  assert.equal(past.nowMs(), NOW);
  assert.deepEqual([asked, held], [[], []]);
});

test('a time in the past holds the feed and shows what was known then', async () => {
  const { state, picture, past, held } = shown();
  state.set('time', { mode: 'past', atMs: 500_000, speed: 1, playing: false });
  await settle();
  assert.deepEqual(held, [true]);
  assert.equal(past.nowMs(), 500_000);
  assert.equal(picture.columns.number[0], 500_000);
  assert.deepEqual(state.get('identities'), ['at 500000']);
  state.set('time', { mode: 'live', atMs: 0, speed: 1, playing: true });
  assert.deepEqual(held, [true, false]);
  assert.equal(past.nowMs(), NOW);
});

test('playing moves the play-head at its speed, and at the end it goes live', async () => {
  const { state } = shown();
  state.set('time', { mode: 'past', atMs: NOW - 4000, speed: 4, playing: true });
  for (let i = 0; i < 5; i += 1) {
    mock.timers.tick(200);
    await settle();
  }
  assert.equal(state.get('time').atMs, NOW);
  for (let i = 0; i < 10; i += 1) mock.timers.tick(200);
  assert.equal(state.get('time').mode, 'live');
});

test('while an answer is under way wishes are skipped, the newest is asked next', async () => {
  /** @type {(() => void)[]} */
  const waiting = [];
  const { state, asked, picture } = shown((path) => new Promise((resolve) => {
    const timeMs = Number(path.split('=')[1]);
    waiting.push(() => resolve(path.includes('/state') ? { ok: false } : { ok: true, arrayBuffer: async () => frame({ what: 1, rows: [row(timeMs)] }) }));
  }));
  for (const atMs of [100, 200, 300, 400]) state.set('time', { mode: 'past', atMs, speed: 1, playing: false });
  assert.deepEqual(asked.filter((path) => path.includes('/picture')), ['/api/recording/picture?time_ms=100']);
  waiting.splice(0).forEach((give) => give());
  await settle();
  assert.deepEqual(asked.filter((path) => path.includes('/picture')), ['/api/recording/picture?time_ms=100', '/api/recording/picture?time_ms=400']);
  waiting.splice(0).forEach((give) => give());
  await settle();
  assert.equal(picture.columns.number[0], 400);
});

test('a server that cannot be reached leaves the picture, and is asked again at the next wish', async () => {
  let broken = true;
  const { state, picture } = shown(async (path) => {
    if (broken) throw new TypeError('failed to fetch');
    return path.includes('/state') ? { ok: false } : { ok: true, arrayBuffer: async () => frame({ what: 1, rows: [row(7)] }) };
  });
  state.set('time', { mode: 'past', atMs: 100, speed: 1, playing: false });
  await settle();
  assert.equal(picture.count, 0);
  broken = false;
  state.set('time', { mode: 'past', atMs: 101, speed: 1, playing: false });
  await settle();
  assert.equal(picture.count, 1);
});

test('an answer that comes after the return to live is not shown', async () => {
  /** @type {(() => void)[]} */
  const waiting = [];
  const { state, picture } = shown(() => new Promise((resolve) => {
    waiting.push(() => resolve({ ok: true, json: async () => ({}), arrayBuffer: async () => frame({ what: 1, rows: [row(7)] }) }));
  }));
  state.set('time', { mode: 'past', atMs: 100, speed: 1, playing: false });
  state.set('time', { mode: 'live', atMs: 0, speed: 1, playing: true });
  waiting.forEach((give) => give());
  await settle();
  assert.equal(picture.count, 0);
});
