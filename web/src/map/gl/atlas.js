/**
 * One texture of square cells with all symbols: plain ones as masks (red inside, green outline, blue halo), each solid and
 * dashed, and after them pictures that bring their own colours.
 *
 * @module
 */
import { SHAPES, shapeData } from '../shapes.js';

/** Cells in a row and in a column, and pixels of a side: a symbol is drawn at most about 28 CSS pixels wide. */
export const CELLS = 16;
const CELL_PX = 64;
/** Half a cell is this many times half the symbol: room for the outline and the halo. */
export const MARGIN = 1.32;

/** The atlas of one context. */
export class Atlas {
  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.texture = gl.createTexture();
    /** @type {Map<string, number>} */
    this.pictures = new Map();
    this.next = 2 * SHAPES.length;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texStorage2D(gl.TEXTURE_2D, 6, gl.RGBA8, CELLS * CELL_PX, CELLS * CELL_PX);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    SHAPES.forEach((shape, i) => {
      this.#lay(2 * i, drawMask(shape, false));
      this.#lay(2 * i + 1, drawMask(shape, true));
    });
  }

  /** @param {string} shape @param {boolean} dashed @returns {number} cell */
  cell(shape, dashed) {
    return 2 * Math.max(0, SHAPES.indexOf(/** @type {any} */ (shape))) + (dashed ? 1 : 0);
  }

  /** @param {string} key @param {HTMLCanvasElement} image @returns {boolean} whether there was room */
  offer(key, image) {
    if (this.next >= CELLS * CELLS) return false;
    const canvas = cellCanvas();
    const scale = Math.min((CELL_PX - 4) / image.width, (CELL_PX - 4) / image.height, 1);
    const [width, height] = [image.width * scale, image.height * scale];
    context(canvas).drawImage(image, (CELL_PX - width) / 2, (CELL_PX - height) / 2, width, height);
    this.#lay(this.next, canvas);
    this.pictures.set(key, this.next);
    this.next += 1;
    return true;
  }

  destroy() {
    this.gl.deleteTexture(this.texture);
  }

  /** @param {number} cell @param {HTMLCanvasElement} canvas */
  #lay(cell, canvas) {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    const [x, y] = [(cell % CELLS) * CELL_PX, Math.floor(cell / CELLS) * CELL_PX];
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, gl.RGBA, gl.UNSIGNED_BYTE, canvas);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  }
}

/** @param {string} shape @param {boolean} dashed */
function drawMask(shape, dashed) {
  const canvas = cellCanvas();
  const draw = context(canvas);
  const path = new Path2D(shapeData(shape));
  draw.fillStyle = '#000';
  draw.fillRect(0, 0, CELL_PX, CELL_PX);
  const scale = CELL_PX / 2 / MARGIN;
  draw.translate(CELL_PX / 2, CELL_PX / 2);
  draw.scale(scale, scale);
  draw.globalCompositeOperation = 'lighter';
  draw.lineJoin = 'round';
  draw.fillStyle = '#f00';
  draw.fill(path);
  draw.fillStyle = draw.strokeStyle = '#00f';
  draw.lineWidth = 0.6;
  draw.fill(path);
  draw.stroke(path);
  draw.strokeStyle = '#0f0';
  draw.lineWidth = 0.2;
  if (dashed) draw.setLineDash([0.32, 0.24]);
  draw.stroke(path);
  return canvas;
}

function cellCanvas() {
  const canvas = document.createElement('canvas');
  canvas.width = CELL_PX;
  canvas.height = CELL_PX;
  return canvas;
}

/** @param {HTMLCanvasElement} canvas */
function context(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
}
