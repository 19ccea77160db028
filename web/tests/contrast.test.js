/** Contrast of text on its grounds, by WCAG 2.2 (relative luminance, contrast ratio), from the stylesheet itself. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const LEAST_TEXT = 4.5;
const LEAST_SHAPE = 3;
const css = readFileSync(new URL('../styles/theme.css', import.meta.url), 'utf8');

/** @param {string} block @returns {Record<string, string>} */
const variables = (block) =>
  Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]));
const [nightBlock, dayBlock] = css.split(":root[data-theme='day']");
const night = variables(nightBlock);
const THEMES = { night, day: { ...night, ...variables(dayBlock) } };

/** @param {string} hex */
function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} one @param {string} other */
function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

const TEXTS = ['text', 'quiet', 'trouble', 'past', 'level-clear', 'level-watch', 'level-warning', 'level-imminent'];
const GROUNDS = ['ground', 'panel', 'raised', 'pressed'];
const INKS = [
  ['past-ink', 'past'],
  ['exercise-ink', 'exercise'],
  ['level-ink', 'level-warning'],
  ['level-ink', 'level-imminent'],
  ['level-ink', 'level-watch'],
  ['ground', 'text'],
  ['map-text', 'land'],
  ['map-text', 'sea'],
];
const SHAPES = [
  'trail',
  'place',
  'sensor',
  'bearing',
  'operator',
  'friend',
  'height-low',
  'height-middle',
  'height-high',
  'level-clear',
  'level-watch',
  'level-warning',
  'level-imminent',
];

for (const [theme, colours] of Object.entries(THEMES)) {
  test(`${theme}: text can be read on every ground of the panels`, () => {
    for (const text of TEXTS) {
      for (const ground of GROUNDS) {
        const ratio = contrast(colours[text], colours[ground]);
        assert.ok(ratio >= LEAST_TEXT, `--${text} on --${ground}: ${ratio.toFixed(2)}`);
      }
    }
  });

  test(`${theme}: text on coloured grounds can be read`, () => {
    for (const [ink, ground] of INKS) {
      const ratio = contrast(colours[ink], colours[ground]);
      assert.ok(ratio >= LEAST_TEXT, `--${ink} on --${ground}: ${ratio.toFixed(2)}`);
    }
  });

  test(`${theme}: shapes on the map, edges of fields and the focus stand out`, () => {
    const pairs = [
      ...SHAPES.flatMap((shape) => [
        [shape, 'land'],
        [shape, 'sea'],
      ]),
      ['focus', 'panel'],
      ['edge', 'panel'],
      ['edge', 'raised'],
    ];
    for (const [shape, ground] of pairs) {
      const ratio = contrast(colours[shape], colours[ground]);
      assert.ok(ratio >= LEAST_SHAPE, `--${shape} on --${ground}: ${ratio.toFixed(2)}`);
    }
  });

  test(`${theme}: levels differ for the colour-blind`, () => {
    // Viénot, Brettel and Mollon 1999: protanopia and deuteranopia as projections of linear RGB.
    const views = {
      protan: [
        [0.11238, 0.88762, 0],
        [0.11238, 0.88762, 0],
        [0.00401, -0.00401, 1],
      ],
      deutan: [
        [0.29275, 0.70725, 0],
        [0.29275, 0.70725, 0],
        [-0.02234, 0.02234, 1],
      ],
    };
    const levels = ['level-clear', 'level-watch', 'level-warning', 'level-imminent'].map((name) =>
      linear(colours[name]),
    );
    for (const [view, matrix] of Object.entries(views)) {
      const seen = levels.map((rgb) =>
        matrix.map(
          (row) =>
            Math.max(
              0,
              row.reduce((sum, weight, i) => sum + weight * rgb[i], 0),
            ) **
            (1 / 2.2),
        ),
      );
      for (let i = 0; i < seen.length; i += 1) {
        for (let j = i + 1; j < seen.length; j += 1) {
          const apart = Math.hypot(...seen[i].map((value, k) => value - seen[j][k]));
          assert.ok(apart > 0.05, `${view}: levels ${i} and ${j} are ${apart.toFixed(3)} apart`);
        }
      }
    }
  });
}

/** @param {string} hex */
function linear(hex) {
  return [1, 3, 5].map((at) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
}

test('no pure white at night', () => {
  for (const [name, value] of Object.entries(night)) assert.ok(luminance(value) < 0.8, name);
});

test('styles use variables for colours', () => {
  for (const name of ['page.css', 'panels.css']) {
    const sheet = readFileSync(new URL(`../styles/${name}`, import.meta.url), 'utf8');
    assert.deepEqual(sheet.match(/#[0-9a-f]{3,8}\b(?![^{]*\{)/gi) ?? [], [], name);
  }
});
