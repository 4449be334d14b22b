// Sums of products: matrices and convolutions. Each product is told once, with both of its factors.
function products(pairs, bias, fast) {
  // pairs(c, visit) visits (o, i of operand 0, j of operand 1).
  return {
    kind: 'products',
    pairs,
    f(c) {
      const total = new Float64Array(c.out.d.length), a = c.xs[0].d, b = c.xs[1].d;
      if (bias && c.xs.length > 2) bias(c, (o, i) => { total[o] = c.xs[2].d[i]; });
      if (fast) fast(c, a, b, total);
      else pairs(c, (o, i, j) => { total[o] += a[i] * b[j]; });
      c.out.d.set(total);
    },
    links(c, visit, want) {
      const a = c.xs[0].d, b = c.xs[1].d, [fa, fb, fc] = c.flows;
      if (fa && fb) pairs(c, (o, i, j) => { visit(o, 0, i, b[j], 1, j); visit(o, 1, j, a[i], 0, i); }, want);
      else if (fa) pairs(c, (o, i, j) => visit(o, 0, i, b[j], 1, j), want);
      else if (fb) pairs(c, (o, i, j) => visit(o, 1, j, a[i], 0, i), want);
      if (bias && c.xs.length > 2 && fc) bias(c, (o, i) => visit(o, 2, i, 1));
    },
  };
}
function matmul_pairs(c, visit, want) {
  const [a, b] = c.xs, n = a.s[a.s.length - 2], m = a.s[a.s.length - 1], q = b.s[b.s.length - 1];
  const lead = c.out.s.slice(0, -2), batches = size(lead);
  const A = spread(a.s.slice(0, -2), lead), B = spread(b.s.slice(0, -2), lead);
  for (let t = 0; t < batches; t++) {
    const x = (A ? A[t] : t) * n * m, y = (B ? B[t] : t) * m * q, z = t * n * q;
    for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) {
      const left = x + i * m + k, row = y + k * q, goal = z + i * q;
      if (want && ((want.o !== undefined && (want.o < goal || want.o >= goal + q)) || (want.k === 0 && want.i !== left))) continue;
      for (let j = 0; j < q; j++) visit(goal + j, left, row + j);
    }
  }
}
OPS.matmul = products(matmul_pairs, null, (c, x, y, z) => {
  const [a, b] = c.xs, n = a.s[a.s.length - 2], m = a.s[a.s.length - 1], q = b.s[b.s.length - 1], lead = c.out.s.slice(0, -2);
  const A = spread(a.s.slice(0, -2), lead), B = spread(b.s.slice(0, -2), lead), batches = size(lead);
  for (let t = 0; t < batches; t++) {
    const from = (A ? A[t] : t) * n * m, by = (B ? B[t] : t) * m * q, to = t * n * q;
    for (let i = 0; i < n; i++) for (let k = 0; k < m; k++) {
      const v = x[from + i * m + k];
      for (let j = 0; j < q; j++) z[to + i * q + j] += v * y[by + k * q + j];
    }
  }
});
OPS.linear = products((c, visit, want) => {
  const [x, w] = c.xs, m = w.s[1], q = w.s[0], n = m ? x.d.length / m : 0;
  for (let i = 0; i < n; i++) for (let o = 0; o < q; o++) {
    const goal = i * q + o;
    if (want && ((want.o !== undefined && want.o !== goal) || (want.k === 1 && Math.floor(want.i / m) !== o) || (want.k === 0 && Math.floor(want.i / m) !== i))) continue;
    for (let k = 0; k < m; k++) visit(goal, i * m + k, o * m + k);
  }
}, (c, visit) => { const q = c.xs[1].s[0]; for (let o = 0; o < c.out.d.length; o++) visit(o, o % q); }, (c, x, w, y) => {
  const [q, m] = c.xs[1].s, n = m ? x.length / m : 0;
  for (let i = 0; i < n; i++) for (let o = 0; o < q; o++) {
    let total = y[i * q + o];
    for (let k = 0; k < m; k++) total += x[i * m + k] * w[o * m + k];
    y[i * q + o] = total;
  }
});

// T = Σ y[n, o, p] w[o, c, k] x[n, c, p stride + k dilation - padding]: three ops, one a factor left out.
function places(window, image, grid) {
  // For each offset in the kernel and each place, where in the image: -1 outside.
  const {kernel, stride, dilation, padding} = window, K = size(kernel), P = size(grid);
  const map = new Int32Array(K * P), steps = strides(image);
  for (let k = 0; k < K; k++) {
    const off = unravel(k, kernel);
    for (let p = 0; p < P; p++) {
      const at = unravel(p, grid);
      let s = 0;
      for (let d = 0; d < image.length; d++) {
        const v = at[d] * stride[d] + off[d] * dilation[d] - padding[d][0];
        if (v < 0 || v >= image[d]) { s = -1; break; }
        s += v * steps[d];
      }
      map[k * P + p] = s;
    }
  }
  return {map, K, P};
}
// Visits (place in x, in w, in y); ``only`` holds such places, of which the visits shall have one.
function triples(x, w, y, window, groups, visit, only = []) {
  const image = x.slice(2), grid = y.slice(2), {map, K, P} = places(window, image, grid), S = size(image);
  const own = w[1], outs = w[0] / groups, [i, j, q] = only;
  const not = (wanted, at, each) => wanted !== undefined && Math.floor(wanted / each) !== at;
  for (let n = 0; n < x[0]; n++) {
    if (not(i, n, x[1] * S) || not(q, n, w[0] * P)) continue;
    for (let o = 0; o < w[0]; o++) {
      const first = Math.floor(o / outs) * own, base = (n * w[0] + o) * P;
      if (not(j, o, own * K) || not(q, n * w[0] + o, P)) continue;
      for (let ch = 0; ch < own; ch++) {
        const at = n * x[1] + first + ch, plane = at * S, kernel = (o * own + ch) * K;
        if (not(i, at, S) || not(j, o * own + ch, K)) continue;
        for (let k = 0; k < K; k++) {
          if (not(j, kernel + k, 1)) continue;
          for (let p = 0; p < P; p++) {
            const s = map[k * P + p];
            if (s >= 0) visit(plane + s, kernel + k, base + p);
          }
        }
      }
    }
  }
}
// What is wanted of an op whose operands and result are these of the three.
const among = (want, operands, result) => {
  const only = [];
  if (want && want.k !== undefined) only[operands[want.k]] = want.i;
  if (want && want.o !== undefined) only[result] = want.o;
  return only;
};
// The same as loops without calls: ``goal`` says which of the three is summed up.
function convolved(goal, shapes, window, groups, X, W, Y) {
  const [x, w, y] = shapes, image = x.slice(2), {map, K, P} = places(window, image, y.slice(2)), S = size(image), own = w[1], outs = w[0] / groups;
  for (let n = 0; n < x[0]; n++) for (let o = 0; o < w[0]; o++) {
    const first = Math.floor(o / outs) * own, base = (n * w[0] + o) * P;
    for (let ch = 0; ch < own; ch++) {
      const plane = (n * x[1] + first + ch) * S, kernel = (o * own + ch) * K;
      for (let k = 0; k < K; k++) {
        const at = k * P, v = W[kernel + k];
        if (goal === 2) for (let p = 0; p < P; p++) { const s = map[at + p]; if (s >= 0) Y[base + p] += X[plane + s] * v; }
        else if (goal === 0) for (let p = 0; p < P; p++) { const s = map[at + p]; if (s >= 0) X[plane + s] += Y[base + p] * v; }
        else { let total = 0; for (let p = 0; p < P; p++) { const s = map[at + p]; if (s >= 0) total += X[plane + s] * Y[base + p]; } W[kernel + k] += total; }
      }
    }
  }
}
OPS.conv = products((c, visit, want) => triples(c.xs[0].s, c.xs[1].s, c.out.s, c.p.window, c.p.groups, (i, j, o) => visit(o, i, j), among(want, [0, 1], 2)),
  (c, visit) => { const n = size(c.out.s.slice(2)), q = c.out.s[1]; for (let o = 0; o < c.out.d.length; o++) visit(o, Math.floor(o / n) % q); },
  (c, x, w, y) => convolved(2, [c.xs[0].s, c.xs[1].s, c.out.s], c.p.window, c.p.groups, x, w, y));
OPS.conv_input = products((c, visit, want) => triples(c.out.s, c.xs[1].s, c.xs[0].s, c.p.window, c.p.groups, (o, j, i) => visit(o, i, j), among(want, [2, 1], 0)), null,
  (c, y, w, x) => convolved(0, [c.out.s, c.xs[1].s, c.xs[0].s], c.p.window, c.p.groups, x, w, y));
OPS.conv_weight = products((c, visit, want) => triples(c.xs[0].s, c.out.s, c.xs[1].s, c.p.window, c.p.groups, (i, o, j) => visit(o, i, j), among(want, [0, 2], 1)), null,
  (c, x, y, w) => convolved(1, [c.xs[0].s, c.out.s, c.xs[1].s], c.p.window, c.p.groups, x, w, y));

// Windows over images without weights.
function sliding(x, y, window, visit) {  // shapes (n, c, ..): visits (place in x, in y, offset)
  const {map, K, P} = places(window, x.slice(2), y.slice(2)), S = size(x.slice(2));
  for (let q = 0; q < x[0] * x[1]; q++) for (let k = 0; k < K; k++) for (let p = 0; p < P; p++) {
    const s = map[k * P + p];
    if (s >= 0) visit(q * S + s, q * P + p, k);
  }
}
const linear_op = (kind, pairs) => ({  // visits (o, i): each number goes there once more
  kind,
  f(c) {
    const total = new Float64Array(c.out.d.length), x = c.xs[0].d;
    pairs(c, (o, i) => { total[o] += x[i]; });
    c.out.d.set(total);
  },
  links(c, visit) { pairs(c, (o, i) => visit(o, 0, i, 1)); },
});
OPS.window_sum = linear_op('sum', (c, visit) => sliding(c.xs[0].s, c.out.s, c.p.window, (i, o) => visit(o, i)));
OPS.window_spread = linear_op('sum', (c, visit) => sliding(c.out.s, c.xs[0].s, c.p.window, (o, i) => visit(o, i)));
OPS.window_pick = linear_op('selection', (c, visit) => sliding(c.xs[0].s, c.out.s, c.p.window, (i, o, k) => { if (c.xs[1].d[o] === k) visit(o, i); }));
OPS.window_drop = linear_op('selection', (c, visit) => sliding(c.out.s, c.xs[0].s, c.p.window, (o, i, k) => { if (c.xs[1].d[i] === k) visit(o, i); }));
function found_places(c, x, shape) {  // of window_max: its value and offset for each place
  const best = new Float64Array(size(shape)).fill(-Infinity), at = new Int32Array(best.length).fill(-1), spot = new Int32Array(best.length);
  sliding(x.s, shape, c.p.window, (i, o, k) => {
    if (at[o] < 0 || x.d[i] > best[o] || x.d[i] !== x.d[i]) {
      if (!(best[o] !== best[o]) || x.d[i] !== x.d[i]) { best[o] = x.d[i]; at[o] = i; spot[o] = k; }
    }
  });
  return {best, at, spot};
}
OPS.window_max = {
  kind: 'selection',
  f(c) { c.out.d.set(found_places(c, c.xs[0], c.out.s).best); },
  links(c, visit) { found_places(c, c.xs[0], c.out.s).at.forEach((i, o) => { if (i >= 0) visit(o, 0, i, 1); }); },
};
OPS.window_argmax = {kind: 'places', f(c) { c.out.d.set(found_places(c, c.xs[0], c.out.s).spot); }};
OPS.window_place = {
  kind: 'places',
  f(c) {
    const grid = c.xs[0].s.slice(2), {map, P} = places(c.p.window, c.p.size, grid), {kernel, stride, dilation, padding} = c.p.window;
    c.xs[0].d.forEach((k, q) => {
      const off = unravel(k, kernel), at = unravel(q % P, grid);
      c.out.d[q] = ravel(at.map((v, d) => v * stride[d] + off[d] * dilation[d] - padding[d][0]), c.p.size);
    });
  },
};
function columns(image, cols, window, visit) {  // (place in the image, in the columns)
  const grid = cols.slice(image.length), {map, K, P} = places(window, image.slice(2), grid), S = size(image.slice(2));
  for (let q = 0; q < image[0] * image[1]; q++) for (let k = 0; k < K; k++) for (let p = 0; p < P; p++) visit(map[k * P + p] < 0 ? -1 : q * S + map[k * P + p], (q * K + k) * P + p);
}
OPS.im2col = linear_op('selection', (c, visit) => columns(c.xs[0].s, c.out.s, c.p.window, (i, o) => { if (i >= 0) visit(o, i); }));
OPS.col2im = linear_op('sum', (c, visit) => columns(c.out.s, c.xs[0].s, c.p.window, (o, i) => { if (o >= 0) visit(o, i); }));
