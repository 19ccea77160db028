/**
 * What changes seldom (the ground while the view rests, places, sensors, trails), drawn once into a picture of its own and copied beneath every frame until
 * it changes or the view moves: with software rendering a copy costs a tenth of sixteen thousand lines.
 *
 * @module
 */

import { WHOLE, link } from './shaders.js';

/** An off-screen picture of the size of the canvas. */
export class Backdrop {
  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.frame = gl.createFramebuffer();
    this.store = gl.createTexture();
    this.version = '';
    this.size = '';
    this.ground = gl.createTexture();
    this.hasGround = false;
    this.program = link(gl, WHOLE, []);
  }

  /** Lay a picture of the ground beneath, or take it away. @param {HTMLCanvasElement | null} image */
  lay(image) {
    const { gl } = this;
    if (image === null && !this.hasGround) return;
    this.version = '';
    this.hasGround = image !== null;
    if (image === null) return;
    gl.bindTexture(gl.TEXTURE_2D, this.ground);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
  }

  /**
   * @param {string} version of what it shows
   * @param {number} width device pixels @param {number} height
   * @returns {boolean} whether it must be drawn now; it is then the target, cleared
   */
  begin(version, width, height) {
    const { gl } = this;
    const size = `${width} ${height}`;
    if (version === this.version && size === this.size) return false;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
    if (size !== this.size) {
      gl.bindTexture(gl.TEXTURE_2D, this.store);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.store, 0);
    }
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (this.hasGround) this.#cover(this.ground);
    this.version = version;
    this.size = size;
    return true;
  }

  /** Draw it over the whole canvas, which is the target again. */
  show() {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.disable(gl.BLEND);
    this.#cover(this.store);
    gl.enable(gl.BLEND);
  }

  /** @param {WebGLTexture} texture */
  #cover(texture) {
    const { gl } = this;
    gl.useProgram(this.program);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  destroy() {
    this.gl.deleteFramebuffer(this.frame);
    this.gl.deleteTexture(this.store);
    this.gl.deleteTexture(this.ground);
    this.gl.deleteProgram(this.program);
  }
}
