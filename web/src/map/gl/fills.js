/**
 * Coloured triangles, collected and drawn at once.
 *
 * @module
 */
import { FILL, link } from './shaders.js';

const MOST_CORNERS = 200_000;

/** Coloured triangles of one flush. */
export class Fills {
  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.program = link(gl, FILL, ['a_at', 'a_colour']);
    this.size = gl.getUniformLocation(this.program, 'u_size');
    this.array = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 12, 0);
    gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 12, 8);
    gl.enableVertexAttribArray(0);
    gl.enableVertexAttribArray(1);
    gl.bindVertexArray(null);
    this.count = 0;
    this.floats = new Float32Array(3 * 1024);
    this.words = new Uint32Array(this.floats.buffer);
  }

  /** @param {number} x @param {number} y @param {number} word */
  add(x, y, word) {
    if (this.count === MOST_CORNERS) return;
    if (3 * (this.count + 1) > this.floats.length) this.#grow();
    const at = 3 * this.count;
    this.floats[at] = x;
    this.floats[at + 1] = y;
    this.words[at + 2] = word;
    this.count += 1;
  }

  /** @param {number} width @param {number} height */
  draw(width, height) {
    if (this.count === 0) return;
    const { gl } = this;
    const whole = 3 * Math.floor(this.count / 3);
    gl.useProgram(this.program);
    gl.uniform2f(this.size, width, height);
    gl.bindVertexArray(this.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.floats.subarray(0, 3 * whole), gl.STREAM_DRAW);
    gl.drawArrays(gl.TRIANGLES, 0, whole);
    this.count = 0;
  }

  destroy() {
    this.gl.deleteProgram(this.program);
    this.gl.deleteBuffer(this.buffer);
    this.gl.deleteVertexArray(this.array);
  }

  #grow() {
    const floats = new Float32Array(2 * this.floats.length);
    floats.set(this.floats);
    this.floats = floats;
    this.words = new Uint32Array(floats.buffer);
  }
}
