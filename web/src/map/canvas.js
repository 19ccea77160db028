/**
 * The painter for a plain 2-D canvas: the same picture where there is no WebGL, at a lower rate.
 *
 * @module
 */
import { EARTH_M } from './mercator.js';
import { shapeData } from './shapes.js';

/** @typedef {import('./painter.js').Painter} Painter */
/** @typedef {import('./painter.js').Rgb} Rgb */

const MOST_PICTURES = 200;

/** @implements {Painter} */
export class CanvasPainter {
  /** @param {CanvasRenderingContext2D} draw */
  constructor(draw) {
    this.draw = draw;
    /** @type {Map<string, Path2D>} */
    this.paths = new Map();
    /** @type {Map<string, HTMLCanvasElement>} */
    this.pictures = new Map();
    /** @type {import('./mercator.js').Camera | null} */
    this.camera = null;
    this.haloCss = '#000';
  }

  /** @param {import('./mercator.js').Camera} camera */
  begin(camera) {
    this.camera = camera;
    this.draw.setTransform(camera.ratio, 0, 0, camera.ratio, 0, 0);
    this.draw.lineJoin = 'round';
  }

  /** @param {Rgb} colour */
  halo(colour) {
    this.haloCss = css(colour, 0.75);
  }

  /** @param {number[]} points @param {number[]} triangles @param {Rgb} colour @param {number} alpha */
  fill(points, triangles, colour, alpha) {
    const { draw } = this;
    draw.fillStyle = css(colour, alpha);
    draw.beginPath();
    for (let i = 0; i < triangles.length; i += 3) {
      triangles.slice(i, i + 3).forEach((corner, side) => {
        draw[side === 0 ? 'moveTo' : 'lineTo'](points[2 * corner], points[2 * corner + 1]);
      });
    }
    draw.fill();
  }

  /**
   * @param {number[]} points @param {number} width @param {Rgb} colour @param {number} alpha @param {number} [dashPx]
   * @param {boolean} [closed]
   */
  line(points, width, colour, alpha, dashPx = 0, closed = false) {
    const { draw } = this;
    draw.strokeStyle = css(colour, alpha);
    draw.lineWidth = width;
    draw.setLineDash(dashPx > 0 ? [dashPx, dashPx] : []);
    draw.beginPath();
    for (let i = 0; i < points.length; i += 2) draw.lineTo(points[i], points[i + 1]);
    if (closed) draw.closePath();
    draw.stroke();
    draw.setLineDash([]);
  }

  /**
   * @param {number} x @param {number} y @param {number} majorPx @param {number} minorPx @param {number} angle
   * @param {number} width @param {Rgb} colour @param {number} alpha
   */
  ring(x, y, majorPx, minorPx, angle, width, colour, alpha) {
    const { draw } = this;
    draw.strokeStyle = css(colour, alpha);
    draw.lineWidth = width;
    draw.beginPath();
    draw.ellipse(x, y, majorPx, minorPx, angle - Math.PI / 2, 0, 2 * Math.PI);
    draw.stroke();
  }

  /**
   * @param {string} shape @param {number} x @param {number} y @param {number} size @param {number} angle
   * @param {Rgb} colour @param {number} fill @param {number} alpha @param {boolean} dashed
   */
  symbol(shape, x, y, size, angle, colour, fill, alpha, dashed) {
    const { draw } = this;
    const path = this.#path(shape);
    draw.save();
    draw.translate(x, y);
    draw.rotate(angle);
    draw.scale(size / 2, size / 2);
    draw.globalAlpha = alpha;
    draw.strokeStyle = draw.fillStyle = this.haloCss;
    draw.lineWidth = 0.6;
    draw.stroke(path);
    draw.fill(path);
    draw.strokeStyle = draw.fillStyle = css(colour, 1);
    draw.globalAlpha = alpha * fill;
    draw.fill(path);
    draw.globalAlpha = alpha;
    draw.lineWidth = 0.2;
    if (dashed) draw.setLineDash([0.32, 0.24]);
    draw.stroke(path);
    draw.restore();
  }

  /** @param {string} key @param {number} x @param {number} y @param {number} size @param {number} alpha */
  picture(key, x, y, size, alpha) {
    const image = this.pictures.get(key);
    if (!image) return;
    const scale = Math.min(size / image.width, size / image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    this.draw.globalAlpha = alpha;
    this.draw.drawImage(image, x - width / 2, y - height / 2, width, height);
    this.draw.globalAlpha = 1;
  }

  /** @param {string} key @param {HTMLCanvasElement} image */
  offer(key, image) {
    if (this.pictures.size >= MOST_PICTURES) return false;
    this.pictures.set(key, image);
    return true;
  }

  /** @param {string} key */
  has(key) {
    return this.pictures.has(key);
  }

  /** @param {number} _version @param {HTMLCanvasElement} canvas @param {import('./painter.js').Patch[]} boxes */
  patches(_version, canvas, boxes) {
    const ratio = this.camera?.ratio ?? 1;
    for (const { x, y, width, height, dx, dy } of boxes) {
      const [sx, sy, sw, sh] = [x, y, width, height].map((px) => px * ratio);
      this.draw.drawImage(canvas, sx, sy, sw, sh, x + dx, y + dy, width, height);
    }
  }

  /** @param {string} _version @param {() => void} draw */
  backdrop(_version, draw) {
    draw();
  }

  /** @param {import('./painter.js').TrailLines} trails */
  trails({ count, ends, colours, originX, originY }) {
    const { draw, camera } = this;
    if (camera === null) return;
    const scale = camera.worldPx / EARTH_M;
    const [x, y] = [camera.px(originX), camera.py(originY)];
    draw.lineWidth = 1.3;
    for (let i = 0; i < count; i += 1) {
      draw.strokeStyle = unpacked(colours[i]);
      draw.beginPath();
      draw.moveTo(ends[4 * i] * scale + x, ends[4 * i + 1] * scale + y);
      draw.lineTo(ends[4 * i + 2] * scale + x, ends[4 * i + 3] * scale + y);
      draw.stroke();
    }
  }

  flush() {}

  destroy() {
    this.pictures.clear();
  }

  /** @param {string} shape */
  #path(shape) {
    let path = this.paths.get(shape);
    if (!path) {
      path = new Path2D(shapeData(shape));
      this.paths.set(shape, path);
    }
    return path;
  }
}

/** @param {Rgb} rgb @param {number} alpha */
function css([red, green, blue], alpha) {
  return `rgb(${red} ${green} ${blue} / ${alpha.toFixed(3)})`;
}

/** @param {number} word as `packed` gives it, premultiplied */
function unpacked(word) {
  const alpha = (word >>> 24) / 255;
  const part = (/** @type {number} */ shift) => Math.min(255, Math.round(((word >>> shift) & 255) / Math.max(alpha, 0.004)));
  return `rgb(${part(0)} ${part(8)} ${part(16)} / ${alpha.toFixed(3)})`;
}
