// Functions of one number or two, with NumPy's meaning of nan, infinities and -0.
const mg = {
  abs: Math.abs, acos: Math.acos, acosh: Math.acosh, asin: Math.asin, asinh: Math.asinh,
  atan: Math.atan, atan2: Math.atan2, atanh: Math.atanh, ceil: Math.ceil, cos: Math.cos,
  cosh: Math.cosh, exp: Math.exp, expm1: Math.expm1, floor: Math.floor, hypot: Math.hypot,
  isfinite: Number.isFinite, isnan: Number.isNaN, log: Math.log, log10: Math.log10,
  log1p: Math.log1p, log2: Math.log2, sin: Math.sin, sinh: Math.sinh, sqrt: Math.sqrt,
  tan: Math.tan, tanh: Math.tanh, trunc: Math.trunc,
};
mg.exp2 = x => mg.pow(2, x);
mg.isinf = x => x === Infinity || x === -Infinity;
mg.sign = x => x > 0 ? 1 : x < 0 ? -1 : 0;
mg.sigmoid = x => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};
mg.copysign = (x, y) => (y < 0 || Object.is(y, -0)) ? -Math.abs(x) : Math.abs(x);
mg.max = (x, y) => (x > y || x !== x) ? x : y;  // nan wins
mg.min = (x, y) => (x < y || x !== x) ? x : y;
mg.pow = (x, y) => {
  if (x === 1 || y === 0) return 1;
  if (x === -1 && mg.isinf(y)) return 1;
  if (y === 2) return x * x;
  return y === 0.5 ? Math.sqrt(x) : Math.pow(x, y);
};
mg.round = x => {  // halves go to the even number
  const low = Math.floor(x), rest = x - low;
  const y = rest < 0.5 ? low : rest > 0.5 ? low + 1 : low % 2 === 0 ? low : low + 1;
  return y === 0 && (x < 0 || Object.is(x, -0)) ? -0 : y;
};
mg.fmod = (x, y) => x % y;
mg.remainder = (x, y) => {  // with the sign of y
  const r = x % y;
  if (r === 0) return mg.copysign(0, y);
  return (r < 0) !== (y < 0) ? r + y : r;
};
mg.floor_divide = (x, y) => {
  if (y === 0) return x / y;
  const r = x % y;
  let q = (x - r) / y;
  if (r !== 0 && (r < 0) !== (y < 0)) q -= 1;
  if (q === 0) return mg.copysign(0, x / y);
  const low = Math.floor(q);
  return q - low > 0.5 ? low + 1 : low;
};
// Integers of 64 bits as far as numbers hold them.
const whole = f => (x, y) => Number(BigInt.asIntN(64, f(BigInt(x), BigInt(y))));
mg.and = whole((x, y) => x & y);
mg.or = whole((x, y) => x | y);
mg.xor = whole((x, y) => x ^ y);
mg.left = (x, y) => y < 0 || y > 63 ? 0 : whole((a, b) => a << b)(x, y);
mg.right = (x, y) => y < 0 || y > 63 ? (x < 0 ? -1 : 0) : whole((a, b) => a >> b)(x, y);
mg.not = (x, K) => K.truth ? (x ? 0 : 1) : Number(~BigInt(x));

const polynomial = (x, powers) => {  // the highest power first
  let y = 0;
  for (const c of powers) y = y * x + c;
  return y;
};

// The gamma function: Abramowitz and Stegun, 6.1 to 6.4, as in minigrad's ops/gamma.py.
const BERNOULLI = [1/6, -1/30, 1/42, -1/30, 5/66, -691/2730, 7/6, -3617/510];
const EULER = 0.57721566490153286061;
const factorial = n => n < 2 ? 1 : n * factorial(n - 1);
function zeta(s, a) {
  let total = 0;
  for (let i = 0; i < 10; i++) total += Math.pow(a + i, -s);
  a += 10;
  total += Math.pow(a, 1 - s) / (s - 1) + Math.pow(a, -s) / 2;
  let rising = s;
  BERNOULLI.forEach((b, j) => {
    const k = j + 1;
    if (k > 1) rising *= (s + 2 * k - 3) * (s + 2 * k - 2);
    total += b * rising / factorial(2 * k) * Math.pow(a, 1 - s - 2 * k);
  });
  return total;
}
const AROUND_TWO = [];
for (let k = 28; k > 1; k--) AROUND_TWO.push((k % 2 ? -1 : 1) * zeta(k, 2) / k);
AROUND_TWO.push(1 - EULER, 0);
const STIRLING = BERNOULLI.map((b, j) => b / ((2 * j + 2) * (2 * j + 1))).reverse();
const sin_pi = x => Math.sin(Math.PI * (x - mg.round(x)));
mg.lgamma = x => {
  if (x !== x) return x;
  const size = Math.abs(x);
  let positive;
  if (size === Infinity) positive = Infinity;
  else if (size < 8) {
    let w = size < 0.5 ? size : size < 1.5 ? size - 1 : size - 2, product = 1;
    while (w >= 0.5) { product *= w + 1; w -= 1; }
    const shift = (size < 0.5 ? Math.log1p(size) : 0) + (size < 1.5 ? Math.log(size) : 0);
    positive = polynomial(w, AROUND_TWO) + Math.log(product) - shift;
  } else {
    const z = 1 / size;
    positive = (size - 0.5) * Math.log(size) - size + Math.log(2 * Math.PI) / 2
      + z * polynomial(z * z, STIRLING);
  }
  if (x > 0) return positive;
  if (size === Math.floor(size)) return Infinity;
  if (size < 1e-100) return positive;
  return Math.log(Math.PI) - Math.log(size * Math.abs(sin_pi(size))) - positive;
};
mg.digamma = x => {
  if (x === 0) return mg.copysign(Infinity, -x);
  if (x < 0 && x === Math.floor(x)) return NaN;
  let a = x < 0 ? 1 - x : x, total = 0;
  while (a < 10) { total -= 1 / a; a += 1; }
  const z = 1 / (a * a);
  total += Math.log(a) - 0.5 / a
    + z * polynomial(z, BERNOULLI.map((b, j) => -b / (2 * j + 2)).reverse());
  return x < 0 ? total - Math.PI / Math.tan(Math.PI * (x - mg.round(x))) : total;
};
mg.polygamma = (n, x) => {
  const a = x < 0 ? 1 - x : x;
  const values = (n % 2 ? 1 : -1) * factorial(n) * zeta(n + 1, a);
  if (!(x < 0)) return values;
  let powers = [0, 1];  // the n-th derivative of cot as a polynomial in cot
  for (let i = 0; i < n; i++) {
    const slope = powers.map((p, k) => k * p).slice(1);
    powers = [...slope, 0, 0].map(p => -p);
    slope.forEach((p, k) => { powers[k + 2] -= p; });
  }
  const cot = 1 / Math.tan(Math.PI * (x - mg.round(x)));
  return (n % 2 ? -1 : 1) * values - Math.pow(Math.PI, n + 1) * polynomial(cot, powers.reverse());
};
mg.gamma = x => {
  const y = Math.exp(mg.lgamma(x));
  return x < 0 && Math.floor(x) % 2 ? -y : y;
};

function sinc_slope(x, n) {
  if (Math.abs(x) < 0.5 + 0.5 * n) {  // the power series, where the recurrence cancels
    const least = Math.floor((n + 1) / 2), powers = [];
    for (let k = least; k < least + 14 + 4 * n; k++) {
      powers.push((k % 2 ? -1 : 1) * Math.pow(Math.PI, 2 * k) / (factorial(2 * k - n) * (2 * k + 1)));
    }
    const y = polynomial(x * x, powers.reverse());
    return n % 2 ? y * x : y;
  }
  const turned = quarters => {
    const w = mg.round(x), sign = (w % 2 ? -1 : 1) * (quarters % 4 > 1 ? -1 : 1);
    return (quarters % 2 ? Math.cos : Math.sin)(Math.PI * (x - w)) * sign;
  };
  let y = turned(0) / (Math.PI * x);
  for (let k = 1; k <= n; k++) y = (Math.pow(Math.PI, k - 1) * turned(k) - k * y) / x;
  return y;
}
function tanhshrink(x) {  // tanh x = x / (1 + c), c = x² / (3 + x² / (5 + ..)): nothing cancels
  if (!(Math.abs(x) < 0.8)) return x - Math.tanh(x);
  let c = 0;
  for (let k = 31; k > 1; k -= 2) c = x * x / (k + c);
  return x * c / (1 + c);
}
