// The graph: boxes where the drawing has them, and where the reader is. A fold is a box, and has a
// graph of its own inside.
let boxes = [], graph_of = 0;
function fold_path(id, parts = page.machine.program.folds.forward) {  // the folds from the whole to one
  for (const part of parts) {
    if (typeof part === 'number') continue;
    if (part.id === id) return [part];
    const inner = fold_path(id, part.in);
    if (inner) return [part, ...inner];
  }
  return null;
}
function show_graph(id) {
  graph_of = id;
  const path = id ? fold_path(id) : [];
  const way = path.length ? h('nav', {class: 'crumbs', 'aria-label': 'where the graph is'}, button('the whole step', () => { show_graph(0); mark(place_now); }, {class: 'link'}),
    path.map((part, i) => [' › ', i === path.length - 1 ? h('b', {}, part.t) : button(part.t, () => { show_graph(part.id); mark(place_now); }, {class: 'link'})])) : null;
  graph_box.replaceChildren(...[way, graph(page.machine.program.drawings[id])].filter(Boolean));
}
function enter(fold) {  // a box of a fold was chosen: its inside, here and in the ledger
  show_graph(fold);
  const at = steps.findIndex(s => s.kind === 'fold' && s.fold === fold);
  if (at >= 0) { around(steps[at].details).forEach(el => { el.open = true; }); steps[at].details.open = true; select(at); }
  const first = graph_box.querySelector('.crumbs button');
  if (first) first.focus({preventScroll: true});
}
function graph(d) {
  const svg = h('svg', {class: 'graph', viewBox: `-6 -6 ${d.width + 12} ${d.height + 12}`, role: 'group', 'aria-label': 'the graph of the forward pass'});
  svg.style.setProperty('max-width', `${Math.round(d.width + 12)}px`);
  svg.style.setProperty('min-width', `${Math.round((d.width + 12) * 0.72)}px`);
  for (const [, to, path] of d.edges) svg.append(h('path', {d: path, class: 'edge', 'data-to': to}));
  boxes = d.boxes.map(box => {
    const v = page.machine.values[box.v], row = box.row === undefined ? null : page.machine.rows[box.row], root = page.machine.passes.some(pass => pass.roots.some(([r]) => r === box.v));
    const room = Math.floor((box.w - 12) / 5.6), cut = (text, n) => text.length > n ? text.slice(0, n - 1) + '…' : text, x = box.x - box.w / 2, y = box.y - box.h / 2;
    const title = box.title || nice(box.v), what = v.s.length ? v.s.join('×') : short(page.current[box.v].d[0]), named = nice(box.v).startsWith(title) || box.kind !== 'op' ? what : `${nice(box.v)} ${what}`;
    const told = box.fold ? `${title}: ${rows_in(fold_path(box.fold).pop()).length} ops, open` : row ? `${title}: ${nice(box.v)}` : title;
    const g = h('g', {class: `box ${box.kind} ${root ? 'root' : ''}`, tabindex: 0, role: 'button', 'aria-label': told},
      box.fold ? h('rect', {x: x + 4, y: y + 4, width: box.w, height: box.h, rx: 7, class: 'behind'}) : null,
      h('rect', {x, y, width: box.w, height: box.h, rx: box.row !== undefined || box.fold ? 7 : 17}),
      h('text', {x: box.x, y: box.y - 3, class: title.length * 6.4 > box.w - 8 ? 'title long' : 'title'}, cut(title, Math.floor((box.w - 8) / 5.1))),
      h('text', {x: box.x, y: box.y + 11, class: 'sub'}, cut(named, room)),
      h('title', {}, row ? line_of(row)[2] : told));
    const go = () => { if (box.fold) enter(box.fold); else if (row) open_row(row.number); else explain_number(nice(box.v), v.s.map(() => 0)); };
    g.addEventListener('click', go);
    g.addEventListener('keydown', e => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); go(); } });
    svg.append(g);
    return {box, g, outs: box.fold ? rows_in(fold_path(box.fold).pop()).map(n => page.machine.rows[n].o) : [box.v]};
  });
  return svg;
}
function mark(step) {
  const now = steps[step], closed = now && now.kind === 'fold' && !now.details.open;
  const forward = new Set(), back = new Set();
  steps.slice(0, closed ? now.end : step + 1).forEach(s => { if (s.kind === 'forward') forward.add(s.row.o); else if (s.kind === 'backward') back.add(s.row.o); });
  if (now && (now.kind === 'forward' || now.kind === 'backward') && !boxes.some(({box, outs}) => (box.kind === 'op' || box.kind === 'fold') && outs.includes(now.row.o))) {
    const fold = around(now.details)[0], id = fold ? steps[Number(fold.dataset.step)].fold : 0;
    if (id !== graph_of) { show_graph(id); mark(step); return; }  // the cursor has left what is drawn
  }
  boxes.forEach(({box, g, outs}) => {
    g.classList.toggle('done', box.kind === 'op' || box.kind === 'fold' ? outs.some(v => forward.has(v)) : true);
    g.classList.toggle('back', outs.some(v => back.has(v)));
    const here = now && (now.kind === 'fold' ? now.of !== 'update' && box.fold === now.fold : now.kind !== 'update' && outs.includes(now.row.o));
    g.classList.toggle('now', Boolean(here) && (box.kind === 'op' || box.kind === 'fold'));
  });
}
