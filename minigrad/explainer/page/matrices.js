// Factorizations, matrix by matrix. Their links are taken numerically: see `numeric_links`.
const rowsOf = (d, start, n, m) => Array.from({length: n}, (_, i) => Array.from(d.slice(start + i * m, start + (i + 1) * m)));
const times = (a, b) => a.map(r => b[0].map((_, j) => add(r.map((v, k) => v * b[k][j]))));
const turned = a => a[0].map((_, j) => a.map(r => r[j]));
const unit = n => Array.from({length: n}, (_, i) => Array.from({length: n}, (_, j) => i === j ? 1 : 0));
// P A = L U with the greatest pivot: the factors in one, the order of the rows, the sign.
function lu(a) {
  const n = a.length, u = a.map(r => r.slice()), order = u.map((_, i) => i);
  let sign = 1;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k; i < n; i++) if (Math.abs(u[i][k]) > Math.abs(u[best][k])) best = i;
    if (best !== k) { [u[k], u[best]] = [u[best], u[k]]; [order[k], order[best]] = [order[best], order[k]]; sign = -sign; }
    for (let i = k + 1; i < n; i++) {
      u[i][k] = u[k][k] === 0 ? 0 : u[i][k] / u[k][k];
      for (let j = k + 1; j < n; j++) u[i][j] -= u[i][k] * u[k][j];
    }
  }
  return {u, order, sign};
}
function solved(a, b) {
  const {u, order} = lu(a), n = a.length;
  if (u.some((r, i) => r[i] === 0)) return b.map(r => r.map(() => NaN));
  const x = order.map(i => b[i].slice());
  for (let i = 0; i < n; i++) for (let k = 0; k < i; k++) x[i] = x[i].map((v, j) => v - u[i][k] * x[k][j]);
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = x[i].map((v, j) => v - u[i][k] * x[k][j]);
    x[i] = x[i].map(v => v / u[i][i]);
  }
  return x;
}
const inverse = a => solved(a, unit(a.length));
const determinant = a => { const {u, sign} = lu(a); return u.reduce((d, r, i) => d * r[i], sign); };
function lower(a) {
  const n = a.length, l = a.map(() => new Array(n).fill(0));
  for (let j = 0; j < n; j++) for (let i = j; i < n; i++) {
    const s = a[i][j] - add(l[i].slice(0, j).map((v, k) => v * l[j][k]));
    l[i][j] = i === j ? Math.sqrt(s) : s / l[j][j];
  }
  return l;
}
// One-sided Jacobi rotations: A = U diag(s) Vᵀ for at least as many rows as columns.
function jacobi(a) {
  const m = a.length, n = a[0].length, w = turned(a), v = unit(n);  // columns of A and of V as rows
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
      const alpha = add(w[p].map(x => x * x)), beta = add(w[q].map(x => x * x)), gamma = add(w[p].map((x, i) => x * w[q][i]));
      if (gamma === 0 || Math.abs(gamma) <= 1e-17 * Math.sqrt(alpha * beta)) continue;
      off = Math.max(off, Math.abs(gamma));
      const z = (beta - alpha) / (2 * gamma), t = (z < 0 ? -1 : 1) / (Math.abs(z) + Math.sqrt(1 + z * z)), cs = 1 / Math.sqrt(1 + t * t), sn = cs * t;
      for (const rows of [w, v]) for (let i = 0; i < rows[p].length; i++) {
        const x = rows[p][i], y = rows[q][i];
        rows[p][i] = cs * x - sn * y; rows[q][i] = sn * x + cs * y;
      }
    }
    if (!off) break;
  }
  const s = w.map(r => Math.sqrt(add(r.map(x => x * x)))), order = s.map((_, i) => i).sort((i, j) => s[j] - s[i]);
  return {s: order.map(i => s[i]), u: order.map(i => w[i].map(x => s[i] ? x / s[i] : 0)), v: order.map(i => v[i]), m};
}
const singular = a => a.length >= a[0].length ? jacobi(a) : (({s, u, v}) => ({s, u: v, v: u}))(jacobi(turned(a)));
function symmetric(a, upper) { return a.map((r, i) => r.map((_, j) => (upper ? i <= j : i >= j) ? a[i][j] : a[j][i])); }
// The eigenvalues of a symmetric matrix and its vectors, by Jacobi rotations.
function eigen(a) {
  const n = a.length, w = a.map(r => r.slice()), v = unit(n);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
      if (Math.abs(w[p][q]) < 1e-300) continue;
      off += Math.abs(w[p][q]);
      const z = (w[q][q] - w[p][p]) / (2 * w[p][q]), t = (z < 0 ? -1 : 1) / (Math.abs(z) + Math.sqrt(1 + z * z)), cs = 1 / Math.sqrt(1 + t * t), sn = cs * t;
      for (let i = 0; i < n; i++) { const x = w[i][p], y = w[i][q]; w[i][p] = cs * x - sn * y; w[i][q] = sn * x + cs * y; }
      for (let i = 0; i < n; i++) { const x = w[p][i], y = w[q][i]; w[p][i] = cs * x - sn * y; w[q][i] = sn * x + cs * y; }
      for (let i = 0; i < n; i++) { const x = v[p][i], y = v[q][i]; v[p][i] = cs * x - sn * y; v[q][i] = sn * x + cs * y; }
    }
    if (!off) break;
  }
  const order = w.map((_, i) => i).sort((i, j) => w[i][i] - w[j][j]);
  return {w: order.map(i => w[i][i]), v: order.map(i => v[i])};
}
// Householder's, with LAPACK's signs.
function qr_of(a, complete) {
  const m = a.length, n = a[0].length, k = Math.min(m, n), r = a.map(x => x.slice());
  let q = unit(m);
  for (let j = 0; j < k; j++) {
    const x = r.slice(j).map(row => row[j]), tail = Math.sqrt(add(x.slice(1).map(v => v * v)));
    if (tail === 0) continue;
    const norm = Math.hypot(x[0], tail), beta = x[0] >= 0 ? -norm : norm;
    const v = [x[0] - beta, ...x.slice(1)], vv = add(v.map(t => t * t));
    const reflect = rows => { for (let col = 0; col < rows[0].length; col++) { const s = 2 * add(v.map((t, i) => t * rows[j + i][col])) / vv; v.forEach((t, i) => { rows[j + i][col] -= s * t; }); } };
    reflect(r); reflect(q);
  }
  q = turned(q);
  const wide = complete ? m : k;
  return {q: q.map(row => row.slice(0, wide)), r: r.slice(0, wide).map((row, i) => row.map((v, j) => j < i ? 0 : v))};
}
// Of vectors whose sign is free, that which minigrad's have.
function signed(rows, like) {
  return rows.map((r, i) => like && like[i] && add(r.map((v, k) => v * like[i][k])) < 0 ? -1 : 1);
}
function matrixwise(f) {
  return {
    kind: 'matrices',
    f(c) {
      const [a, b] = c.xs, n = a.s[a.s.length - 2], m = a.s[a.s.length - 1];
      const scalar = c.out.s.length === a.s.length - 2;
      const lead = scalar ? c.out.s : b ? c.out.s.slice(0, -2) : a.s.slice(0, -2), batches = size(lead);
      const A = spread(a.s.slice(0, -2), lead), B = b && spread(b.s.slice(0, -2), lead), each = batches ? c.out.d.length / batches : 0;
      for (let t = 0; t < batches; t++) {
        const x = rowsOf(a.d, (A ? A[t] : t) * n * m, n, m);
        const rows = b && b.s[b.s.length - 2], cols = b && b.s[b.s.length - 1];
        const y = b && rowsOf(b.d, (B ? B[t] : t) * rows * cols, rows, cols);
        const like = c.like ? rowsOf(c.like, t * each, each / (c.out.s[c.out.s.length - 1] || 1), c.out.s[c.out.s.length - 1] || 1) : null;
        const found = f(x, y || c.p, c.p, like);
        c.out.d.set(Array.isArray(found) ? found.flat() : [found], t * each);
      }
    },
    links: null,
  };
}
OPS.inv = matrixwise(a => inverse(a));
OPS.solve = matrixwise((a, b) => solved(a, b));
OPS.det = matrixwise(a => determinant(a));
OPS.sign_det = matrixwise(a => mg.sign(determinant(a)));
OPS.log_abs_det = matrixwise(a => { const {u} = lu(a); return add(u.map((r, i) => Math.log(Math.abs(r[i])))); });
OPS.cofactor = matrixwise(a => a.map((r, i) => r.map((_, j) => ((i + j) % 2 ? -1 : 1) * (a.length === 1 ? 1 : determinant(a.filter((_, k) => k !== i).map(q => q.filter((_, k) => k !== j)))))));
OPS.cholesky = matrixwise(a => lower(a));
OPS.svdvals = matrixwise(a => singular(a).s);
OPS.eigvalsh = matrixwise((a, p) => eigen(symmetric(a, p.upper)).w);
OPS.pinv = matrixwise((a, p) => {
  const {s, u, v} = singular(a), top = s[0] || 0;
  return v[0].map((_, i) => u[0].map((_, j) => add(s.map((x, k) => x > p.rtol * top ? v[k][i] * u[k][j] / x : 0))));
});
OPS.qr = matrixwise((a, p) => { const {q, r} = qr_of(a, p.complete); return [...q, ...turned(r)]; });
OPS.svd = matrixwise((a, p, q, like) => {
  const {s, u, v} = singular(a), sign = signed(u, like && turned(like.slice(0, a.length)));
  return [...turned(u.map((r, i) => r.map(x => x * sign[i]))), ...turned(v.map((r, i) => r.map(x => x * sign[i]))), s];
});
OPS.eigh = matrixwise((a, p, q, like) => {
  const {w, v} = eigen(symmetric(a, p.upper)), sign = signed(v, like && turned(like.slice(0, a.length)));
  return [...turned(v.map((r, i) => r.map(x => x * sign[i]))), w];
});
// Derivatives by Richardson's extrapolation of central differences, of an op whose rule is a program.
function numeric_links(c, visit) {
  const op = OPS[c.op], n = c.out.d.length;
  const run = (k, i, h) => {
    const xs = c.xs.map((x, j) => j === k ? {...x, d: Float64Array.from(x.d)} : x);
    xs[k].d[i] += h;
    const out = {...c.out, d: new Float64Array(n)};
    op.f({...c, xs, out, map: undefined});
    return out.d;
  };
  c.xs.forEach((x, k) => {
    if (!c.flows[k]) return;
    for (let i = 0; i < x.d.length; i++) {
      const h = 1e-2 * Math.max(Math.abs(x.d[i]), 0.1);
      const T = [1, 2, 4, 8].map(q => { const a = run(k, i, h / q), b = run(k, i, -h / q); return a.map((v, o) => (v - b[o]) * q / (2 * h)); });
      for (let level = 1; level < 4; level++) for (let j = 3; j >= level; j--) T[j] = T[j].map((v, o) => v + (v - T[j - 1][o]) / (4 ** level - 1));
      T[3].forEach((d, o) => { if (Math.abs(d) > 1e-13) visit(o, k, i, d); });
    }
  });
}
