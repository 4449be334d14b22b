// Predict, break it, train on, and the table of checks.
// Wrong rules, by the classes of fault that the gradient checker knows.
const FAULTS = {
  sign: ['the sign is wrong', () => (g, o, i, d) => -g[o] * d],
  twice: ['a factor of 2 too much', () => (g, o, i, d) => 2 * g[o] * d],
  dropped: ['the incoming gradient is left out', () => (g, o, i, d) => d],
  local: ['the local derivative is left out', () => (g, o) => g[o]],
  batch: ['only the first sample counts: the sum over the batch is forgotten', row => {
    const s = page.machine.values[row.o].s, each = s.length > 1 ? size(s.slice(1)) : Infinity;
    return (g, o, i, d) => o < each ? g[o] * d : 0;
  }],
  small: ['0.05 % too much', () => (g, o, i, d) => 1.0005 * g[o] * d],
  one: ['one number of many is 1 % off', () => (g, o, i, d) => (i === 0 ? 1.01 : 1) * g[o] * d],
};
function broken_gradients(row, k, fault, p) {
  return page.machine.chain(page.current, page.machine.passes[p], {row: row.number, k, f: FAULTS[fault][1](row)});
}
function checks(row, k, fault, p) {
  const m = page.machine, pass = m.passes[p], wrong = broken_gradients(row, k, fault, p), right = page.chain(p), bounds = page.bounds(p);
  const leaves = pass.grads.map(([leaf]) => leaf).filter(v => wrong.G.has(v));
  let page_sees = 0, strict = 0, loose = 0, ones = 0, along = 0, size_along = 0, seed = 1;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647 - 0.5; };
  for (const v of leaves) {
    const a = wrong.G.get(v), b = right.G.get(v), B = bounds.B.get(v) || [];
    let sum = 0, size_sum = 0;
    for (let i = 0; i < a.length; i++) {
      const gap = Math.abs(a[i] - b[i]);
      if (gap > (B[i] || 0) + 1e-300) page_sees++;
      if (gap > 1e-7 * Math.abs(b[i]) + 1e-12) strict++;
      if (gap > 1e-3 * Math.abs(b[i]) + 1e-5) loose++;
      const u = random();
      along += (a[i] - b[i]) * u; size_along += Math.abs(b[i] * u);
      sum += a[i] - b[i]; size_sum += Math.abs(b[i]);
    }
    if (Math.abs(sum) > 1e-2 * size_sum) ones++;
  }
  return [
    ['this page, number by number, to within rounding', page_sees > 0, page_sees ? `${page_sees} numbers differ` : ''],
    ['differences, extrapolated, every number (minigrad.gradcheck)', strict > 0, strict ? `${strict} numbers differ by more than 1e-7` : ''],
    ['gradcheck with a tolerance of 1e-3 (PyTorch’s default)', loose > 0, ''],
    ['one random direction (fast checks)', Math.abs(along) > 1e-3 * size_along, ''],
    ['sums with a tolerance of 1 %', ones > 0, ''],
  ];
}
// The loss over some steps with these gradients in the place of minigrad's.
function curve(change, n) {
  const m = page.machine, kept = m.start, losses = [];
  m.start = kept.slice();
  for (let t = 0; t <= n; t++) {
    const run = m.start.map(x => x);
    let p = 0, at = -1;
    for (const row of m.rows) {
      while (p < m.passes.length && row.number >= m.passes[p].end) {
        const pass = m.passes[p], found = m.chain(run, pass, change && change.p === p ? change : undefined);
        for (const [leaf, value, before] of pass.grads) {
          const g = found.G.get(leaf), d = buffer(m.values[leaf].t, run[leaf].d.length);
          for (let i = 0; i < d.length; i++) d[i] = (g ? g[i] : 0) + (before !== null ? run[before].d[i] : 0);
          run[value] = {s: run[leaf].s, t: m.values[leaf].t, d};
        }
        at = p++;
      }
      if (row.phase === 1 && at >= 0 && (m.passes[at].grads.some(g => g[1] === row.o))) continue;
      m.compute(row, run, false);
    }
    losses.push(m.passes.length ? run[m.passes[m.passes.length - 1].roots[0][0]].d[0] : NaN);
    m.advance(run);
  }
  m.start = kept;
  return losses;
}
function chart(lines) {
  const all = lines.flatMap(l => l.y).filter(Number.isFinite), low = Math.min(...all), high = Math.max(...all), span = high - low || 1, W = 360, H = 120;
  const at = (y, i, n) => `${(36 + i / (n - 1 || 1) * (W - 44)).toFixed(1)},${(H - 16 - (Math.min(Math.max(y, low), high) - low) / span * (H - 26)).toFixed(1)}`;
  return h('svg', {class: 'chart', viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': lines.map(l => `${l.name}: ${short(l.y[0])} to ${short(l.y[l.y.length - 1])}`).join('; ')},
    h('line', {x1: 36, y1: H - 16, x2: W - 8, y2: H - 16}), h('text', {x: 32, y: 14, class: 'tick'}, short(high, 3)), h('text', {x: 32, y: H - 16, class: 'tick'}, short(low, 3)), h('text', {x: W - 8, y: H - 3, class: 'tick'}, `${lines[0].y.length - 1} steps`),
    lines.map(l => h('polyline', {class: l.kind, points: l.y.map((y, i) => Number.isFinite(y) ? at(y, i, l.y.length) : '').filter(Boolean).join(' ')})));
}
function break_panel() {
  const m = page.machine, options = [];
  m.passes.forEach((pass, p) => m.rows.forEach(r => { if (r.number < pass.end && page.reaches(p).has(r.o)) r.i.forEach((x, k) => { if (r.f[k] && x.v !== undefined) options.push([p, r, k]); }); }));
  const told = ([p, r, k]) => `${op_name(r)}: ∂${nice(r.o)}/∂${nice(r.i[k].v)}${m.passes.length > 1 ? ` (pass ${p + 1})` : ''}`;
  const where = h('select', {'aria-label': 'the rule to break'}, options.map((o, n) => h('option', {value: n}, told(o))));
  const what = h('select', {'aria-label': 'the fault'}, Object.entries(FAULTS).map(([key, [text]]) => h('option', {value: key}, text)));
  const result = h('div', {class: 'broken', 'aria-live': 'polite'});
  const go = () => {
    const [p, row, k] = options[Number(where.value)];
    const fault = what.value, change = {row: row.number, k, p, f: FAULTS[fault][1](row)}, n = m.rows.length > 120 || size(m.values[row.o].s) > 2000 ? 8 : 40;
    const found = checks(row, k, fault, p), wrong = broken_gradients(row, k, fault, p), right = page.chain(p);
    const worst = m.passes[p].grads.map(([leaf]) => { const a = wrong.G.get(leaf), b = right.G.get(leaf); let gap = 0, at = 0; if (a) a.forEach((x, i) => { if (Math.abs(x - b[i]) > gap) { gap = Math.abs(x - b[i]); at = i; } }); return {leaf, gap, at, a, b}; });
    result.replaceChildren(
      h('table', {class: 'checks'}, h('tbody', {}, found.map(([name, caught, note]) => h('tr', {class: caught ? 'caught' : 'missed'}, h('td', {}, caught ? '✓ catches it' : '✗ misses it'), h('td', {}, name), h('td', {class: 'quiet'}, note))))),
      h('table', {class: 'checks'}, h('tbody', {}, worst.filter(w => w.gap > 0).map(w => h('tr', {}, h('td', {}, indexed(page.grad_name(w.leaf, p), unravel(w.at, m.values[w.leaf].s))), h('td', {}, `${short(w.a[w.at], 6)} in the place of ${short(w.b[w.at], 6)}`))))),
      m.program.carried.length ? h('figure', {}, h('figcaption', {}, h('span', {class: 'key right'}, 'right'), h('span', {class: 'key wrong'}, 'with the wrong rule')), chart([{name: 'right', kind: 'right', y: curve(null, n)}, {name: 'wrong', kind: 'wrong', y: curve(change, n)}])) : '');
  };
  return h('div', {class: 'mode'}, h('p', {class: 'lead'}, 'Put a wrong rule in the place of the right one, and see which check catches it, and what becomes of training.'),
    h('p', {class: 'controls'}, where, what, button('break it', go, {class: 'strong'})), result);
}
function train_panel() {
  const losses = [page.loss()], out = h('div', {'aria-live': 'polite'}), m = page.machine;
  if (!m.program.carried.length) return h('div', {class: 'mode'}, h('p', {class: 'lead'}, 'This step has no update: explain a step with an optimizer to train on.'));
  const show = () => out.replaceChildren(h('p', {}, `after ${page.steps} step${page.steps === 1 ? '' : 's'} the loss is `, h('b', {}, short(page.loss(), 6))), losses.length > 1 ? chart([{name: 'loss', kind: 'right', y: losses}]) : '');
  const go = n => { for (let k = 0; k < n; k++) { m.advance(page.current); m.edited = true; page.current = m.run(); page.steps++; losses.push(page.loss()); } page.refresh(); show(); };
  page.listeners.push(() => { if (!page.steps) { losses.splice(0, losses.length, page.loss()); } show(); });
  show();
  return h('div', {class: 'mode'}, h('p', {class: 'lead'}, 'The update is done, and the next step begins with the new weights, on the same batch.'),
    h('p', {class: 'controls'}, button('1 step', () => go(1), {class: 'strong'}), button('10 steps', () => go(10)), button('from the start', () => page.reset())), out);
}
// A guess is told apart by what is usually forgotten.
function classify(guess, name, index) {
  const right = page.value(name, index), {v, p, s} = page.look(name), near = x => Number.isFinite(x) && Math.abs(guess - x) <= 2e-3 * Math.max(Math.abs(x), 1e-12) + 1e-9;
  if (near(right)) return ['right', `Right: ${short(right, 8)}.`];
  const found = page.why(name, index), batch = page.machine.passes[p].roots.length ? Math.max(1, ...page.machine.rows.filter(r => r.number < page.machine.passes[p].end).map(r => page.machine.values[r.o].s[0] || 1)) : 1;
  if (near(-right)) return ['wrong', 'The sign is wrong.'];
  if (near(2 * right)) return ['wrong', 'Twice as much: is there a ½ that you left out?'];
  if (near(right / 2)) return ['wrong', 'Half of it: the derivative of a square is 2x.'];
  if (batch > 1 && near(right * batch)) return ['wrong', `${batch} times too much: the mean over the batch divides by ${batch}.`];
  if (batch > 1 && near(right / batch)) return ['wrong', `${batch} times too little: you divided by the batch once too often.`];
  if (s.length === 2 && s[0] === s[1] && near(page.value(name, [index[1], index[0]]))) return ['wrong', 'That is the number of the transposed place.'];
  const one = found.terms.find(t => near(t.product));
  if (found.terms.length > 1 && one) return ['wrong', `That is one term; there are ${found.terms.length} to add up: did you forget to sum over the batch?`];
  for (const t of found.terms) for (const f of t.factors) if (near(f.value)) return ['wrong', `That is ${indexed(f.name, f.index)} alone; the chain rule multiplies it with the rest.`];
  const bare = found.terms.reduce((a, t) => a + (t.factors[1] ? t.factors[1].value : 1), 0);
  if (near(bare)) return ['wrong', 'The incoming gradient is left out.'];
  return ['wrong', guess * right < 0 ? 'Not yet, and the sign is wrong.' : 'Not yet. Open the sum to see its terms.'];
}
function guess(name, index) {
  const field = h('input', {type: 'number', step: 'any', 'aria-label': `your value of ${indexed(name, index)}`}), told = h('p', {class: 'told', 'aria-live': 'polite'});
  const go = () => { if (field.value === '') return; const [state, text] = classify(Number(field.value), name, index); told.className = `told ${state}`; told.textContent = text; };
  field.addEventListener('keydown', e => { if (e.key === 'Enter') go(); });
  const show = () => { predicting = false; show_why(name, index); predicting = true; };
  return h('div', {class: 'why-body'}, h('p', {}, 'What is it? '), h('p', {class: 'controls'}, field, button('check', go, {class: 'strong'}), button('show the sum', show)), told);
}
function predict_panel() {
  const flip = button(predicting ? 'show the gradients' : 'hide the gradients', () => { predicting = !predicting; flip.textContent = predicting ? 'show the gradients' : 'hide the gradients'; redraw(); }, {class: 'strong'});
  return h('div', {class: 'mode'}, h('p', {class: 'lead'}, 'Gradients are hidden. Click on a “?”, work it out from the rule and the values, and type it: what is wrong is told apart.'), h('p', {class: 'controls'}, flip, button('print it as an exercise', () => handout(true)), button('print the solution', () => handout(false))));
}
function check_panel() {
  const m = page.machine, body = h('tbody');
  m.passes.forEach((pass, p) => pass.grads.forEach(entry => {
    const v = entry[0], t = m.values[v].t, n = size(m.values[v].s), G = page.chain(p).G.get(v), S = page.chain(p).S.get(v), B = page.bounds(p).B.get(v) || [];
    if (!G) {
      body.append(h('tr', {}, h('td', {}, `${m.values[v].n}.grad`), h('td', {class: 'quiet'}, shaped(m.values[v].s)), h('td', {class: 'quiet', colspan: 3}, 'minigrad has it; this page cannot show it, as it finds no way to it from what backward began at')));
      return;
    }
    const compare = d => { let worst = 0, beyond = 0; for (let i = 0; i < n; i++) { const gap = Math.abs(d[i] - G[i] - page.before(v, p, i)); if (gap > (B[i] || 0)) beyond++; if (gap) worst = Math.max(worst, gap / ((ULP[t] || 1) * (S[i] || 1e-300))); } return [worst, beyond]; };
    const own = Array.from({length: n}, (_, i) => recorded(v, p, i)[0]), [ulp, beyond] = compare(own), zero = G.every((g, i) => Math.abs(g) <= (B[i] || 0));
    const peer = entry[4] && !m.edited ? compare(peers(entry, t)) : null;
    const places = Array.from({length: Math.min(n, m.rows.length > 100 || n > 2000 ? 2 : 6)}, (_, k) => Math.floor(k * n / 6) % n), cell = h('td', {class: 'quiet'}, button(`try ${places.length}`, () => {
      let worst = 0;
      for (const i of new Set(places)) { const f = page.numerically(page.grad_name(v, p), i); worst = Math.max(worst, f.kink ? 0 : Math.abs(f.value - G[i] - page.before(v, p, i)) / Math.max(Math.abs(G[i]), 1e-3 * scale_of(G))); }
      cell.replaceChildren(`${worst < 1e-5 ? 'agrees' : 'differs'}, ${short(worst, 2)} relative`);
      cell.className = worst < 1e-5 ? 'agrees' : 'differs';
    }, {class: 'link'}));
    body.append(h('tr', {}, h('td', {}, button(page.grad_name(v, p), () => explain_number(page.grad_name(v, p), m.values[v].s.map(() => 0)), {class: 'link'})), h('td', {class: 'quiet'}, shaped(m.values[v].s)),
      h('td', {class: beyond ? 'differs' : zero ? 'zero' : 'agrees'}, beyond ? `${beyond} differ, ${short(ulp, 2)} ulp` : zero ? 'zero to within rounding' : `agrees, ${short(ulp, 2)} ulp`), cell,
      h('td', {class: peer ? peer[1] ? 'differs' : zero ? 'zero' : 'agrees' : 'quiet'}, peer ? peer[1] ? `${peer[1]} differ, ${short(peer[0], 2)} ulp` : zero ? 'zero to within rounding' : `agrees, ${short(peer[0], 2)} ulp` : 'not there')));
  }));
  return h('div', {class: 'mode'}, h('p', {class: 'lead'}, 'Each gradient four times: by minigrad, by this page from the forward pass alone, numerically, and by PyTorch. The gap is told in units in the last place of the sum of its terms’ sizes.'),
    m.passes.flatMap(pass => pass.notes).map(note => h('p', {class: 'note'}, note)),
    h('div', {class: 'scroll'}, h('table', {class: 'checks'}, h('thead', {}, h('tr', {}, ['gradient', 'shape', 'minigrad and this page', 'numeric', 'PyTorch'].map(t => h('th', {}, t)))), body)));
}
