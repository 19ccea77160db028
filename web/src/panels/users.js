/** Accounts: the own password for everybody, users and API tokens for administrators. */

import { openDialog } from './dialog.js';
import { el } from './dom.js';

const ROLES = ['viewer', 'officer', 'integrator', 'administrator'];
const SHORTEST_PASSWORD = 10;

/** @typedef {import('../app.js').Page} Page */

/** @param {Page} app @param {string} [chosen] */
function roleChoice({ text }, chosen = 'viewer') {
  const select = el(
    'select',
    { 'aria-label': text('users.role') },
    ...ROLES.map((role) => el('option', { value: role, text: text(`role.${role}`) })),
  );
  select.value = chosen;
  return select;
}

/** @param {string} label @param {object} properties */
function field(label, properties) {
  const input = el('input', { required: true, ...properties });
  return { input, label: el('label', { class: 'stacked' }, el('span', { text: label }), input) };
}

/**
 * Do something of this window, show what went wrong in it, and the window anew.
 * @param {Page} app @param {HTMLElement} complaint @param {() => Promise<unknown>} work @param {() => void} then
 */
async function act(app, complaint, work, then) {
  complaint.textContent = '';
  try {
    await work();
    then();
  } catch (problem) {
    complaint.textContent = app.problem(problem);
  }
}

/** @param {Page} app @param {number|null} ms */
const when = ({ format, text }, ms) => (ms === null ? text('never') : format.dateTime(ms));

/**
 * A button that asks once more before it does something that cannot be undone.
 * @param {Page} app @param {string} words @param {string} sure @param {() => void} press
 */
function sureButton({ text }, words, sure, press) {
  const button = el('button', { type: 'button', class: 'plain', text: text(words) });
  let asked = false;
  button.addEventListener('click', () => {
    if (asked) return press();
    asked = true;
    button.textContent = sure;
  });
  button.addEventListener('blur', () => {
    asked = false;
    button.textContent = text(words);
  });
  return button;
}

/** @param {string[]} heads @param {(string|Node)[][]} rows */
function adminTable(heads, rows) {
  return el(
    'table',
    { class: 'admin-table' },
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col', text: head })))),
    el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, cell))))),
  );
}

/** Users: roles, passwords, removal, new ones. @param {Page} app */
export function openUsers(app) {
  const { text } = app;
  const list = el('div', { class: 'table-wrap' });
  const complaint = el('p', { class: 'problem', role: 'alert' });
  const refresh = () =>
    void act(
      app,
      complaint,
      async () => {
        const { users } = await app.api.get('/api/users');
        list.replaceChildren(
          adminTable(
            [text('users.name'), text('users.role'), text('users.login'), ''],
            users.map((/** @type {any} */ user) => userRow(app, user, complaint, refresh)),
          ),
        );
      },
      () => {},
    );
  const name = field(text('users.name'), { maxlength: 64, autocomplete: 'off' });
  const password = field(text('password.new', { n: SHORTEST_PASSWORD }), {
    type: 'password',
    minlength: SHORTEST_PASSWORD,
    autocomplete: 'new-password',
  });
  const role = roleChoice(app);
  const form = el(
    'form',
    { class: 'row-form' },
    name.label,
    password.label,
    role,
    el('button', { class: 'primary', text: text('users.add') }),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = { user: name.input.value, role: role.value, password: password.input.value };
    void act(
      app,
      complaint,
      () => app.api.post('/api/users', given),
      () => {
        form.reset();
        refresh();
      },
    );
  });
  openDialog(app, text('users.title'), complaint, list, el('h3', { text: text('users.new') }), form);
  refresh();
}

/** @param {Page} app @param {{user: string, role: string, login_ms: number|null}} user @param {HTMLElement} complaint @param {() => void} refresh */
function userRow(app, user, complaint, refresh) {
  const { text } = app;
  const path = `/api/users/${encodeURIComponent(user.user)}`;
  const role = roleChoice(app, user.role);
  role.addEventListener(
    'change',
    () => void act(app, complaint, () => app.api.put(path, { role: role.value }), refresh),
  );
  const remove = sureButton(
    app,
    'remove',
    text('users.removeSure', { user: user.user }),
    () => void act(app, complaint, () => app.api.remove(path), refresh),
  );
  const end = el('button', {
    type: 'button',
    class: 'plain',
    text: text('users.end'),
    on: { click: () => void act(app, complaint, () => app.api.remove(`${path}/sessions`), refresh) },
  });
  return [user.user, role, when(app, user.login_ms), el('div', { class: 'buttons' }, end, remove)];
}

/** API tokens for machines. The secret is shown once. @param {Page} app */
export function openTokens(app) {
  const { text } = app;
  const list = el('div', { class: 'table-wrap' });
  const made = el('div', { role: 'status' });
  const complaint = el('p', { class: 'problem', role: 'alert' });
  const refresh = () =>
    void act(
      app,
      complaint,
      async () => {
        const { tokens } = await app.api.get('/api/tokens');
        const rows = tokens.map((/** @type {any} */ token) => {
          const path = `/api/tokens/${encodeURIComponent(token.name)}`;
          const remove = sureButton(
            app,
            'remove',
            text('users.removeSure', { user: token.name }),
            () => void act(app, complaint, () => app.api.remove(path), refresh),
          );
          const ends = token.expires_ms === null ? text('tokens.noEnd') : when(app, token.expires_ms);
          return [token.name, text(`role.${token.role}`), token.made_by, when(app, token.used_ms), ends, remove];
        });
        list.replaceChildren(
          adminTable(['name', 'role', 'by', 'used', 'ends'].map((head) => text(`tokens.${head}`)).concat(''), rows),
        );
      },
      () => {},
    );
  const name = field(text('tokens.name'), { maxlength: 64, autocomplete: 'off' });
  const days = field(text('tokens.days'), { type: 'number', min: 1, max: 3650, required: false });
  const role = roleChoice(app);
  const form = el(
    'form',
    { class: 'row-form' },
    name.label,
    days.label,
    role,
    el('button', { class: 'primary', text: text('tokens.add') }),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = {
      name: name.input.value,
      role: role.value,
      days: days.input.value ? Number(days.input.value) : null,
    };
    void act(
      app,
      complaint,
      async () => {
        const { token } = await app.api.post('/api/tokens', given);
        made.replaceChildren(el('p', { text: text('tokens.once') }), el('code', { class: 'secret', text: token }));
        form.reset();
      },
      refresh,
    );
  });
  openDialog(app, text('tokens.title'), complaint, list, el('h3', { text: text('tokens.new') }), form, made);
  refresh();
}

/** @param {Page} app */
export function openPasswordDialog(app) {
  const { text } = app;
  const complaint = el('p', { class: 'problem', role: 'alert' });
  const current = field(text('password.current'), { type: 'password', autocomplete: 'current-password' });
  const fresh = field(text('password.new', { n: SHORTEST_PASSWORD }), {
    type: 'password',
    minlength: SHORTEST_PASSWORD,
    autocomplete: 'new-password',
  });
  const again = field(text('password.again'), { type: 'password', autocomplete: 'new-password' });
  const form = el(
    'form',
    { class: 'form' },
    current.label,
    fresh.label,
    again.label,
    complaint,
    el('button', { class: 'primary', text: text('password.change') }),
  );
  const dialog = openDialog(app, text('password.change'), form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (fresh.input.value !== again.input.value) {
      complaint.textContent = text('password.unlike');
      return;
    }
    const given = { current: current.input.value, password: fresh.input.value };
    void act(
      app,
      complaint,
      () => app.api.put('/api/session/password', given),
      () => {
        dialog.close();
        app.say(text('password.done'));
      },
    );
  });
  current.input.focus();
}
