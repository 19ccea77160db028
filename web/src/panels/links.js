/** What comes in and what goes out, for who connects sensors: every source and output with its rate, lag and troubles. */

import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { factList, part } from './facts.js';
import { sensorIcon } from './icons.js';

const REFRESH_MS = 2000;
const MOST_REASONS = 5;
const MOST_UNKNOWN = 20;
/** States of links in the signs of sensors. */
const SIGNS = Object.freeze({ running: 'well', waiting: 'late', failed: 'faulty' });

/** @typedef {import('../app.js').Page} Page */
/** @typedef {{sources: any[], unknown_sensors: Record<string, number>}} Sources */
/** @typedef {{at_ms: number, counts: Map<string, [number, number]>}} Before messages and bytes of each link */

/** @param {Page} app */
export function openLinks(app) {
  const { text } = app;
  const body = el('div', { class: 'links' }, el('p', { class: 'quiet', text: text('loading') }));
  const complaint = el('p', { class: 'problem', role: 'alert' });
  /** @type {Before|null} */
  let before = null;
  const refresh = async () => {
    try {
      const [sources, { outputs }] = await Promise.all([app.api.get('/api/sources'), app.api.get('/api/outputs')]);
      const now = { at_ms: performance.now(), counts: countsOf(sources.sources, outputs) };
      complaint.textContent = '';
      body.replaceChildren(...sections(app, sources, outputs, ratesOf(before, now)));
      before = now;
    } catch (problem) {
      complaint.textContent = app.problem(problem);
    }
  };
  const reading = () => document.getSelection()?.isCollapsed === false; // something is marked, to be copied
  const timer = setInterval(() => reading() || void refresh(), REFRESH_MS);
  const dialog = openDialog(app, text('links.title'), complaint, body);
  dialog.addEventListener('close', () => clearInterval(timer));
  void refresh();
}

/** @param {any[]} sources @param {any[]} outputs */
function countsOf(sources, outputs) {
  /** @type {Map<string, [number, number]>} */
  const counts = new Map();
  for (const one of sources) counts.set(`in ${one.name}`, [one.received, one.bytes]);
  for (const one of outputs) counts.set(`out ${one.name}`, [one.messages, one.bytes]);
  return counts;
}

/**
 * Messages and bytes a second since the look before; null: there was none, or counting began anew.
 * @param {Before|null} before @param {Before} now
 * @returns {(key: string) => [number, number]|null}
 */
export function ratesOf(before, now) {
  const passed_s = before === null ? 0 : (now.at_ms - before.at_ms) / 1000;
  return (key) => {
    const [last, first] = [now.counts.get(key), before?.counts.get(key)];
    if (!last || !first || passed_s <= 0 || last[0] < first[0]) return null;
    return [(last[0] - first[0]) / passed_s, (last[1] - first[1]) / passed_s];
  };
}

/** @param {Page} app @param {Sources} sources @param {any[]} outputs @param {ReturnType<typeof ratesOf>} rates */
function sections(app, { sources, unknown_sensors }, outputs, rates) {
  const { text } = app;
  const none = (/** @type {string} */ name) => el('p', { class: 'quiet', text: text(name) });
  const strangers = mostOf(unknown_sensors);
  return [
    part(
      text('links.sources'),
      ...(sources.length ? sources.map((one) => source(app, one, rates(`in ${one.name}`))) : [none('links.noSources')]),
    ),
    ...(strangers.length
      ? [
          part(
            text('links.unknown'),
            el('p', { class: 'quiet', text: text('links.unknown.why') }),
            el('p', { text: counted(app, strangers, MOST_UNKNOWN) }),
          ),
        ]
      : []),
    part(
      text('links.outputs'),
      ...(outputs.length
        ? outputs.map((one) => output(app, one, rates(`out ${one.name}`)))
        : [none('links.noOutputs')]),
    ),
  ];
}

/** @param {Page} app @param {any} one @param {[number, number]|null} rate */
function source(app, one, rate) {
  const { text, format } = app;
  const wrong = mostOf({ ...one.rejected, ...one.faults });
  const ignored = mostOf(one.ignored);
  return link(app, one, one.via, [
    [text('links.pace'), rateText(app, rate)],
    [
      text('links.received'),
      text('links.books', {
        received: one.received.toLocaleString(),
        used: one.used.toLocaleString(),
        ignored: sum(one.ignored).toLocaleString(),
        rejected: sum(one.rejected).toLocaleString(),
      }),
      text('links.received.why'),
    ],
    ...(one.lag_s === null
      ? []
      : [row(text('fact.lag'), `${one.lag_s < 0 ? '−' : ''}${format.age(Math.abs(one.lag_s) * 1000)}`)]),
    ...(ignored.length ? [row(text('links.ignored'), counted(app, ignored, MOST_REASONS))] : []),
    ...(wrong.length ? [row(text('links.wrong'), counted(app, wrong, MOST_REASONS))] : []),
    ...(one.trouble ? [row(text('links.trouble'), one.trouble)] : []),
  ]);
}

/** @param {Page} app @param {any} one @param {[number, number]|null} rate */
function output(app, one, rate) {
  const { text } = app;
  return link(app, one, one.to, [
    [text('links.pace'), rateText(app, rate)],
    [
      text('links.sent'),
      text('links.sent.books', {
        messages: one.messages.toLocaleString(),
        dropped: one.dropped.toLocaleString(),
        failures: one.failures.toLocaleString(),
      }),
    ],
    ...(one.last_error ? [row(text('links.trouble'), one.last_error)] : []),
  ]);
}

/** @param {Page} app @param {any} one @param {string} where @param {import('./facts.js').Fact[]} facts */
function link({ text }, one, where, facts) {
  const sign = Reflect.get(SIGNS, one.state) ?? 'unknown';
  return el(
    'section',
    { class: 'link-card' },
    el(
      'p',
      { class: 'sensor-head' },
      el('strong', { text: one.name }),
      ` · ${one.kind} · `,
      el('span', { 'data-state': sign }, sensorIcon(sign), ' ', text(`links.${one.state}`)),
    ),
    el('p', { class: 'link-where', text: where }),
    one.message ? el('p', { class: 'quiet', text: one.message }) : '',
    factList(facts),
  );
}

/** @param {string} name @param {string} value @returns {import('./facts.js').Fact} */
const row = (name, value) => [name, value];

/** @param {Page} app @param {[number, number]|null} rate */
function rateText({ text }, rate) {
  if (rate === null) return text('unknown');
  return text('links.rate', { messages: rate[0].toFixed(1), bytes: Math.round(rate[1]).toLocaleString() });
}

/** @param {Record<string, number>} counts @returns {[string, number][]} the most frequent first */
export function mostOf(counts) {
  return Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** @param {Page} app @param {[string, number][]} counts @param {number} most */
function counted({ text }, counts, most) {
  const shown = counts.slice(0, most).map(([what, n]) => `${what} (${n.toLocaleString()})`);
  return shown.join(', ') + (counts.length > most ? ` ${text('links.more', { n: counts.length - most })}` : '');
}

/** @param {Record<string, number>} counts */
const sum = (counts) => Object.values(counts).reduce((total, n) => total + n, 0);
