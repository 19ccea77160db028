/** The login page: name and password, what went wrong in words, and back to the view that was asked for. */

import { ApiError, createApi } from './api.js';
import { readHabits } from './address.js';
import { LANGUAGES, loadLanguage, translate } from './i18n/catalogue.js';
import { el } from './panels/dom.js';
import { readAddress } from './query.js';

/** Where to go after the login: a path of this site, never another one. @param {string|null} next */
export function safeNext(next) {
  if (!next || !next.startsWith('/') || /^\/[/\\]/.test(next) || /[\u0000-\u001f]/.test(next)) return '/';
  return new URL(next, 'http://here').host === 'here' ? next : '/';
}

/** @param {string} language */
async function show(language) {
  await loadLanguage(language);
  const text = (/** @type {string} */ key) => translate(language, key);
  const api = createApi(() => '');
  document.documentElement.lang = language;
  document.title = `${text('login.title')} – lowsky`;
  const user = el('input', {
    name: 'user',
    autocomplete: 'username',
    required: true,
    maxlength: 64,
    autocapitalize: 'none',
    spellcheck: 'false',
  });
  const password = el('input', {
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    maxlength: 1024,
  });
  const complaint = el('p', { class: 'problem', role: 'alert' });
  const button = el('button', { class: 'primary', text: text('login.do') });
  const form = el(
    'form',
    { class: 'form' },
    labelled(text('login.user'), user),
    labelled(text('login.password'), password),
    complaint,
    button,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    complaint.textContent = '';
    try {
      await api.post('/api/session', { user: user.value, password: password.value });
      location.assign(safeNext(new URLSearchParams(location.search).get('next')));
    } catch (problem) {
      complaint.textContent = reason(problem, text);
      password.select();
    } finally {
      button.disabled = false;
    }
  });
  const others = LANGUAGES.filter((other) => other !== language).map((other) =>
    el('button', {
      type: 'button',
      class: 'link',
      lang: other,
      text: translate(language, 'language.other'),
      on: { click: () => void show(other) },
    }),
  );
  document.body.replaceChildren(
    el(
      'main',
      { class: 'login' },
      el('h1', { text: 'lowsky' }),
      el('p', { class: 'quiet', text: text('login.words') }),
      form,
      ...others,
    ),
  );
  user.focus();
}

/** @param {string} words @param {HTMLElement} input */
function labelled(words, input) {
  return el('label', { class: 'stacked' }, el('span', { text: words }), input);
}

/** @param {unknown} problem @param {(key: string) => string} text */
function reason(problem, text) {
  if (!(problem instanceof ApiError) || problem.status === 0) return text('problem.unreachable');
  if (problem.status === 401) return text('login.wrong');
  if (problem.status === 429) return `${text('login.wait')} (${problem.message})`;
  return problem.message;
}

if (typeof document !== 'undefined') {
  const habits = { ...readHabits(), ...readAddress(location.search) };
  document.documentElement.dataset.theme = habits.theme ?? 'night';
  void show(habits.language ?? (navigator.language.startsWith('ko') ? 'ko' : 'en'));
}
