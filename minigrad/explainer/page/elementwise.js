// Elementwise ops: a function of numbers and one derivative for each operand, both made of what the
// op declares. An op here has `f(c)`, which fills c.out, and `links(c, visit)`, which tells of every
// number of the result on which numbers it depends: visit(o, k, i, d, fk, fi) says that result o has
// the derivative d for number i of operand k, and that d is number fi of operand fk, if it is one.
const OPS = {};

function elementwise(f, slopes, factors) {
  return {
    kind: 'elementwise',
    f(c) {
      const {xs, out, p, K} = c, n = out.d.length, y = out.d;
      const [a, b, d, e, g] = xs.map(x => { const map = spread(x.s, out.s), from = x.d; return map ? o => from[map[o]] : o => from[o]; });
      if (!b) for (let o = 0; o < n; o++) y[o] = f(p, K, a(o));
      else if (!d) for (let o = 0; o < n; o++) y[o] = f(p, K, a(o), b(o));
      else if (!e) for (let o = 0; o < n; o++) y[o] = f(p, K, a(o), b(o), d(o));
      else for (let o = 0; o < n; o++) y[o] = f(p, K, a(o), b(o), d(o), e(o), g ? g(o) : undefined);
    },
    links(c, visit, want) {
      const {xs, out, p, K} = c;
      const maps = xs.map(x => spread(x.s, out.s));
      const from = want && want.o !== undefined ? want.o : 0, to = want && want.o !== undefined ? want.o + 1 : out.d.length;
      const given = new Array(xs.length);
      for (let o = from; o < to; o++) {
        for (let k = 0; k < xs.length; k++) given[k] = xs[k].d[maps[k] ? maps[k][o] : o];
        for (let k = 0; k < xs.length; k++) {
          if (!slopes[k] || !c.flows[k]) continue;
          const fk = factors ? factors[k] : undefined;
          visit(o, k, maps[k] ? maps[k][o] : o, slopes[k](p, K, ...given, out.d[o], 1),
            fk, fk === undefined ? undefined : maps[fk] ? maps[fk][o] : o);
        }
      }
    },
  };
}

// Where a declaration says it in words, or for integers.
const BY_HAND = {
  lgamma: (P, K, x) => mg.lgamma(x),
  digamma: (P, K, x) => mg.digamma(x),
  polygamma: (P, K, x) => mg.polygamma(P.n, x),
  sinc_slope: (P, K, x) => sinc_slope(x, P.n),
  tanhshrink: (P, K, x) => tanhshrink(x),
  logical_xor: (P, K, x, y) => Boolean(x) !== Boolean(y),
};
const SLOPES_BY_HAND = {
  sinc_slope: [(P, K, x) => sinc_slope(x, P.n + 1)],
  sinc: [(P, K, x) => sinc_slope(x, 1)],
  copy: [null, () => 1],
};
const FACTORS = {mul: [1, 0]};
function declare(functions, slopes) {
  for (const name of Object.keys({...functions, ...BY_HAND})) {
    const f = BY_HAND[name] || functions[name];
    OPS[name] = elementwise(f, SLOPES_BY_HAND[name] || slopes[name] || [], FACTORS[name]);
  }
  OPS.div = whole_division(OPS.div);
  const center = OPS.center;
  if (center) center.links = center_links;
}
function whole_division(op) { return op; }

// y = x - m, where m is the mean of x, whose share is counted here.
function center_links(c, visit, want) {
  const [x] = c.xs, groups = reduced(x.s, c.p.axes), n = counted(x.s, c.p.axes);
  const members = new Map();
  groups.forEach((g, i) => { if (!members.has(g)) members.set(g, []); members.get(g).push(i); });
  for (const list of members.values()) {
    for (const o of list) {
      if (want && want.o !== undefined && want.o !== o) continue;
      if (want && want.i !== undefined && groups[want.i] !== groups[o]) continue;
      for (const i of list) {
        if (want && want.i !== undefined && want.i !== i) continue;
        visit(o, 0, i, (o === i ? 1 : 0) - 1 / n);
      }
    }
  }
}
function center_back(c, G, S, add) {
  const [x] = c.xs, groups = reduced(x.s, c.p.axes), n = counted(x.s, c.p.axes);
  const sums = new Float64Array(groups.length), sizes = new Float64Array(groups.length);
  groups.forEach((g, o) => { sums[g] += G[o]; sizes[g] += Math.abs(G[o]); });
  groups.forEach((g, i) => add(0, i, G[i] - sums[g] / n, Math.abs(G[i]) + sizes[g] / n));
}
