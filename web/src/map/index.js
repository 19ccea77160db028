/**
 * The map of one site: base map, symbols, what belongs to them, and what a person does with it.
 *
 *     const map = createMap(element, app);     // app: see state.js; gives a MapView
 *     await map.ready;
 *
 * It reads `app.picture`, `app.now()`, `app.shown(row)` and `app.state` (selection, picked, hover, follow, isolate,
 * notices, sensors, places, bearings, identities, layers, view, theme, dim, contrast, kiosk, screenshot, draft), redraws
 * by itself when they change, and writes `selection`, `picked`, `hover`, `follow` (given up on a drag), `view` and
 * `bounds`. The element also dispatches `cursor` events whose `detail` is {lat, lon} or null. Setting `view` moves it.
 *
 * Colours come from CSS variables of the root element, see colours.js.
 *
 * @module
 */

/** @typedef {import('../state.js').App} App */
/** @typedef {import('../state.js').MapView} MapView */
/**
 * @typedef {(element: HTMLElement, app: App) => MapView} CreateMap
 */
export {};
