/** The help: every key, made from the table that the keys work by, and what the signs mean. */

import { KEYS, keyName } from '../keys.js';
import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { kindIcon, levelIcon, sensorIcon } from './icons.js';

const GROUPS = /** @type {const} */ (['notices', 'map', 'time', 'page']);

/** @param {import('../app.js').Page} app */
export function openHelp(app) {
  const { text } = app;
  const groups = GROUPS.map((group) =>
    el(
      'section',
      {},
      el('h3', { text: text(`keys.${group}`) }),
      el(
        'dl',
        { class: 'keys' },
        ...KEYS.filter((key) => key.group === group).flatMap(({ keys, action }) => [
          el('dt', {}, ...keys.map((key) => el('kbd', { text: keyName(key, text) }))),
          el('dd', { text: text(`action.${action}`) }),
        ]),
      ),
    ),
  );
  const signs = (
    /** @type {string} */ title,
    /** @type {string[]} */ words,
    /** @type {(word: string) => Element} */ icon,
    /** @type {string} */ prefix,
  ) =>
    el(
      'section',
      {},
      el('h3', { text: text(title) }),
      el(
        'ul',
        { class: 'signs' },
        ...words.map((word) =>
          el(
            'li',
            { 'data-level': word, 'data-state': prefix === 'sensor' && word },
            icon(word),
            el('span', { text: text(`${prefix}.${word}`) }),
          ),
        ),
      ),
    );
  const version = app.state.get('site')?.version;
  openDialog(
    app,
    text('help.title'),
    el(
      'div',
      { class: 'help' },
      ...groups,
      signs(
        'help.kinds',
        ['multirotor', 'fixed_wing', 'bird', 'balloon', 'aircraft', 'vessel', 'unknown'],
        kindIcon,
        'kind',
      ),
      signs('help.levels', ['watch', 'warning', 'imminent', 'clear'], levelIcon, 'level'),
      signs(
        'help.sensors',
        ['well', 'late', 'off_in_time', 'garbled', 'silent', 'faulty', 'unknown'],
        sensorIcon,
        'sensor',
      ),
    ),
    el('p', { class: 'quiet', text: `lowsky ${version ?? ''}` }),
  );
}
