/** One sensor: its health, what it detects against what its description promises, its horizon, its last reports. */

import { horizonChart } from './chart.js';
import { el } from './dom.js';
import { bar, copyable, factList, part, plainTable, renew } from './facts.js';
import { sensorIcon } from './icons.js';
import { readPairs } from './pairs.js';
import { createHistory, registrationPart } from './registration.js';
import { measured } from './reports.js';

const REPORTS = 12;
const REPORTS_MS = 2000;
/** With a smaller share of what it promises a sensor does not see what it should. */
const ENOUGH = 0.6;
/** A multiple nearer to one is written as one. */
const ALIKE = 0.05;

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope @param {string} id */
export function createSensor(app, scope, id) {
  const { state, text } = app;
  const health = el('div');
  const reports = el('div');
  const horizon = el('div');
  let alive = true;
  scope.ends.push(() => (alive = false));
  const element = el(
    'div',
    { class: 'scroll padded' },
    health,
    part(text('registration.history'), createHistory(app, scope, id, () => alive)),
    part(text('sensor.horizon'), horizon),
    part(text('report.title'), reports),
  );
  scope.show(['sensors', 'units', 'coordinates'], () => {
    const sensor = state.get('sensors').find((one) => one.id === id);
    renew(health, () => (sensor ? healthParts(app, sensor) : [el('p', { text: text('sensor.gone') })]));
  });
  const showReports = async () => {
    try {
      const answer = await app.api.get(`/api/reports?sensor=${encodeURIComponent(id)}&limit=${REPORTS}`);
      if (alive) reports.replaceChildren(reportTable(app, answer.reports));
    } catch (problem) {
      if (alive) reports.replaceChildren(el('p', { class: 'problem', text: app.problem(problem) }));
    }
  };
  scope.every(REPORTS_MS, () => void showReports());
  void showHorizon(app, horizon, id, () => alive);
  return { title: el('h2', { text: id }), element };
}

/** @param {Page} app @param {import('../state.js').Sensor & {message?: string}} sensor */
function healthParts(app, sensor) {
  const { text, format } = app;
  const ago = (/** @type {number|null} */ ms) =>
    ms === null ? text('never') : text('ago', { time: format.age(app.serverNow() - ms) });
  const round = sensor.azimuth_from_deg === null || sensor.azimuth_to_deg === null;
  const aside = sensor.registration?.state === 'set_aside';
  const message = aside ? text('registration.event.set_aside') : sensor.message;
  const registration = registrationPart(app, sensor);
  const urgent = aside || sensor.registration?.state === 'displaced';
  const head = el(
    'p',
    { class: 'sensor-head', 'data-state': sensor.state },
    sensorIcon(sensor.state),
    el('strong', { text: text(`sensor.${sensor.state}`) }),
    message ? ` – ${message}` : '',
  );
  return [
    head,
    ...(urgent ? registration : []),
    factList([
      [
        text('fact.sensorKind'),
        text(`sensorKind.${sensor.kind}`) === `sensorKind.${sensor.kind}`
          ? sensor.kind
          : text(`sensorKind.${sensor.kind}`),
      ],
      [text('fact.lastLook'), ago(sensor.last_look_ms), text('fact.lastLook.why')],
      [text('fact.lastReport'), ago(sensor.last_report_ms)],
      [text('fact.rate'), text('perSecond', { n: sensor.reports_per_s.toFixed(1) })],
      [
        text('fact.lag'),
        sensor.lag_s === null ? text('unknown') : format.age(sensor.lag_s * 1000),
        text('fact.lag.why'),
      ],
      [text('fact.faults'), String(sensor.faults), text('fact.faults.why')],
      [text('fact.reach'), `${format.distance(sensor.min_range_m)} – ${format.distance(sensor.max_range_m)}`],
      [
        text('fact.sector'),
        round
          ? text('allRound')
          : `${format.direction(sensor.azimuth_from_deg)} – ${format.direction(sensor.azimuth_to_deg)}`,
      ],
      [text('fact.position'), copyable(app, format.position(sensor.lat, sensor.lon))],
      [text('fact.height'), format.height(sensor.height_m), text('fact.height.why')],
      [
        text('fact.sees'),
        sensor.sees
          .filter((kind) => kind !== 'unknown')
          .map((kind) => text(`kind.${kind}`))
          .join(', ') || text('unknown'),
      ],
    ]),
    part(text('sensor.detection'), ...performance(app, sensor)),
    ...(urgent ? [] : registration),
  ];
}

/** Whether a sensor sees what it promises, as far as that is known. @param {Page} app @param {import('../state.js').Sensor} sensor */
function performance(app, { kind, detection, nis, learnt }) {
  const { text, format } = app;
  const { promised, live } = detection;
  const less = promised !== null && live !== null && live < ENOUGH * promised;
  return [
    bar(text('sensor.promised'), promised ?? 0, format.percent(promised), text('sensor.promised.why')),
    bar(text('sensor.live'), live ?? 0, format.percent(live), text('sensor.live.why')),
    less && el('p', { class: 'problem', text: text('sensor.less') }),
    factList([
      [text('sensor.nis'), nis.live === null ? text('unknown') : nisText(app, nis.live), text('sensor.nis.why')],
      ...(kind.startsWith('radar') && learnt ? learntFacts(app, kind, learnt) : []),
    ]),
  ];
}

/**
 * What the tracker has learnt of a radar, as multiples of what is described.
 * @param {Page} app @param {string} kind @param {NonNullable<import('../state.js').Sensor['learnt']>} learnt
 * @returns {import('./facts.js').Fact[]}
 */
export function learntFacts({ text }, kind, learnt) {
  const times = (/** @type {number|null} */ n) =>
    n === null
      ? text('sensor.notLearnt')
      : Math.abs(n - 1) < ALIKE
        ? text('sensor.nis.right')
        : text('sensor.times', { n: n.toFixed(1) });
  const parts = kind === 'radar_2d' ? ['range', 'azimuth'] : ['range', 'azimuth', 'elevation'];
  return [
    [text('sensor.falsePlots'), times(learnt.false_plots), text('sensor.falsePlots.why')],
    ...parts.map((name) => /** @type {import('./facts.js').Fact} */ ([
      text(`sensor.sigma.${name}`),
      times(Reflect.get(learnt, `sigma_${name}`)),
      text('sensor.sigma.why'),
    ])),
  ];
}

/** @param {Page} app @param {number} nis */
function nisText({ text }, nis) {
  const verdict = nis > 1.5 ? 'sensor.nis.high' : nis < 0.6 ? 'sensor.nis.low' : 'sensor.nis.right';
  return `${nis.toFixed(2)} – ${text(verdict)}`;
}

/** @param {Page} app @param {any[]} reports */
function reportTable(app, reports) {
  const { text, format } = app;
  if (!reports.length) return el('p', { class: 'quiet', text: text('sensor.noReports') });
  return plainTable(
    text('report.title'),
    [text('report.time'), text('report.measured')],
    reports.map((report) => [format.clock(report.time_ms).slice(0, 8), measured(app, report)]),
  );
}

/**
 * The horizon, and for integrators a way to change it: one "azimuth elevation" a line, drawn as it is typed.
 * @param {Page} app @param {HTMLElement} parent @param {string} id @param {() => boolean} alive
 */
async function showHorizon(app, parent, id, alive) {
  const { text } = app;
  const path = `/api/sensors/${encodeURIComponent(id)}/horizon`;
  let horizon;
  try {
    horizon = await app.api.get(path);
  } catch (problem) {
    parent.replaceChildren(el('p', { class: 'quiet', text: app.problem(problem) }));
    return;
  }
  if (!alive()) return;
  const chart = el('div');
  const quiet = (/** @type {string} */ words) => el('p', { class: 'quiet', text: text(words) });
  const draw = (/** @type {{azimuth_deg: number[], elevation_deg: number[]}} */ mask) =>
    chart.replaceChildren(
      mask.azimuth_deg.length
        ? el('div', {}, horizonChart({ label: text('sensor.horizon'), ...mask }), quiet('sensor.horizon.why'))
        : quiet('sensor.horizon.none'),
    );
  draw(horizon);
  parent.replaceChildren(chart);
  if (!app.may('integrator')) return;
  const area = el('textarea', { rows: 6, spellcheck: 'false', 'aria-describedby': 'horizon-help' });
  area.value = horizon.azimuth_deg
    .map((/** @type {number} */ azimuth, /** @type {number} */ i) => `${azimuth} ${horizon.elevation_deg[i]}`)
    .join('\n');
  const save = el('button', { type: 'button', class: 'plain', text: text('save') });
  const complaint = el('p', { class: 'problem', role: 'status' });
  area.addEventListener('input', () => {
    const read = readHorizon(area.value);
    save.disabled = typeof read === 'number';
    complaint.textContent = typeof read === 'number' ? text('sensor.horizon.line', { n: read }) : '';
    if (typeof read !== 'number') draw(read);
  });
  save.addEventListener('click', () => {
    const read = readHorizon(area.value);
    if (typeof read !== 'number') void app.attempt(() => app.api.put(path, read), text('saved'));
  });
  parent.append(
    el(
      'details',
      {},
      el('summary', { text: text('sensor.horizon.edit') }),
      el('p', { id: 'horizon-help', class: 'quiet', text: text('sensor.horizon.help') }),
      el('label', { class: 'stacked' }, el('span', { text: text('sensor.horizon.table') }), area),
      complaint,
      save,
    ),
  );
}

/**
 * Azimuths 0 to 360 and elevations -20 to 90 degrees, one pair a line; or the number of the first wrong line.
 * @param {string} typed
 * @returns {{azimuth_deg: number[], elevation_deg: number[]}|number}
 */
export function readHorizon(typed) {
  const pairs = readPairs(typed, (azimuth, elevation) => azimuth >= 0 && azimuth < 360 && elevation >= -20 && elevation <= 90);
  if (typeof pairs === 'number') return pairs;
  pairs.sort(([one], [other]) => one - other);
  return { azimuth_deg: pairs.map(([azimuth]) => azimuth), elevation_deg: pairs.map(([, elevation]) => elevation) };
}
