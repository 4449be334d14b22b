// Sorting, counting and scattering.
const before = (a, b) => a !== a ? (b !== b ? 0 : 1) : b !== b ? -1 : a < b ? -1 : a > b ? 1 : 0;  // nan is greatest
const sorted = xs => xs.map((_, i) => i).sort((i, j) => before(xs[i], xs[j]) || i - j);
const falling = xs => xs.map((_, i) => i).sort((i, j) => before(xs[j], xs[i]) || i - j);
function placing_along(f) {  // a line becomes a line of places, of another length
  return {
    kind: 'places',
    f(c) {
      const [x] = c.xs, axis = (c.p.axis + x.s.length) % (x.s.length || 1), inner = size(x.s.slice(axis + 1)), n = x.s.length ? x.s[axis] : 1;
      const outer = n * inner ? x.d.length / (n * inner) : 0;
      for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) {
        const ys = f(Array.from({length: n}, (_, k) => x.d[(o * n + k) * inner + i]), c.p);
        ys.forEach((y, k) => { c.out.d[(o * ys.length + k) * inner + i] = y; });
      }
    },
  };
}
OPS.argsort = placing_along((xs, p) => p.descending ? falling(xs) : sorted(xs));
OPS.topk_place = placing_along((xs, p) => (p.largest ? falling(xs) : sorted(xs)).slice(0, p.k));
OPS.median_place = placing_along(xs => {
  const lost = xs.findIndex(x => x !== x);
  return [lost >= 0 ? lost : sorted(xs)[(xs.length - 1) >> 1]];
});
OPS.mode_place = placing_along(xs => {
  const order = sorted(xs);
  let best = 0, length = 0, start = 0;
  order.forEach((at, r) => {
    if (r && xs[at] !== xs[order[r - 1]]) start = r;
    if (r - start + 1 > length) { length = r - start + 1; best = r; }
  });
  return [order[best]];
});
OPS.searchsorted = {
  kind: 'places',
  f(c) {
    const [q, x] = c.xs, n = q.s[q.s.length - 1], w = q.s.length === 1 ? x.d.length : x.s[x.s.length - 1];
    for (let i = 0; i < x.d.length; i++) {
      const row = q.s.length === 1 ? 0 : Math.floor(i / w) * n;
      let count = 0;
      for (let k = 0; k < n; k++) if (c.p.right ? before(q.d[row + k], x.d[i]) <= 0 : before(q.d[row + k], x.d[i]) < 0) count++;
      c.out.d[i] = count;
    }
  },
};
function slices(c) {
  const [x] = c.xs;
  if (c.p.axis === null) return Array.from(x.d, v => [v]);
  const found = Array.from({length: x.s[c.p.axis]}, () => []);
  const steps = strides(x.s), rest = x.s.map((n, i) => i).filter(i => i !== c.p.axis);
  walk(rest.map(i => x.s[i]), rest.map(i => steps[i])).forEach(at => found.forEach((list, k) => list.push(x.d[at + k * steps[c.p.axis]])));
  return found;
}
const compare = (a, b) => { for (let i = 0; i < a.length; i++) { const r = before(a[i], b[i]); if (r) return r; } return 0; };
function different(c) {
  const rows = slices(c), order = rows.map((_, i) => i).sort((i, j) => compare(rows[i], rows[j]) || i - j), rank = new Array(rows.length), kept = [];
  order.forEach((i, r) => {
    const same = r && rows[i].every((v, k) => v === rows[order[r - 1]][k]);
    if (!same) kept.push(i);
    rank[i] = kept.length - 1;
  });
  return {rows, kept, rank};
}
OPS.unique = {
  kind: 'places',
  f(c) {
    const {rows, kept} = different(c);
    if (c.p.axis === null) { kept.forEach((i, k) => { c.out.d[k] = rows[i][0]; }); return; }
    const steps = strides(c.out.s), rest = c.out.s.map((n, i) => i).filter(i => i !== c.p.axis);
    walk(rest.map(i => c.out.s[i]), rest.map(i => steps[i])).forEach((at, q) => kept.forEach((i, k) => { c.out.d[at + k * steps[c.p.axis]] = rows[i][q]; }));
  },
};
OPS.unique_place = {kind: 'places', f(c) { different(c).rank.forEach((r, i) => { c.out.d[i] = r; }); }};
OPS.bincount = {
  kind: 'places',
  f(c) {
    const total = new Float64Array(c.out.d.length);
    c.xs[0].d.forEach((v, i) => { total[v] += c.xs.length > 1 ? c.xs[1].d[i] : 1; });
    c.out.d.set(total);
  },
};
OPS.histc = {
  kind: 'places',
  f(c) {
    const {bins, low, high} = c.p, total = new Float64Array(bins);
    c.xs[0].d.forEach(v => { if (v >= low && v <= high) total[Math.min(Math.trunc((v - low) * (bins / (high - low))), bins - 1)] += 1; });
    c.out.d.set(total);
  },
};
OPS.nonzero = {
  kind: 'places',
  f(c) {
    const [x] = c.xs, found = [];
    x.d.forEach((v, i) => { if (v !== 0) found.push(...unravel(i, x.s)); });
    c.out.d.set(found);
  },
};
function scattering(join, slopes) {
  const at = c => {  // for each number of the index the place that it names
    const [x, , index] = c.xs, dim = (c.p.dim + x.s.length) % (x.s.length || 1);
    const y = spread(c.xs[1].s, index.s);
    return Array.from(index.d, (v, q) => {
      const place = unravel(q, index.s);
      place[dim] = v < 0 ? v + x.s[dim] : v;
      return [ravel(place, x.s), y ? y[q] : q];
    });
  };
  return {
    kind: 'scatter',
    f(c) {
      const z = Float64Array.from(c.xs[0].d);
      at(c).forEach(([o, i]) => { z[o] = join(z[o], c.xs[1].d[i]); });
      c.out.d.set(z);
    },
    links(c, visit) {
      const lists = Array.from(c.xs[0].d, (_, o) => [[0, o]]);
      at(c).forEach(([o, i]) => lists[o].push([1, i]));
      lists.forEach((list, o) => slopes(list.map(([k, i]) => c.xs[k].d[i]), c.out.d[o]).forEach((d, j) => visit(o, list[j][0], list[j][1], d)));
    },
  };
}
const shared = (xs, y) => evenly(xs, y, {});
OPS.scatter_amax = scattering(mg.max, shared);
OPS.scatter_amin = scattering(mg.min, shared);
OPS.scatter_prod = scattering((a, b) => a * b, others);
