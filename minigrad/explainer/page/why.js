// "Why this number?": the sum behind one number, its factors, and four ways to get it.
const trail = [];
let panel, predicting = false;
function explain_number(name, index, back) {
  if (!back) trail.push([name, index]);
  panel.classList.add('open');
  document.body.classList.add('asking');
  show_why(name, index);
}
function close_why() {
  panel.classList.remove('open');
  document.body.classList.remove('asking');
  trail.length = 0;
}
const jump = f => {
  try { page.look(f.name); } catch { return h('span', {class: 'factor local', title: 'a local derivative'}, h('span', {class: 'who'}, indexed(f.name, f.index)), short(f.value, 6)); }
  const kind = /\.grad(@\d+)?$/.test(f.name) ? 'gradient' : 'value';
  return button([h('span', {class: 'who'}, indexed(f.name, f.index)), short(f.value, 6)], () => explain_number(f.name, f.index), {class: `factor ${kind}`});
};
function show_why(name, index) {
  const {v, p, s} = page.look(name), kind = p === undefined ? 'value' : 'gradient';
  const i = page.flat(s, index), value = page.machine.values[v];
  if (predicting && p !== undefined) { panel.replaceChildren(why_head(name, index, null), guess(name, index)); return; }
  const found = page.why(name, index), body = [];
  body.push(h('p', {class: 'result'}, h('span', {class: `big ${kind}`}, short(found.value, 8)), page.editable(v) && p === undefined ? editor(name, index, found.value) : null));
  if (p !== undefined) body.push(four(name, index, v, i, p));
  if (p !== undefined && moved_off(p)) body.push(page.machine.passes[p].notes.map(note => h('p', {class: 'note'}, note)), h('p', {class: 'note'}, moved_off(p)));
  body.push(h('h3', {}, p === undefined ? (page.machine.maker.has(v) ? 'It is made of' : 'It is given') : 'It is the sum of'));
  body.push(sum_of(found, kind));
  const row = p === undefined ? page.machine.maker.get(v) : null;
  if (row && page.machine.program.rules[row.op]) body.push(h('p', {}, math(page.machine.program.rules[row.op].y)));
  if (p !== undefined) for (const n of [...new Set(found.terms.map(t => t.row).filter(n => n !== undefined))].slice(0, 3)) {
    const r = page.machine.rows[n], told = page.machine.program.rules[r.op], k = r.i.findIndex((x, j) => x.v === v && r.f[j]);
    const operand = told && (told.operands[k] || told.more);
    if (told && told.rules[operand]) body.push(h('p', {class: 'rule'}, h('span', {class: 'op'}, r.op), math(told.rules[operand]), button('show the row', () => open_row(n), {class: 'link'})));
  }
  panel.replaceChildren(why_head(name, index, found.value), h('div', {class: 'why-body'}, body));
}
function why_head(name, index) {
  return h('header', {}, trail.length > 1 ? button('←', () => { trail.pop(); const [a, b] = trail[trail.length - 1]; explain_number(a, b, true); }, {'aria-label': 'back', class: 'back'}) : null,
    h('h2', {tabindex: -1}, 'Why ', h('code', {}, indexed(name, index)), '?'), button('×', close_why, {'aria-label': 'close', class: 'close'}));
}
function editor(name, index, value) {
  const field = h('input', {type: 'number', step: 'any', value: String(value), 'aria-label': `new value of ${indexed(name, index)}`});
  const change = () => { if (field.value !== '') { page.set(name, index, Number(field.value)); } };
  field.addEventListener('change', change);
  return h('label', {class: 'edit'}, 'what if it were ', field);
}
const SHOWN = 64;
function sum_of(found, kind) {
  const terms = found.terms.slice();
  const many = terms.length > SHOWN;
  if (many) terms.sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const list = h('tbody'), line = t => h('tr', {}, h('td', {class: 'product'}, short(t.product, 6)), h('td', {class: 'equals'}, '='),
    h('td', {class: 'factors'}, t.factors.map((f, j) => [j ? h('span', {class: 'times'}, '·') : null, jump(f)]), t.inputs ? [h('span', {class: 'times'}, 'of'), t.inputs.filter(f => f.value !== null).map(jump)] : null));
  terms.slice(0, SHOWN).forEach(t => list.append(line(t)));
  if (many) {
    const rest = terms.slice(SHOWN), total = rest.reduce((a, t) => a + t.product, 0);
    const more = h('tr', {}, h('td', {class: 'product'}, short(total, 6)), h('td', {class: 'equals'}, '='), h('td', {}, `${rest.length} smaller terms `, button('show them', () => { more.replaceWith(...rest.slice(0, 2000).map(line)); }, {class: 'link'})));
    list.append(more);
  }
  const sum = found.terms.reduce((a, t) => a + t.product, 0);
  return h('div', {class: 'scroll'}, h('table', {class: 'terms'}, list, h('tfoot', {}, h('tr', {}, h('td', {class: `product total ${kind}`}, short(sum, 8)), h('td', {class: 'equals'}, ''), h('td', {class: 'quiet'}, found.terms.length === 1 ? 'one term' : `the sum of ${found.terms.length} terms`)))));
}
// Why a gradient need not be the slope of the loss.
function moved_off(p) {
  const m = page.machine, pass = m.passes[p], own = m.rows.filter(r => r.title && page.reaches(p).has(r.o)).map(r => r.title);
  if (pass.hooked.size) return 'A hook changes gradients on the way, so they are not the slopes of the loss, which the numeric column has.';
  return own.length ? `What ${[...new Set(own)].join(', ')} says of its slope is its author’s: the numeric column does not ask it${m.rows.some(r => r.sealed) ? ', but where its forward is no program of ops' : ''}.` : '';
}
// Four columns, and what rounding allows.
function verdict(a, b, bound, unit) {
  const gap = Math.abs(a - b);
  if (Object.is(a, b) || gap === 0 && a === b) return ['same', 'the same number'];
  if (Math.abs(a) <= bound && Math.abs(b) <= bound) return ['zero', 'zero to within rounding'];
  const told = `${short(gap / unit, 2)} ulp of its terms`;
  return gap <= bound ? ['agrees', told] : ['differs', told];
}
function recorded(v, p, i) {  // minigrad's own: as stored, or its rules replayed after an edit
  const stored = page.stored(v, p), m = page.machine;
  if (stored && !m.edited) { stored.own = stored.own || numbers_of(stored[3], m.values[v].t); return [stored.own[i], 'minigrad']; }
  if (stored) return [page.current[stored[1]].d[i], 'minigrad’s rules, replayed'];
  const maker = m.maker.get(v), cot = maker && m.passes[p].cot[maker.number];
  return cot === undefined ? [undefined, 'minigrad'] : [page.current[cot].d[i], 'minigrad’s rules, replayed'];
}
function peers(stored, t) {  // PyTorch's numbers, or minigrad's and the gaps to them
  if (stored.torch) return stored.torch;
  if (typeof stored[4] === 'string') return (stored.torch = numbers_of(stored[4], t));
  const own = numbers_of(stored[3], t), gaps = numbers_of(stored[4].d, 'i1');
  return (stored.torch = Float64Array.from(own, (x, i) => x + gaps[i] * stored[4].unit));
}
function four(name, index, v, i, p) {
  const t = page.machine.values[v].t, own = page.value(name, index), [theirs, label] = recorded(v, p, i);
  const S = page.chain(p).S.get(v)[i], unit = (ULP[t] || 1) * (S || 1e-300);
  const bound = (page.bounds(p).B.get(v) || [])[i] || 8 * unit, found = page.numerically(name, index);
  const stored = page.stored(v, p), peer = stored && stored[4] && !page.machine.edited ? peers(stored, t)[i] : undefined;
  const column = (head, x, [state, told], note) => h('div', {class: `column ${state}`}, h('span', {class: 'head'}, head), h('span', {class: 'number'}, exact(x, t)), h('span', {class: 'state'}, told), note ? h('span', {class: 'quiet'}, note) : null);
  const wide = Math.max(bound, found.error * 4 + 1e-9 * Math.abs(own));
  const numeric = found.kink && Math.abs(found.value - own) > wide
    ? [own >= Math.min(found.left, found.right) - wide && own <= Math.max(found.left, found.right) + wide ? 'zero' : 'differs', `a kink: ${short(found.left)} from the left, ${short(found.right)} from the right`]
    : verdict(found.value, own, wide, unit);
  return h('div', {class: 'four'},
    theirs === undefined ? null : column(label, theirs, verdict(theirs, own, bound, unit)),
    column('this page', own, ['own', 'chain rule']),
    column('numeric', found.value, numeric),
    peer === undefined ? null : column('PyTorch', peer, verdict(peer, own, bound, unit)));
}
