// The program: run it, walk it back by the chain rule, ask about single numbers.
const TYPED = {f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array, b1: Uint8Array};
function numbers_of(text, t) {
  const bytes = Uint8Array.from(atob(text), ch => ch.charCodeAt(0)).buffer;
  return new (TYPED[t] || Float64Array)(bytes);
}
function decoded(p) {
  if (Array.isArray(p)) return p.map(decoded);
  if (p && typeof p === 'object') {
    if ('$' in p) return {inf: Infinity, '-inf': -Infinity, nan: NaN}[p.$];
    return Object.fromEntries(Object.entries(p).map(([k, v]) => [k, decoded(v)]));
  }
  return p;
}
const VIEWS = new Set(['reshape', 'permute', 'expand', 'slice', 'clone', 'transfer', 'cast', 'flip', 'diagonal', 'windows', 'as_strided', 'overlay']);
const FROM_NUMBERS = new Set(['take', 'put', 'put_add']);  // their map depends on an index

const SAFE = 8;
// Whose derivatives do not change with a small error of the operand.
const STRAIGHT = new Set(['add', 'sub', 'neg', 'relu', 'leaky_relu', 'gate', 'abs', 'clamp_min', 'clamp_max', 'clamp', 'where', 'maximum', 'minimum', 'hardtanh', 'copy', 'sign', 'floor', 'round']);

class Machine {
  constructor(program) {
    this.program = program;
    this.values = program.values;
    this.rows = program.rows;
    this.passes = program.passes;
    this.start = this.values.map(v => v.d === undefined ? null : {s: v.s, t: v.t, d: numbers_of(v.d, v.t)});
    this.rows.forEach((row, n) => {
      row.number = n;
      row.walked = row.f.some(Boolean) || row.past === 'node';  // a gradient goes through it
      row.p = decoded(row.p);
      row.i = row.i.map(x => typeof x === 'number' ? {v: x} : {number: {s: [], t: 'f8', d: [Number(decoded(x.n))]}});
      row.made = this.values[row.o].d === undefined || row.like;
      row.fixed = !OPS[row.op] ? true : false;
      row.found = Object.entries(row.slopes || {}).map(([k, [o, i, d]]) => [Number(k), {o: numbers_of(o, 'i4'), i: numbers_of(i, 'i4'), d: numbers_of(d, 'f8')}]);
    });
    this.passes.forEach(pass => {
      pass.given = Object.entries(pass.direct || {}).map(([at, d]) => [...at.split(',').map(Number), numbers_of(d, 'f8')]);
      pass.hooked = new Map();  // of each value the changes, one after the other
      for (const [v, x] of pass.hooks || []) pass.hooked.set(v, [...(pass.hooked.get(v) || []), typeof x === 'number' ? x : numbers_of(x, 'f8')]);
    });
    this.users = this.values.map(() => []);
    this.maker = new Map();
    for (const row of this.rows) {
      this.maker.set(row.o, row);
      row.i.forEach((x, k) => { if (x.v !== undefined) this.users[x.v].push([row, k]); });
    }
    this.passed = new Map(this.rows.filter(row => row.past === 'node').map(row => [row.into, row]));
    this.by_name = new Map(this.values.map((v, i) => [v.n, i]).filter(([n]) => n));
    this.first = this.start.map(x => x && {...x, d: x.d.slice()});
    this.edited = false;
  }
  reset() {
    this.start = this.first.map(x => x && {...x, d: x.d.slice()});
    this.edited = false;
  }
  context(row, run, held) {  // held: what stands for the operands that no gradient flows to
    const xs = row.i.map((x, k) => x.number || (held && !row.f[k] ? held : run)[x.v]), v = this.values[row.o];
    const kind = xs.find(x => isFloat(x.t) && x.s.length) || xs.find((x, k) => row.i[k].v !== undefined) || v;
    return {op: row.op, xs, out: run[row.o], p: row.p, K: KINDS[kind.t] || KINDS.f8, flows: row.f,
      map: FROM_NUMBERS.has(row.op) ? undefined : row.map, like: row.like, row, begun: this.begun};
  }
  compute(row, run, wide, held) {
    if (!row.made) { run[row.o] = this.start[row.o]; return; }
    const v = this.values[row.o];
    run[row.o] = make(v.t, v.s, wide);
    const c = this.context(row, run, held);
    OPS[row.op].f(c);
    if (!FROM_NUMBERS.has(row.op)) row.map = c.map;
    finish(run[row.o], wide);
  }
  // All values. ``wide``: in float64, whatever the types.
  run(wide = false, rows = this.rows) {
    const run = this.start.map(x => x && (wide && isFloat(x.t) ? {...x, d: Float64Array.from(x.d)} : x));
    for (const row of rows) this.compute(row, run, wide);
    if (!this.begun) this.begun = run;
    return run;
  }
  // The gradients of all values of a pass: G, the sizes of their terms S.
  chain(run, pass, change) {
    const G = new Map(), S = new Map();
    const of = v => {
      if (!G.has(v)) { const n = run[v].d.length; G.set(v, new Float64Array(n)); S.set(v, new Float64Array(n)); }
      return [G.get(v), S.get(v)];
    };
    const hook = v => {  // the gradient is complete, and somebody changes it
      if (!pass.hooked.has(v) || !G.has(v)) return;
      const [g, s] = of(v);
      for (const change of pass.hooked.get(v)) for (let i = 0; i < g.length; i++) {
        const by = typeof change === 'number' ? change : 1, more = typeof change === 'number' ? 0 : change[i];
        g[i] = g[i] * by + more;
        s[i] = s[i] * Math.abs(by) + Math.abs(more);
      }
    };
    for (const [root, seed] of pass.roots) {
      const [g, s] = of(root), from = run[seed].d;
      for (let i = 0; i < g.length; i++) { g[i] += from[i]; s[i] += Math.abs(from[i]); }
    }
    const put_together = (from, to) => {
      const [g] = of(from), [sum, sizes] = of(to);
      for (let i = 0; i < g.length; i++) { sum[i] += g[i]; sizes[i] += Math.abs(g[i]); }
    };
    for (let n = pass.end - 1; n >= 0; n--) {
      const row = this.rows[n];
      if (!G.has(row.o) || !row.walked) continue;
      hook(row.o);
      const [g] = of(row.o);
      if (row.past) { put_together(row.o, row.into); continue; }
      const goals = row.i.map((x, k) => row.f[k] && x.v !== undefined ? of(x.v) : null);
      const add = (k, i, term, size) => { goals[k][0][i] += term; goals[k][1][i] += size; };
      this.links(row, run, change && change.row === n
        ? (o, k, i, d) => { const term = change.k === k ? change.f(g, o, i, d, run) : g[o] * d; if (goals[k]) add(k, i, term, Math.abs(term)); }
        : (o, k, i, d) => { const goal = goals[k]; if (goal) { const term = g[o] * d; goal[0][i] += term; goal[1][i] += Math.abs(term); } },
      undefined, change ? undefined : (c, back) => back(c, g, goals[0][1], add));
      for (const [at, k, d] of pass.given) if (at === n && goals[k]) d.forEach((x, i) => add(k, i, x, Math.abs(x)));
    }
    for (const [later, first] of pass.same) if (G.has(later)) put_together(later, first);
    for (const v of pass.hooked.keys()) if (!this.on_the_way(v, pass)) hook(v);
    return {G, S};
  }
  on_the_way(v, pass) {  // not the value of a leaf
    const row = this.maker.get(v);
    return row !== undefined && row.number < pass.end && row.walked;
  }
  links(row, run, visit, want, whole) {
    const op = OPS[row.op], c = this.context(row, run);
    if (row.past) c.flows = row.i.map(x => x.v !== undefined && isFloat(run[x.v].t));
    if (!op) return;
    if (whole && row.op === 'center') { whole(c, center_back); return; }
    if (op.links) op.links(c, visit, want);
    else numeric_links(c, visit);
  }
  // How far rounding has moved every value and every gradient, about: the squares of independent
  // errors add up, and SAFE times the root is what is allowed.
  bounds(run, pass, chain) {
    const F = new Map(), B = new Map(), unit = v => ULP[this.values[v].t] || 0;
    const shaken = (row, square) => (o, k, i, d, fk, fi) => {  // the square of an error of d itself
      if (fk !== undefined) return square[fk] ? square[fk][fi] : 0;
      const kind = OPS[row.op] && OPS[row.op].kind;
      if (STRAIGHT.has(row.op) || (row.op === 'div' && k === 0 && row.i[1].v === undefined)) return (unit(row.o) * d) ** 2;
      if (kind === 'products' || kind === 'sum' || kind === 'selection') return 0;
      const own = F.has(row.o) ? 4 * F.get(row.o)[o] : 0;  // of what the derivative says of the result
      return (square[k] ? square[k][i] : 0) * (1 + d * d) + (unit(row.o) * d) ** 2 + own;
    };
    for (const row of this.rows) {
      if (row.number >= pass.end) break;
      const v = this.values[row.o];
      if (!isFloat(v.t)) continue;
      const n = run[row.o].d.length, f = new Float64Array(n), e = unit(row.o), y = run[row.o].d, N = new Float64Array(n);
      if (row.f.some(Boolean) || row.past) {
        const square = row.i.map(x => x.v === undefined ? null : F.get(x.v)), xs = row.i.map(x => (x.number || run[x.v]).d);
        this.links(row, run, (o, k, i, d) => {
          const term = d === 0 ? 0 : d * xs[k][i];  // of a mask of -inf nothing flows
          f[o] += (e * term) ** 2 + (square[k] ? d * d * square[k][i] : 0);
          N[o]++;
        });
      }
      for (let o = 0; o < n; o++) f[o] = Number.isFinite(y[o]) ? f[o] + (e * y[o]) ** 2 * (1 + N[o] / 16) : 0;
      F.set(row.o, f);
    }
    const of = v => { if (!B.has(v)) B.set(v, new Float64Array(run[v].d.length)); return B.get(v); };
    const widen = v => {
      if (B.has(v)) for (const by of pass.hooked.get(v) || []) of(v).forEach((x, i, b) => { b[i] = typeof by === 'number' ? x * by * by : x + (unit(v) * by[i]) ** 2; });
    };
    for (const [root] of pass.roots) of(root);
    for (let n = pass.end - 1; n >= 0; n--) {
      const row = this.rows[n], g = chain.G.get(row.o);
      if (!g || !row.walked) continue;
      widen(row.o);
      const b = of(row.o);
      if (row.past) { of(row.into).forEach((_, i, to) => { to[i] += b[i]; }); continue; }
      const e = unit(row.o), goals = row.i.map((x, k) => row.f[k] && x.v !== undefined ? of(x.v) : null);
      const error = shaken(row, row.i.map(x => x.v === undefined ? null : F.get(x.v)));
      this.links(row, run, (o, k, i, d, fk, fi) => {
        if (goals[k]) goals[k][i] += d * d * b[o] + (e * g[o] * d) ** 2 + g[o] * g[o] * error(o, k, i, d, fk, fi);
      });
    }
    for (const [later, first] of pass.same) if (B.has(later)) of(first).forEach((_, i, to) => { to[i] += B.get(later)[i]; });
    for (const v of pass.hooked.keys()) if (!this.on_the_way(v, pass)) widen(v);
    for (const [v, b] of B) {
      const S = chain.S.get(v), g = chain.G.get(v), e = unit(v);
      for (let i = 0; i < b.length; i++) b[i] = SAFE * Math.sqrt(b[i]) + e * (S ? S[i] : Math.abs(g[i])) + Number.MIN_VALUE;
    }
    return {B};
  }
  // The sum of the roots, each times its cotangent, with some value changed at one place.
  moved(base, v, i, h, pass) {
    const run = base.slice(), dirty = new Set([v]);
    run[v] = {...base[v], d: base[v].d.slice()};
    run[v].d[i] += h;
    for (const row of this.rows) {
      if (row.number >= pass.end) break;
      if (row.o === v || !row.made) continue;
      if (row.past) {  // the tape does not know of what was written here, only of what stood there
        if (!dirty.has(row.into)) continue;
        dirty.add(row.o);
        run[row.o] = {...base[row.o], d: base[row.o].d.map((x, j) => x + run[row.into].d[j] - base[row.into].d[j])};
        continue;
      }
      if (!row.i.some(x => dirty.has(x.v))) continue;
      if (row.phase === 1 && !row.f.some(Boolean)) continue;
      dirty.add(row.o);
      this.compute(row, run, true, row.walked && !row.title ? base : undefined);  // what was detached stays
    }
    let total = 0;
    for (const [root, seed] of pass.roots) for (let q = 0; q < run[root].d.length; q++) total += run[root].d[q] * run[seed].d[q];
    return total;
  }
  // Richardson's extrapolation of central differences, and one-sided slopes where these differ.
  numeric(base, v, i, pass) {
    const x = base[v].d[i], L = h => this.moved(base, v, i, h, pass);
    const h = 1e-2 * Math.max(Math.abs(x), 0.1), T = [];
    for (let j = 0; j < 4; j++) { const q = h / 2 ** j; T.push((L(q) - L(-q)) / (2 * q)); }
    const errors = [];
    for (let level = 1; level < 4; level++) for (let j = 3; j >= level; j--) {
      const better = T[j] + (T[j] - T[j - 1]) / (4 ** level - 1);
      errors.push(Math.abs(better - T[j]));
      T[j] = better;
    }
    const e = 1e-6 * Math.max(Math.abs(x), 1), at = L(0), right = (L(e) - at) / e, left = (at - L(-e)) / e;
    const scale = Math.max(Math.abs(left), Math.abs(right), 1e-12);
    const kink = Math.abs(left - right) > 1e-2 * scale && Math.abs(left - right) > 1e-6;
    return {value: T[3], left, right, kink, error: errors[errors.length - 1]};
  }
  // The next step begins with what this one has left.
  advance(run) {
    for (const [from, to] of this.program.carried) {
      if (run[to]) this.start[from] = {...this.start[from], d: run[to].d.slice()};
    }
  }
}
