// Arrays: {s: shape, t: type, d: numbers}. Numbers of 64-bit integers are held as far as doubles do.
const size = s => s.reduce((a, b) => a * b, 1);
const strides = s => {
  const steps = new Array(s.length);
  for (let i = s.length - 1, n = 1; i >= 0; n *= s[i--]) steps[i] = n;
  return steps;
};
const STORES = {f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array, b1: Uint8Array};
const isFloat = t => t[0] === 'f';
const buffer = (t, n, wide) => new (wide && isFloat(t) ? Float64Array : STORES[t] || Float64Array)(n);
const ULP = {f8: 2 ** -52, f4: 2 ** -23, f2: 2 ** -10};
const KINDS = {
  f8: {tiny: 2 ** -1022, largest: Number.MAX_VALUE},
  f4: {tiny: 2 ** -126, largest: (2 - 2 ** -23) * 2 ** 127},
  f2: {tiny: 2 ** -14, largest: 65504},
  b1: {truth: true},
};
const half = x => {  // rounded to eleven bits, to even
  if (!Number.isFinite(x) || x === 0) return x;
  const e = Math.max(Math.floor(Math.log2(Math.abs(x))), -14), unit = 2 ** (e - 10);
  const y = mg.round(x / unit) * unit;
  return Math.abs(y) > 65504 ? mg.copysign(Infinity, x) : y;
};
function finish(a, wide) {  // what a store does not do by itself
  if (a.t === 'f2' && !wide) for (let i = 0; i < a.d.length; i++) a.d[i] = half(a.d[i]);
  return a;
}
function make(t, s, wide) { return {t, s, d: buffer(t, size(s), wide)}; }
function unravel(i, s) {
  const place = new Array(s.length);
  for (let k = s.length - 1; k >= 0; k--) { place[k] = i % s[k]; i = Math.floor(i / s[k]); }
  return place;
}
function ravel(place, s) {
  let i = 0;
  for (let k = 0; k < s.length; k++) i = i * s[k] + place[k];
  return i;
}
// For each place of a shape, the place in memory at these steps.
function walk(s, steps, offset = 0) {
  const n = size(s), map = new Int32Array(n);
  if (!n) return map;
  const place = new Array(s.length).fill(0);
  let at = offset;
  for (let o = 0; o < n; o++) {
    map[o] = at;
    for (let k = s.length - 1; k >= 0; k--) {
      at += steps[k];
      if (++place[k] < s[k]) break;
      at -= steps[k] * s[k];
      place[k] = 0;
    }
  }
  return map;
}
// For each place of the whole shape, the place in an array that is broadcast to it.
function spread(from, to) {
  if (from.length === to.length && from.every((n, i) => n === to[i])) return null;
  const steps = strides(from), lead = to.length - from.length;
  return walk(to, to.map((n, i) => i < lead || from[i - lead] === 1 ? 0 : steps[i - lead]));
}
// An array seen as (outer, along, inner) around some axes that lie side by side, or moved there.
function lines(s, axis) {
  axis = (axis + s.length) % (s.length || 1);
  const inner = size(s.slice(axis + 1)), n = s.length ? s[axis] : 1;
  return {outer: size(s.slice(0, axis)), n, inner, at: (o, k, i) => (o * n + k) * inner + i};
}
function eachLine(s, axis, f) {
  const l = lines(s, axis);
  for (let o = 0; o < l.outer; o++) for (let i = 0; i < l.inner; i++) f(o * l.n * l.inner + i, l.inner, l.n, o * l.inner + i);
}
// For each number of x, its place in the result of a reduction over some axes.
function reduced(s, axis) {
  const axes = new Set((Array.isArray(axis) ? axis : [axis]).map(a => (a + s.length) % (s.length || 1)));
  const kept = s.map((n, i) => axes.has(i) ? 1 : n), steps = strides(kept);
  return walk(s, s.map((n, i) => axes.has(i) ? 0 : steps[i]));
}
const counted = (s, axis) => (Array.isArray(axis) ? axis : [axis]).reduce((n, a) => n * (s.length ? s[(a + s.length) % s.length] : 1), 1);
