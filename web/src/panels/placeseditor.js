/** Protected places, changed by an officer: all fields, corners typed or drawn on the map. In force at once. */

import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { readPairs } from './pairs.js';

const SHAPES = ['point', 'polygon', 'corridor', 'vessel'];

/** @typedef {import('../app.js').Page} Page */
/** @typedef {Pick<import('../state.js').Place, 'id'|'name'|'shape'|'points'|'radius_m'|'bottom_m'|'top_m'|'identity'>} Given */

/** @param {Page} app @param {Given} [chosen] shown for changing at once, for example after drawing */
export function openPlaces(app, chosen) {
  const { text, state } = app;
  const list = el('ul', { class: 'list' });
  const form = el('div');
  const edit = (/** @type {Given} */ place, /** @type {boolean} */ isNew) =>
    form.replaceChildren(placeForm(app, place, isNew, () => dialog.close()));
  for (const place of state.get('places')) {
    list.append(
      el(
        'li',
        {},
        el('button', { type: 'button', class: 'link', text: place.name, on: { click: () => edit(place, false) } }),
        ` · ${text(`shape.${place.shape}`)}`,
      ),
    );
  }
  const fresh = () =>
    edit(
      { id: '', name: '', shape: 'point', points: [], radius_m: 500, bottom_m: -100, top_m: 1000, identity: '' },
      true,
    );
  const add = el('button', { type: 'button', class: 'plain', text: text('places.new'), on: { click: fresh } });
  const dialog = openDialog(app, text('places.edit'), list, add, form);
  if (chosen) edit(chosen, !state.get('places').some(({ id }) => id === chosen.id));
}

/** @param {Page} app @param {Given} place @param {boolean} isNew @param {() => void} close */
function placeForm(app, place, isNew, close) {
  const { text, state } = app;
  const field = (/** @type {keyof Given} */ name, /** @type {string} */ label, /** @type {object} */ more = {}) => {
    const input = el('input', { value: String(place[name]), name, ...more });
    return { input, label: el('label', { class: 'stacked' }, el('span', { text: text(label) }), input) };
  };
  const shape = el('select', {}, ...SHAPES.map((value) => el('option', { value, text: text(`shape.${value}`) })));
  shape.value = place.shape;
  const points = el('textarea', { rows: 4, spellcheck: 'false' });
  points.value = place.points.map(([lat, lon]) => `${lat.toFixed(6)} ${lon.toFixed(6)}`).join('\n');
  const parts = {
    id: field('id', 'places.id', { required: true, maxlength: 40, readonly: !isNew }),
    name: field('name', 'places.name', { required: true, maxlength: 80 }),
    radius_m: field('radius_m', 'places.radius', { type: 'number', min: 0, max: 100000, step: 'any' }),
    bottom_m: field('bottom_m', 'places.bottom', { type: 'number', step: 'any' }),
    top_m: field('top_m', 'places.top', { type: 'number', step: 'any' }),
    identity: field('identity', 'places.identity', { maxlength: 80 }),
  };
  const complaint = el('p', { class: 'problem', role: 'status' });
  const read = () => {
    const corners = readPoints(points.value);
    if (typeof corners === 'number') complaint.textContent = text('places.wrong', { n: corners });
    return typeof corners === 'number' ? null : readForm(parts, shape.value, corners);
  };
  const others = () =>
    state
      .get('places')
      .filter((other) => other.id !== place.id)
      .map(bare);
  const draw = el('button', {
    type: 'button',
    class: 'plain',
    text: text('places.draw'),
    on: {
      click: () => {
        const given = read();
        if (given) {
          close();
          drawCorners(app, given);
        }
      },
    },
  });
  const remove = el('button', { type: 'button', class: 'plain', text: text('remove') });
  remove.addEventListener('click', async () => {
    if (!confirm(text('places.removeSure', { place: place.name }))) return;
    if (await app.attempt(() => app.api.put('/api/places', { places: others() }), text('saved'))) close();
  });
  const form = el(
    'form',
    { class: 'form wide' },
    parts.id.label,
    parts.name.label,
    el('label', { class: 'stacked' }, el('span', { text: text('places.shape') }), shape),
    el('label', { class: 'stacked' }, el('span', { text: text('places.points') }), points),
    draw,
    parts.radius_m.label,
    parts.bottom_m.label,
    parts.top_m.label,
    parts.identity.label,
    complaint,
    el('div', { class: 'buttons' }, el('button', { class: 'primary', text: text('places.put') }), !isNew && remove),
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const given = read();
    if (!given) return;
    try {
      await app.api.put('/api/places', { places: [...others(), given] });
      app.say(text('saved'));
      close();
    } catch (problem) {
      complaint.textContent = app.problem(problem);
    }
  });
  return form;
}

/** @param {Record<string, {input: HTMLInputElement}>} parts @param {string} shape @param {[number, number][]} points @returns {Given} */
function readForm(parts, shape, points) {
  const number = (/** @type {string} */ name) => Number(parts[name].input.value);
  return {
    id: parts.id.input.value.trim(),
    name: parts.name.input.value.trim(),
    shape: /** @type {any} */ (shape),
    points,
    radius_m: number('radius_m'),
    bottom_m: number('bottom_m'),
    top_m: number('top_m'),
    identity: parts.identity.input.value.trim(),
  };
}

/** A place without where its vessel is now. @param {import('../state.js').Place} place @returns {Given} */
function bare({ id, name, shape, points, radius_m, bottom_m, top_m, identity }) {
  return { id, name, shape, points, radius_m, bottom_m, top_m, identity };
}

/** Corners are clicked on the map, then the form comes back. @param {Page} app @param {Given} place */
function drawCorners(app, place) {
  const { state, text } = app;
  state.set('draft', []);
  const done = () => {
    const points = (state.get('draft') ?? []).map(({ lat, lon }) => /** @type {[number, number]} */ ([lat, lon]));
    state.set('draft', null);
    bar.remove();
    openPlaces(app, { ...place, points: points.length ? points : place.points });
  };
  const bar = el(
    'div',
    { class: 'drawing', role: 'status' },
    el('span', { text: text('places.drawing') }),
    el('button', { type: 'button', class: 'primary', text: text('places.drawn'), on: { click: done } }),
  );
  document.getElementById('map')?.append(bar);
}

/**
 * "latitude longitude" a line, or the number of the first wrong line.
 * @param {string} typed
 * @returns {[number, number][]|number}
 */
export function readPoints(typed) {
  return readPairs(typed, (lat, lon) => Math.abs(lat) <= 90 && Math.abs(lon) <= 180);
}
