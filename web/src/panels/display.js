/** How the picture is drawn and written, and ways to take it along: picture, table, link. */

import { attribute, el, put } from './dom.js';
import { copyable, part } from './facts.js';
import { exportCsv, exportPng } from './exporting.js';

const COVERAGE_M = [0, 30, 50, 100, 200, 300, 500, 1000, 2000];
const LEADERS_S = [0, 30, 60, 120, 300];
const TRAILS_MIN = [1, 3, 10, 30];

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope */
export function createDisplay(app, scope) {
  const { state, text } = app;
  const title = el('h2', { text: text('display.title') });
  const layer = (/** @type {any} */ key, /** @type {any[]} */ values, /** @type {(value: any) => string} */ name) =>
    choice(
      app,
      scope,
      `display.${key}`,
      values,
      name,
      () => state.get('layers'),
      key,
      (value) => state.change('layers', { [key]: value }),
      'layers',
    );
  const habit = (/** @type {'language'|'units'|'coordinates'|'theme'} */ key, /** @type {string[]} */ values) =>
    choice(
      app,
      scope,
      `display.${key}`,
      values,
      (value) => text(`${key}.${value}`),
      () => state.values,
      key,
      (value) => state.set(key, value),
      key,
    );
  const element = el(
    'div',
    { class: 'scroll padded' },
    part(
      text('display.map'),
      layer('labels', [0, 1, 2], (value) => text(`labels.${value}`)),
      layer('trails', ['off', 'plain', 'height'], (value) => text(`trails.${value}`)),
      layer('trailMinutes', TRAILS_MIN, (value) => text('time.minutes', { n: value })),
      layer('leaderSeconds', LEADERS_S, (value) => (value ? app.format.duration(value) : text('off'))),
      layer('coverageHeightM', COVERAGE_M, (value) => (value ? app.format.height(value) : text('off'))),
      el('p', { class: 'quiet', text: text('display.coverage.why') }),
      layer('symbols', ['plain', 'app6'], (value) => text(`symbols.${value}`)),
      .../** @type {const} */ (['ellipses', 'bearings', 'places', 'sensors', 'people', 'heat']).map((key) =>
        toggle(app, scope, key),
      ),
      slider(app, scope, 'dim', 0.3, 1),
      slider(app, scope, 'contrast', 0.6, 1.6),
    ),
    part(
      text('display.writing'),
      habit('language', ['en', 'ko']),
      habit('units', ['metric', 'nautical']),
      habit('coordinates', ['decimal', 'dms', 'mgrs']),
      habit('theme', ['night', 'day']),
    ),
    part(text('display.sound'), soundTests(app)),
    part(text('display.take'), taking(app)),
  );
  return { title, element };
}

/**
 * @param {Page} app @param {import('./dom.js').Scope} scope @param {string} label
 * @param {(string|number)[]} values @param {(value: any) => string} name
 * @param {() => any} holder @param {string} key @param {(value: any) => void} set
 * @param {keyof import('../state.js').Values} watched
 */
function choice({ text }, scope, label, values, name, holder, key, set, watched) {
  const select = el('select', {}, ...values.map((value, i) => el('option', { value: i, text: name(value) })));
  select.addEventListener('change', () => set(values[Number(select.value)]));
  scope.show([watched], () => {
    const at = values.indexOf(holder()[key]);
    select.value = String(at < 0 ? 0 : at);
  });
  return el('label', { class: 'setting' }, el('span', { text: text(label) }), select);
}

/** @param {Page} app @param {import('./dom.js').Scope} scope @param {'ellipses'|'bearings'|'places'|'sensors'|'people'|'heat'} key */
function toggle({ state, text }, scope, key) {
  const box = el('input', { type: 'checkbox', on: { change: () => state.change('layers', { [key]: box.checked }) } });
  scope.show(['layers'], () => {
    box.checked = state.get('layers')[key];
  });
  return el('label', { class: 'check' }, box, el('span', { text: text(`display.${key}`) }));
}

/** @param {Page} app @param {import('./dom.js').Scope} scope @param {'dim'|'contrast'} key @param {number} min @param {number} max */
function slider({ state, text }, scope, key, min, max) {
  const input = el('input', {
    type: 'range',
    min,
    max,
    step: 0.05,
    on: { input: () => state.set(key, Number(input.value)) },
  });
  const shown = el('output');
  scope.show([key], () => {
    input.value = String(state.get(key));
    put(shown, `${Math.round(state.get(key) * 100)} %`);
    attribute(input, 'aria-valuetext', `${Math.round(state.get(key) * 100)} %`);
  });
  return el('label', { class: 'setting' }, el('span', { text: text(`display.${key}`) }), input, shown);
}

/** @param {Page} app */
function soundTests(app) {
  const test = (/** @type {'warning'|'imminent'} */ kind) => async () => {
    await app.sound.allow();
    app.sound.play(kind);
  };
  return el(
    'div',
    { class: 'buttons' },
    el('button', {
      type: 'button',
      class: 'plain',
      text: app.text('sound.test.warning'),
      on: { click: test('warning') },
    }),
    el('button', {
      type: 'button',
      class: 'plain',
      text: app.text('sound.test.imminent'),
      on: { click: test('imminent') },
    }),
  );
}

/** @param {Page} app */
function taking(app) {
  const { text } = app;
  const button = (/** @type {string} */ name, /** @type {() => void} */ press) =>
    el('button', { type: 'button', class: 'plain', text: text(name), on: { click: press } });
  return el(
    'div',
    {},
    el(
      'div',
      { class: 'buttons' },
      button('take.png', () => void app.attempt(() => exportPng(app))),
      button('take.csv', () => exportCsv(app)),
      button('take.print', () => print()),
      button('take.kiosk', () => app.state.set('kiosk', true)),
    ),
    el('p', { class: 'quiet', text: text('take.link') }),
    link(app),
  );
}

/** @param {Page} app */
function link(app) {
  const copy = copyable(app, '');
  copy.replaceChildren(el('span', { text: app.text('take.copyLink') }));
  const fresh = copy.cloneNode(true);
  fresh.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      app.say(app.text('take.copied'));
    } catch {
      app.say(app.text('copied.not'));
    }
  });
  return fresh;
}
