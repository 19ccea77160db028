/**
 * Requests to the server this page came from. Failures are ApiError with the server's own sentence, so that a person
 * can be told; changing requests carry the session's CSRF token.
 */

/** What the server said no with; `status` 0: it could not be reached. */
export class ApiError extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 10000;

/** @param {() => string} csrf gives the token of the session, "" without one */
export function createApi(csrf) {
  /**
   * @param {string} method @param {string} path @param {unknown} [body]
   * @returns {Promise<Response>}
   */
  async function send(method, path, body) {
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-CSRF-Token'] = csrf();
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    let answer;
    try {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      answer = await fetch(path, { method, headers, body: text, signal, credentials: 'same-origin' });
    } catch (problem) {
      throw new ApiError(0, problem instanceof Error ? problem.message : String(problem));
    }
    if (!answer.ok) throw new ApiError(answer.status, await sentence(answer));
    return answer;
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async function json(method, path, body) {
    const answer = await send(method, path, body);
    return answer.status === 204 ? null : answer.json();
  }

  return {
    /** @param {string} path */
    get: (path) => json('GET', path),
    /** @param {string} path @param {unknown} [body] */
    post: (path, body) => json('POST', path, body ?? {}),
    /** @param {string} path @param {unknown} body */
    put: (path, body) => json('PUT', path, body),
    /** @param {string} path */
    remove: (path) => json('DELETE', path),
    /** @param {string} path @returns {Promise<ArrayBuffer>} */
    bytes: async (path) => (await send('GET', path)).arrayBuffer(),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {Response} answer */
async function sentence(answer) {
  const text = await answer.text();
  try {
    const { error } = JSON.parse(text);
    return typeof error === 'string' ? error : text;
  } catch {
    return answer.statusText || text.slice(0, 200);
  }
}
