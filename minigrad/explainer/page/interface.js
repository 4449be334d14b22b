// What a reader finds in the console, and tests use: `page`.
class Page {
  constructor(program) {
    this.machine = new Machine(program);
    this.listeners = [];
    this.steps = 0;
    this.refresh();
  }
  refresh() {
    this.current = this.machine.run();
    this._chains = [];
    this._bounds = [];
    this._wide = null;
    for (const f of this.listeners) f();
  }
  chain(p) { return this._chains[p] || (this._chains[p] = this.machine.chain(this.current, this.machine.passes[p])); }
  bounds(p) { return this._bounds[p] || (this._bounds[p] = this.machine.bounds(this.current, this.machine.passes[p], this.chain(p))); }
  wide() { return this._wide || (this._wide = this.machine.run(true)); }
  // A name: of a value, of its gradient (``x.grad``, and ``x.grad@2`` in a second pass back).
  look(name) {
    const m = this.machine, given = String(name);
    const v = m.by_name.get(given);
    if (v !== undefined) return {v, s: m.values[v].s};
    const [, base, number] = /^(.*)\.grad(?:@(\d+))?$/.exec(given) || [];
    if (base !== undefined && m.by_name.has(base)) {
      const w = m.by_name.get(base);
      let seen = 0;
      for (let p = 0; p < m.passes.length; p++) {
        if (this.reaches(p).has(w) && ++seen === Number(number || 1)) return {v: w, p, s: m.values[w].s};
      }
      for (let p = 0; !seen && p < m.passes.length; p++) for (const [leaf] of m.passes[p].grads) {
        if (m.values[leaf].n.replace(/′+$/, '') === base) return {v: leaf, p, s: m.values[leaf].s};  // written to before it is used
      }
    }
    if (given === 'loss' && m.passes.length) { const w = m.passes[m.passes.length - 1].roots[0][0]; return {v: w, s: m.values[w].s}; }
    throw new RangeError(`no tensor ${given}; page.tensors() names them all`);
  }
  reaches(p) {  // the values that a pass has gradients of
    const pass = this.machine.passes[p];
    if (!pass.seen) {
      pass.seen = new Set(pass.roots.map(([root]) => root));
      for (let n = pass.end - 1; n >= 0; n--) {
        const row = this.machine.rows[n];
        if (pass.seen.has(row.o)) row.i.forEach((x, k) => { if (row.f[k] && x.v !== undefined) pass.seen.add(x.v); });
        if (pass.seen.has(row.o) && row.past === 'node') pass.seen.add(row.into);
      }
    }
    return pass.seen;
  }
  grad_name(v, p) {
    let number = 0;
    for (let q = 0; q <= p; q++) if (this.reaches(q).has(v)) number++;
    return `${this.machine.values[v].n}.grad${number > 1 ? '@' + number : ''}`;
  }
  tensors() {
    const names = [], m = this.machine;
    m.values.forEach((value, v) => { if (value.n) names.push(value.n); });
    m.passes.forEach((_, p) => this.reaches(p).forEach(v => { if (m.values[v].n) names.push(this.grad_name(v, p)); }));
    if (m.passes.length && !names.includes('loss')) names.push('loss');
    return names;
  }
  flat(s, index) {
    if (index === undefined || index === null) index = [];
    if (typeof index === 'number') {
      if (!(index >= 0 && index < size(s))) throw new RangeError(`index ${index} of shape [${s}]`);
      return index;
    }
    const place = Array.from(index, (v, k) => v < 0 ? v + s[k] : v);
    if (place.length !== s.length || place.some((v, k) => !(v >= 0 && v < s[k]))) throw new RangeError(`index [${index}] of shape [${s}]`);
    return ravel(place, s);
  }
  stored(v, p) { return this.machine.passes[p].grads.find(([leaf]) => leaf === v); }
  before(v, p, i) {
    const stored = this.stored(v, p);
    return stored && stored[2] !== null ? this.current[stored[2]].d[i] : 0;
  }
  value(name, index) {
    const {v, p, s} = this.look(name), i = this.flat(s, index);
    return p === undefined ? this.current[v].d[i] : this.chain(p).G.get(v)[i] + this.before(v, p, i);
  }
  set(name, index, value) {
    const {v, p, s} = this.look(name), i = this.flat(s, index), m = this.machine;
    if (p !== undefined || !m.start[v] || m.maker.has(v)) throw new RangeError(`${name} is computed; edit what it is computed from`);
    if (Number.isNaN(Number(value))) throw new TypeError(`${value} is no number`);
    m.start[v] = {...m.start[v], d: m.start[v].d.slice()};
    m.start[v].d[i] = Number(value);
    m.edited = true;
    this.refresh();
    return m.start[v].d[i];
  }
  minigrad(name, index) {  // minigrad's number for a gradient; undefined where it has none
    const {v, p, s} = this.look(name);
    return recorded(v, p, this.flat(s, index))[0];
  }
  predict(name, index, guess) { return classify(guess, name, index); }
  editable(v) { return Boolean(this.machine.start[v]) && !this.machine.maker.has(v); }
  reset() { this.machine.reset(); this.steps = 0; this.refresh(); }
  step(n = 1) {
    for (let k = 0; k < n; k++) {
      this.machine.advance(this.current);
      this.machine.edited = true;
      this.current = this.machine.run();
      this.steps++;
    }
    this.refresh();
    return this.loss();
  }
  loss() {
    const passes = this.machine.passes;
    return passes.length ? this.current[passes[passes.length - 1].roots[0][0]].d[0] : NaN;
  }
  numeric(name, index) { return this.numerically(name, index).value; }
  numerically(name, index) {
    const {v, p, s} = this.look(name), i = this.flat(s, index);
    if (p === undefined) throw new RangeError(`${name} is no gradient: try ${name}.grad`);
    const found = this.machine.numeric(this.wide(), v, i, this.machine.passes[p]), old = this.before(v, p, i);
    return {...found, value: found.value + old, left: found.left + old, right: found.right + old};
  }
  why(name, index) {
    const {v, p, s} = this.look(name), i = this.flat(s, index);
    const terms = p === undefined ? this.terms_of_value(v, i) : this.terms_of_gradient(v, i, p);
    return {value: this.value(name, i), terms};
  }
  factor(v, i, p) {
    const m = this.machine, value = m.values[v];
    if (p === undefined && !value.n) {
      for (let q = 0; q < m.passes.length; q++) for (const [leaf, own] of m.passes[q].grads) {
        if (own === v) return {...this.factor(leaf, i, q), value: this.chain(q).G.get(leaf)[i] + this.before(leaf, q, i), name: this.grad_name(leaf, q)};
      }
      const row = m.maker.get(v);
      return {name: row ? `${row.op} in row ${row.number + 1}` : `value ${v}`, index: unravel(i, value.s), value: this.current[v].d[i]};
    }
    return p === undefined ? {name: value.n, index: unravel(i, value.s), value: this.current[v].d[i]}
      : {name: this.grad_name(v, p), index: unravel(i, value.s), value: this.chain(p).G.get(v)[i]};
  }
  terms_of_gradient(v, i, p) {
    const m = this.machine, pass = m.passes[p], terms = [], {G} = this.chain(p);
    for (const [root, seed] of pass.roots) {
      if (root === v) terms.push({product: this.current[seed].d[i], factors: [{name: `∂${m.values[root].n}/∂${m.values[root].n}`, index: unravel(i, m.values[v].s), value: this.current[seed].d[i]}]});
    }
    const done = new Set();
    for (const [row, k] of m.users[v]) {
      if (row.number >= pass.end || !row.f[k] || !G.has(row.o)) continue;
      const g = G.get(row.o), key = row.number + ',' + k;
      if (done.has(key)) continue;
      done.add(key);
      m.links(row, this.current, (o, kk, ii, d, fk, fi) => {
        if (kk !== k || ii !== i) return;
        if (VIEWS.has(row.op) && d === 1) { terms.push(...this.terms_of_gradient(row.o, o, p)); return; }
        const local = fk !== undefined && row.i[fk].v !== undefined ? this.factor(row.i[fk].v, fi)
          : {name: row.title ? `${row.title}: ∂${m.values[row.o].n}/∂${m.values[v].n}` : `∂${m.values[row.o].n}/∂${m.values[v].n}`, index: [...unravel(o, m.values[row.o].s), ...unravel(i, m.values[v].s)], value: d, row: row.number};
        const factors = [this.factor(row.o, o, p)];
        if (d !== 1 || fk !== undefined) factors.push(local);
        terms.push({product: g[o] * d, factors, row: row.number, o});
      }, {k, i});
    }
    const passed = m.passed.get(v);
    if (passed && passed.number < pass.end && G.has(passed.o)) terms.push(...this.terms_of_gradient(passed.o, i, p));
    for (const [later, first] of pass.same) if (first === v) terms.push({product: G.get(later)[i], factors: [this.factor(later, i, p)]});
    for (const [at, k, d] of pass.given) {
      const row = m.rows[at];
      if (row.i[k].v === v && G.has(row.o) && d[i]) terms.push({product: d[i], factors: [{name: `${row.title}.backward`, index: unravel(i, m.values[v].s), value: d[i]}], row: at});
    }
    for (const hook of pass.hooked.get(v) || []) if (typeof hook === 'number') terms.forEach(t => { t.product *= hook; t.factors.push({name: 'hook', index: [], value: hook}); });
    else if (hook) terms.push({product: hook[i], factors: [{name: 'added by a hook', index: unravel(i, m.values[v].s), value: hook[i]}]});
    const old = this.before(v, p, i), stored = this.stored(v, p);
    if (stored && stored[2] !== null) terms.push({product: old, factors: [{name: m.values[stored[2]].n || '.grad before', index: unravel(i, m.values[v].s), value: old}]});
    return terms;
  }
  terms_of_value(v, i) {
    const m = this.machine, row = m.maker.get(v), own = this.factor(v, i);
    if (!row || !row.made) return [{product: own.value, factors: [own]}];
    const kind = OPS[row.op].kind, terms = [], linear = ['products', 'sum', 'selection'].includes(kind) || ['add', 'sub', 'mul', 'neg', 'descend', 'div'].includes(row.op);
    const inputs = () => row.i.filter(x => x.v !== undefined).map(x => {
      const at = spread(m.values[x.v].s, m.values[v].s), s = m.values[x.v].s;
      return size(s) === 1 || s.length <= m.values[v].s.length && OPS[row.op].kind === 'elementwise' ? this.factor(x.v, at ? at[i] : i) : {name: m.values[x.v].n, index: null, value: null};
    });
    if (linear && ['products', 'sum', 'selection'].includes(kind)) {
      const all = {...this.machine.context(row, this.current), flows: row.i.map((_, k) => k !== 1 || kind !== 'products')};
      (OPS[row.op].links).call(OPS[row.op], all, (o, k, j, d, fk, fi) => {
        if (o !== i) return;
        const x = row.i[k], w = x.v === undefined ? {name: 'number', index: [], value: x.number.d[0]} : this.factor(x.v, j);
        if (VIEWS.has(row.op) && x.v !== undefined) { terms.push(...this.terms_of_value(x.v, j)); return; }
        const factors = [w];
        if (fk !== undefined) factors.push(row.i[fk].v === undefined ? {name: 'number', index: [], value: d} : this.factor(row.i[fk].v, fi));
        else if (d !== 1) factors.push({name: 'number', index: [], value: d});
        terms.push({product: d * w.value, factors, row: row.number});
      }, {o: i});
      return terms;
    }
    const at = k => {
      const x = row.i[k];
      if (x.v === undefined) return {name: 'number', index: [], value: x.number.d[0]};
      const map = spread(m.values[x.v].s, m.values[v].s);
      return this.factor(x.v, map ? map[i] : i);
    };
    if (row.op === 'mul') return [{product: at(0).value * at(1).value, factors: [at(0), at(1)], row: row.number}];
    if (row.op === 'add' || row.op === 'sub') {
      const sign = row.op === 'sub' ? -1 : 1, b = at(1);
      return [{product: at(0).value, factors: [at(0)], row: row.number}, {product: sign * b.value, factors: sign < 0 ? [{name: '−1', index: [], value: -1}, b] : [b], row: row.number}];
    }
    if (row.op === 'descend') {
      const [x, y, rate] = [at(0), at(1), at(2)];
      return [{product: x.value, factors: [x], row: row.number}, {product: -(y.value * rate.value), factors: [{name: '−1', index: [], value: -1}, y, rate], row: row.number}];
    }
    return [{product: own.value, factors: [{...own, name: `${row.op}(…)`}], inputs: inputs(), row: row.number}];
  }
}
