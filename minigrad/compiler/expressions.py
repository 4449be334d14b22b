"""Elementwise ops as expressions in C, with the meaning of their forwards, nan included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.ops.activation import GELU

TYPES = {
    "f": "float",
    "d": "double",
    "?": "uint8_t",
    "B": "uint8_t",
    "i": "int32_t",
    "l": "int64_t",
    "q": "int64_t",
}
"""C's word for each type that a chain can hold, by NumPy's letter."""

Expression = Callable[..., str]


def number(value: float | bool, kind: np.dtype[Any]) -> str:
    """A Python number as a literal of this type."""
    if kind.kind in "iub":
        return str(int(kind.type(value)))
    value = float(kind.type(value))
    if value != value:
        return "NAN"
    if value in (float("inf"), float("-inf")):
        return "INFINITY" if value > 0 else "(-INFINITY)"
    text = f"{value.hex()}{'f' if kind.char == 'f' else ''}"
    return text if value >= 0 and not text.startswith("-") else f"({text})"


def _call(name: str) -> Callable[[Any, str], str]:
    return lambda kind, x: f"mg_{name}_{'f32' if kind.char == 'f' else 'f64'}({x})"


def _libm(name: str) -> Callable[[Any, str], str]:
    return lambda kind, x: f"{name}{'f' if kind.char == 'f' else ''}({x})"


def _infix(sign: str) -> Expression:
    return lambda kind, x, y: f"{x} {sign} {y}"


def _greater(kind: Any, x: str, y: str) -> str:
    return f"({x} > {y} || {x} != {x}) ? {x} : {y}"


def _less(kind: Any, x: str, y: str) -> str:
    return f"({x} < {y} || {x} != {x}) ? {x} : {y}"


def _pow(kind: Any, x: str, y: str) -> str:
    exact = {
        number(2, kind): f"{x} * {x}",
        number(3, kind): f"{x} * {x} * {x}",
        number(0.5, kind): _libm("sqrt")(kind, x),
        number(-1, kind): f"1 / {x}",
        number(-0.5, kind): f"1 / {_libm('sqrt')(kind, x)}",
    }
    return exact.get(y) or f"pow{'f' if kind.char == 'f' else ''}({x}, {y})"


def _scaled(kind: Any, x: str, factor: float) -> str:
    return x if factor == 1 else f"{number(factor, kind)} * {x}"


def _leaky(kind: Any, x: str, slope: float) -> str:
    return f"{x} > 0 ? {x} : {number(slope, kind)} * {x}"


def _gate(kind: Any, g: str, x: str, slope: float) -> str:
    # A product, as in the forward: what is nan stays nan where x is not above 0.
    if slope == 0:
        return f"{g} * ({x} <= 0 ? {number(0, kind)} : {number(1, kind)})"
    return f"{g} * ({x} > 0 ? {number(1, kind)} : {number(slope, kind)})"


def _elu(kind: Any, x: str, alpha: float, scale: float, rate: float) -> str:
    bent = _call("expm1")(kind, f"{number(rate, kind)} * {x}")
    return f"({x} < 0 ? {number(scale * alpha, kind)} * {bent} : {number(scale, kind)} * {x})"


def _elu_slope(kind: Any, x: str, alpha: float, scale: float, rate: float, n: int) -> str:
    bent = _call("exp")(kind, f"{number(rate, kind)} * {x}")
    sign, flat = ("<=", scale) if n == 1 else ("<", 0)
    factor = number(scale * alpha * rate**n, kind)
    return f"({x} {sign} 0 ? {factor} * {bent} : {number(flat, kind)})"


def _softplus(kind: Any, x: str, beta: float, threshold: float) -> str:
    steep = x if beta == 1 else f"({x} * {number(beta, kind)})"
    tail = _call("log1p")(kind, _call("exp")(kind, f"-{_libm('fabs')(kind, steep)}"))
    bent = f"(({steep} > 0 ? {steep} : 0) + {tail}) / {number(beta, kind)}"
    return f"({steep} > {number(threshold, kind)} ? {x} : {bent})"


def _gelu_tanh(kind: Any, x: str) -> str:
    near = f"({_clamp(kind, x, number(-100, kind), number(100, kind))})"
    a, b = (number(v, kind) for v in GELU)
    return f"{x} * {_call('sigmoid')(kind, f'{near} * ({near} * {near} * {b} + {a})')}"


def _cross_entropy(kind: Any, p: str, y: str) -> str:
    low = number(-100, kind)
    a, b = _call("log")(kind, p), _call("log1p")(kind, f"-{p}")
    return f"-({y} * ({_greater(kind, a, low)}) + (1 - {y}) * ({_greater(kind, b, low)}))"


def _clamp(kind: Any, x: str, low: str, high: str) -> str:
    return _less(kind, f"({_greater(kind, x, low)})", high)


EXPRESSIONS: dict[str, Expression] = {
    "abs": _libm("fabs"),
    "add": _infix("+"),
    "addcdiv": lambda kind, x, a, b, value: f"{x} + {_scaled(kind, f'({a} / {b})', value)}",
    "addcmul": lambda kind, x, a, b, value: f"{x} + {_scaled(kind, f'({a} * {b})', value)}",
    "binary_cross_entropy": _cross_entropy,
    "cast": lambda kind, x, dtype: x,
    "center": lambda kind, x, m, axes: f"{x} - {m}",
    "clamp": _clamp,
    "clamp_max": _less,
    "clamp_min": _greater,
    "clone": lambda kind, x: x,
    "copy": lambda kind, x, y: y,
    "cos": _libm("cos"),
    "descend": lambda kind, x, y, rate: f"{x} - {y} * {rate}",
    "descend_scaled": lambda kind, x, y, v, rate, eps: (
        f"{x} - {y} / ({_libm('sqrt')(kind, v)} + {eps}) * {rate}"
    ),
    "div": _infix("/"),
    "elu": _elu,
    "eq": _infix("=="),
    "exp": _call("exp"),
    "expm1": _call("expm1"),
    "elu_slope": _elu_slope,
    "gate": _gate,
    "ge": _infix(">="),
    "gelu_tanh": _gelu_tanh,
    "gt": _infix(">"),
    "hardtanh": lambda kind, x, low, high: _clamp(kind, x, number(low, kind), number(high, kind)),
    "le": _infix("<="),
    "leaky_relu": _leaky,
    "log": _call("log"),
    "log1p": _call("log1p"),
    "logical_and": _infix("&&"),
    "logical_not": lambda kind, x: f"!{x}",
    "logical_or": _infix("||"),
    "logsigmoid": lambda kind, x: (
        f"({x} < 0 ? {x} : 0) - {_call('log1p')(kind, _call('exp')(kind, f'-fabs({x})'))}"
    ),
    "lt": _infix("<"),
    "maximum": _greater,
    "minimum": _less,
    "mix": lambda kind, x, y, a, b: f"{_scaled(kind, x, a)} + {_scaled(kind, y, b)}",
    "mix_square": lambda kind, x, y, a, b: (
        f"{_scaled(kind, x, a)} + {_scaled(kind, f'({y} * {y})', b)}"
    ),
    "mul": _infix("*"),
    "ne": _infix("!="),
    "neg": lambda kind, x: f"-{x}",
    "one_minus_square": lambda kind, x: f"(1 - {x}) * (1 + {x})",
    "pow": _pow,
    "reciprocal": lambda kind, x: f"1 / {x}",
    "relu": lambda kind, x: f"({x} > 0 || {x} != {x}) ? {x} : 0",
    "rsqrt": lambda kind, x: f"1 / {_libm('sqrt')(kind, x)}",
    "sigmoid": _call("sigmoid"),
    "silu": lambda kind, x: f"{x} * {_call('sigmoid')(kind, x)}",
    "sin": _libm("sin"),
    "softplus": _softplus,
    "softsign": lambda kind, x: f"{x} / (1 + {_libm('fabs')(kind, x)})",
    "sqrt": _libm("sqrt"),
    "sub": _infix("-"),
    "tanh": _call("tanh"),
    "where": lambda kind, c, x, y: f"{c} ? {x} : {y}",
}
"""For each op: the type of the result, the operands, and the params by name, to an expression."""
