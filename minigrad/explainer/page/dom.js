// Elements. Names come in as text alone; only rules, which the declarations make, are markup.
function h(tag, given = {}, ...children) {
  const svg = SVG.has(tag), el = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else if (key === 'markup') el.innerHTML = value;
    else if (key === 'css') for (const [name, v] of Object.entries(value)) el.style.setProperty(name, v);
    else el.setAttribute(key, value === true ? '' : value);
  }
  for (const child of children.flat(9)) if (child !== null && child !== undefined && child !== false) el.append(child);
  return el;
}
const SVG = new Set(['svg', 'g', 'path', 'rect', 'text', 'line', 'circle', 'title', 'polyline', 'tspan']);
// Numbers as people read them: so many digits, and no more.
function short(x, digits = 4) {
  if (x === undefined || x === null) return '–';
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x > 0 ? '∞' : '−∞';
  if (x === 0) return '0';
  const size = Math.abs(x);
  let text = size >= 1e6 || size < 1e-4 ? x.toExponential(digits - 2) : x.toPrecision(digits);
  if (text.includes('.') && !text.includes('e')) text = text.replace(/0+$/, '').replace(/\.$/, '');
  return text.replace('-', '−').replace('e+', 'e');
}
const exact = (x, t) => short(x, t === 'f4' ? 9 : 17);
const indexed = (name, index) => index && index.length ? `${name}[${index.join(', ')}]` : name;
const shaped = s => s.length ? s.join(' × ') : 'one number';
function button(label, action, more = {}) { return h('button', {type: 'button', onclick: action, ...more}, label); }
function math(markup, block) { return h('span', {class: block ? 'math block' : 'math', markup}); }
