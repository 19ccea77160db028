/**
 * One object: what it is known to be and how sure that is, where it goes, its last minutes, which sensors and reports
 * it rests on, its notices and why they were given, what it declares, and what an officer says it is.
 */

import { ageOf, courseOf, identityOf, severalOf, speedOf } from './columns.js';
import { lineChart } from './chart.js';
import { el, put } from './dom.js';
import { copyable, factList, part, renew } from './facts.js';
import { kindIcon, levelIcon } from './icons.js';
import { kindBars, kindChooser } from './kinds.js';
import { operatorFacts } from './operator.js';
import { reportTable, sensorCounts } from './reports.js';
import { earlierList, noticePart } from './why.js';

const REFRESH_MS = 2000;
const NOW_MS = 500;
const FLAG_DOUBTFUL = 2;
const FLAG_BY_HAND = 4;

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope @param {number} number */
export function createObject(app, scope, number) {
  const { text, state } = app;
  const title = el('h2', { text: text('object.title', { n: number }) });
  const head = el('div', { class: 'object-head' });
  const now = el('div');
  const rest = el('div', {}, el('p', { class: 'quiet', text: text('loading') }));
  const toggle = (/** @type {'follow'|'isolate'} */ key) => {
    const button = el('button', {
      type: 'button',
      class: 'plain',
      text: text(`object.${key}`),
      on: { click: () => state.set(key, !state.get(key)) },
    });
    scope.show([key], () => button.setAttribute('aria-pressed', String(state.get(key))));
    return button;
  };
  const closeUp = el('button', {
    type: 'button',
    class: 'plain',
    text: text('object.closeUp'),
    on: { click: () => app.commands.closeUpObject(number) },
  });
  const element = el(
    'div',
    { class: 'scroll padded' },
    head,
    el('div', { class: 'buttons' }, closeUp, toggle('follow'), toggle('isolate')),
    now,
    rest,
  );
  scope.every(NOW_MS, () => showNow(app, number, head, now));
  keepTold(app, scope, number, rest);
  return { title, element };
}

/**
 * What the server tells of an object, asked for again and again. It tells of the present only: beside a picture of the past
 * it would mislead, so a sentence stands in its place.
 * @param {Page} app @param {import('./dom.js').Scope} scope @param {number} number @param {HTMLElement} rest
 */
function keepTold(app, scope, number, rest) {
  const { state, text } = app;
  let alive = true;
  let asked = false;
  scope.ends.push(() => (alive = false));
  const isPast = () => state.get('time').mode === 'past';
  const refresh = async () => {
    if (isPast()) rest.replaceChildren(el('p', { class: 'quiet', text: text('object.pastOnly') }));
    if (asked || isPast()) return;
    asked = true;
    try {
      const details = await app.api.get(`/api/objects/${number}`);
      if (alive && !isPast()) showRest(app, rest, details, number, refresh);
    } catch (problem) {
      if (alive && !rest.dataset.filled)
        rest.replaceChildren(el('p', { class: 'problem', text: app.problem(problem) }));
    } finally {
      asked = false;
    }
  };
  scope.every(REFRESH_MS, () => void refresh());
  let wasPast = isPast();
  scope.on('time', () => {
    if (isPast() !== wasPast) void refresh();
    wasPast = isPast();
  });
}

/** @param {Page} app @param {number} number @param {HTMLElement} head @param {HTMLElement} now */
function showNow(app, number, head, now) {
  const { picture, text, format } = app;
  const row = picture.rowOf(number);
  if (row < 0) {
    put(head, text('object.gone'));
    head.dataset.level = 'clear';
    return;
  }
  const columns = picture.columns;
  const [kind, level, flags] = [picture.kindOf(row), picture.levelOf(row), columns.flags[row]];
  const sure = columns.kind_probability[row];
  const how =
    flags & FLAG_BY_HAND
      ? text('object.byHand')
      : !Number.isNaN(sure)
        ? format.percent(sure)
        : kind === 'unknown'
          ? ''
          : text('object.sureUnknown');
  const name = severalOf(app, kind, columns.group_n?.[row] ?? 1);
  const signature = [name, level, how].join();
  if (head.dataset.shown !== signature) {
    head.dataset.shown = signature;
    head.dataset.level = level;
    const sureText = el('span', { class: 'sure', text: how, title: text('object.kind.why') });
    head.replaceChildren(
      el('span', { class: 'kind' }, kindIcon(kind), el('strong', { text: name }), sureText),
      el('span', { class: 'level-word' }, levelIcon(level), text(`level.${level}`)),
    );
  }
  renew(now, () => [factList(factsNow(app, row))]);
}

/** @param {Page} app @param {number} row @returns {import('./facts.js').Fact} */
function groupFact({ picture, text }, row) {
  return [text('fact.group'), text('fact.group.n', { n: picture.columns.group_n[row] }), text('fact.group.why')];
}

/** @param {Page} app @param {number} row @returns {import('./facts.js').Fact[]} */
function factsNow(app, row) {
  const { picture, text, format } = app;
  const columns = picture.columns;
  const at = picture.placed(row) ? picture.place(row, app.now()) : { lat: Number.NaN, lon: Number.NaN };
  const spread_m = Math.sqrt(Math.max(columns.cov_ee_m2[row], columns.cov_nn_m2[row])) * 2;
  const identity = identityOf(app, row);
  const doubtful = columns.flags[row] & FLAG_DOUBTFUL;
  const declared = identity ? `${identity}${doubtful ? ` · ${text('identity.doubtful')}` : ''}` : text('identity.none');
  return [
    [text('fact.position'), picture.placed(row) ? copyable(app, format.position(at.lat, at.lon)) : text('unknown')],
    [text('fact.uncertainty'), `± ${format.distance(spread_m)}`, text('fact.uncertainty.why')],
    [
      text('fact.height'),
      `${format.height(columns.height_m[row])} ± ${format.height(2 * columns.sigma_up_m[row])}`,
      text('fact.height.why'),
    ],
    [text('fact.speed'), format.speed(speedOf(app, row))],
    [text('fact.course'), format.direction(courseOf(app, row))],
    [text('fact.climb'), format.climb(columns.up_mps[row])],
    [text('fact.identity'), declared, text('identity.why')],
    ...operatorFacts(app, row),
    [text('fact.existence'), format.percent(columns.existence[row]), text('fact.existence.why')],
    [text('fact.status'), text(`status.${picture.statusOf(row)}`)],
    [text('fact.age'), format.age(ageOf(app, row))],
    [text('fact.known'), format.duration((app.now() - columns.first_report_ms[row]) / 1000)],
    [text('fact.reports'), String(columns.reports[row])],
    ...(columns.group_n?.[row] > 1 ? [groupFact(app, row)] : []),
    [
      text('fact.rcs'),
      Number.isNaN(columns.rcs_dbsm[row]) ? text('unknown') : `${columns.rcs_dbsm[row].toFixed(1)} dBsm`,
      text('fact.rcs.why'),
    ],
  ];
}

/**
 * @param {Page} app @param {HTMLElement} rest @param {any} details as /api/objects/{n} gives them
 * @param {number} number @param {() => void} refresh
 */
function showRest(app, rest, details, number, refresh) {
  if (rest.querySelector('select:focus') || getSelection()?.anchorNode?.parentElement?.closest('.part')) return;
  rest.dataset.filled = 'yes';
  const { text } = app;
  /** @type {import('../state.js').Notice[]} */
  const notices = details.notices;
  const over = notices.filter((notice) => notice.ended_ms);
  const parts = [
    ...notices.filter((notice) => !notice.ended_ms).map((notice) => noticePart(app, notice)),
    part(text('object.kinds'), ...kindBars(app, details), kindChooser(app, details, number, refresh)),
    part(text('object.history'), ...charts(app, details.history)),
    part(text('object.sensors'), sensorCounts(app, details.sensors), reportTable(app, details.reports)),
  ];
  if (over.length) parts.push(part(text('object.earlier'), earlierList(app, over)));
  if (details.identities.length)
    parts.push(
      part(
        text('object.identities'),
        el(
          'ul',
          { class: 'list' },
          ...details.identities.map((/** @type {string} */ name) => el('li', { text: name })),
        ),
      ),
    );
  rest.replaceChildren(...parts);
}

/** @param {Page} app @param {{time_ms: number[], height_m: number[], speed_mps: number[]}} history */
function charts({ text, format }, { time_ms, height_m, speed_mps }) {
  const common = {
    times_ms: time_ms,
    clock: (/** @type {number} */ ms) => new Date(ms).toISOString().slice(11, 19),
    empty: text('chart.empty'),
  };
  return [
    lineChart({ ...common, title: text('chart.height'), values: height_m, write: (value) => format.height(value) }),
    lineChart({ ...common, title: text('chart.speed'), values: speed_mps, write: (value) => format.speed(value) }),
  ];
}
