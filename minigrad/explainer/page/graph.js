// The graph: boxes where the drawing has them, and where the reader is.
let boxes = [];
function graph() {
  const d = page.machine.program.drawing, svg = h('svg', {class: 'graph', viewBox: `-6 -6 ${d.width + 12} ${d.height + 12}`, role: 'img', 'aria-label': 'the graph of the forward pass'});
  svg.style.setProperty('max-width', `${Math.round(d.width + 12)}px`);
  svg.style.setProperty('min-width', `${Math.round((d.width + 12) * 0.72)}px`);
  for (const [, to, path] of d.edges) svg.append(h('path', {d: path, class: 'edge', 'data-to': to}));
  boxes = d.boxes.map(box => {
    const v = page.machine.values[box.v], row = box.row === undefined ? null : page.machine.rows[box.row], root = page.machine.passes.some(pass => pass.roots.some(([r]) => r === box.v));
    const cut = (text, n) => text.length > n ? text.slice(0, n - 1) + '…' : text, x = box.x - box.w / 2, y = box.y - box.h / 2;
    const g = h('g', {class: `box ${box.kind} ${root ? 'root' : ''}`, tabindex: 0, role: 'button', 'aria-label': row ? `${op_name(row)}: ${nice(box.v)}` : nice(box.v)},
      h('rect', {x, y, width: box.w, height: box.h, rx: box.kind === 'op' ? 7 : 17}),
      h('text', {x: box.x, y: box.y - 3, class: (row ? op_name(row) : nice(box.v)).length > 11 ? 'title long' : 'title'}, cut(row ? op_name(row) : nice(box.v), 17)),
      h('text', {x: box.x, y: box.y + 11, class: 'sub'}, cut(row ? (nice(box.v).startsWith(op_name(row)) ? '' : nice(box.v) + ' ') + (v.s.length ? v.s.join('×') : short(page.current[box.v].d[0])) : v.s.join('×'), 17)),
      h('title', {}, row ? line_of(row)[2] : nice(box.v)));
    const go = () => { if (row) open_row(row.number); else explain_number(nice(box.v), v.s.map(() => 0)); };
    g.addEventListener('click', go);
    g.addEventListener('keydown', e => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); go(); } });
    svg.append(g);
    return {box, g};
  });
  return svg;
}
function mark(step) {
  const all = steps.slice(0, step + 1), forward = new Set(), back = new Set();
  all.forEach(s => (s.kind === 'forward' ? forward : back).add(s.row.o));
  const now = steps[step];
  boxes.forEach(({box, g}) => {
    const on = box.kind === 'op' ? forward.has(box.v) : true;
    g.classList.toggle('done', on);
    g.classList.toggle('back', back.has(box.v));
    g.classList.toggle('now', Boolean(now) && now.row.o === box.v && now.kind !== 'update');
  });
}
