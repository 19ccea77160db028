/** A window over the page that keeps the focus until it is closed, and gives it back then. */

import { closeButton } from './card.js';
import { el } from './dom.js';

/**
 * @param {import('../app.js').Page} app @param {string} title
 * @param {...import('./dom.js').Child} content
 * @returns {HTMLDialogElement}
 */
export function openDialog(app, title, ...content) {
  for (const open of document.querySelectorAll('dialog[open]')) /** @type {HTMLDialogElement} */ (open).close();
  const dialog = el('dialog', { 'aria-labelledby': 'dialog-title' });
  const before = document.activeElement;
  dialog.append(
    el(
      'header',
      { class: 'section-head' },
      el('h2', { id: 'dialog-title', text: title }),
      closeButton(app.text('close'), () => dialog.close()),
    ),
    el('div', { class: 'dialog-body' }, ...content),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * A question that must be answered, with one line of text.
 * @param {import('../app.js').Page} app @param {string} title @param {string} label @param {string} verb
 * @param {string} [given] what the line holds at first
 * @returns {Promise<string|null>} null: thought better of it
 */
export function ask(app, title, label, verb, given = '') {
  return new Promise((resolve) => {
    const input = el('input', { type: 'text', value: given, maxlength: 200, required: true });
    const form = el(
      'form',
      { class: 'form' },
      el('label', { class: 'stacked' }, el('span', { text: label }), input),
      el('button', { class: 'primary', text: verb }),
    );
    const dialog = openDialog(app, title, form);
    /** @type {string|null} */
    let answer = null;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      answer = input.value.trim();
      dialog.close();
    });
    dialog.addEventListener('close', () => resolve(answer));
    input.focus();
  });
}
