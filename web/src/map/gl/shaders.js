/**
 * The programs of the live canvas (GLSL ES 3.00). Positions come in CSS pixels; only trails come in metres from an origin near the view, which the program
 * scales and moves.
 *
 * @module
 */

const HEAD = `#version 300 es
precision highp float;
`;

const TO_CLIP = `
uniform vec2 u_size;
vec4 clip(vec2 px) { return vec4(px.x / u_size.x * 2.0 - 1.0, 1.0 - px.y / u_size.y * 2.0, 0.0, 1.0); }
`;

export const FILL = {
  vertex: `${HEAD}${TO_CLIP}
in vec2 a_at; in vec4 a_colour;
out vec4 v_colour;
void main() { v_colour = a_colour; gl_Position = clip(a_at); }`,
  fragment: `${HEAD}
in vec4 v_colour; out vec4 colour;
void main() { colour = v_colour; }`,
};

/** A segment as a quad of its width and half a pixel more on both sides, over which it fades. */
export const LINE = {
  vertex: `${HEAD}${TO_CLIP}
uniform vec2 u_scale; uniform vec2 u_shift;
in vec4 a_ends; in vec3 a_style; in vec4 a_colour;
out vec4 v_colour; out vec4 v_along;
void main() {
  vec2 from = a_ends.xy * u_scale + u_shift;
  vec2 to = a_ends.zw * u_scale + u_shift;
  vec2 way = to - from;
  float length_px = max(length(way), 0.0001);
  vec2 along = way / length_px;
  vec2 across = vec2(-along.y, along.x);
  float side = float(gl_VertexID & 1) * 2.0 - 1.0;
  float end = float((gl_VertexID >> 1) & 1);
  float reach = a_style.x * 0.5 + 0.7;
  v_along = vec4(a_style.z + end * length_px, side * reach, a_style.x * 0.5, a_style.y);
  v_colour = a_colour;
  gl_Position = clip(from + way * end + across * side * reach);
}`,
  fragment: `${HEAD}
in vec4 v_colour; in vec4 v_along; out vec4 colour;
void main() {
  float cover = clamp(v_along.z + 0.5 - abs(v_along.y), 0.0, 1.0);
  if (v_along.w > 0.0) cover *= step(fract(v_along.x / (2.0 * v_along.w)), 0.5);
  colour = v_colour * cover;
}`,
};

/** A small ellipse as a quad, each pixel as full as its distance from the line says. */
export const RING = {
  vertex: `${HEAD}${TO_CLIP}
in vec4 a_ends; in vec3 a_style; in vec4 a_colour;
out vec4 v_colour; out vec4 v_at; out float v_half;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float((gl_VertexID >> 1) & 1)) * 2.0 - 1.0;
  vec2 at = corner * (a_ends.zw + a_style.y * 0.5 + 0.7);
  vec2 major = vec2(sin(a_style.x), -cos(a_style.x));
  v_at = vec4(at, a_ends.zw);
  v_half = a_style.y * 0.5;
  v_colour = a_colour;
  gl_Position = clip(a_ends.xy + major * at.x + vec2(-major.y, major.x) * at.y);
}`,
  fragment: `${HEAD}
in vec4 v_colour; in vec4 v_at; in float v_half; out vec4 colour;
void main() {
  vec2 scaled = v_at.xy / v_at.zw;
  float far = length(scaled);
  float slope = max(length(scaled / v_at.zw), 0.0001);
  float off = abs(far * (far - 1.0) / slope);
  colour = v_colour * clamp(v_half + 0.5 - off, 0.0, 1.0);
}`,
};

/**
 * A symbol out of the atlas, whose channels are red: inside, green: outline, blue: halo. With a fill below zero the
 * texture's own colours are taken.
 */
export const SYMBOL = {
  vertex: `${HEAD}${TO_CLIP}
uniform float u_cells;
in vec4 a_ends; in vec3 a_style; in vec4 a_colour;
out vec4 v_colour; out vec2 v_uv; out float v_fill;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float((gl_VertexID >> 1) & 1));
  vec2 box = (corner * 2.0 - 1.0) * a_ends.z;
  float s = sin(a_ends.w); float c = cos(a_ends.w);
  vec2 turned = vec2(box.x * c - box.y * s, box.x * s + box.y * c);
  vec2 cell = vec2(mod(a_style.x, u_cells), floor(a_style.x / u_cells));
  v_uv = (cell + corner) / u_cells;
  v_fill = a_style.y;
  v_colour = a_colour;
  gl_Position = clip(a_ends.xy + turned);
}`,
  fragment: `${HEAD}
uniform sampler2D u_atlas; uniform vec3 u_halo;
in vec4 v_colour; in vec2 v_uv; in float v_fill; out vec4 colour;
void main() {
  vec4 mask = texture(u_atlas, v_uv);
  if (v_fill < 0.0) { colour = mask * v_colour.a; return; }
  float ink = clamp(max(mask.g, mask.r * v_fill), 0.0, 1.0);
  float halo = mask.b * 0.75 * (1.0 - ink) * v_colour.a;
  colour = v_colour * ink + vec4(u_halo * halo, halo);
}`,
};

/** Parts of a picture of the size of the screen, each moved a little. */
export const PATCH = {
  vertex: `${HEAD}${TO_CLIP}
in vec4 a_ends; in vec3 a_style; in vec4 a_colour;
out vec2 v_uv; out float v_alpha;
void main() {
  vec2 at = a_ends.xy + a_ends.zw * vec2(float(gl_VertexID & 1), float((gl_VertexID >> 1) & 1));
  v_uv = at / u_size;
  v_alpha = a_colour.a;
  gl_Position = clip(at + a_style.xy);
}`,
  fragment: `${HEAD}
uniform sampler2D u_picture; in vec2 v_uv; in float v_alpha; out vec4 colour;
void main() { colour = texture(u_picture, v_uv) * v_alpha; }`,
};

/** A picture over the whole target. */
export const WHOLE = {
  vertex: `${HEAD}
out vec2 v_uv;
void main() { v_uv = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)); gl_Position = vec4(v_uv * 2.0 - 1.0, 0.0, 1.0); }`,
  fragment: `${HEAD}
uniform sampler2D u_picture; in vec2 v_uv; out vec4 colour;
void main() { colour = texture(u_picture, v_uv); }`,
};

/**
 * @param {WebGL2RenderingContext} gl
 * @param {{vertex: string, fragment: string}} source
 * @param {string[]} attributes in the order of their locations
 * @returns {WebGLProgram}
 * @throws {Error} what the compiler said
 */
export function link(gl, source, attributes) {
  const program = gl.createProgram();
  for (const [type, text] of /** @type {[number, string][]} */ ([
    [gl.VERTEX_SHADER, source.vertex],
    [gl.FRAGMENT_SHADER, source.fragment],
  ])) {
    const shader = /** @type {WebGLShader} */ (gl.createShader(type));
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  attributes.forEach((name, i) => gl.bindAttribLocation(program, i, name));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`shader: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}
