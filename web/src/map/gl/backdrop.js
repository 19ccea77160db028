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
    this.store = gl.createRenderbuffer();
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
      gl.bindRenderbuffer(gl.RENDERBUFFER, this.store);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA8, width, height);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, this.store);
    }
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (this.hasGround) {
      gl.useProgram(this.program);
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, this.ground);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
    this.version = version;
    this.size = size;
    return true;
  }

  /**
   * Copy it to the canvas, which is the target again. The canvas is cleared before: Chromium does that late, at the first
   * drawing after a frame was shown, and a copy is none to it.
   * @param {number} width @param {number} height
   */
  show(width, height) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.frame);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  destroy() {
    this.gl.deleteFramebuffer(this.frame);
    this.gl.deleteRenderbuffer(this.store);
    this.gl.deleteTexture(this.ground);
    this.gl.deleteProgram(this.program);
  }
}
