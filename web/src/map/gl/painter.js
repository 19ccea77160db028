/**
 * The painter that speaks to the graphics card: it collects a frame's parts in batches and draws each kind at once.
 * Within one flush fills lie lowest, then lines and rings, then symbols.
 *
 * @module
 */
import { EARTH_M } from '../mercator.js';
import { packed } from '../painter.js';
import { Atlas, CELLS, MARGIN } from './atlas.js';
import { Backdrop } from './backdrop.js';
import { Batch, Corners, QUAD_FLOATS, put } from './batch.js';
import { Fills } from './fills.js';
import { LINE, PATCH, RING, SYMBOL } from './shaders.js';

/** @typedef {import('../painter.js').Painter} Painter */
/** @typedef {import('../painter.js').Rgb} Rgb */

const TRAIL_PX = 1.3;
/** A larger ellipse is drawn as a polygon, for most of its quad would be empty; its sides are enough for its size. */
const SMALL_RING_PX = 60;
const LEAST_SIDES = 32;
const MOST_SIDES = 96;

/** @implements {Painter} */
export class GlPainter {
  /** @param {WebGL2RenderingContext} gl */
  constructor(gl) {
    this.gl = gl;
    this.atlas = new Atlas(gl);
    this.corners = new Corners(gl);
    const names = /** @type {[string, string, string]} */ (['a_ends', 'a_style', 'a_colour']);
    this.lines = new Batch(gl, LINE, names, ['u_size', 'u_scale', 'u_shift'], this.corners);
    this.rings = new Batch(gl, RING, names, ['u_size'], this.corners);
    this.symbols = new Batch(gl, SYMBOL, names, ['u_size', 'u_cells', 'u_atlas', 'u_halo'], this.corners);
    this.patchwork = new Batch(gl, PATCH, names, ['u_size'], this.corners);
    this.patchTexture = gl.createTexture();
    this.patchVersion = -1;
    this.fills = new Fills(gl);
    this.trailArray = gl.createVertexArray();
    this.trailBuffer = gl.createBuffer();
    this.corners.describe(this.trailArray, this.trailBuffer);
    this.trailVersion = -1;
    this.backing = new Backdrop(gl);
    this.trailFloats = new Float32Array(0);
    this.size = [1, 1];
    this.haloColour = /** @type {Rgb} */ ([0, 0, 0]);
    /** @type {import('../mercator.js').Camera | null} */
    this.camera = null;
  }

  /** @param {import('../mercator.js').Camera} camera */
  begin(camera) {
    this.camera = camera;
    this.size = [camera.width, camera.height];
    const { gl } = this;
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** @param {Rgb} colour */
  halo(colour) {
    this.haloColour = colour;
  }

  /** @param {number[]} points @param {number[]} triangles @param {Rgb} colour @param {number} alpha */
  fill(points, triangles, colour, alpha) {
    const word = packed(colour, alpha);
    for (const corner of triangles) this.fills.add(points[2 * corner], points[2 * corner + 1], word);
  }

  /**
   * @param {number[]} points @param {number} width @param {Rgb} colour @param {number} alpha @param {number} [dashPx]
   * @param {boolean} [closed]
   */
  line(points, width, colour, alpha, dashPx = 0, closed = false) {
    const word = packed(colour, alpha);
    let along = 0;
    const last = closed ? points.length : points.length - 2;
    for (let i = 0; i < last; i += 2) {
      const j = (i + 2) % points.length;
      this.lines.add(points[i], points[i + 1], points[j], points[j + 1], width, dashPx, along, word);
      if (dashPx > 0) along += Math.hypot(points[j] - points[i], points[j + 1] - points[i + 1]);
    }
  }

  /**
   * @param {number} x @param {number} y @param {number} majorPx @param {number} minorPx @param {number} angle
   * @param {number} width @param {Rgb} colour @param {number} alpha
   */
  ring(x, y, majorPx, minorPx, angle, width, colour, alpha) {
    const word = packed(colour, alpha);
    if (majorPx < SMALL_RING_PX) {
      this.rings.add(x, y, majorPx, minorPx, angle, width, 0, word);
      return;
    }
    const sides = Math.min(MOST_SIDES, LEAST_SIDES + Math.floor(majorPx / 8));
    const [s, c] = [Math.sin(angle), Math.cos(angle)];
    let [fromX, fromY] = [x + majorPx * s, y - majorPx * c];
    for (let i = 1; i <= sides; i += 1) {
      const turn = (2 * Math.PI * i) / sides;
      const [along, across] = [majorPx * Math.cos(turn), minorPx * Math.sin(turn)];
      const [toX, toY] = [x + along * s + across * c, y - along * c + across * s];
      this.lines.add(fromX, fromY, toX, toY, width, 0, 0, word);
      fromX = toX;
      fromY = toY;
    }
  }

  /**
   * @param {string} shape @param {number} x @param {number} y @param {number} size @param {number} angle
   * @param {Rgb} colour @param {number} fill @param {number} alpha @param {boolean} dashed
   */
  symbol(shape, x, y, size, angle, colour, fill, alpha, dashed) {
    this.#place(x, y, (size / 2) * MARGIN, angle, this.atlas.cell(shape, dashed), fill, packed(colour, alpha));
  }

  /** @param {string} key @param {number} x @param {number} y @param {number} size @param {number} alpha */
  picture(key, x, y, size, alpha) {
    const cell = this.atlas.pictures.get(key);
    if (cell !== undefined) this.#place(x, y, size / 2, 0, cell, -1, packed([255, 255, 255], alpha));
  }

  /** @param {string} key @param {HTMLCanvasElement} image */
  offer(key, image) {
    return this.atlas.offer(key, image);
  }

  /** @param {string} key */
  has(key) {
    return this.atlas.pictures.has(key);
  }

  /** @param {number} version @param {HTMLCanvasElement} canvas @param {import('../painter.js').Patch[]} boxes */
  patches(version, canvas, boxes) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.patchTexture);
    if (version !== this.patchVersion) {
      this.patchVersion = version;
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, canvas);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    }
    for (const { x, y, width, height, dx, dy } of boxes) this.patchwork.add(x, y, width, height, dx, dy, 0, 0xff000000);
    this.patchwork.draw(() => gl.uniform2f(this.patchwork.at.u_size, this.size[0], this.size[1]));
    gl.bindVertexArray(null);
  }

  /** @param {string} version @param {() => void} draw */
  backdrop(version, draw) {
    const { gl, camera } = this;
    if (camera === null) return;
    const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
    if (this.backing.begin(`${version} ${camera.x} ${camera.y} ${camera.worldPx}`, width, height)) {
      draw();
      this.flush();
    }
    this.backing.show(width, height);
  }

  /** @param {import('../painter.js').TrailLines} trails */
  trails(trails) {
    const { gl, camera } = this;
    if (trails.version !== this.trailVersion) this.#load(trails);
    if (trails.count === 0 || camera === null) return;
    const scale = camera.worldPx / EARTH_M;
    gl.useProgram(this.lines.program);
    gl.uniform2f(this.lines.at.u_size, this.size[0], this.size[1]);
    gl.uniform2f(this.lines.at.u_scale, scale, scale);
    gl.uniform2f(this.lines.at.u_shift, camera.px(trails.originX), camera.py(trails.originY));
    gl.bindVertexArray(this.trailArray);
    this.corners.draw(trails.count);
    gl.bindVertexArray(null);
  }

  flush() {
    const { gl } = this;
    const [width, height] = this.size;
    this.fills.draw(width, height);
    this.lines.draw(() => {
      gl.uniform2f(this.lines.at.u_size, width, height);
      gl.uniform2f(this.lines.at.u_scale, 1, 1);
      gl.uniform2f(this.lines.at.u_shift, 0, 0);
    });
    this.rings.draw(() => gl.uniform2f(this.rings.at.u_size, width, height));
    this.symbols.draw(() => {
      gl.uniform2f(this.symbols.at.u_size, width, height);
      gl.uniform1f(this.symbols.at.u_cells, CELLS);
      gl.uniform1i(this.symbols.at.u_atlas, 0);
      const [red, green, blue] = this.haloColour;
      gl.uniform3f(this.symbols.at.u_halo, red / 255, green / 255, blue / 255);
      gl.activeTexture(gl.TEXTURE0);
      gl.bindTexture(gl.TEXTURE_2D, this.atlas.texture);
    });
    gl.bindVertexArray(null);
  }

  destroy() {
    for (const part of [this.lines, this.rings, this.symbols, this.patchwork, this.fills, this.atlas, this.backing, this.corners]) part.destroy();
    this.gl.deleteBuffer(this.trailBuffer);
    this.gl.deleteTexture(this.patchTexture);
    this.gl.deleteVertexArray(this.trailArray);
  }

  /**
   * @param {number} x @param {number} y @param {number} half @param {number} angle @param {number} cell @param {number} fill
   * @param {number} word
   */
  #place(x, y, half, angle, cell, fill, word) {
    this.symbols.add(x, y, half, angle, cell, fill, 0, word);
  }

  /** @param {import('../painter.js').TrailLines} trails */
  #load({ count, ends, colours, version }) {
    const { gl } = this;
    if (this.trailFloats.length < count * QUAD_FLOATS) this.trailFloats = new Float32Array(2 * count * QUAD_FLOATS);
    const floats = this.trailFloats;
    const words = new Uint32Array(floats.buffer);
    for (let i = 0; i < count; i += 1) {
      const j = 4 * i;
      put(floats, words, i * QUAD_FLOATS, ends[j], ends[j + 1], ends[j + 2], ends[j + 3], TRAIL_PX, 0, 0, colours[i]);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this.trailBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, floats.subarray(0, count * QUAD_FLOATS), gl.DYNAMIC_DRAW);
    this.trailVersion = version;
  }
}
