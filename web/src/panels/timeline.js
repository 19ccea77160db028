/**
 * The timeline of the recording: how many objects there were and when notices were raised, a play-head to drag, and the
 * controls of time. The past is never mistaken for now: its frame and its words say so.
 */

import { ApiError } from '../api.js';
import { drawDensity } from './density.js';
import { attribute, el, put } from './dom.js';
import { controlIcon } from './icons.js';

const BINS = 1200;
const RELOAD_MS = 10000;
const SPANS_MIN = [10, 60, 0];
const SPEEDS = [0.5, 1, 2, 5, 10, 30, 60];
const STEPS_MS = /** @type {Record<string, number>} */ ({
  ArrowLeft: -1000,
  ArrowRight: 1000,
  PageUp: -60000,
  PageDown: 60000,
  ArrowDown: -10000,
  ArrowUp: 10000,
});

/** @typedef {import('../app.js').Page} Page */
/** @typedef {import('./density.js').Density} Density */

/** @param {Page} app @param {import('./dom.js').Scope} scope */
export function createTimeline(app, scope) {
  const { state, text } = app;
  const canvas = el('canvas', { class: 'density', 'aria-hidden': 'true' });
  const head = el('div', { class: 'play-head' });
  const tip = el('output', { class: 'tip', hidden: true });
  const slider = el(
    'div',
    { class: 'slider', role: 'slider', tabindex: 0, 'aria-label': text('time.slider') },
    canvas,
    head,
    tip,
  );
  const words = el('span', { class: 'time-words' });
  const controls = createControls(app, scope);
  const span = spanChoice(app);
  const element = el(
    'section',
    { class: 'timeline', 'aria-label': text('time.title') },
    el('div', { class: 'time-controls' }, controls, words, span),
    slider,
  );
  /** @type {Density|null} */
  let density = null;
  /** @type {[number, number][]} when nothing was recorded */
  let gaps = [];
  let fraction = Number.NaN;

  const range = () => {
    const to_ms = state.get('time').mode === 'live' ? app.now() : Math.max(density?.to_ms ?? 0, state.get('time').atMs);
    const minutes = Number(span.value);
    const first_ms = density?.from_ms ?? to_ms - 600000;
    if (minutes === 0) return { from_ms: Math.min(first_ms, to_ms - 60000), to_ms };
    const centre_ms =
      state.get('time').mode === 'live' ? to_ms : Math.min(to_ms, state.get('time').atMs + minutes * 30000);
    return { from_ms: centre_ms - minutes * 60000, to_ms: centre_ms };
  };
  const draw = () => {
    if (element.offsetParent === null) return;
    drawDensity(canvas, density, gaps, range());
    placeHead();
  };
  const placeHead = () => {
    const { from_ms, to_ms } = range();
    const at = Math.max(0, Math.min(1, (app.now() - from_ms) / (to_ms - from_ms)));
    head.style.left = `${at * 100}%`;
    attribute(slider, 'aria-valuemin', Math.round(from_ms / 1000));
    attribute(slider, 'aria-valuemax', Math.round(to_ms / 1000));
    attribute(slider, 'aria-valuenow', Math.round(app.now() / 1000));
    attribute(slider, 'aria-valuetext', app.format.dateTime(app.now()));
    const present = state.get('link').state === 'open' ? text('time.live.words') : '';
    put(words, state.get('time').mode === 'live' ? present : app.format.dateTime(app.now()));
  };
  const load = async () => {
    try {
      density = await app.api.get(`/api/recording/density?bins=${BINS}`);
      gaps = (await app.api.get('/api/recording')).gaps;
    } catch (problem) {
      // Unreachable for now: what was drawn still holds. Anything else: there is no recording, and the line says so.
      if (!(problem instanceof ApiError && problem.status === 0)) density = null;
    }
    attribute(slider, 'data-empty', density ? null : text('time.none'));
    draw();
  };
  const timeAt = (/** @type {PointerEvent} */ event) => {
    const box = slider.getBoundingClientRect();
    fraction = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    const { from_ms, to_ms } = range();
    return from_ms + fraction * (to_ms - from_ms);
  };
  scope.listen(slider, 'pointerdown', (event) => {
    slider.setPointerCapture(event.pointerId);
    const frozen = range();
    const seek = (/** @type {PointerEvent} */ move) => {
      const box = slider.getBoundingClientRect();
      const share = Math.max(0, Math.min(1, (move.clientX - box.left) / box.width));
      app.commands.goToTime(frozen.from_ms + share * (frozen.to_ms - frozen.from_ms));
    };
    const stop = () => {
      slider.removeEventListener('pointermove', seek);
      slider.removeEventListener('pointerup', stop);
      slider.removeEventListener('pointercancel', stop);
      draw();
    };
    slider.addEventListener('pointermove', seek);
    slider.addEventListener('pointerup', stop);
    slider.addEventListener('pointercancel', stop);
    seek(event);
  });
  scope.listen(slider, 'pointermove', (event) => {
    const time_ms = timeAt(event);
    const gap = gaps.some(([start_ms, end_ms]) => time_ms >= start_ms && time_ms <= end_ms);
    put(tip, gap ? `${app.format.dateTime(time_ms)} · ${text('time.gap')}` : app.format.dateTime(time_ms));
    tip.hidden = false;
    tip.style.left = `${fraction * 100}%`;
  });
  scope.listen(slider, 'pointerleave', () => (tip.hidden = true));
  scope.listen(slider, 'keydown', (event) => {
    const step_ms = STEPS_MS[event.key];
    if (step_ms === undefined) return;
    event.preventDefault();
    app.commands.stepTime(step_ms);
  });
  scope.listen(span, 'change', draw);
  scope.show(['time', 'theme'], draw);
  scope.every(500, () => (state.get('time').mode === 'live' ? placeHead() : undefined));
  scope.every(RELOAD_MS, () => void load());
  const observer = new ResizeObserver(draw);
  observer.observe(slider);
  scope.ends.push(() => observer.disconnect());
  return element;
}

/** @param {Page} app @param {import('./dom.js').Scope} scope */
function createControls(app, scope) {
  const { state, text } = app;
  const button = (
    /** @type {string} */ name,
    /** @type {'play'|'pause'|'back'|'on'} */ icon,
    /** @type {() => void} */ press,
  ) =>
    el(
      'button',
      { type: 'button', class: 'icon-button', title: text(name), 'aria-label': text(name), on: { click: press } },
      controlIcon(icon),
    );
  const back = button('time.back', 'back', () => app.commands.stepBack());
  const on = button('time.on', 'on', () => app.commands.stepOn());
  const run = button('time.pause', 'pause', () => app.commands.pause());
  const live = el(
    'button',
    { type: 'button', class: 'live-button', on: { click: () => app.commands.goLive() } },
    el('span', { class: 'beat', 'aria-hidden': 'true' }),
    el('span', { text: text('time.live') }),
  );
  const speed = el(
    'select',
    { 'aria-label': text('time.speed'), title: text('time.speed') },
    ...SPEEDS.map((value) => el('option', { value, text: `${value} ×` })),
  );
  speed.addEventListener('change', () => state.change('time', { speed: Number(speed.value) }));
  scope.show(['time'], () => {
    const { mode, playing } = state.get('time');
    const running = mode === 'live' || playing;
    const name = running ? text('time.pause') : text('time.play');
    if (run.title !== name) {
      run.replaceChildren(controlIcon(running ? 'pause' : 'play'));
      run.title = name;
      run.setAttribute('aria-label', name);
    }
    attribute(live, 'aria-pressed', String(mode === 'live'));
    speed.value = String(state.get('time').speed);
    speed.disabled = mode === 'live';
    on.disabled = mode === 'live';
  });
  return el(
    'div',
    { class: 'buttons', role: 'group', 'aria-label': text('time.controls') },
    back,
    run,
    on,
    live,
    speed,
  );
}

/** @param {Page} app */
function spanChoice({ text }) {
  const select = el(
    'select',
    { 'aria-label': text('time.span'), title: text('time.span') },
    ...SPANS_MIN.map((minutes) =>
      el('option', { value: minutes, text: minutes ? text('time.minutes', { n: minutes }) : text('time.all') }),
    ),
  );
  select.value = '0';
  return select;
}
