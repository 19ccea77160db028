/**
 * The keys of the map page, declared once: what they do comes from here, and so does the help that `?` shows.
 * Keys are told by the character they make, so they are where the reader's keyboard has them; on a Korean keyboard with
 * Hangul switched on the letter's place (KeyboardEvent.code) is taken instead.
 */

/**
 * @typedef {object} Key
 * @property {string[]} keys as in KeyboardEvent.key
 * @property {string} action name of the command
 * @property {'notices'|'map'|'time'|'page'} group for the help
 */

/** @type {readonly Key[]} */
export const KEYS = Object.freeze([
  { keys: ['j'], action: 'nextNotice', group: 'notices' },
  { keys: ['k'], action: 'previousNotice', group: 'notices' },
  { keys: ['Enter'], action: 'closeUp', group: 'notices' },
  { keys: ['a'], action: 'acknowledge', group: 'notices' },
  { keys: ['m'], action: 'mute', group: 'notices' },
  { keys: ['l'], action: 'labels', group: 'map' },
  { keys: ['t'], action: 'trails', group: 'map' },
  { keys: ['c'], action: 'coverage', group: 'map' },
  { keys: ['o'], action: 'people', group: 'map' },
  { keys: ['h'], action: 'home', group: 'map' },
  { keys: ['f'], action: 'follow', group: 'map' },
  { keys: ['i'], action: 'isolate', group: 'map' },
  { keys: ['+', '='], action: 'zoomIn', group: 'map' },
  { keys: ['-'], action: 'zoomOut', group: 'map' },
  { keys: [' '], action: 'pause', group: 'time' },
  { keys: [','], action: 'stepBack', group: 'time' },
  { keys: ['.'], action: 'stepOn', group: 'time' },
  { keys: ['End'], action: 'live', group: 'time' },
  { keys: ['/'], action: 'search', group: 'page' },
  { keys: ['n'], action: 'night', group: 'page' },
  { keys: ['u'], action: 'units', group: 'page' },
  { keys: ['d'], action: 'display', group: 'page' },
  { keys: ['?'], action: 'help', group: 'page' },
  { keys: ['Escape'], action: 'back', group: 'page' },
]);

/** Elements in which letters are text, and those in which Enter and Space already do something. */
const TYPING = 'input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]';
const PRESSING = 'button, a[href], summary, [role=row][tabindex], input';

/** @param {KeyboardEvent} event */
export function characterOf(event) {
  const foreign = event.key.length === 1 && event.key.codePointAt(0) !== undefined && event.key > '~';
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  return (foreign || event.isComposing) && letter ? letter.toLowerCase() : event.key;
}

/**
 * What a key press asks for, or null when it belongs to the element with the focus.
 * @param {KeyboardEvent} event
 */
export function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const key = characterOf(event);
  const target = event.target instanceof Element ? event.target : null;
  if (key !== 'Escape' && target?.matches(TYPING)) return null;
  if ((key === 'Enter' || key === ' ') && target?.matches(PRESSING)) return null;
  return KEYS.find(({ keys }) => keys.includes(key.length === 1 ? key.toLowerCase() : key))?.action ?? null;
}

/**
 * Run commands by keys until the page is left.
 * @param {Record<string, () => void>} commands one for each action of KEYS
 */
export function listenToKeys(commands) {
  addEventListener('keydown', (event) => {
    const action = actionOf(event);
    if (!action || (event.repeat && !/step|notice|zoom/i.test(action))) return;
    event.preventDefault();
    commands[action]();
  });
}

/**
 * How a key is written in the help.
 * @param {string} key @param {(key: string) => string} text
 */
export function keyName(key, text) {
  return key === ' ' ? text('key.space') : key === 'Escape' ? 'Esc' : key === 'Enter' ? 'Enter ↵' : key;
}
