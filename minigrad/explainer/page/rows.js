// Softmax and the losses of classes, row by row.
const soft = xs => {
  const top = greatest(xs), e = xs.map(x => Math.exp(x - top)), s = add(e);
  return e.map(v => v / s);
};
const rowwise = (f, slopes) => ({
  kind: 'rows',
  f(c) {
    eachLine(c.out.s, c.p.dim, (start, step, n) => {
      const ys = f(...c.xs.map(x => Array.from({length: n}, (_, k) => x.d[start + k * step])), c);
      ys.forEach((y, k) => { c.out.d[start + k * step] = y; });
    });
  },
  links(c, visit, want) {
    eachLine(c.out.s, c.p.dim, (start, step, n) => {
      const of = i => i === undefined || (i - start >= 0 && (i - start) % step === 0 && (i - start) / step < n);
      if (want && !(of(want.o) && of(want.i))) return;
      const rows = c.xs.map(x => Array.from({length: n}, (_, k) => x.d[start + k * step]));
      const ys = Array.from({length: n}, (_, k) => c.out.d[start + k * step]);
      slopes(rows, ys, (o, k, i, d) => visit(start + o * step, k, start + i * step, d), c);
    });
  },
});
const everyPair = (n, f) => { for (let o = 0; o < n; o++) for (let i = 0; i < n; i++) f(o, i); };
OPS.softmax = rowwise(soft, (rows, y, visit) => everyPair(y.length, (o, i) => visit(o, 0, i, y[o] * ((o === i ? 1 : 0) - y[i]))));
OPS.log_softmax = rowwise(xs => { const s = log_sum(xs); return xs.map(x => x - s); },
  (rows, y, visit) => everyPair(y.length, (o, i) => visit(o, 0, i, (o === i ? 1 : 0) - Math.exp(y[i]))));
const lowest = c => Math.exp(0.75 * Math.log(c.K.tiny));
OPS.softmax_back = rowwise((g, p, c) => {
  const q = p.map(v => Math.max(v, lowest(c))), m = add(g.map((v, i) => v * q[i]));
  return g.map((v, i) => (v - m) * q[i]);
}, ([g, p], y, visit, c) => {
  const q = p.map(v => Math.max(v, lowest(c))), m = add(g.map((v, i) => v * q[i]));
  everyPair(y.length, (o, i) => {
    if (c.flows[0]) visit(o, 0, i, q[o] * ((o === i ? 1 : 0) - q[i]));
    if (c.flows[1] && p[i] > lowest(c)) visit(o, 1, i, (o === i ? g[o] - m : 0) - q[o] * g[i]);
  });
});
function classes(c) {  // logits (N, C, ...), targets (N, ...)
  const [x, t] = c.xs, C = x.s[1], inner = size(x.s.slice(2)), rows = [];
  for (let r = 0; r < t.d.length; r++) {
    const start = Math.floor(r / inner) * C * inner + r % inner;
    rows.push({r, start, inner, target: t.d[r], valid: t.d[r] !== c.p.ignore_index,
      xs: () => Array.from({length: C}, (_, k) => x.d[start + k * inner])});
  }
  const n = rows.filter(row => row.valid).length;
  return {rows, C, share: c.p.reduction === 'mean' ? 1 / n : 1, n};
}
OPS.class_cross_entropy = {
  kind: 'rows',
  f(c) {
    const {rows, n} = classes(c), each = rows.map(row => { if (!row.valid) return 0; const xs = row.xs(); return log_sum(xs) - xs[row.target]; });
    if (c.p.reduction === 'none') c.out.d.set(each);
    else c.out.d[0] = c.p.reduction === 'mean' ? add(each) / n : add(each);
  },
  links(c, visit) {
    const {rows, share} = classes(c), none = c.p.reduction === 'none';
    for (const row of rows) if (row.valid) soft(row.xs()).forEach((p, k) => visit(none ? row.r : 0, 0, row.start + k * row.inner, (p - (k === row.target ? 1 : 0)) * share));
  },
};
OPS.class_residual = {
  kind: 'rows',
  f(c) {
    const {rows, share, n} = classes(c), s = c.p.reduction === 'mean' ? 1 / Math.max(n, 1) : share;
    for (const row of rows) soft(row.xs()).forEach((p, k) => { c.out.d[row.start + k * row.inner] = row.valid ? (p - (k === row.target ? 1 : 0)) * s : 0; });
  },
  links(c, visit) {
    const {rows, share} = classes(c);
    for (const row of rows) if (row.valid) {
      const p = soft(row.xs());
      everyPair(p.length, (o, i) => visit(row.start + o * row.inner, 0, row.start + i * row.inner, p[o] * ((o === i ? 1 : 0) - p[i]) * share));
    }
  },
};
OPS.class_share = {
  kind: 'places',
  f(c) {
    const t = c.xs[0].d, valid = Array.from(t, v => v !== c.p.ignore_index ? 1 : 0), n = Math.max(add(valid), 1);
    valid.forEach((v, r) => { c.out.d[r] = c.p.reduction === 'mean' ? v / n : v; });
  },
};
