/** The catalogues of words agree with each other and with the code. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

const SOURCE = new URL('../src/', import.meta.url);

/** @param {string} language @returns {Record<string, string>} */
const catalogue = (language) => JSON.parse(readFileSync(new URL(`i18n/${language}.json`, SOURCE), 'utf8'));
const [en, ko] = [catalogue('en'), catalogue('ko')];
/** @param {string} words */
const placeholders = (words) => [...words.matchAll(/\{\w+\}/g)].map(([whole]) => whole).sort();
const code = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.js'))
  .map((path) => ({ path, text: readFileSync(new URL(path, SOURCE), 'utf8') }));
const everything = code.map(({ text }) => text).join('\n');

test('both languages have the same keys', () => {
  assert.deepEqual(Object.keys(ko), Object.keys(en));
});

test('a text has the same placeholders in both languages', () => {
  for (const [key, words] of Object.entries(en)) {
    // "{n} reports" may become "1 report" where the number is one.
    const allowed = key.endsWith('.one') ? placeholders(words).filter((name) => name !== '{n}') : placeholders(words);
    const other = key.endsWith('.one') ? placeholders(ko[key]).filter((name) => name !== '{n}') : placeholders(ko[key]);
    assert.deepEqual(other, allowed, key);
  }
});

test('no text is empty, and Korean is Korean', () => {
  for (const [key, words] of Object.entries({ ...en, ...ko })) assert.ok(words.trim(), key);
  const korean = Object.values(ko).filter((words) => /[\uac00-\ud7a3]/.test(words)).length;
  assert.ok(korean > 0.9 * Object.keys(ko).length, `${korean} of ${Object.keys(ko).length}`);
});

test('every text that the code asks for by name is there', () => {
  for (const { path, text } of code) {
    for (const [, key] of text.matchAll(/\btext\('([\w.]+)'/g)) assert.ok(key in en, `${path}: ${key}`);
  }
});

test('every text is used, or belongs to a family that is', () => {
  const families = new Set([...everything.matchAll(/\btext\(\s*`([\w.]*)\$\{/g)].map(([, prefix]) => prefix));
  families.add('role.'); // `role.${...}` is asked for by an expression
  for (const key of Object.keys(en)) {
    const base = key.replace(/\.one$/, '');
    const inFamily =
      [...families].some((prefix) => prefix && base.startsWith(prefix)) ||
      /^(follow|isolate|units|coordinates|theme|language)\./.test(base);
    const signs = /^(kind|level|sensor|tokens|report|filter)\./.test(base);
    assert.ok(everything.includes(`'${base}'`) || inFamily || signs, `${key} is used nowhere`);
  }
});

test('no words stand in the code', () => {
  for (const { path, text } of code) {
    if (path.startsWith('map/')) continue;
    for (const [, words] of text.matchAll(/\btext: '([^']*)'/g))
      assert.ok(!/[a-z]{3}/i.test(words) || words === 'lowsky', `${path}: ${words}`);
  }
});

test('nothing is written as markup', () => {
  for (const { path, text } of code)
    assert.ok(!/\.(inner|outer)HTML|insertAdjacentHTML|document\.write|setAttribute\('style'/.test(text), path);
});
