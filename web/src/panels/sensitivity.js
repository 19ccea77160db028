/** The tracker's one knob: how many false tracks an hour the whole site may have. Everyone sees it, officers turn it. */

import { openDialog } from './dialog.js';
import { attribute, el, put } from './dom.js';

const PATH = '/api/tracking';
export const STOPS = Object.freeze([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]);

/** @typedef {import('../app.js').Page} Page */
/** @typedef {{false_tracks_per_hour: number, configured: number}} Tracking */

/** The stop nearest to a rate, by ratio. @param {number} rate */
export function stopOf(rate) {
  const apart = (/** @type {number} */ stop) => Math.abs(Math.log(STOPS[stop] / rate));
  return STOPS.reduce((best, _, stop) => (apart(stop) < apart(best) ? stop : best), 0);
}

/** @param {Page} app */
export function openSensitivity(app) {
  const { text } = app;
  const body = el('div', { class: 'form' }, el('p', { class: 'quiet', text: text('loading') }));
  openDialog(app, text('sensitivity.title'), body);
  void app.attempt(async () => body.replaceChildren(...knob(app, await app.api.get(PATH))));
}

/** @param {Page} app @param {Tracking} tracking */
function knob(app, tracking) {
  const { text } = app;
  let { false_tracks_per_hour: rate } = tracking;
  const input = el('input', { type: 'range', min: 0, max: STOPS.length - 1, step: 1, disabled: !app.may('officer') });
  const shown = el('output', { class: 'knob' });
  const again = el('button', {
    type: 'button',
    class: 'plain',
    text: text('sensitivity.configured', { n: tracking.configured }),
  });
  const show = (/** @type {number} */ value) => {
    put(shown, text('sensitivity.rate', { n: value }));
    attribute(input, 'aria-valuetext', shown.textContent ?? '');
    again.hidden = !app.may('officer') || rate === tracking.configured;
  };
  const turn = async (/** @type {number} */ value) => {
    await app.attempt(async () => {
      rate = (await app.api.put(PATH, { false_tracks_per_hour: value })).false_tracks_per_hour;
    }, text('saved'));
    input.value = String(stopOf(rate));
    show(rate);
  };
  input.value = String(stopOf(rate));
  input.addEventListener('input', () => show(STOPS[Number(input.value)]));
  input.addEventListener('change', () => void turn(STOPS[Number(input.value)]));
  again.addEventListener('click', () => {
    input.focus(); // the button goes
    void turn(tracking.configured);
  });
  show(rate);
  return [
    el('label', { class: 'stacked' }, shown, input),
    el(
      'p',
      { class: 'ends quiet' },
      el('span', { text: text('sensitivity.fewer', { n: STOPS[0] }) }),
      el('span', { text: text('sensitivity.more', { n: STOPS[STOPS.length - 1] }) }),
    ),
    el('p', { class: 'quiet', text: text('sensitivity.why') }),
    !app.may('officer') && el('p', { class: 'quiet', text: text('sensitivity.officers') }),
    again,
  ].filter((node) => node !== false);
}
