// The page itself.
let page, slider, counter, place_now = 0, mode_box, graph_box;
const MODES = [['check', 'Check', check_panel], ['predict', 'Predict', predict_panel], ['break', 'Break it', break_panel], ['train', 'Train', train_panel]];
const hidden_in = i => around(steps[i].details).filter(el => !el.open).pop();  // the outermost closed fold around a row
function select(step, quiet) {
  step = Math.max(0, Math.min(steps.length - 1, step));
  if (!steps[step]) return;
  const fold = hidden_in(step);
  place_now = fold ? Number(fold.dataset.step) : step;
  const at = steps[place_now];
  slider.value = String(place_now);
  counter.textContent = `${at.label} / ${rows_told}`;
  steps.forEach((s, i) => s.details.classList.toggle('now', i === place_now));
  mark(place_now);
  if (quiet) return;
  if (at.kind !== 'fold') at.details.open = true;
  at.details.scrollIntoView({block: 'center', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
}
function go(by) {  // past what is folded
  let next = place_now + by;
  while (next > 0 && next < steps.length && hidden_in(next)) next += by;
  if (next < steps.length) select(next);
}
function redraw() {
  steps.forEach(s => s.details.rebuild());
  if (graph_box) show_graph(graph_of);
  mark(place_now);
  document.getElementById('loss').textContent = short(page.loss(), 6);
  document.body.classList.toggle('edited', page.machine.edited);
  if (panel.classList.contains('open') && trail.length) show_why(...trail[trail.length - 1]);
  const tab = document.querySelector('.tabs [aria-selected=true]');
  if (tab && tab.dataset.mode === 'check') open_mode('check');
}
function open_mode(name) {
  const [, , build] = MODES.find(([key]) => key === name);
  document.querySelectorAll('.tabs button').forEach(b => b.setAttribute('aria-selected', String(b.dataset.mode === name)));
  if (name === 'predict' && !predicting) { predicting = true; steps.forEach(s => s.details.rebuild()); }
  if (name !== 'predict' && predicting) { predicting = false; steps.forEach(s => s.details.rebuild()); }
  mode_box.replaceChildren(build());
}
// On paper the rows are open; an exercise has blanks where the gradients stand.
function handout(exercise) {
  const hidden = predicting;
  predicting = false;
  document.body.classList.toggle('exercise', exercise);
  steps.forEach(s => s.details.rebuild());
  print();
  document.body.classList.remove('exercise');
  predicting = hidden;
  steps.forEach(s => s.details.rebuild());
}
let closed = [];
function unfold() {
  if (steps.length > 60) return;
  closed = steps.filter(s => !s.details.open && s.kind !== 'update').map(s => s.details);
  closed.forEach(details => { details.open = true; if (details.fill && !details.dataset.built) details.fill(); });
}
function theme() {
  const root = document.documentElement;
  root.dataset.theme = is_dark() ? 'light' : 'dark';
  redraw();
}
function keys(event) {
  if (event.target.matches('input, select, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'ArrowRight' || event.key === 'j') { go(1); event.preventDefault(); }
  if (event.key === 'ArrowLeft' || event.key === 'k') { go(-1); event.preventDefault(); }
  if (event.key === 'Enter' && event.target === document.body && steps[place_now]) { const d = steps[place_now].details; d.open = !d.open; }
  if (event.key === 'Escape') close_why();
  if (event.key === 't' && page.machine.program.carried.length) page.step(1);
}
function begin(program) {
  page = new Page(program);
  window.page = page;
  document.title = `${program.title} – minigrad explains`;
  slider = h('input', {type: 'range', min: 0, value: 0, 'aria-label': 'step through the ledger', oninput: () => select(Number(slider.value))});
  counter = h('span', {class: 'counter'});
  panel = h('aside', {class: 'why', 'aria-label': 'why this number', 'aria-live': 'polite'});
  mode_box = h('div', {class: 'mode-box'}, h('p', {class: 'lead hint'}, 'Compare each gradient with three other ways to get it, guess it, put a wrong rule in its place, or train on.'));
  graph_box = h('div', {class: 'graph-box'});
  show_graph(0);
  const rows = ledger();
  slider.max = String(Math.max(0, steps.length - 1));
  document.getElementById('early').remove();
  document.body.append(
    h('header', {class: 'top'},
      h('div', {class: 'title'}, h('p', {class: 'brand'}, program.site ? h('a', {href: 'index.html'}, '← all pages') : 'minigrad explains'), h('h1', {}, program.title)),
      h('p', {class: 'loss'}, 'loss ', h('b', {id: 'loss'}, short(page.loss(), 6)), button('undo edits', () => page.reset(), {class: 'undo'})),
      h('nav', {class: 'walk', 'aria-label': 'steps'}, button('◀', () => go(-1), {'aria-label': 'previous'}), slider, button('▶', () => go(1), {'aria-label': 'next'}), counter,
        button('◐', theme, {'aria-label': 'light or dark'}), button('Print', () => print()))),
    h('main', {},
      h('div', {class: 'left'}, graph_box, h('p', {class: 'legend'}, h('span', {class: 'key value'}, 'values'), h('span', {class: 'key gradient'}, 'gradients'), h('span', {class: 'key root'}, 'the loss'), h('span', {class: 'key weight'}, 'a weight'), program.drawings[0].boxes.some(b => b.fold) ? h('span', {class: 'key fold-key'}, 'opens') : null)),
      h('div', {class: 'right'},
        h('section', {class: 'part modes'}, h('div', {class: 'tabs', role: 'tablist'}, MODES.map(([key, label]) => button(label, () => open_mode(key), {role: 'tab', 'data-mode': key, 'aria-selected': 'false'}))), mode_box),
        rows)),
    panel);
  const head = document.querySelector('.top');
  new ResizeObserver(() => document.documentElement.style.setProperty('--top', `${head.offsetHeight}px`)).observe(head);
  page.listeners.push(redraw);
  document.addEventListener('keydown', keys);
  addEventListener('beforeprint', unfold);
  addEventListener('afterprint', () => closed.forEach(details => { details.open = false; }));
  mark(0);
  if (steps.length) counter.textContent = `${steps[0].label} / ${rows_told}`;
  if (steps.length && steps.length <= 30) steps.filter((s, i) => s.kind === 'forward' && i < 1).forEach(s => { s.details.open = true; });
  document.body.dataset.ready = '1';
  (window.requestIdleCallback || setTimeout)(() => { if (mode_box.querySelector('.hint') && size_of(program) < 6000) open_mode('check'); });
}
const size_of = program => program.rows.reduce((n, r) => n + size(program.values[r.o].s), 0);
requestAnimationFrame(() => setTimeout(() => begin(JSON.parse(document.getElementById('program').textContent)), 0));
