/** Reports as people read them: how many by which sensor, and what the last ones measured. */

import { el } from './dom.js';
import { plainTable } from './facts.js';

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {Record<string, number>} sensors */
export function sensorCounts(app, sensors) {
  const entries = Object.entries(sensors).sort(([, m], [, n]) => n - m);
  const items = entries.map(([id, n]) =>
    el(
      'li',
      {},
      el('button', {
        type: 'button',
        class: 'link',
        text: id,
        on: { click: () => app.state.set('selection', { type: 'sensor', id }) },
      }),
      ` ${app.text('object.count', { n })}`,
    ),
  );
  return items.length
    ? el('ul', { class: 'list' }, ...items)
    : el('p', { class: 'quiet', text: app.text('object.noReports') });
}

/** @param {Page} app @param {any[]} reports */
export function reportTable(app, reports) {
  const { text, format } = app;
  const rows = reports.map((report) => [
    format.clock(report.time_ms).slice(0, 8),
    report.sensor,
    report.association === null ? text('unknown') : format.percent(report.association),
    measured(app, report),
  ]);
  const heads = ['time', 'sensor', 'association', 'measured'].map((name) => text(`report.${name}`));
  return rows.length ? plainTable(text('report.title'), heads, rows) : '';
}

/** What a report measured, in words. @param {Page} app @param {any} report */
export function measured({ format }, report) {
  const parts = [];
  if (report.range_m !== null) parts.push(format.distance(report.range_m));
  if (report.azimuth_deg !== null) parts.push(`∠ ${format.direction(report.azimuth_deg)}`);
  if (report.elevation_deg !== null) parts.push(`↑ ${report.elevation_deg.toFixed(1)}°`);
  if (report.range_rate_mps !== null) parts.push(`ṙ ${format.climb(report.range_rate_mps)}`);
  if (report.lat !== null && report.lon !== null) parts.push(format.position(report.lat, report.lon));
  if (report.height_m !== null) parts.push(`↥ ${format.height(report.height_m)}`);
  if (report.identity) parts.push(report.identity);
  return parts.join(' · ');
}
