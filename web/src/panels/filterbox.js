/** The filters of map and table: kinds, heights, who declares an identity, levels, tentative objects. */

import { readHeight, typedHeight } from '../units.js';
import { KINDS, LEVELS } from '../vocabulary.js';
import { attribute, el, put } from './dom.js';
import { filtersOn } from './filter.js';
import { controlIcon, kindIcon } from './icons.js';
import { DEFAULT_FILTERS } from '../state.js';

const SOURCES = ['all', 'declared', 'silent'];

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope */
export function createFilterBox(app, scope) {
  const { state, text } = app;
  const number = el('span', { class: 'badge' });
  const button = el(
    'button',
    {
      class: 'icon-button',
      type: 'button',
      'aria-expanded': 'false',
      'aria-controls': 'filters',
      title: text('filter.title'),
      'aria-label': text('filter.title'),
    },
    controlIcon('filter'),
    number,
  );
  const kinds = KINDS.map((kind) => kindChoice(app, scope, kind));
  const level = choice(app, scope, 'level', LEVELS, (value) => text(`filter.level.${value}`));
  const source = choice(app, scope, 'source', SOURCES, (value) => text(`filter.source.${value}`));
  const tentative = el('input', {
    type: 'checkbox',
    on: { change: () => state.change('filters', { tentative: tentative.checked }) },
  });
  const reset = el('button', {
    type: 'button',
    class: 'plain',
    text: text('filter.reset'),
    on: { click: () => state.set('filters', { ...DEFAULT_FILTERS }) },
  });
  const element = el(
    'div',
    { class: 'filters', id: 'filters', hidden: true, role: 'group', 'aria-label': text('filter.title') },
    el('div', { class: 'kinds' }, ...kinds),
    heights(app, scope),
    el('label', {}, el('span', { text: text('filter.level') }), level),
    el('label', {}, el('span', { text: text('filter.source') }), source),
    el('label', { class: 'check' }, tentative, el('span', { text: text('filter.tentative') })),
    el('p', { class: 'quiet', text: text('filter.never') }),
    reset,
  );
  button.addEventListener('click', () => {
    element.hidden = !element.hidden;
    attribute(button, 'aria-expanded', String(!element.hidden));
  });
  scope.show(['filters'], () => {
    const on = filtersOn(state.get('filters'));
    put(number, on ? String(on) : '');
    attribute(button, 'aria-label', on ? text('filter.on', { n: on }) : text('filter.title'));
    tentative.checked = state.get('filters').tentative;
    reset.disabled = on === 0;
  });
  return { button, element };
}

/** @param {Page} app @param {import('./dom.js').Scope} scope @param {string} kind */
function kindChoice({ state, text }, scope, kind) {
  const toggle = () => {
    const { kinds } = state.get('filters');
    state.change('filters', {
      kinds: kinds.includes(kind) ? kinds.filter((other) => other !== kind) : [...kinds, kind],
    });
  };
  const button = el(
    'button',
    { type: 'button', class: 'chip', on: { click: toggle } },
    kindIcon(kind),
    el('span', { text: text(`kind.${kind}`) }),
  );
  scope.show(['filters'], () => attribute(button, 'aria-pressed', String(state.get('filters').kinds.includes(kind))));
  return button;
}

/**
 * @param {Page} app @param {import('./dom.js').Scope} scope @param {'level'|'source'} key
 * @param {readonly string[]} values @param {(value: string) => string} name
 */
function choice({ state }, scope, key, values, name) {
  const select = el('select', {}, ...values.map((value) => el('option', { value, text: name(value) })));
  select.addEventListener('change', () => state.change('filters', { [key]: /** @type {any} */ (select.value) }));
  scope.show(['filters'], () => {
    select.value = state.get('filters')[key];
  });
  return select;
}

/** @param {Page} app @param {import('./dom.js').Scope} scope */
function heights({ state, text }, scope) {
  const nautical = () => state.get('units') === 'nautical';
  const input = (/** @type {'minHeightM'|'maxHeightM'} */ key) => {
    const field = el('input', { type: 'number', step: 50, 'aria-label': text(`filter.${key}`) });
    field.addEventListener('change', () => state.change('filters', { [key]: readHeight(field.value, nautical()) }));
    scope.show(['filters', 'units'], () => {
      const value_m = state.get('filters')[key];
      const typed = value_m === null ? '' : typedHeight(value_m, nautical());
      if (document.activeElement !== field) field.value = typed;
    });
    return field;
  };
  const unit = el('span');
  scope.show(['units'], () => put(unit, nautical() ? 'ft' : 'm'));
  return el(
    'div',
    { class: 'heights' },
    el('span', { text: text('filter.height') }),
    input('minHeightM'),
    el('span', { text: '–' }),
    input('maxHeightM'),
    unit,
  );
}
