/** Why there is a notice about an object, what became of it, and those that are over. */

import { el } from './dom.js';
import { factList, part } from './facts.js';

/** @typedef {import('../app.js').Page} Page */

/** Why there is a notice, and what became of it. @param {Page} app @param {import('../state.js').Notice} notice */
export function noticePart(app, notice) {
  const { text, format } = app;
  const { why } = notice;
  /** @type {import('./facts.js').Fact[]} */
  const facts = [
    [text('fact.level'), text(`level.${notice.level}`)],
    [
      text('fact.probability'),
      format.percent(notice.probability),
      text('notices.probability.why', { percent: format.percent(notice.probability) }),
    ],
    [text('fact.arrival'), notice.arrival_ms === null ? text('unknown') : `${format.clock(notice.arrival_ms)}`],
    [
      text('fact.between'),
      notice.early_ms === null || notice.late_ms === null
        ? text('unknown')
        : `${format.clock(notice.early_ms)} – ${format.clock(notice.late_ms)}`,
      text('notices.spread.why'),
    ],
    [text('fact.rule'), text(`rule.${notice.level}`), why.rule],
    [
      text('fact.basis'),
      `${format.distance(why.distance_m)} · ${format.speed(why.speed_mps)} · ${format.height(why.height_m)} · ${text(`kind.${why.kind}`)}`,
    ],
    [text('fact.raised'), format.clock(notice.raised_ms)],
    ...notice.delivered.map(
      ({ to, at_ms }) =>
        /** @type {import('./facts.js').Fact} */ ([text('fact.delivered'), `${to}, ${format.clock(at_ms)}`]),
    ),
    [
      text('fact.acknowledged'),
      notice.acknowledged ? `${notice.acknowledged.by}, ${format.clock(notice.acknowledged.at_ms)}` : text('notyet'),
    ],
  ];
  const end = el('button', {
    type: 'button',
    class: 'plain',
    text: text('notices.end'),
    on: { click: () => app.commands.endNotice(notice) },
  });
  return part(text('object.why', { place: notice.place_name }), factList(facts), app.may('officer') && end);
}

/** Notices that are over, a line each. @param {Page} app @param {import('../state.js').Notice[]} over */
export function earlierList({ text, format }, over) {
  const line = (/** @type {import('../state.js').Notice} */ notice) => {
    const seen = notice.acknowledged
      ? text('notices.acknowledged', { who: notice.acknowledged.by, time: format.clock(notice.acknowledged.at_ms) })
      : text('notices.unseen');
    return el('li', {
      text: `${format.clock(notice.raised_ms).slice(0, 8)} – ${format.clock(notice.ended_ms)} · ${notice.place_name} · ${seen}`,
    });
  };
  return el('ul', { class: 'list' }, ...over.map(line));
}
