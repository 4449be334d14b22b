// Does every case again and compares. What nothing is summed in is told in units in the last place,
// the rest in units of the sum of its terms' sizes.
function array_of({s, t, d}, wide) {
  const bytes = Uint8Array.from(atob(d), ch => ch.charCodeAt(0)).buffer;
  const kind = {f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array, b1: Uint8Array}[t] || Float64Array;
  return {s, t, d: new kind(bytes)};
}
function decoded(p) {
  if (Array.isArray(p)) return p.map(decoded);
  if (p && typeof p === 'object') {
    if ('$' in p) return {inf: Infinity, '-inf': -Infinity, nan: NaN}[p.$];
    return Object.fromEntries(Object.entries(p).map(([k, v]) => [k, decoded(v)]));
  }
  return p;
}
function sweep(cases) {  // params and types as the page has them
  const worst = {}, failures = [];
  for (const one of cases) {
    const told = worst[one.op] || (worst[one.op] = {op: one.op, kind: OPS[one.op] && OPS[one.op].kind, n: 0, raw: 0, terms: 0});
    told.n++;
    try {
      const xs = one.xs.map(x => x && typeof x === 'object' && 's' in x ? array_of(x) : {s: [], t: 'f8', d: [Number(decoded(x))]});
      const want = array_of(one.out), out = make(one.out.t, one.out.s), p = decoded(one.p);
      const c = {op: one.op, xs, out, p, K: KINDS[(xs.find(x => x.s.length || x.t !== 'f8') || out).t] || KINDS.f8, flows: one.xs.map(x => x !== null && typeof x === 'object' && isFloat(x.t || '')), like: want.d};
      OPS[one.op].f(c);
      finish(out);
      const S = new Float64Array(out.d.length), N = new Float64Array(out.d.length);
      if (OPS[one.op].links) OPS[one.op].links(c, (o, k, i, d) => { S[o] += Math.abs(d * xs[k].d[i]); N[o]++; });
      const eps = ULP[out.t] || 1;
      let scale = 0;
      for (const x of xs) for (const v of x.d) if (Number.isFinite(v)) scale = Math.max(scale, Math.abs(v));
      for (let o = 0; o < out.d.length; o++) {
        const a = out.d[o], b = want.d[o];
        if (Object.is(a, b) || (a === b)) continue;
        const gap = Math.abs(a - b), ulp = Math.max(Math.abs(b), KINDS[out.t] && KINDS[out.t].tiny || 1) * eps;
        const raw = gap !== gap || gap === Infinity ? Infinity : gap / ulp;
        const summed = Math.max(S[o] || 0, Math.abs(b), OPS[one.op].kind === 'matrices' ? scale : 0) * eps;
        const terms = gap !== gap || gap === Infinity ? Infinity : gap / (summed || ulp) / (1 + Math.sqrt(N[o]) / 32);
        if (terms > told.terms || (terms === Infinity && !told.example)) told.example = [JSON.stringify(one.p), JSON.stringify(one.xs.map(x => x && x.s || x)), one.out.t, o, a, b, xs.map(x => x.d.length < 9 ? Array.from(x.d) : x.d.length)];
        told.raw = Math.max(told.raw, raw); told.terms = Math.max(told.terms, terms);
      }
    } catch (error) { failures.push([one.op, String(error.stack).split('\n').slice(0, 3).join(' | '), JSON.stringify(one.p)]); }
  }
  return {worst: Object.values(worst), failures};
}
