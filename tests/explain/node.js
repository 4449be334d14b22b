// For each program, what the page says of the gradients of leaves: in Node, without a page around it.
let page;
function told_of(program) {
  page = new Page(program);
  const found = [];
  page.machine.passes.forEach((pass, p) => pass.grads.forEach(([leaf]) => {
    const v = page.machine.values[leaf], n = size(v.s), G = page.chain(p).G.get(leaf);
    if (!G) { found.push({name: v.n, missing: true}); return; }
    const name = page.grad_name(leaf, p), B = page.bounds(p).B.get(leaf), top = Math.max(...G.map(Math.abs), 1e-6);
    const one = {name, s: v.s, page: [], beyond: 0, numeric: 0, sums: 0};
    for (let i = 0; i < n; i++) {
      const own = page.value(name, i), theirs = page.minigrad(name, i), {terms} = page.why(name, i);
      one.page.push(own);
      if (!(Math.abs(own - theirs) <= B[i])) one.beyond++;
      one.sums = Math.max(one.sums, Math.abs(terms.reduce((a, t) => a + t.product, 0) - own) / (terms.reduce((a, t) => a + Math.abs(t.product), 0) || 1));
      for (const t of terms) one.sums = Math.max(one.sums, Math.abs(t.factors.reduce((a, f) => a * f.value, 1) - t.product) / (Math.abs(t.product) || 1));
      if (i < 4) { const f = page.numerically(name, i); if (!f.kink) one.numeric = Math.max(one.numeric, Math.abs(f.value - own) / top); }
    }
    found.push(one);
  }));
  return {tensors: page.tensors(), found};
}
console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map(told_of)));
