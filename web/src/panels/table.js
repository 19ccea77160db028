/**
 * The table of objects: sorted, searched, filtered like the map, limited to what the map shows if wanted. Only the rows
 * that can be seen are elements, so 5,000 objects scroll as smoothly as fifty.
 */

import { COLUMNS, ageOf, identityOf } from './columns.js';
import { attribute, el, put } from './dom.js';
import { createFilterBox } from './filterbox.js';
import { inBounds } from './filter.js';
import { kindIcon, levelIcon } from './icons.js';

const ROW_PX = 28;
/** From this age on an object's last report is marked as old. */
const OLD_MS = 3000;
const SPARE_ROWS = 4;
const REFRESH_MS = 500;
const SHOWN = COLUMNS.filter((column) => !column.exportOnly);

/** @typedef {import('../app.js').Page} Page */

/**
 * Rows of the picture that the table lists, in its order.
 * @param {Page} app
 * @returns {number[]}
 */
export function listedRows(app) {
  const { picture, state } = app;
  const bounds = state.get('inView') ? state.get('bounds') : null;
  const wanted = state.get('search').trim().toLowerCase();
  const now_ms = app.now();
  const rows = [];
  for (let row = 0; row < picture.count; row += 1) {
    if (!app.shown(row)) continue;
    if (wanted) {
      if (matches(app, row, wanted)) rows.push(row);
    } else if (!bounds || !picture.placed(row) || inBounds(picture.place(row, now_ms), bounds)) rows.push(row);
  }
  const { column, up } = state.get('sort');
  const value = (COLUMNS.find(({ name }) => name === column) ?? COLUMNS[0]).value;
  const keys = new Map(rows.map((row) => [row, value(app, row)]));
  const numbers = picture.columns.number;
  return rows.sort((one, other) => compare(keys.get(one), keys.get(other), up) || numbers[one] - numbers[other]);
}

/** Unknown is last whichever way it is sorted. @param {any} a @param {any} b @param {boolean} up */
function compare(a, b, up) {
  const [lost, found] = [a === '' || Number.isNaN(a), b === '' || Number.isNaN(b)];
  if (lost || found) return Number(lost) - Number(found);
  return (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1);
}

/** Number, kind or declared identity. @param {Page} app @param {number} row @param {string} wanted in lower case */
function matches(app, row, wanted) {
  const kind = app.text(`kind.${app.picture.kindOf(row)}`).toLowerCase();
  return (
    String(app.picture.columns.number[row]).startsWith(wanted) ||
    kind.includes(wanted) ||
    identityOf(app, row).toLowerCase().includes(wanted)
  );
}

/** @param {Page} app @param {import('./dom.js').Scope} scope */
export function createTable(app, scope) {
  const { state, text } = app;
  const count = el('span', { class: 'count', role: 'status' });
  const search = el('input', {
    type: 'search',
    id: 'search',
    class: 'search',
    placeholder: text('table.search'),
    'aria-label': text('table.search.label'),
    'aria-keyshortcuts': '/',
    value: state.get('search'),
    autocomplete: 'off',
    spellcheck: 'false',
    on: { input: () => state.set('search', search.value) },
  });
  const inView = el('input', { type: 'checkbox', on: { change: () => state.set('inView', inView.checked) } });
  const filter = createFilterBox(app, scope);
  const head = el(
    'div',
    { class: 'row head', role: 'row' },
    ...SHOWN.map((column) => heading(app, scope, column.name)),
  );
  const rows = el('div', { class: 'rows', role: 'rowgroup' });
  const none = el('p', { class: 'calm' });
  const body = el('div', { class: 'scroll' }, rows, none);
  const grid = el(
    'div',
    { class: 'grid', role: 'table', 'aria-labelledby': 'table-title' },
    el('div', { role: 'rowgroup' }, head),
    body,
  );
  const section = el(
    'section',
    { class: 'objects', 'aria-labelledby': 'table-title' },
    el('header', { class: 'section-head' }, el('h2', { id: 'table-title', text: text('table.title') }), count),
    el(
      'div',
      { class: 'tools' },
      search,
      filter.button,
      el('label', { class: 'check' }, inView, el('span', { text: text('table.inView') })),
    ),
    filter.element,
    grid,
  );
  /** @type {number[]} */
  let listed = [];
  // Measured when it changes: asking at each refresh would make the browser lay out the page twice.
  let height_px = 0;
  const draw = () => drawRows(app, { body, rows, grid, none }, listed, height_px);
  const refresh = () => {
    if (height_px === 0) return;
    listed = listedRows(app);
    put(count, text('table.count', { n: listed.length, m: app.picture.count }));
    draw();
  };
  scope.every(REFRESH_MS, refresh);
  scope.show(['search', 'filters', 'sort', 'inView', 'selection', 'picked', 'bounds', 'units', 'time'], () => {
    if (search.value !== state.get('search')) search.value = state.get('search');
    inView.checked = state.get('inView');
    refresh();
  });
  scope.listen(body, 'scroll', draw, { passive: true });
  const observer = new ResizeObserver(([entry]) => {
    height_px = entry.contentRect.height;
    refresh();
  });
  observer.observe(body);
  scope.ends.push(() => observer.disconnect());
  return { element: section, search };
}

/** @param {Page} app @param {import('./dom.js').Scope} scope @param {string} name */
function heading(app, scope, name) {
  const { state, text } = app;
  const sort = () => {
    const { column, up } = state.get('sort');
    state.set('sort', { column: name, up: column === name ? !up : name !== 'level' });
  };
  const button = el('button', {
    type: 'button',
    text: text(`table.${name}`),
    title: text('table.sort'),
    on: { click: sort },
  });
  const cell = el('div', { role: 'columnheader', class: `cell ${name}` }, button);
  scope.show(['sort'], () => {
    const { column, up } = state.get('sort');
    attribute(cell, 'aria-sort', column === name ? (up ? 'ascending' : 'descending') : null);
  });
  return cell;
}

/**
 * @param {Page} app
 * @param {{body: HTMLElement, rows: HTMLElement, grid: HTMLElement, none: HTMLElement}} parts
 * @param {number[]} listed @param {number} height_px of the part that can be seen
 */
function drawRows(app, { body, rows, grid, none }, listed, height_px) {
  const first = Math.max(0, Math.floor(body.scrollTop / ROW_PX) - SPARE_ROWS);
  const last = Math.min(listed.length, Math.ceil((body.scrollTop + height_px) / ROW_PX) + SPARE_ROWS);
  const wanted = Math.max(0, last - first);
  attribute(grid, 'aria-rowcount', listed.length + 1);
  rows.style.height = `${listed.length * ROW_PX}px`;
  none.hidden = listed.length > 0;
  if (!listed.length) put(none, app.text(app.picture.count ? 'table.none' : 'table.empty'));
  while (rows.childElementCount > wanted) rows.lastElementChild?.remove();
  while (rows.childElementCount < wanted) rows.append(makeRow(app));
  const selection = app.state.get('selection');
  const chosen = selection?.type === 'object' ? selection.id : null;
  [...rows.children].forEach((node, i) =>
    fillRow(app, /** @type {HTMLElement} */ (node), listed[first + i], first + i, chosen),
  );
}

/** @param {Page} app */
function makeRow(app) {
  const cells = SHOWN.map(({ name }) => el('div', { role: 'cell', class: `cell ${name}` }));
  const choose = (/** @type {MouseEvent|KeyboardEvent} */ event) => {
    const number = Number(/** @type {HTMLElement} */ (event.currentTarget).dataset.number);
    app.commands.chooseObject(number, event.shiftKey || event.ctrlKey || event.metaKey);
  };
  const keydown = (/** @type {KeyboardEvent} */ event) => {
    const row = /** @type {HTMLElement} */ (event.currentTarget);
    const next =
      event.key === 'ArrowDown' ? row.nextElementSibling : event.key === 'ArrowUp' ? row.previousElementSibling : null;
    if (next) /** @type {HTMLElement} */ (next).focus();
    else if (event.key === 'Enter') choose(event);
    else return;
    event.preventDefault();
  };
  const hover = (/** @type {MouseEvent} */ event) =>
    app.state.set('hover', Number(/** @type {HTMLElement} */ (event.currentTarget).dataset.number));
  const leave = () => app.state.set('hover', null);
  return el(
    'div',
    {
      class: 'row',
      role: 'row',
      tabindex: 0,
      on: { click: choose, dblclick: () => app.commands.closeUp(), keydown, pointerenter: hover, pointerleave: leave },
    },
    ...cells,
  );
}

/**
 * @param {Page} app @param {HTMLElement} node @param {number} row of the picture
 * @param {number} index in the list @param {number|string|null} chosen
 */
function fillRow(app, node, row, index, chosen) {
  const { picture, state } = app;
  const number = picture.columns.number[row];
  const level = picture.levelOf(row);
  node.dataset.number = String(number);
  node.dataset.level = level;
  node.dataset.status = picture.statusOf(row);
  node.dataset.old = String(ageOf(app, row) > OLD_MS);
  node.style.top = `${index * ROW_PX}px`;
  attribute(node, 'aria-rowindex', index + 2);
  attribute(node, 'aria-selected', number === chosen || state.get('picked').includes(number) ? 'true' : 'false');
  SHOWN.forEach((column, i) => {
    const cell = /** @type {HTMLElement} */ (node.children[i]);
    const shown = column.show(app, row);
    if (column.name === 'level') iconCell(cell, level, shown, levelIcon, true);
    else if (column.name === 'kind') iconCell(cell, picture.kindOf(row), shown, kindIcon, false);
    else put(cell, shown);
  });
}

/**
 * @param {HTMLElement} cell @param {string} word @param {string} shown
 * @param {(word: string) => Element} icon @param {boolean} alone the word is for screen readers and on hover
 */
function iconCell(cell, word, shown, icon, alone) {
  if (cell.dataset.word === word && cell.title === shown) return;
  cell.dataset.word = word;
  cell.title = shown;
  cell.replaceChildren(icon(word), el('span', { class: alone ? 'unseen' : '', text: shown }));
}
