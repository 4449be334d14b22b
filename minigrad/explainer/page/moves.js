// Ops that move numbers: each number of the result is one of an operand's, or a filling.
function selection(map, fill = () => 0) {
  // map(c) gives for each place of the result a place of operand 0; -1 for none.
  const found = c => c.map || (c.map = map(c));
  return {
    kind: 'selection',
    map: found,
    f(c) {
      const m = found(c), x = c.xs[0].d, y = c.out.d, empty = fill(c.p);
      for (let o = 0; o < y.length; o++) y[o] = m === null ? x[o] : m[o] < 0 ? empty : x[m[o]];
    },
    links(c, visit) {
      const m = found(c), n = c.out.d.length;
      for (let o = 0; o < n; o++) {
        const i = m === null ? o : m[o];
        if (i >= 0) visit(o, 0, i, 1);
      }
    },
  };
}
// The other way: each number of the operand is added at a place of the result.
function placing(map) {
  const found = c => c.map || (c.map = map(c));
  return {
    kind: 'selection',
    f(c) {
      const m = found(c), x = c.xs[0].d, total = new Float64Array(c.out.d.length);
      for (let i = 0; i < x.length; i++) { const o = m === null ? i : m[i]; if (o >= 0) total[o] += x[i]; }
      c.out.d.set(total);
    },
    links(c, visit) {
      const m = found(c), n = c.xs[0].d.length;
      for (let i = 0; i < n; i++) { const o = m === null ? i : m[i]; if (o >= 0) visit(o, 0, i, 1); }
    },
  };
}
const same = () => null;
OPS.clone = OPS.transfer = OPS.reshape = selection(same);
OPS.cast = selection(same);
OPS.cast.f = c => {  // to truth values everything but 0 is 1; to integers numbers are cut off
  const x = c.xs[0].d, y = c.out.d, t = c.out.t;
  for (let o = 0; o < y.length; o++) y[o] = t === 'b1' ? (x[o] !== 0 ? 1 : 0) : t[0] === 'i' || t[0] === 'u' ? Math.trunc(x[o]) : x[o];
};
OPS.permute = selection(c => {
  const steps = strides(c.xs[0].s);
  return walk(c.out.s, c.p.dims.map(d => steps[(d + steps.length) % steps.length]));
});
OPS.expand = selection(c => spread(c.xs[0].s, c.out.s));
OPS.flip = selection(c => {
  const s = c.xs[0].s, steps = strides(s), turned = new Set(c.p.dims.map(d => (d + s.length) % s.length));
  let offset = 0;
  turned.forEach(d => { offset += steps[d] * (s[d] - 1); });
  return walk(s, steps.map((n, i) => turned.has(i) ? -n : n), Math.max(offset, 0));
});
OPS.roll = selection(c => {
  const s = c.xs[0].s, n = size(s), {shifts, dims} = c.p, map = new Int32Array(n);
  for (let o = 0; o < n; o++) {
    if (!dims) { map[o] = mg.remainder(o - shifts[0], n); continue; }
    const place = unravel(o, s);
    dims.forEach((d, j) => { d = (d + s.length) % s.length; place[d] = mg.remainder(place[d] - shifts[j], s[d]); });
    map[o] = ravel(place, s);
  }
  return map;
});
// A key holds {n: number}, {s: [start, stop, step]}, {new: 1}, {rest: 1}, {at: operand}, {is: truth}.
function region(shape, key) {
  const steps = strides(shape), picked = key.filter(k => !k.new && !k.rest && !('is' in k)).length;
  const s = [], by = [];
  let offset = 0, dim = 0;
  const through = () => { s.push(shape[dim]); by.push(steps[dim]); dim++; };
  for (const k of key) {
    if (k.rest) { const n = shape.length - picked; for (let j = 0; j < n; j++) through(); }
    else if (k.new) { s.push(1); by.push(0); }
    else if ('is' in k) { s.push(k.is ? 1 : 0); by.push(0); }
    else if ('n' in k) { offset += steps[dim] * (k.n < 0 ? k.n + shape[dim] : k.n); dim++; }
    else {
      const [start, stop, step] = limits(k.s, shape[dim]);
      offset += steps[dim] * start;
      s.push(Math.max(0, Math.ceil((stop - start) / step)));
      by.push(steps[dim] * step);
      dim++;
    }
  }
  while (dim < shape.length) through();
  return {s, map: walk(s, by, offset)};
}
function limits([start, stop, step], n) {  // as Python has them
  step = step === null ? 1 : step;
  const clip = (v, low, high) => v < 0 ? Math.max(v + n, low) : Math.min(v, high);
  if (step > 0) return [start === null ? 0 : clip(start, 0, n), stop === null ? n : clip(stop, 0, n), step];
  return [start === null ? n - 1 : clip(start, -1, n - 1), stop === null ? -1 : clip(stop, -1, n - 1), step];
}
OPS.slice = selection(c => region(c.xs[0].s, c.p.key).map);
OPS.unslice = placing(c => region(c.out.s, c.p.key).map);
// Index arrays and masks: for each place of x[key] the place of x.
function advanced(shape, key, indices) {
  let hole = 0;
  const parts = [];
  for (const k of key) {
    if (!('at' in k)) { parts.push(k); continue; }
    const a = indices[hole++];
    if (a.t === 'b1') {  // a mask stands for the places where it holds
      const places = [];
      a.d.forEach((v, i) => { if (v) places.push(unravel(i, a.s)); });
      if (!a.s.length) { parts.push({new: 1}, {idx: [], s: [places.length], mask0: places.length}); continue; }
      a.s.forEach((_, d) => parts.push({idx: places.map(p => p[d]), s: [places.length]}));
    } else parts.push({idx: Array.from(a.d), s: a.s});
  }
  const used = parts.filter(k => !k.new && !k.rest && !('is' in k) && k.mask0 === undefined).length;
  const full = [];
  for (const k of parts) {
    if (k.rest) for (let j = shape.length - used; j > 0; j--) full.push({s: [null, null, null]});
    else if (k.mask0 !== undefined) full.push(k);
    else full.push(k);
  }
  for (let j = full.filter(k => !k.new && k.mask0 === undefined && !('is' in k)).length; j < shape.length; j++) full.push({s: [null, null, null]});
  const arrays = full.map((k, j) => [k, j]).filter(([k]) => k.idx || 'n' in k);
  const anyArray = full.some(k => k.idx);
  const shapes = arrays.map(([k]) => k.idx ? k.s : []);
  const rank = Math.max(0, ...shapes.map(s => s.length));
  const joint = new Array(rank).fill(1);
  shapes.forEach(s => s.forEach((n, i) => { if (n !== 1) joint[rank - s.length + i] = n; }));
  const spots = arrays.map(([, j]) => j);
  const together = spots.every((j, i) => i === 0 || j === spots[i - 1] + 1);
  const steps = strides(shape);
  let dim = 0;
  const front = [], back = [];
  let seen = false, base = 0;
  const count = size(joint), picked = new Float64Array(count);
  for (const k of full) {
    if (k.new) { (seen && together ? back : front).push([1, 0]); continue; }
    if (k.mask0 !== undefined) { seen = true; continue; }
    if (k.idx || (anyArray && 'n' in k)) {
      seen = true;
      const map = k.idx ? spread(k.s, joint) : null;
      for (let q = 0; q < count; q++) {
        let v = k.idx ? k.idx[map ? map[q] : q] : k.n;
        if (v < 0) v += shape[dim];
        picked[q] += v * steps[dim];
      }
      dim++;
    } else if ('n' in k) { base += steps[dim] * (k.n < 0 ? k.n + shape[dim] : k.n); dim++; }
    else {
      const [start, stop, step] = limits(k.s, shape[dim]);
      base += start * steps[dim];
      (seen && together ? back : front).push([Math.max(0, Math.ceil((stop - start) / step)), step * steps[dim]]);
      dim++;
    }
  }
  const before = together ? front : [], behind = together ? back : [...front, ...back];
  const A = walk(before.map(x => x[0]), before.map(x => x[1]), base);
  const B = walk(behind.map(x => x[0]), behind.map(x => x[1]));
  const map = new Int32Array(A.length * count * B.length);
  let o = 0;
  for (const a of A) for (let q = 0; q < count; q++) for (const b of B) map[o++] = a + picked[q] + b;
  return {map, s: [...before.map(x => x[0]), ...joint, ...behind.map(x => x[0])]};
}
OPS.take = selection(c => advanced(c.xs[0].s, c.p.key, c.xs.slice(1)).map);
OPS.put_add = placing(c => advanced(c.out.s, c.p.key, c.xs.slice(1)).map);
OPS.put = {
  kind: 'selection',
  at(c) {
    const found = advanced(c.xs[0].s, c.p.key, c.xs.slice(2));
    const y = c.xs[1].s;
    let lead = 0;  // NumPy drops leading ones of what is assigned
    while (y.length - lead > found.s.length) lead++;
    return {places: found.map, from: spread(y.slice(lead), found.s)};
  },
  f(c) {
    const {places, from} = this.at(c), [x, y] = c.xs, z = Float64Array.from(x.d);
    places.forEach((o, q) => {
      const v = y.d[from ? from[q] : q];
      z[o] = c.p.accumulate ? z[o] + v : v;
    });
    c.out.d.set(z);
  },
  links(c, visit) {
    const {places, from} = this.at(c), last = new Map();
    places.forEach((o, q) => { if (!c.p.accumulate) last.set(o, q); });
    for (let o = 0; o < c.out.d.length; o++) if (!last.has(o)) visit(o, 0, o, 1);
    places.forEach((o, q) => { if (c.p.accumulate || last.get(o) === q) visit(o, 1, from ? from[q] : q, 1); });
  },
};
OPS.diagonal = selection(c => diagonal_map(c.xs[0].s, c.p));
OPS.undiagonal = placing(c => diagonal_map(c.out.s, c.p));
function diagonal_map(s, {offset, dim1, dim2}) {
  dim1 = (dim1 + s.length) % s.length; dim2 = (dim2 + s.length) % s.length;
  const steps = strides(s), rest = s.map((_, i) => i).filter(i => i !== dim1 && i !== dim2);
  const n = Math.max(0, offset >= 0 ? Math.min(s[dim1], s[dim2] - offset) : Math.min(s[dim1] + offset, s[dim2]));
  const start = offset >= 0 ? steps[dim2] * offset : steps[dim1] * -offset;
  return walk([...rest.map(i => s[i]), n], [...rest.map(i => steps[i]), steps[dim1] + steps[dim2]], start);
}
const triangle = keep => selection(c => {
  const s = c.xs[0].s, w = s[s.length - 1], h = s[s.length - 2];
  return Int32Array.from({length: size(s)}, (_, o) => keep(Math.floor(o / w) % h, o % w, c.p.diagonal) ? o : -1);
});
OPS.tril = triangle((i, j, d) => j <= i + d);
OPS.triu = triangle((i, j, d) => j >= i + d);
const windows_map = (s, {dim, step}, count, n) => {
  const steps = strides(s);
  dim = (dim + s.length) % s.length;
  return walk([...s.slice(0, dim), count, ...s.slice(dim + 1), n], [...steps.slice(0, dim), steps[dim] * step, ...steps.slice(dim + 1), steps[dim]]);
};
OPS.windows = selection(c => windows_map(c.xs[0].s, c.p, c.out.s[(c.p.dim + c.xs[0].s.length) % c.xs[0].s.length], c.p.size));
OPS.unwindows = placing(c => {
  const y = c.xs[0].s, dim = (c.p.dim + c.out.s.length) % c.out.s.length;
  return windows_map(c.out.s, c.p, y[dim], y[y.length - 1]);
});
OPS.as_strided = selection(c => walk(c.p.size, c.p.stride, c.p.offset));
OPS.pad = selection(c => {
  const from = c.xs[0].s, to = c.out.s, n = size(to), map = new Int32Array(n);
  for (let o = 0; o < n; o++) {
    const place = unravel(o, to).map((v, k) => v - c.p.widths[k][0]);
    map[o] = place.every((v, k) => v >= 0 && v < from[k]) ? ravel(place, from) : -1;
  }
  return map;
}, p => p.value);
OPS.cat = {
  kind: 'selection',
  each(c, f) {
    const dim = (c.p.dim + c.out.s.length) % c.out.s.length, inner = size(c.out.s.slice(dim + 1));
    const whole = c.out.s[dim] * inner;
    let start = 0;
    c.xs.forEach((x, k) => {
      const own = (x.s[dim] || 0) * inner;
      for (let i = 0; i < x.d.length; i++) f(Math.floor(i / own) * whole + start + i % own, k, i);
      start += own;
    });
  },
  f(c) { this.each(c, (o, k, i) => { c.out.d[o] = c.xs[k].d[i]; }); },
  links(c, visit) { this.each(c, (o, k, i) => visit(o, k, i, 1)); },
};
// A path of views: from a shape to the places of a region.
function follow(s, path) {
  let map = Int32Array.from({length: size(s)}, (_, i) => i), shape = s;
  for (const step of path) {
    const c = {xs: [{s: shape, d: map}], out: {s: step.s, d: {length: size(step.s)}}, p: step.p};
    const next = OPS[step.op].map(c);
    map = next === null ? map : Int32Array.from(next, i => map[i]);
    shape = step.s;
  }
  return {map, s: shape};
}
OPS.clear = selection(c => {
  const map = Int32Array.from({length: size(c.out.s)}, (_, i) => i);
  follow(c.xs[0].s, c.p.path).map.forEach(o => { map[o] = -1; });
  return map;
});
OPS.write_view = {
  kind: 'selection',
  at(c) { const r = follow(c.xs[0].s, c.p.path); return {places: r.map, from: spread(c.xs[1].s, r.s)}; },
  f(c) {
    const {places, from} = this.at(c);
    c.out.d.set(c.xs[0].d);
    places.forEach((o, q) => { c.out.d[o] = c.xs[1].d[from ? from[q] : q]; });
  },
  links(c, visit) {
    const {places, from} = this.at(c), gone = new Set(places);
    for (let o = 0; o < c.out.d.length; o++) if (!gone.has(o)) visit(o, 0, o, 1);
    places.forEach((o, q) => visit(o, 1, from ? from[q] : q, 1));
  },
};
OPS.overlay = {  // what was written through another view of the same memory
  kind: 'selection',
  f(c) { c.p.places.forEach((q, o) => { c.out.d[o] = q < 0 ? c.xs[0].d[o] : c.xs[1].d[q]; }); },
  links(c, visit) { c.p.places.forEach((q, o) => visit(o, q < 0 ? 0 : 1, q < 0 ? o : q, 1)); },
};
// A function of the user's: what its forward made is the last operand; its slopes were asked for when
// the page was made. Where the forward is no program of ops, the page goes on along the slopes.
OPS.function = {
  kind: 'function',
  f(c) {
    const xs = c.xs, y = c.out.d;
    y.set(xs[xs.length - 1].d);
    if (!c.row.sealed || !c.begun) return;
    for (const [k, {o, i, d}] of c.row.found) {
      const from = c.begun[c.row.i[k].v];
      if (from) for (let q = 0; q < d.length; q++) y[o[q]] += d[q] * (xs[k].d[i[q]] - from.d[i[q]]);
    }
  },
  links(c, visit) {
    for (const [k, {o, i, d}] of c.row.found) for (let q = 0; q < d.length; q++) visit(o[q], k, i[q], d[q]);
  },
};
