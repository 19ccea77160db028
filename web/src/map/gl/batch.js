/**
 * Quads of one program, collected during a frame and drawn at once. A corner is 32 bytes: seven floats and four bytes of
 * colour, the same for all four corners of a quad; which corner it is the program reads from `gl_VertexID & 3`.
 *
 * Not instanced, although it would be shorter: SwiftShader draws every instance as a call of its own, some twelve
 * microseconds each, where a quad among others takes one.
 *
 * @module
 */
import { link } from './shaders.js';

export const CORNER_BYTES = 32;
const CORNERS = 4;
export const QUAD_FLOATS = (CORNERS * CORNER_BYTES) / 4;
const FLOATS = CORNER_BYTES / 4;
/** 16 MB. */
export const MOST_QUADS = 131_072;

/** One program's quads. */
export class Batch {
  /**
   * @param {WebGL2RenderingContext} gl
   * @param {{vertex: string, fragment: string}} source
   * @param {[string, string, string]} attributes of four floats, three floats, and the colour
   * @param {string[]} uniforms
   * @param {Corners} corners shared by all batches of a context
   */
  constructor(gl, source, attributes, uniforms, corners) {
    this.gl = gl;
    this.corners = corners;
    this.program = link(gl, source, attributes);
    /** @type {Record<string, WebGLUniformLocation | null>} */
    this.at = Object.fromEntries(uniforms.map((name) => [name, gl.getUniformLocation(this.program, name)]));
    this.array = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    this.count = 0;
    this.leftOut = 0;
    this.floats = new Float32Array(0);
    this.words = new Uint32Array(0);
    this.#reserve(1024);
    corners.describe(this.array, this.buffer);
  }

  /**
   * Add a quad; `word` is its colour.
   * @param {number} a @param {number} b @param {number} c @param {number} d @param {number} e @param {number} f
   * @param {number} g @param {number} word
   */
  add(a, b, c, d, e, f, g, word) {
    if (this.count === MOST_QUADS) {
      this.leftOut += 1;
      return;
    }
    const at = this.count * QUAD_FLOATS;
    if (at + QUAD_FLOATS > this.floats.length) this.#reserve(2 * (this.floats.length / QUAD_FLOATS));
    put(this.floats, this.words, at, a, b, c, d, e, f, g, word);
    this.count += 1;
  }

  /** Draw what was collected. Uniforms are set by `prepare`, after the program is in use. @param {() => void} prepare */
  draw(prepare) {
    if (this.count === 0) return;
    const { gl } = this;
    gl.useProgram(this.program);
    prepare();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.floats.subarray(0, this.count * QUAD_FLOATS), gl.STREAM_DRAW);
    this.corners.draw(this.count);
    this.count = 0;
  }

  destroy() {
    this.gl.deleteProgram(this.program);
    this.gl.deleteBuffer(this.buffer);
    this.gl.deleteVertexArray(this.array);
  }

  /** @param {number} quads */
  #reserve(quads) {
    const floats = new Float32Array(Math.min(quads, MOST_QUADS) * QUAD_FLOATS);
    floats.set(this.floats);
    this.floats = floats;
    this.words = new Uint32Array(floats.buffer);
  }
}

/**
 * Write the four corners of a quad.
 * @param {Float32Array} floats @param {Uint32Array} words the same memory @param {number} at
 * @param {number} a @param {number} b @param {number} c @param {number} d @param {number} e @param {number} f
 * @param {number} g @param {number} word
 */
export function put(floats, words, at, a, b, c, d, e, f, g, word) {
  for (let i = at; i < at + QUAD_FLOATS; i += FLOATS) {
    floats[i] = a;
    floats[i + 1] = b;
    floats[i + 2] = c;
    floats[i + 3] = d;
    floats[i + 4] = e;
    floats[i + 5] = f;
    floats[i + 6] = g;
    words[i + 7] = word;
  }
}

/** The indices that make two triangles of each four corners: one buffer for all, which grows. */
export class Corners {
  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.buffer = gl.createBuffer();
    this.quads = 0;
    this.#reserve(4096);
  }

  /** Tell a vertex array the layout of a corner. @param {WebGLVertexArrayObject} array @param {WebGLBuffer} buffer */
  describe(array, buffer) {
    const { gl } = this;
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.vertexAttribPointer(0, 4, gl.FLOAT, false, CORNER_BYTES, 0);
    gl.vertexAttribPointer(1, 3, gl.FLOAT, false, CORNER_BYTES, 16);
    gl.vertexAttribPointer(2, 4, gl.UNSIGNED_BYTE, true, CORNER_BYTES, 28);
    for (let i = 0; i < 3; i += 1) gl.enableVertexAttribArray(i);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffer);
    gl.bindVertexArray(null);
  }

  /** Draw so many quads of the bound vertex array. @param {number} quads */
  draw(quads) {
    if (quads > this.quads) this.#reserve(2 ** Math.ceil(Math.log2(quads)));
    this.gl.drawElements(this.gl.TRIANGLES, 6 * quads, this.gl.UNSIGNED_INT, 0);
  }

  destroy() {
    this.gl.deleteBuffer(this.buffer);
  }

  /** @param {number} quads */
  #reserve(quads) {
    const { gl } = this;
    const indices = new Uint32Array(6 * quads);
    for (let i = 0; i < quads; i += 1) indices.set([4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 1, 4 * i + 3, 4 * i + 2], 6 * i);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, indices, gl.STATIC_DRAW);
    this.quads = quads;
  }
}
