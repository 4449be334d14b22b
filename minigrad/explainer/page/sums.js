// Reductions and running sums.
function summing(map) {  // each number of operand 0 goes to one of the result
  return {
    kind: 'sum',
    f(c) {
      const m = map(c), x = c.xs[0].d, total = new Float64Array(c.out.d.length);
      for (let i = 0; i < x.length; i++) total[m[i]] += x[i];
      c.out.d.set(total);
    },
    links(c, visit) {
      const m = map(c), n = c.xs[0].d.length;
      for (let i = 0; i < n; i++) visit(m[i], 0, i, 1);
    },
  };
}
OPS.sum = summing(c => reduced(c.xs[0].s, c.p.axis));
OPS.sum_to = summing(c => spread(c.out.s, c.xs[0].s) || Int32Array.from(c.xs[0].d, (_, i) => i));
// A reduction of groups of numbers: f(list of places) -> number; slopes(list, y) -> derivatives.
function grouping(axisOf, f, slopes) {
  const groups = c => {
    const m = reduced(c.xs[0].s, axisOf(c.p)), lists = Array.from({length: c.out.d.length}, () => []);
    m.forEach((o, i) => { lists[o].push(i); });
    return lists;
  };
  return {
    kind: 'reduction',
    f(c) { groups(c).forEach((list, o) => { c.out.d[o] = f(list.map(i => c.xs[0].d[i]), c.p, c); }); },
    links: slopes && function (c, visit, want) {
      groups(c).forEach((list, o) => {
        if (want && want.o !== undefined && want.o !== o) return;
        const d = slopes(list.map(i => c.xs[0].d[i]), c.out.d[o], c.p, c);
        list.forEach((i, j) => visit(o, 0, i, d[j]));
      });
    },
  };
}
const over = p => p.axis;
const add = xs => { let s = 0; for (const x of xs) s += x; return s; };
const greatest = xs => { let m = -Infinity; for (const x of xs) { if (x !== x) return x; if (x > m) m = x; } return m; };
const least = xs => -greatest(xs.map(x => -x));
const evenly = (xs, y, p) => {
  const hits = xs.map(x => x === y || (p.nan && x !== x) ? 1 : 0), n = add(hits);
  return hits.map(h => h / n);
};
const others = xs => xs.map((_, j) => xs.reduce((a, x, k) => k === j ? a : a * x, 1));
OPS.prod = grouping(over, xs => xs.reduce((a, x) => a * x, 1), others);
OPS.amax = grouping(over, greatest, evenly);
OPS.amin = grouping(over, least, evenly);
const first = (xs, better) => {
  let best = 0;
  for (let j = 0; j < xs.length; j++) { if (xs[j] !== xs[j]) return j; if (better(xs[j], xs[best])) best = j; }
  return best;
};
OPS.argmax = grouping(over, xs => first(xs, (a, b) => a > b));
OPS.argmin = grouping(over, xs => first(xs, (a, b) => a < b));
OPS.all = grouping(over, xs => xs.every(x => x !== 0) ? 1 : 0);
OPS.any = grouping(over, xs => xs.some(x => x !== 0) ? 1 : 0);
const variance = (xs, p) => {
  const m = add(xs) / xs.length;
  return add(xs.map(x => (x - m) ** 2)) / Math.max(xs.length - p.correction, 0);
};
const var_slopes = (xs, y, p) => {
  const m = add(xs) / xs.length, n = xs.length - p.correction;
  return xs.map(x => n > 0 ? 2 * (x - m) / n : NaN);
};
OPS.var = grouping(over, variance, var_slopes);
OPS.std = grouping(over, (xs, p) => Math.sqrt(variance(xs, p)), (xs, y, p) => var_slopes(xs, y, p).map(d => y === 0 ? 0 : d / (2 * y)));
const log_sum = xs => {
  let top = greatest(xs);
  if (!Number.isFinite(top)) top = 0;
  return Math.log(add(xs.map(x => Math.exp(x - top)))) + top;
};
OPS.logsumexp = grouping(over, log_sum, (xs, y) => xs.map(x => Math.exp(x - y)));
OPS.vector_norm = grouping(over, (xs, {p}) => {
  const sizes = xs.map(Math.abs);
  if (p === Infinity) return greatest(sizes);
  if (p === -Infinity) return least(sizes);
  if (p === 0) return xs.filter(x => x !== 0).length;
  if (p === 1) return add(sizes);
  return p === 2 ? Math.sqrt(add(xs.map(x => x * x))) : Math.pow(add(sizes.map(x => Math.pow(x, p))), 1 / p);
}, (xs, y, {p}) => {
  if (p === 0) return xs.map(() => 0);
  if (Math.abs(p) === Infinity) {
    const hits = xs.filter(x => Math.abs(x) === y).length;
    return xs.map(x => Math.abs(x) === y ? mg.sign(x) / hits : 0);
  }
  if (p === 1) return xs.map(mg.sign);
  return xs.map(x => y === 0 || x === 0 ? 0 : mg.sign(x) * Math.pow(Math.abs(x), p - 1) / Math.pow(y, p - 1));
});
OPS.mean_square = grouping(p => p.axes, xs => add(xs.map(x => x * x)) / xs.length, xs => xs.map(x => 2 * x / xs.length));
OPS.median = {
  kind: 'reduction',
  f(c) {
    const xs = Array.from(c.xs[0].d).sort((a, b) => a - b);
    c.out.d[0] = xs.some(x => x !== x) || !xs.length ? NaN : xs[(xs.length - 1) >> 1];
  },
  links(c, visit) {
    const x = c.xs[0].d, y = c.out.d[0], n = x.filter(v => v === y || v !== v).length;
    x.forEach((v, i) => { if (v === y || v !== v) visit(0, 0, i, 1 / n); });
  },
};
// Along a line: step(y so far, x) and who depends on whom.
function scanning(run, slopes) {
  return {
    kind: 'scan',
    f(c) {
      const [x] = c.xs;
      eachLine(x.s, c.p.axis, (start, step, n) => {
        const ys = run(Array.from({length: n}, (_, k) => x.d[start + k * step]), c.p);
        ys.forEach((y, k) => { c.out.d[start + k * step] = y; });
      });
    },
    links: slopes && function (c, visit) {
      const [x] = c.xs;
      eachLine(x.s, c.p.axis, (start, step, n) => {
        const xs = Array.from({length: n}, (_, k) => x.d[start + k * step]);
        const ys = xs.map((_, k) => c.out.d[start + k * step]);
        slopes(xs, ys, c.p, (k, i, d) => visit(start + k * step, 0, start + i * step, d));
      });
    },
  };
}
OPS.cumsum = scanning((xs, p) => {
  let s = 0;
  const ys = (p.backwards ? xs.slice().reverse() : xs).map(x => (s += x));
  return p.backwards ? ys.reverse() : ys;
}, (xs, ys, p, visit) => {
  for (let k = 0; k < xs.length; k++) for (let i = 0; i < xs.length; i++) if (p.backwards ? i >= k : i <= k) visit(k, i, 1);
});
OPS.cumprod = scanning(xs => { let s = 1; return xs.map(x => (s *= x)); }, (xs, ys, p, visit) => {
  for (let k = 0; k < xs.length; k++) others(xs.slice(0, k + 1)).forEach((d, i) => visit(k, i, d));
});
OPS.logcumsumexp = scanning(xs => xs.map((_, k) => log_sum(xs.slice(0, k + 1))), (xs, ys, p, visit) => {
  for (let k = 0; k < xs.length; k++) for (let i = 0; i <= k; i++) visit(k, i, Math.exp(xs[i] - ys[k]));
});
const last_place = better => scanning(xs => {
  let best = 0;
  return xs.map((x, k) => { if (x !== x || (xs[best] === xs[best] && !better(xs[best], x))) best = k; return best; });
});
OPS.cummax_place = last_place((a, b) => a > b);
OPS.cummin_place = last_place((a, b) => a < b);
OPS.recurrence = {
  kind: 'scan',
  f(c) {
    const [a, b] = c.xs;
    eachLine(b.s, c.p.axis, (start, step, n) => {
      let y = 0;
      for (let k = 0; k < n; k++) { const i = start + k * step; y = b.d[i] + (k ? a.d[i] * y : 0); c.out.d[i] = y; }
    });
  },
  links(c, visit) {
    const [a, b] = c.xs;
    eachLine(b.s, c.p.axis, (start, step, n) => {
      for (let k = 0; k < n; k++) {
        let d = 1;
        for (let j = k; j >= 0; j--) {
          const i = start + j * step;
          visit(start + k * step, 1, i, d);
          if (j) visit(start + k * step, 0, i, d * c.out.d[i - step]);
          d *= a.d[i];
        }
      }
    });
  },
};
