/** Who is signed in, and what that person may do: drill, places, users and tokens, password, sign out. */

import { attribute, el } from './dom.js';
import { controlIcon } from './icons.js';
import { openLinks } from './links.js';
import { openSensitivity } from './sensitivity.js';
import { openPasswordDialog, openTokens, openUsers } from './users.js';
import { openPlaces } from './placeseditor.js';

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {import('./dom.js').Scope} scope */
export function createAccount(app, scope) {
  const { text } = app;
  const menu = el('div', { class: 'menu', id: 'account-menu', hidden: true });
  const button = el(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      title: text('account'),
      'aria-label': text('account'),
      'aria-expanded': 'false',
      'aria-controls': 'account-menu',
    },
    controlIcon('account'),
  );
  const open = (/** @type {boolean} */ wanted) => {
    menu.hidden = !wanted;
    attribute(button, 'aria-expanded', String(wanted));
  };
  const leave = () => {
    open(false);
    button.focus(); // where a window that is opened now gives the focus back to
  };
  const element = el('div', { class: 'menu-holder' }, button, menu);
  button.addEventListener('click', () => open(menu.hidden !== false));
  scope.listen(document, 'pointerdown', (event) => element.contains(event.target) || open(false));
  scope.listen(element, 'keydown', (event) => {
    if (event.key !== 'Escape' || menu.hidden) return;
    event.preventDefault();
    leave();
  });
  scope.show(['session', 'status'], () => {
    if (!menu.hidden) return;
    menu.replaceChildren(...entries(app, leave));
  });
  return element;
}

/** @param {Page} app @param {() => void} close */
function entries(app, close) {
  const { text, state } = app;
  const session = state.get('session');
  const drill = state.get('status')?.drill ?? false;
  const entry = (/** @type {string} */ name, /** @type {() => void} */ press) =>
    el('button', {
      type: 'button',
      text: text(name),
      on: {
        click: () => {
          close();
          press();
        },
      },
    });
  /** @type {HTMLElement[]} */
  const list = [
    el(
      'p',
      {},
      el('strong', { text: session?.user ?? text('unknown') }),
      ` · ${text(`role.${session?.role ?? 'viewer'}`)}`,
    ),
  ];
  if (app.may('officer')) list.push(entry(drill ? 'drill.off' : 'drill.on', () => void app.commands.drill(!drill)));
  if (app.may('officer')) list.push(entry('places.edit', () => openPlaces(app)));
  list.push(
    entry('sensitivity.title', () => openSensitivity(app)),
    entry('links.title', () => openLinks(app)),
  );
  if (app.may('administrator') && session?.accounts)
    list.push(
      entry('users.title', () => openUsers(app)),
      entry('tokens.title', () => openTokens(app)),
    );
  if (session?.accounts)
    list.push(
      entry('password.change', () => openPasswordDialog(app)),
      entry('signOut', () => void app.commands.signOut()),
    );
  return list;
}
