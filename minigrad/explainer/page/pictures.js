// Numbers as things to look at. Blue is a value, orange a gradient; what is negative leans to violet
// or crimson.
const COLOURS = {value: [[37, 99, 176], [124, 77, 190]], gradient: [[214, 116, 8], [190, 24, 60]]};
const scale_of = d => { let m = 0; for (const x of d) if (Number.isFinite(x)) m = Math.max(m, Math.abs(x)); return m || 1; };
function tint(x, top, kind) {
  const [r, g, b] = COLOURS[kind][x < 0 ? 1 : 0], share = Number.isFinite(x) ? Math.min(Math.abs(x) / top, 1) : 1;
  return `rgba(${r}, ${g}, ${b}, ${(0.06 + 0.5 * share).toFixed(3)})`;
}
// A tensor: name, shape, and its numbers as cells, a heat map, pictures or a summary.
function tensor(page, name, options = {}) {
  const {v, p, s} = page.look(name), kind = p === undefined ? 'value' : 'gradient', n = size(s);
  const d = p === undefined ? page.current[v].d : page.chain(p).G.get(v);
  const hidden = options.hidden && p !== undefined;
  const box = h('figure', {class: `tensor ${kind}`},
    h('figcaption', {}, h('span', {class: 'name'}, options.caption || name), h('span', {class: 'shape'}, shaped(s))));
  if (!n) { box.append(h('span', {class: 'quiet'}, 'no numbers')); return box; }
  const rows = s.length ? size(s.slice(0, -1)) : 1, cols = s.length ? s[s.length - 1] : 1;
  const image = s.length === 4 && s[2] > 3 && s[3] > 3 || s.length === 2 && s[1] === 784;
  if (n <= 96 && cols <= 12 && !image) box.append(cells(page, name, d, s, kind, hidden));
  else {
    if (!hidden) box.append(image ? images(page, name, d, s, kind) : heat(page, name, d, rows, cols, s, kind));
    box.append(summary(page, name, d, s, kind, hidden));
  }
  return box;
}
function cells(page, name, d, s, kind, hidden) {
  const cols = s.length ? s[s.length - 1] : 1, rows = d.length / cols, top = scale_of(d), one = s.length < 1;
  const body = h('tbody');
  for (let r = 0; r < rows; r++) {
    const tr = h('tr');
    for (let k = 0; k < cols; k++) {
      const i = r * cols + k, index = unravel(i, s);
      tr.append(h('td', {}, button(hidden ? '?' : short(d[i], 4), () => explain_number(name, index), {
        class: 'cell', 'data-at': `${name}|${i}`, 'aria-label': `${indexed(name, index)}: ${hidden ? 'hidden' : short(d[i], 6)}`,
        title: `${indexed(name, index)} = ${hidden ? '?' : short(d[i], 8)}`, css: {'--tint': hidden ? 'transparent' : tint(d[i], top, kind)},
      })));
    }
    body.append(tr);
    if (s.length > 2 && (r + 1) % s[s.length - 2] === 0 && r + 1 < rows) body.append(h('tr', {class: 'gap'}, h('td', {colspan: cols})));
  }
  return h('div', {class: 'scroll'}, h('table', {class: 'cells'}, body));
}
function paint(canvas, d, rows, cols, kind, at = i => i) {
  canvas.width = cols; canvas.height = rows;
  const context = canvas.getContext('2d'), image = context.createImageData(cols, rows), dark = is_dark();
  let top = 0;
  for (let i = 0; i < rows * cols; i++) { const x = Math.abs(d[at(i)]); if (x > top && x < Infinity) top = x; }
  const paper = dark ? [22, 26, 33] : [255, 255, 255];
  for (let i = 0; i < rows * cols; i++) {
    const x = d[at(i)], share = Math.sqrt(Math.min(Math.abs(x) / (top || 1), 1)), colour = COLOURS[kind][x < 0 ? 1 : 0];
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = paper[c] + (colour[c] - paper[c]) * share * (dark ? 1.15 : 1);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
const is_dark = () => document.documentElement.dataset.theme === 'dark' || (document.documentElement.dataset.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
function pickable(canvas, page, name, rows, cols, index) {
  canvas.addEventListener('click', event => {
    const r = canvas.getBoundingClientRect();
    const x = Math.min(cols - 1, Math.floor((event.clientX - r.left) / r.width * cols)), y = Math.min(rows - 1, Math.floor((event.clientY - r.top) / r.height * rows));
    explain_number(name, index(y, x));
  });
  canvas.addEventListener('mousemove', event => {
    const r = canvas.getBoundingClientRect();
    const x = Math.min(cols - 1, Math.floor((event.clientX - r.left) / r.width * cols)), y = Math.min(rows - 1, Math.floor((event.clientY - r.top) / r.height * rows));
    const at = index(y, x);
    canvas.title = `${indexed(name, at)} = ${short(page.value(name, at), 6)}`;
  });
}
function heat(page, name, d, rows, cols, s, kind) {
  const shown = Math.min(rows, 128), wide = Math.min(cols, 256);
  const canvas = h('canvas', {class: 'heat', role: 'img', 'aria-label': `heat map of ${name}`});
  paint(canvas, d, shown, wide, kind, i => Math.floor(i / wide) * cols + i % wide);
  const unit = Math.max(1, Math.min(16, Math.floor(300 / Math.max(wide, 1)), Math.floor(160 / Math.max(shown, 1)) || 1));
  canvas.style.setProperty('width', `${Math.min(wide * unit, 460)}px`);
  canvas.style.setProperty('height', `${Math.max(8, Math.min(shown * unit, 190))}px`);
  pickable(canvas, page, name, shown, wide, (y, x) => unravel(y * cols + x, s));
  return canvas;
}
function images(page, name, d, s, kind) {
  const flat = s.length === 2, H = flat ? 28 : s[2], W = flat ? 28 : s[3], planes = d.length / (H * W), shown = Math.min(planes, 16);
  const box = h('div', {class: 'images'});
  for (let q = 0; q < shown; q++) {
    const canvas = h('canvas', {class: 'image', role: 'img', 'aria-label': flat ? `image ${q} of ${name}` : `${name}, picture ${q}`});
    paint(canvas, d, H, W, kind, i => q * H * W + i);
    const side = Math.max(44, Math.min(64, 2.2 * Math.max(H, W)));
    canvas.style.setProperty('width', `${side}px`);
    canvas.style.setProperty('height', `${side * H / W}px`);
    pickable(canvas, page, name, H, W, (y, x) => unravel(q * H * W + y * W + x, s));
    box.append(canvas);
  }
  if (planes > shown) box.append(h('span', {class: 'quiet'}, `+ ${planes - shown} more`));
  return box;
}
function summary(page, name, d, s, kind, hidden) {
  let low = Infinity, high = -Infinity, sum = 0;
  for (const x of d) { if (x < low) low = x; if (x > high) high = x; sum += x; }
  const bins = new Array(32).fill(0), span = high - low || 1;
  for (const x of d) bins[Math.min(31, Math.floor((x - low) / span * 32))]++;
  const tallest = Math.max(...bins);
  const chart = h('svg', {class: 'bars', viewBox: '0 0 128 24', role: 'img', 'aria-label': `histogram of ${name}`},
    bins.map((n, i) => h('rect', {x: i * 4, width: 3.2, y: 24 - 24 * n / tallest, height: 24 * n / tallest, class: kind})));
  const field = h('input', {type: 'text', size: 8, placeholder: s.map(() => '0').join(', '), 'aria-label': `index into ${name}`});
  const go = () => { const index = field.value.split(/[,\s]+/).filter(Boolean).map(Number); try { page.value(name, index.length ? index : s.map(() => 0)); } catch (e) { field.setCustomValidity(e.message); field.reportValidity(); return; } field.setCustomValidity(''); explain_number(name, index.length ? index : s.map(() => 0)); };
  field.addEventListener('keydown', e => { if (e.key === 'Enter') go(); });
  return h('div', {class: 'summary'}, hidden ? null : chart,
    h('span', {class: 'quiet'}, hidden ? 'hidden' : `${short(low, 3)} … ${short(high, 3)}, mean ${short(sum / d.length, 3)}`), h('label', {class: 'goto'}, field, button('why?', go)));
}
// The local Jacobian of a row for one operand: full where it is small, else its corner and its name.
const STRUCTURE = {
  elementwise: 'diagonal: each number depends on the one at its place',
  selection: 'selection: each row has a single 1, or none',
  sum: 'sums: a row of ones for each group',
  reduction: 'one row for each group that is reduced',
  scan: 'triangular: each number depends on those before it',
  rows: 'blocks: full within each row of classes',
  matrices: 'full',
  scatter: 'where the index leads',
};
function jacobian(page, row, k) {
  const m = page.machine, x = row.i[k], out = m.values[row.o], n = size(out.s), w = size(m.values[x.v].s);
  const op = OPS[row.op], kind = op ? op.kind : '';
  let told = STRUCTURE[kind] || '';
  if (kind === 'products') told = row.op.startsWith('conv') ? 'Toeplitz: one kernel, moved along' : 'blocks: the other factor, again for each row';
  const H = Math.min(n, 64), W = Math.min(w, 64), d = new Float64Array(H * W);
  const only = {...m.context(row, page.current), flows: row.i.map((_, j) => j === k)};
  const visit = (o, kk, i, v) => { if (kk === k && o < H && i < W) d[o * W + i] += v; };
  if (n * w > 4e6 && kind !== 'elementwise' && kind !== 'selection') return h('p', {class: 'quiet'}, `∂${out.n}/∂${m.values[x.v].n} is ${n} × ${w}: ${told}`);
  if (op && op.links) op.links(only, visit); else numeric_links(only, visit);
  const box = h('figure', {class: 'jacobian'}, h('figcaption', {}, h('span', {class: 'name'}, `∂${out.n || 'y'} / ∂${m.values[x.v].n || 'x'}`), h('span', {class: 'shape'}, `${n} × ${w}`)));
  if (n <= 8 && w <= 10) {
    const top = scale_of(d), body = h('tbody');
    for (let o = 0; o < n; o++) body.append(h('tr', {}, Array.from({length: w}, (_, i) => h('td', {class: d[o * W + i] === 0 ? 'zero' : '', css: {'--tint': d[o * W + i] === 0 ? 'transparent' : tint(d[o * W + i], top, 'value')}}, short(d[o * W + i], 3)))));
    box.append(h('div', {class: 'scroll'}, h('table', {class: 'cells plain'}, body)));
  } else {
    const canvas = h('canvas', {class: 'heat', role: 'img', 'aria-label': `local Jacobian of ${out.n || row.op}`});
    paint(canvas, d, H, W, 'value');
    const unit = Math.max(2, Math.floor(160 / Math.max(H, W)));
    canvas.style.setProperty('width', `${W * unit}px`); canvas.style.setProperty('height', `${H * unit}px`);
    box.append(canvas);
  }
  box.append(h('p', {class: 'quiet'}, told + (n > 64 || w > 64 ? '; its corner is drawn' : '')));
  return box;
}
