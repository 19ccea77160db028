/** What a person takes along: the map as a PNG with time and site written on it, the listed objects as CSV. */

import { CSV_FIELDS, csv } from './columns.js';
import { colourOf } from './colour.js';
import { listedRows } from './table.js';

/** @typedef {import('../app.js').Page} Page */

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** @param {Page} app @param {string} ending */
function fileName(app, ending) {
  const time = new Date(app.now()).toISOString().slice(0, 19).replaceAll(':', '');
  const drill = app.state.get('status')?.drill ? '-exercise' : '';
  return `${app.state.get('site')?.id ?? 'lowsky'}-${time}Z${drill}.${ending}`;
}

/** @param {Page} app */
export function exportCsv(app) {
  const heads = CSV_FIELDS.map(([name]) => name);
  const lines = listedRows(app).map((row) => CSV_FIELDS.map(([, value]) => value(app, row)));
  save(new Blob(['\ufeff', csv([heads, ...lines])], { type: 'text/csv;charset=utf-8' }), fileName(app, 'csv'));
}

/** The map with a line that says what it shows, so that a picture never travels without its time. @param {Page} app */
export async function exportPng(app) {
  if (!app.map) throw new Error(app.text('map.none'));
  const bitmap = await createImageBitmap(await app.map.png());
  const line_px = 28;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: bitmap.width, height: bitmap.height + line_px });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.fillStyle = colourOf('--panel');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0);
  context.fillStyle = colourOf('--text');
  const words = caption(app);
  for (let size_px = 14; size_px >= 8; size_px -= 1) {
    context.font = `${size_px}px ${colourOf('--font')}`;
    if (context.measureText(words).width < canvas.width - 16) break;
  }
  context.fillText(words, 8, bitmap.height + 19);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  save(/** @type {Blob} */ (blob), fileName(app, 'png'));
}

/** @param {Page} app */
export function caption({ state, text, format, now }) {
  const parts = [state.get('site')?.name ?? '', format.dateTime(now())];
  if (state.get('status')?.drill) parts.unshift(text('drill.words'));
  if (state.get('time').mode === 'past') parts.push(text('mode.past'));
  if (state.get('link').state !== 'open') parts.push(text('link.lost.said'));
  return parts.join(' · ');
}
