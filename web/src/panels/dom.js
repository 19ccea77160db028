/**
 * The few things panels need of the document: making elements, keeping lists in step, and ending what they started.
 * Text only ever becomes text nodes, never markup: names and identities come from radios.
 */

/** @typedef {Node|string|null|undefined|false} Child */
/**
 * @typedef {object} Properties
 * @property {string} [class]
 * @property {string} [text]
 * @property {Record<string, (event: any) => void>} [on]
 */

/**
 * An element. Properties other than class, text and on become attributes; null and false leave an attribute out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Properties & Record<string, any>} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  const { class: name, text, on, ...attributes } = properties;
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  for (const [type, fn] of Object.entries(on ?? {})) node.addEventListener(type, fn);
  for (const [key, value] of Object.entries(attributes)) attribute(node, key, value);
  node.append(.../** @type {(Node|string)[]} */ (children.filter((child) => child || child === '')));
  return node;
}

/**
 * An SVG element with attributes.
 * @param {string} tag
 * @param {Record<string, string|number>} [attributes]
 * @param {...Node} children
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/**
 * Set or take away an attribute, touching the document only for news.
 * @param {Element} node
 * @param {string} key
 * @param {string|number|boolean|null|undefined} value
 */
export function attribute(node, key, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(key)) node.removeAttribute(key);
    return;
  }
  const text = value === true ? '' : String(value);
  if (node.getAttribute(key) !== text) node.setAttribute(key, text);
}

/**
 * Set text, touching the document only for news.
 * @param {Node} node
 * @param {string} text
 */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Make the children of `parent` those of `items`, in order, keeping the elements of items that stay.
 * @template Item
 * @param {Element} parent
 * @param {Item[]} items
 * @param {(item: Item) => string} key
 * @param {(item: Item) => HTMLElement} make
 * @param {(node: HTMLElement, item: Item) => void} [update]
 */
export function reconcile(parent, items, key, make, update) {
  const old = new Map([...parent.children].map((node) => [/** @type {HTMLElement} */ (node).dataset.key, node]));
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let node = /** @type {HTMLElement|undefined} */ (old.get(name));
    if (node) old.delete(name);
    else {
      node = make(item);
      node.dataset.key = name;
    }
    update?.(node, item);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  for (const node of old.values()) node.remove();
}

/** What a panel started and ends together: listeners and clocks. */
export class Scope {
  /** @param {import('../state.js').App} app */
  constructor(app) {
    this.app = app;
    /** @type {(() => void)[]} */
    this.ends = [];
  }

  /**
   * Call `fn` now and after each change of one of the keys.
   * @param {(keyof import('../state.js').Values)[]} keys
   * @param {() => void} fn
   */
  show(keys, fn) {
    for (const key of keys) this.ends.push(this.app.state.on(key, fn));
    fn();
  }

  /**
   * @template {keyof import('../state.js').Values} K
   * @param {K} key
   * @param {(value: import('../state.js').Values[K]) => void} fn
   */
  on(key, fn) {
    this.ends.push(this.app.state.on(key, fn));
  }

  /**
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} fn
   * @param {AddEventListenerOptions} [options]
   */
  listen(target, type, fn, options) {
    target.addEventListener(type, fn, options);
    this.ends.push(() => target.removeEventListener(type, fn, options));
  }

  /**
   * Call `fn` now and every so many milliseconds.
   * @param {number} period_ms
   * @param {() => void} fn
   */
  every(period_ms, fn) {
    const timer = setInterval(fn, period_ms);
    this.ends.push(() => clearInterval(timer));
    fn();
  }

  end() {
    for (const end of this.ends.splice(0)) end();
  }
}
