// The ledger: one row an op, forward in the order in which it was done, then back.
const line_of = row => page.machine.program.lines[row.line] || ['', 0, ''];
const op_name = row => row.title || row.op;
const nice = v => page.machine.values[v].n || `#${v}`;
function source(row) {
  const [file, number, text] = line_of(row);
  return h('span', {class: 'source', title: text}, h('code', {}, text), h('span', {class: 'place'}, file ? `${file}:${number}` : ''));
}
// Where to read on. A page of the site leads there; one that stands alone says what to look for.
function read_on(op) {
  const {links, site} = page.machine.program, [family, ...lessons] = links.ops[op] || [];
  if (!family) return null;
  const here = family.replace(/_/g, ' '), told = lessons.map(name => [name, ...links.lessons[name]]);
  if (site) return h('p', {class: 'read-on'}, 'Read on: ', h('a', {href: `${site}ops/${family}.html#op-${op.replace(/_/g, '-')}`}, `${op} in the table of derivatives`),
    told.map(([name, title, file]) => [' · ', h('a', {href: `${site}lessons/${file}.html`, title}, `lesson ${name}`)]));
  return h('p', {class: 'read-on'}, `In the table of derivatives: ${here}, `, h('code', {}, op), told.map(([name, title]) => [' · lesson ', h('code', {title}, `python -m minigrad lesson ${name}`)]));
}
function lazy(details, build) {
  details.fill = () => { details.dataset.built = '1'; details.append(build()); };
  details.addEventListener('toggle', () => {
    if (details.open && !details.dataset.built) details.fill();
    if (details.open && !matchMedia('print').matches) select(Number(details.dataset.step), true);
  });
  details.rebuild = () => {
    if (!details.dataset.built) return;
    while (details.children.length > 1) details.lastChild.remove();
    delete details.dataset.built;
    if (details.open) details.fill();
  };
  return details;
}
const steps = [];  // what the slider goes through: rows and folds
let rows_told = 0;
function step_row(kind, row, head, build) {
  const number = steps.length;
  const details = h('details', {class: `row ${kind} ${VIEWS.has(row.op) ? 'view' : ''}`, 'data-step': number, id: `step${number}`},
    h('summary', {}, h('span', {class: 'number'}, ++rows_told), h('span', {class: 'op'}, op_name(row)), h('span', {class: 'gives'}, head), source(row)));
  steps.push({kind, row, details, label: rows_told});
  return lazy(details, build);
}
// Rows that stand for one thing: a module, a step in time, what belongs to a weight. What is inside is
// in the order in which it is told; `make` builds a row, or nothing if it has no part here.
const KINDS_OF_FOLDS = {module: 'module', step: '', weight: 'update of'};
const within = [];  // the modules whose folds are being built: their rows need not say it
const rows_in = part => typeof part === 'number' ? [part] : part.in.flatMap(rows_in);
function folded(parts, kind, make, has, backwards) {
  const order = backwards ? parts.slice().reverse() : parts;
  return order.map(part => {
    if (typeof part === 'number') return has(part) ? make(page.machine.rows[part]) : null;
    const inside = rows_in(part).filter(has);
    if (!inside.length) return null;
    if (inside.length === 1) return make(page.machine.rows[inside[0]]);
    const number = steps.length, start = rows_told + 1, rows = inside.map(n => page.machine.rows[n]), last = rows[rows.length - 1];
    const result = kind === 'backward' ? '' : `→ ${nice(last.o)}`;
    const details = h('details', {class: `fold ${kind}`, 'data-step': number, id: `step${number}`},
      h('summary', {}, KINDS_OF_FOLDS[part.k] ? h('span', {class: 'kind'}, KINDS_OF_FOLDS[part.k]) : null, h('span', {class: 'call'}, part.t), h('span', {class: 'quiet'}, `${rows.length} ops ${result}`), h('span', {class: 'shape'}, result ? shaped(page.machine.values[last.o].s) : '')));
    details.rebuild = () => {};
    details.addEventListener('toggle', () => { if (!matchMedia('print').matches) select(number, true); });
    const entry = {kind: 'fold', of: kind, row: last, rows, details, fold: part.id};
    steps.push(entry);
    if (part.k === 'module') within.push(part.t);
    details.append(h('div', {class: 'folded'}, folded(part.in, kind, make, has, backwards)));
    if (part.k === 'module') within.pop();
    entry.end = steps.length;
    entry.label = `${start}–${rows_told}`;
    return details;
  });
}
const around = details => {  // the folds that a row stands in, from the innermost
  const found = [];
  for (let el = details.parentElement.closest('details.fold'); el; el = el.parentElement.closest('details.fold')) found.push(el);
  return found;
};
function given(row) {
  return row.i.map((x, k) => x.v === undefined ? h('figure', {class: 'tensor value'}, h('figcaption', {}, h('span', {class: 'name'}, 'number')), h('span', {class: 'lone'}, short(x.number.d[0], 6)))
    : name_of(x.v) ? tensor(page, name_of(x.v)) : plain_tensor(x.v));
}
const name_of = v => page.machine.values[v].n;
function plain_tensor(v, caption, kind = 'value') {  // a value that has no name: of backward
  const x = page.current[v], cols = x.s.length ? x.s[x.s.length - 1] : 1, box = h('figure', {class: `tensor ${kind}`}, h('figcaption', {}, h('span', {class: 'name'}, caption || `#${v}`), h('span', {class: 'shape'}, shaped(x.s))));
  const n = Math.min(x.d.length, 60), top = scale_of(x.d), body = h('tbody');
  for (let i = 0; i < n; i += cols) body.append(h('tr', {}, Array.from({length: Math.min(cols, n - i, 10)}, (_, k) => h('td', {css: {'--tint': tint(x.d[i + k], top, kind)}}, short(x.d[i + k], 4)))));
  box.append(h('div', {class: 'scroll'}, h('table', {class: 'cells plain'}, body)));
  if (x.d.length > n) box.append(h('span', {class: 'quiet'}, `${x.d.length} numbers`));
  return box;
}
// A write that no tape has seen: under no_grad, through .data or through detach().
const PAST = {
  node: 'Written past the tape: backward does not know of it. The gradient of what stands here now passes on unchanged to what stood here before, in minigrad as in PyTorch, and the numeric column holds what was written.',
  apart: 'The same numbers in the same memory, as another leaf: backward tells the two apart.',
  leaf: 'Written past the tape: backward does not know of it. What comes to the old numbers and to the new ones is added up, in minigrad as in PyTorch, and the numeric column holds what was written.',
};
const past_told = row => row.past ? h('p', {class: 'note'}, PAST[row.past]) : null;
function forward_row(row) {
  const names = (row.title ? row.i.slice(0, -1) : row.i).map(x => x.v === undefined ? short(x.number.d[0]) : nice(x.v)).join(', ');
  const told = [row.module === within[within.length - 1] ? '' : row.module, row.call && row.call !== row.op ? row.call : ''].filter(Boolean).join(' · '), where = told ? h('span', {class: 'module'}, told) : null;
  return step_row('forward', row, [h('span', {class: 'call'}, `${nice(row.o)} = ${op_name(row)}(${names})`), where], () => {
    const told = page.machine.program.rules[row.op] || {}, flows = row.i.map((x, k) => [x, k]).filter(([x, k]) => x.v !== undefined && row.f[k]);
    return h('div', {class: 'body'},
      h('p', {class: 'formula'}, told.y ? math(told.y, true) : null),
      h('div', {class: 'tensors'}, given(row), h('div', {class: 'leads'}, h('span', {class: 'arrow', 'aria-hidden': 'true'}, '→'), tensor(page, nice(row.o)))),
      row.title ? h('p', {class: 'quiet'}, row.sealed ? 'A function of your own, computed outside of minigrad: after an edit the page goes on along the slopes that it had.' : 'A function of your own: the ops before this row are its forward, and what they made is its result.') : null,
      past_told(row),
      row.drawn ? h('p', {class: 'quiet'}, 'Random numbers, as they were drawn.') : null,
      flows.length ? h('details', {class: 'inner'}, h('summary', {}, 'local Jacobian'), flows.map(([, k]) => jacobian(page, row, k))) : null,
      read_on(row.op));
  });
}
function past_row(row, p) {
  const [from, to] = [row.o, row.into].map(v => page.grad_name(v, p));
  return step_row('backward', row, h('span', {class: 'call'}, `${to}  ←  ${from}`), () => h('div', {class: 'body'}, past_told(row),
    h('div', {class: 'tensors'}, tensor(page, from, {hidden: predicting}), h('div', {class: 'leads'}, h('span', {class: 'arrow', 'aria-hidden': 'true'}, '→'), tensor(page, to, {hidden: predicting})))));
}
function backward_row(row, p) {
  if (row.past) return past_row(row, p);
  const pass = page.machine.passes[p], made = page.machine.rows.filter(r => r.by && r.by[0] === row.number && r.number >= pass.end);
  const goals = row.i.map((x, k) => [x, k]).filter(([x, k]) => x.v !== undefined && row.f[k]);
  const head = h('span', {class: 'call'}, `${goals.map(([x]) => page.grad_name(x.v, p)).join(', ')}  ←  ${page.grad_name(row.o, p)}`);
  return step_row('backward', row, head, () => {
    const told = page.machine.program.rules[row.op] || {rules: {}, operands: []};
    const rules = goals.map(([, k]) => told.rules[told.operands[k] || told.more]).filter(Boolean);
    return h('div', {class: 'body'},
      row.title ? h('p', {class: 'formula'}, `G · the local Jacobian of ${row.title}, as its own backward gives it`) : null,
      hook_told(row.o, p), goals.map(([x]) => m_hook(x.v, p)),
      rules.map(rule => h('p', {class: 'formula'}, math(rule, true))),
      h('div', {class: 'tensors'}, tensor(page, page.grad_name(row.o, p), {caption: `G = ${page.grad_name(row.o, p)}`, hidden: predicting}),
        h('div', {class: 'leads'}, h('span', {class: 'arrow', 'aria-hidden': 'true'}, '→'), goals.map(([x]) => tensor(page, page.grad_name(x.v, p), {hidden: predicting})))),
      goals.map(([x]) => consumers(x.v, p)),
      h('details', {class: 'inner'}, h('summary', {}, `what minigrad did: ${made.length} op${made.length === 1 ? '' : 's'}`),
        made.map(r => h('p', {class: 'did'}, h('span', {class: 'op'}, r.op), h('span', {class: 'quiet'}, r.by[1] === 'sum' ? 'added up: broadcasting is summed back, shares of several consumers are added' : 'by the rule'), plain_tensor(r.o, 'result', 'gradient')))),
      h('details', {class: 'inner'}, h('summary', {}, 'local Jacobian'), goals.map(([, k]) => jacobian(page, row, k))),
      read_on(row.op));
  });
}
function hook_told(v, p) {
  return (page.machine.passes[p].hooked.get(v) || []).map(hook => h('p', {class: 'note'}, typeof hook === 'number' ? `A hook multiplies ${page.grad_name(v, p)} by ${short(hook, 6)}.` : `A hook changes ${page.grad_name(v, p)}: what it adds is a term of its own.`));
}
const m_hook = (v, p) => page.machine.maker.has(v) ? null : hook_told(v, p);  // of a leaf
function consumers(v, p) {
  const pass = page.machine.passes[p], users = page.machine.users[v].filter(([r, k]) => r.number < pass.end && r.f[k] && page.chain(p).G.has(r.o));
  if (users.length < 2) return null;
  return h('p', {class: 'quiet'}, `${nice(v)} is used ${users.length} times, so its gradient is a sum of ${users.length}: through ${users.map(([r]) => nice(r.o)).join(', ')}.`);
}
function update_row(row) {
  const names = row.i.map(x => x.v === undefined ? short(x.number.d[0]) : name_of(x.v) || grads_name(x.v) || `#${x.v}`).join(', ');
  const goal = row.into !== undefined ? (name_of(row.into) || `#${row.into}`) : (name_of(row.o) || `#${row.o}`);
  return step_row('update', row, h('span', {class: 'call'}, `${goal} ← ${row.op}(${names})`), () => {
    const told = page.machine.program.rules[row.op] || {};
    return h('div', {class: 'body'}, h('p', {class: 'formula'}, told.y ? math(told.y, true) : null),
      h('div', {class: 'tensors'}, row.i.map(x => x.v === undefined ? null : name_of(x.v) ? tensor(page, name_of(x.v)) : plain_tensor(x.v, grads_name(x.v), grads_name(x.v) ? 'gradient' : 'value')), h('div', {class: 'leads'}, h('span', {class: 'arrow', 'aria-hidden': 'true'}, '→'), plain_tensor(row.o, `${goal}, new`))), read_on(row.op));
  });
}
function grads_name(v) {
  for (let p = 0; p < page.machine.passes.length; p++) for (const [leaf, value] of page.machine.passes[p].grads) if (value === v) return page.grad_name(leaf, p);
  return '';
}
function ledger() {
  const m = page.machine, out = [];
  const section = (title, kind, text, rows) => rows.some(Boolean) ? h('section', {class: `part ${kind}`}, h('h2', {}, title), h('p', {class: 'lead'}, text), rows) : null;
  let from = 0;
  m.passes.forEach((pass, p) => {
    const several = m.passes.length > 1 ? ` ${p + 1}` : '';
    const forward = m.rows.filter(r => r.number >= from && r.number < pass.end && r.phase === 0);
    const folds = m.program.folds, set = rows => { const own = new Set(rows.map(r => r.number)); return n => own.has(n); };
    const lead = rows => rows.length > 40 ? ' Folds open on a click, or with Enter.' : '';
    out.push(section(`Forward${several}`, 'forward', `Every op in the order in which it was done.${lead(forward)}`, folded(folds.forward, 'forward', forward_row, set(forward))));
    const seen = page.reaches(p), back = m.rows.filter(r => r.number < pass.end && seen.has(r.o) && r.walked);
    out.push(section(`Backward${several}`, 'backward', `The same ops in reverse: each hands its gradient on to what it was made of.${lead(back)}`, folded(folds.forward, 'backward', r => backward_row(r, p), set(back), true)));
    const next = p + 1 < m.passes.length ? m.passes[p + 1].end : m.rows.length;
    const updates = m.rows.filter(r => r.number >= pass.end && r.number < next && r.phase === 2);
    out.push(section(`Update${several}`, 'update', 'The optimizer moves the weights.', folded(folds.update, 'update', update_row, set(updates))));
    from = pass.end;
  });
  if (!m.passes.length) out.push(section('Forward', 'forward', 'Every op in the order in which it was done.', m.rows.map(forward_row)));
  return out;
}
function open_row(n) {
  const at = steps.findIndex(s => s.kind === 'forward' && s.row.number === n);
  if (at < 0) return;
  around(steps[at].details).forEach(el => { el.open = true; });
  select(at);
}
