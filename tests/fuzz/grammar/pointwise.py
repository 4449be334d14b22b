"""Functions of each number: one operand, two that broadcast, three."""

from __future__ import annotations

from ..drawing import Drawing

UNARY = """{x}.neg() -{x} {x}.abs() {x}.square() {x}.exp() {x}.expm1() {x}.exp2() {x}.log() {x}.log2()
{x}.log10() {x}.log1p() {x}.sqrt() {x}.rsqrt() {x}.reciprocal() {x}.sin() {x}.cos() {x}.tan() {x}.asin()
{x}.acos() {x}.atan() {x}.sinh() {x}.cosh() {x}.tanh() {x}.asinh() {x}.acosh() {x}.atanh() {x}.sigmoid()
{x}.erf() {x}.erfc() {x}.erfinv() {x}.lgamma() {x}.digamma() {x}.floor() {x}.ceil() {x}.round()
{x}.trunc() {x}.frac() {x}.sign() {x}.relu() {x}.deg2rad() {x}.rad2deg() {x}.sinc() {x}.logit()
torch.nn.functional.gelu({x}) torch.nn.functional.silu({x}) torch.nn.functional.mish({x})
torch.nn.functional.softplus({x}) torch.nn.functional.elu({x},alpha=1.3) torch.nn.functional.selu({x})
torch.nn.functional.celu({x}) torch.nn.functional.leaky_relu({x},0.2) torch.nn.functional.logsigmoid({x})
torch.nn.functional.hardtanh({x}) torch.nn.functional.hardswish({x}) torch.nn.functional.relu6({x})
torch.nn.functional.hardsigmoid({x}) torch.nn.functional.softsign({x}) torch.nn.functional.tanhshrink({x})
torch.nn.functional.softshrink({x},0.3) torch.nn.functional.hardshrink({x},0.3)
torch.nn.functional.threshold({x},0.1,0.5) torch.nn.functional.gelu({x},approximate="tanh")
{x}.clamp(-0.5,0.8) {x}.clamp(min=0.1) {x}.clamp(max=0.4) {x}.clamp_min(0.2) {x}.clamp_max(0.7)
{x}.nan_to_num() {x}.clone() {x}.contiguous() {x}.positive() {x}**2 {x}**3 {x}**-1 {x}**0.5 2**{x}
{x}.pow(1.7) {x}.square().sqrt() {x}.round(decimals=1) {x}.detach()
{x}.isnan() {x}.isfinite() {x}.logical_not() {x}.signbit() {x}.softmax(-1)""".split()

BINARY = """{x}+{y} {x}-{y} {x}*{y} {x}/{y} {x}.add({y},alpha={n}) {x}.sub({y},alpha={n})
torch.maximum({x},{y}) torch.minimum({x},{y}) {x}.fmax({y}) {x}.fmin({y}) torch.hypot({x},{y})
torch.atan2({x},{y}) torch.logaddexp({x},{y}) {x}.abs().pow({y}) {x}.copysign({y}) {x}.xlogy({y}.abs())
{x}.div({y},rounding_mode="floor") {x}.div({y},rounding_mode="trunc") {x}.remainder({y}) {x}.fmod({y})
{x}//{y} {x}%{y} {x}>{y} {x}<={y} {x}=={y} {x}!={y} {x}.lt({y}) {x}.ge({y}) torch.isclose({x},{y})
{x}.heaviside({y}) {x}.where({x}>{y},{y}) torch.where({x}<{y},{x},{n}) torch.where({x}<{y},{n},{y})
{x}.float_power({y}) {x}.lerp({y},{n}) {x}.clamp({y}-1,{y}+0.5) {x}.clamp(min={y}) {x}.logical_and({y})
{x}.logical_or({y}) {x}.logical_xor({y}) {x}.masked_fill({y}>0,{n}) {x}.dist({y}) {x}.rsub({y})
torch.subtract({x},{y}) torch.multiply({x},{y}) torch.true_divide({x},{y})""".split()

NUMBERED = """{x}+{n} {n}-{x} {x}*{n} {x}/{n} {n}/{x} {x}.add({n},alpha={m}) {x}.sub({n},alpha={m}) {x}>{n}
{x}<={n} {x}!={n} {x}.remainder({n}) {x}.fmod({n}) {x}//{n} {n}+{x} {x}.pow({n}) {x}.maximum({x}*{n})
{x}.addcmul({x},{x},value={n}) torch.add({x},{n}) {x}.eq({n}) {x}.mul({n}).add({m})""".split()

INTEGER = """{x}+{y} {x}-{y} {x}*{y} {x}//{y} {x}%{y} {x}&{y} {x}|{y} {x}^{y} ~{x} -{x} {x}.abs() {x}.sign()
{x}>{y} {x}=={y} {x}/{y} {x}**2 {x}.clamp(-1,2) {x}.float() {x}.double() {x}.bool() {x}.long() {x}<<1 {x}>>1
{x}+1 {x}*2.5 {x}.sum() {x}.sum(0) {x}.cumsum(0) {x}.amax() {x}.double().mean() {x}.float().exp() {x}.sqrt()
{x}.sin() {x}.maximum({y}) {x}.where({x}>{y},{y}) {x}.remainder(3) {x}.prod() {x}.sort()[0] {x}+0.5
{x}.float().mean(dtype=torch.float64) {x}.add({y},alpha=2) {x}.sub({y},alpha=3) {x}.int() {x}.square()
{x}.bitwise_and({y}) {x}.floor_divide({y}) {x}.argmax() {x}.unique() {x}.bincount() {x}.eq({y}).sum()""".split()

MASK = """{x}&{y} {x}|{y} {x}^{y} ~{x} {x}.any() {x}.all() {x}.sum() {x}.double() {x}.float() {x}.long() {x}.all(-1)
{x}.any(0) {x}.logical_not() {x}==y {x}.int()+1 {x}*2.5 {x}.count_nonzero() {x}.double().mean(-1) {x}+{y} {x}*{y}
{x}.cumsum(0) {x}.where({y},{x}) {x}.to(torch.float64) {x}.nonzero() {x}.amax() {x}.flip(0) {x}<{y}""".split()


def unary(d: Drawing) -> str:
    x = d.operand()
    text = d.one(UNARY)
    if any(
        word in text
        for word in ("log", "sqrt", "digamma", "lgamma", "**-1", "**0.5", "recip", "poly")
    ):
        x = d.one([x, f"({x}.abs() + 0.5)", f"({x}.square() + 0.1)", f"{x}.exp()"])
    elif any(word in text for word in ("asin", "acos", "atanh", "erfinv", "logit")):
        x = f"({x}.sigmoid() * 0.9 + {1.2 if 'acosh' in text else 0.02})"
    return text.format(x=x)


def binary(d: Drawing) -> str:
    x = d.operand()
    y = d.wide(d[x].shape)
    if d.chance(0.2):
        x, y = y, x
    text = d.one(BINARY)
    if any(word in text for word in ("/", "div", "remainder", "fmod", "%", "xlogy")):
        y = d.one([y, f"({y}.abs() + 0.5)", f"({y}.exp())"])
    return text.format(x=x, y=y, n=d.number())


def numbered(d: Drawing) -> str:
    return d.one(NUMBERED).format(x=d.operand(), n=d.number(), m=d.number())


def ternary(d: Drawing) -> str:
    x = d.operand()
    y, z = d.wide(d[x].shape), d.wide(d[x].shape)
    text = d.one(
        [
            "{x}.addcmul({y}, {z}, value={n})", "{x}.addcdiv({y}, ({z}.abs() + 0.5), value={n})",
            "torch.addcmul({x}, {y}, {z})", "{x}.lerp({y}, {z})", "torch.where({x} > 0, {y}, {z})",
            "{x}.clamp({y}, {z})", "({x} * {y}).add({z}, alpha={n})", "{x} * {y} + {z}",
        ]
    )  # fmt: skip
    return text.format(x=x, y=y, z=z, n=d.number())


def integer(d: Drawing) -> str:
    x = d.operand(kinds="i")
    return d.one(INTEGER).format(x=x, y=d.wide(d[x].shape, d.one(["i", "i", "b"])))


def mask(d: Drawing) -> str:
    x = d.operand(kinds="b")
    return d.one(MASK).format(x=x, y=d.wide(d[x].shape, "b"))


def mixed(d: Drawing) -> str:
    """Operands of different types."""
    x = d.operand(kinds=d.one("fib"))
    y = d.wide(d[x].shape, d.one("fib"))
    text = d.one(
        ["{x} + {y}", "{x} * {y}", "{x} - {y}", "{x} > {y}", "{x} == {y}", "torch.where({x} > 0, {x}, {y})",
         "{x}.float() * {y}", "{x}.half() + {y}", "{x}.to({y}.dtype)", "{x}.type_as({y})", "{x}.double() / {y}",
         "{x}.float() + {y}.double()", "torch.result_type({x}, {y})", "{x}.add({y}, alpha=2)",
         "torch.cat([{x}.reshape(-1), {y}.reshape(-1)])", "torch.maximum({x}, {y})", "{x}.to(torch.float32)",
         "{x}.to(torch.float16).to(torch.float64)", "{x}.long() % 3", "{x}.to(torch.int32)", "{x} * True"]
    )  # fmt: skip
    return text.format(x=x, y=y)


MAKERS = [
    (unary, 10),
    (binary, 12),
    (numbered, 5),
    (ternary, 4),
    (integer, 3),
    (mask, 2),
    (mixed, 3),
]
