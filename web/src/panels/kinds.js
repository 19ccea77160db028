/** What kind an object is, by which evidence, and what an officer says it is. */

import { KINDS } from '../vocabulary.js';
import { el } from './dom.js';
import { bar } from './facts.js';

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {any} details */
export function kindBars({ text, format }, details) {
  const kinds = [...details.kinds].sort((one, other) => other.probability - one.probability);
  if (!kinds.length) return [el('p', { class: 'quiet', text: text('object.kinds.none') })];
  return kinds.map(({ kind, probability, why }) => {
    const row = bar(text(`kind.${kind}`), probability, format.percent(probability), text('object.kind.why'));
    return el('div', { class: 'evidence' }, row, why && el('p', { class: 'quiet', text: why }));
  });
}

/** @param {Page} app @param {any} details @param {number} number @param {() => void} refresh */
export function kindChooser(app, details, number, refresh) {
  const { text } = app;
  const by = details.kind_set_by ? el('p', { text: text('object.setBy', { who: details.kind_set_by }) }) : null;
  if (!app.may('officer')) return by ?? el('p', { class: 'quiet', text: text('object.kind.viewer') });
  const select = el(
    'select',
    {},
    el('option', { value: '', text: text('object.kind.none') }),
    ...KINDS.map((kind) => el('option', { value: kind, text: text(`kind.${kind}`) })),
  );
  select.value = details.kind_set_by ? details.object.kind : '';
  select.addEventListener('change', async () => {
    await app.attempt(() => app.api.post(`/api/objects/${number}/kind`, { kind: select.value }));
    select.blur();
    refresh();
  });
  return el('div', {}, by, el('label', { class: 'stacked' }, el('span', { text: text('object.kind.set') }), select));
}
