/**
 * Instances of one program, collected during a frame and drawn at once. An instance is 32 bytes: seven floats and four
 * bytes of colour. The buffer grows by doubling up to a limit; what does not fit is left out and counted.
 *
 * @module
 */
import { link } from './shaders.js';

export const INSTANCE_BYTES = 32;
const FLOATS = INSTANCE_BYTES / 4;
/** 16 MB. */
export const MOST_INSTANCES = 524_288;

/** One program's instances. */
export class Batch {
  /**
   * @param {WebGL2RenderingContext} gl
   * @param {{vertex: string, fragment: string}} source
   * @param {[string, string, string]} attributes of four floats, three floats, and the colour
   * @param {number} corners of the strip that an instance is
   * @param {string[]} uniforms
   */
  constructor(gl, source, attributes, corners, uniforms) {
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
    describe(gl, this.array, this.buffer);
  }

  /** @returns {number} where the next instance's eight numbers go, -1: full */
  next() {
    if (this.count === MOST_INSTANCES) {
      this.leftOut += 1;
      return -1;
    }
    if ((this.count + 1) * FLOATS > this.floats.length) this.#reserve(2 * (this.floats.length / FLOATS));
    this.count += 1;
    return (this.count - 1) * FLOATS;
  }

  /** Draw what was collected. Uniforms are set by `prepare`, after the program is in use. @param {() => void} prepare */
  draw(prepare) {
    if (this.count === 0) return;
    const { gl } = this;
    gl.useProgram(this.program);
    prepare();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.floats.subarray(0, this.count * FLOATS), gl.STREAM_DRAW);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, this.corners, this.count);
    this.count = 0;
  }

  destroy() {
    this.gl.deleteProgram(this.program);
    this.gl.deleteBuffer(this.buffer);
    this.gl.deleteVertexArray(this.array);
  }

  /** @param {number} instances */
  #reserve(instances) {
    const floats = new Float32Array(instances * FLOATS);
    floats.set(this.floats);
    this.floats = floats;
    this.words = new Uint32Array(floats.buffer);
  }
}

/**
 * Tell a vertex array the layout of an instance.
 * @param {WebGL2RenderingContext} gl
 * @param {WebGLVertexArrayObject} array
 * @param {WebGLBuffer} buffer
 */
export function describe(gl, array, buffer) {
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.vertexAttribPointer(0, 4, gl.FLOAT, false, INSTANCE_BYTES, 0);
  gl.vertexAttribPointer(1, 3, gl.FLOAT, false, INSTANCE_BYTES, 16);
  gl.vertexAttribPointer(2, 4, gl.UNSIGNED_BYTE, true, INSTANCE_BYTES, 28);
  for (let i = 0; i < 3; i += 1) {
    gl.enableVertexAttribArray(i);
    gl.vertexAttribDivisor(i, 1);
  }
  gl.bindVertexArray(null);
}
