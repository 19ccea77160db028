/**
 * The one store of the page: what is selected, shown, filtered and known. Panels and map read and write it by key and
 * listen for changes; nobody else keeps a copy. `address.js` mirrors part of it to the address and to localStorage.
 *
 * The live picture itself (thousands of objects, many changes a second) is not here but in `feed.js`'s Picture.
 *
 * The page's parts meet in one object, `app` (see App below), made by `app.js`.
 */

/** @typedef {{type: 'object'|'sensor'|'place'|'notice'|'call', id: number|string}} Selection */
/** @typedef {'clear'|'watch'|'warning'|'imminent'} LevelWord */
/** @typedef {{distance_m: number|null, speed_mps: number|null, height_m: number|null, kind: string, rule: string}} Why */
/**
 * @typedef {object} Notice
 * @property {number} notice @property {number} call @property {number} track
 * @property {string} place @property {string} place_name @property {LevelWord} level @property {number} probability
 * @property {number|null} arrival_ms @property {number|null} early_ms @property {number|null} late_ms
 * @property {number} raised_ms @property {number|null} ended_ms
 * @property {{by: string, at_ms: number}|null} acknowledged
 * @property {{to: string, at_ms: number}[]} delivered
 * @property {Why} why
 * @property {[number, number, number, number][]} path lon, lat, ms, sigma_m
 */
/**
 * @typedef {object} Sensor
 * @property {string} id @property {string} kind @property {number} lat @property {number} lon @property {number} height_m
 * @property {number} min_range_m @property {number} max_range_m
 * @property {number|null} azimuth_from_deg @property {number|null} azimuth_to_deg
 * @property {'well'|'late'|'off_in_time'|'garbled'|'silent'|'faulty'|'unknown'} state
 * @property {number|null} last_look_ms @property {number|null} last_report_ms
 * @property {number} reports_per_s @property {number|null} lag_s @property {number} faults
 * @property {{promised: number|null, live: number|null}} detection @property {{live: number|null}} nis
 * @property {{false_plots: number|null, sigma_range: number|null, sigma_azimuth: number|null, sigma_elevation: number|null}} [learnt] over described
 * @property {string[]} sees
 * @property {import('./panels/registration.js').Registration|null} [registration]
 */
/**
 * @typedef {object} Place
 * @property {string} id @property {string} name @property {'point'|'polygon'|'corridor'|'vessel'} shape
 * @property {[number, number][]} points lat, lon
 * @property {number} radius_m @property {number} bottom_m @property {number} top_m @property {string} identity
 * @property {number|null} lat @property {number|null} lon
 */
/**
 * @typedef {object} Status
 * @property {number} now_ms @property {number|null} newest_report_ms @property {number} reports_per_s
 * @property {number} lag_ms @property {boolean} drill @property {Record<string, number>} counts @property {number} clients
 * @property {{status: 'well'|'degraded'|'starting', reasons: string[]}} [health] of the server
 */
/** @typedef {{sensor: string, azimuth_deg: number, sigma_deg: number, time_ms: number}} Bearing */
/**
 * @typedef {object} Site
 * @property {string} id @property {string} name @property {{lat: number, lon: number, zoom: number}} view
 * @property {string} version @property {boolean} drill @property {'en'|'ko'} language @property {'metric'|'nautical'} units
 */
/** @typedef {{user: string, role: 'viewer'|'officer'|'integrator'|'administrator', csrf: string, accounts: boolean}} Session */
/**
 * @typedef {object} Layers
 * @property {0|1|2} labels 0 none, 1 important ones, 2 all that fit
 * @property {'off'|'plain'|'height'} trails plain: one colour, height: coloured by height
 * @property {number} trailMinutes
 * @property {number} coverageHeightM 0: coverage is off, else the height above ellipsoid for which it is drawn
 * @property {number} leaderSeconds 0: no velocity leaders
 * @property {boolean} ellipses @property {boolean} bearings @property {boolean} places @property {boolean} sensors
 * @property {boolean} people operators of drones, and one's own
 * @property {boolean} heat heat map of the recording's objects
 * @property {'plain'|'app6'} symbols
 */
/**
 * @typedef {object} Filters what is shown, on the map and in the table alike (panels/filter.js decides row by row)
 * @property {string[]} kinds empty: all
 * @property {number|null} minHeightM @property {number|null} maxHeightM
 * @property {'all'|'declared'|'silent'} source declared: objects that say who they are, silent: those that do not
 * @property {LevelWord} level least level shown; clear: all
 * @property {boolean} tentative also objects that are not confirmed
 */
/** @typedef {{identity: string, operator_id: string, lat: number, lon: number, height_m: number|null, place: 'takeoff'|'live'|'fixed', sensor: string, time_ms: number, received_ms: number}} Operator */
/** @typedef {{uid: string, callsign: string, type: string, lat: number, lon: number, height_m: number|null, sigma_m: number|null, time_ms: number, stale_ms: number}} Friend */
/** @typedef {{mode: 'live'|'past', atMs: number, speed: number, playing: boolean}} Time */
/** @typedef {{lat: number, lon: number, zoom: number}} View */
/** @typedef {{west: number, south: number, east: number, north: number}} Bounds degrees */
/** @typedef {{state: 'connecting'|'open'|'lost', sinceMs: number, attempts: number}} Link */
/**
 * @typedef {object} Values every key of the store
 * @property {Selection|null} selection
 * @property {number[]} picked further objects selected beside `selection`
 * @property {number|null} hover object number under the pointer, in the table or on the map
 * @property {boolean} follow keep the selected object in the middle
 * @property {boolean} isolate show nothing but selected and picked objects
 * @property {Notice[]} notices of the shown time (live, or the past that is played)
 * @property {Sensor[]} sensors @property {Place[]} places @property {Bearing[]} bearings
 * @property {Operator[]} operators of drones; empty for whoever may not see them @property {Friend[]} friends one's own
 * @property {string[]} identities what the picture's `identity` column points into
 * @property {Status|null} status @property {Site|null} site @property {Session|null} session
 * @property {Link} link
 * @property {Layers} layers @property {Filters} filters @property {string} search
 * @property {View|null} view centre of the map and zoom; the map writes it when it came to rest
 * @property {Bounds|null} bounds what the map shows; the map writes it with view
 * @property {Time} time
 * @property {'en'|'ko'} language @property {'metric'|'nautical'} units @property {'decimal'|'dms'|'mgrs'} coordinates
 * @property {'night'|'day'} theme @property {boolean} muted
 * @property {number} dim brightness of the base map, 0.3 to 1 @property {number} contrast of the base map, 0.6 to 1.6
 * @property {boolean} kiosk no controls, for a wall display
 * @property {boolean} screenshot stop after the first full picture; `document.body.dataset.ready` is then "yes"
 * @property {{column: string, up: boolean}} sort @property {boolean} inView table limited to what the map shows
 * @property {boolean} listOpen on a phone: the notices are drawn up over the map
 * @property {{lat: number, lon: number}[]|null} draft corners of a place being drawn: the map shows them joined, and adds
 *   one for each click on it while this is a list
 * @property {''|'display'} panel what the right column shows when nothing is selected
 */
/**
 * @typedef {object} MapView what createMap(element, app) gives the panels
 * @property {(view: {lat: number, lon: number, zoom?: number}) => void} goTo moves there, at once with reduced motion
 * @property {(points: [number, number][]) => void} fit shows all of these lat, lon
 * @property {(by: number) => void} zoomBy
 * @property {() => Promise<Blob>} png the map as it is drawn, as a PNG
 * @property {Promise<void>} ready base map and own layer have been drawn once
 */
/**
 * @typedef {object} App what the parts of the page share
 * @property {State} state
 * @property {import('./feed.js').Picture} picture what is shown: the live picture, or the past that is played
 * @property {() => number} now UTC ms of what is shown: the server's clock when live, time.atMs in the past
 * @property {(key: string, values?: Record<string, string|number>) => string} text words of the chosen language
 * @property {(row: number) => boolean} shown whether the filters let a row of the picture through
 * @property {MapView|null} map
 */

export const DEFAULT_LAYERS = Object.freeze(
  /** @type {Layers} */ ({
    labels: 1,
    trails: 'plain',
    trailMinutes: 3,
    coverageHeightM: 0,
    leaderSeconds: 60,
    ellipses: true,
    bearings: true,
    places: true,
    sensors: true,
    people: true,
    heat: false,
    symbols: 'plain',
  }),
);

export const DEFAULT_FILTERS = Object.freeze(
  /** @type {Filters} */ ({
    kinds: [],
    minHeightM: null,
    maxHeightM: null,
    source: 'all',
    level: 'clear',
    tentative: true,
  }),
);

export const LIVE = Object.freeze(/** @type {Time} */ ({ mode: 'live', atMs: 0, speed: 1, playing: true }));

/** @returns {Values} what a page starts with */
export function initialValues() {
  return {
    selection: null,
    picked: [],
    hover: null,
    follow: false,
    isolate: false,
    notices: [],
    sensors: [],
    places: [],
    bearings: [],
    operators: [],
    friends: [],
    identities: [],
    status: null,
    site: null,
    session: null,
    link: { state: 'connecting', sinceMs: 0, attempts: 0 },
    layers: { ...DEFAULT_LAYERS },
    filters: { ...DEFAULT_FILTERS },
    search: '',
    view: null,
    bounds: null,
    time: { ...LIVE },
    language: 'en',
    units: 'metric',
    coordinates: 'decimal',
    theme: 'night',
    muted: false,
    dim: 1,
    contrast: 1,
    kiosk: false,
    screenshot: false,
    sort: { column: 'level', up: false },
    inView: true,
    listOpen: false,
    draft: null,
    panel: '',
  };
}

/** Holds the values; dispatches an event of the key's name, and 'any', after a change. */
export class State extends EventTarget {
  /** @param {Partial<Values>} [values] */
  constructor(values = {}) {
    super();
    /** @type {Values} */
    this.values = { ...initialValues(), ...values };
  }

  /**
   * @template {keyof Values} K
   * @param {K} key
   * @returns {Values[K]}
   */
  get(key) {
    return this.values[key];
  }

  /**
   * Set a value and tell who listens; setting what is there already tells nobody.
   * @template {keyof Values} K
   * @param {K} key
   * @param {Values[K]} value
   */
  set(key, value) {
    if (same(this.values[key], value)) return;
    this.values[key] = value;
    this.dispatchEvent(new CustomEvent(key, { detail: value }));
    this.dispatchEvent(new CustomEvent('any', { detail: key }));
  }

  /**
   * Change fields of a value that is a record, for example `change('layers', {labels: 2})`.
   * @template {'layers'|'filters'|'time'|'link'|'sort'} K
   * @param {K} key
   * @param {Partial<Values[K]>} fields
   */
  change(key, fields) {
    this.set(key, { ...this.values[key], ...fields });
  }

  /**
   * Call `fn` with the value after each change of `key`.
   * @template {keyof Values} K
   * @param {K} key
   * @param {(value: Values[K]) => void} fn
   * @returns {() => void} ends it
   */
  on(key, fn) {
    const listener = () => fn(this.values[key]);
    this.addEventListener(key, listener);
    return () => this.removeEventListener(key, listener);
  }
}

/**
 * Equal in content for the small records that the address holds; lists from the server are always news.
 * @param {unknown} one @param {unknown} other
 */
function same(one, other) {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) || Array.isArray(other)) return false;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.is(Reflect.get(one, key), Reflect.get(other, key)))
  );
}
