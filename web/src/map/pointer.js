/**
 * Clicks, hovering and the cursor's coordinates, the same on every surface. A press that moves is a drag and selects
 * nothing; a click answers with what was drawn last, so it waits for nobody.
 *
 * @module
 */
import { MOUSE_REACH_PX, TOUCH_REACH_PX } from './pick.js';

const DRAG_PX = 6;

/**
 * @param {HTMLElement} element
 * @param {object} on positions in CSS pixels of the element
 * @param {(x: number, y: number, reach: number, add: boolean) => void} on.click `add`: with shift or control
 * @param {(x: number, y: number, reach: number) => void} on.hover
 * @param {() => void} on.leave
 * @param {(x: number, y: number) => void} on.twice a double click
 * @returns {() => void} ends it
 */
export function listenToPointer(element, { click, hover, leave, twice }) {
  /** @type {{x: number, y: number, id: number} | null} */
  let pressed = null;
  let frame = 0;
  /** @param {MouseEvent} event @returns {[number, number]} */
  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const reach = (/** @type {PointerEvent} */ event) => (event.pointerType === 'mouse' ? MOUSE_REACH_PX : TOUCH_REACH_PX);
  const listeners = /** @type {[string, (event: any) => void][]} */ ([
    ['pointerdown', (/** @type {PointerEvent} */ event) => {
      const ours = event.target instanceof HTMLCanvasElement && event.button === 0;
      pressed = ours && event.isPrimary ? { x: event.clientX, y: event.clientY, id: event.pointerId } : null;
    }],
    ['pointerup', (/** @type {PointerEvent} */ event) => {
      if (!pressed || event.pointerId !== pressed.id) return;
      const moved = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
      pressed = null;
      if (moved < DRAG_PX) click(...at(event), reach(event), event.shiftKey || event.ctrlKey || event.metaKey);
    }],
    ['pointercancel', () => {
      pressed = null;
    }],
    ['pointermove', (/** @type {PointerEvent} */ event) => {
      if (event.pointerType === 'touch' || frame !== 0) return;
      const [x, y] = at(event);
      frame = requestAnimationFrame(() => {
        frame = 0;
        hover(x, y, reach(event));
      });
    }],
    ['pointerleave', () => leave()],
    ['dblclick', (/** @type {MouseEvent} */ event) => twice(...at(event))],
  ]);
  for (const [type, listener] of listeners) element.addEventListener(type, listener);
  return () => {
    cancelAnimationFrame(frame);
    for (const [type, listener] of listeners) element.removeEventListener(type, listener);
  };
}
