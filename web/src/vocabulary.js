/** The words for what there is only so much of, as the server says them. */

/** In the order in which people are shown them. */
export const KINDS = Object.freeze(['unknown', 'multirotor', 'fixed_wing', 'bird', 'balloon', 'aircraft', 'vessel']);
/** Of threat, the calmest first. */
export const LEVELS = Object.freeze(/** @type {const} */ (['clear', 'watch', 'warning', 'imminent']));
/** How threatening each level is, as the picture's columns have it. */
export const RANKS = Object.freeze({ clear: 0, watch: 1, warning: 2, imminent: 3 });
