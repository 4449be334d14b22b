"""Right gradients without end: random functions of everyday parts, over random shapes and values.

A function is a few steps, one after the other, each a forward and a backward that are right by
themselves; so is their chain. Steps of two operands bring an argument of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.checkers.ops import FUNCTIONS, Function

Array = Any


@dataclass(frozen=True)
class Step:
    """``forward(x, *more)``; ``backward(g, x, *more)`` gives a gradient for each of them; ``more``
    makes the further arguments for an x of that shape, None where the step does not fit it."""

    forward: Callable[..., Array]
    backward: Callable[..., tuple[Array, ...]]
    more: Callable[[np.random.Generator, tuple[int, ...]], list[Array] | None] = lambda rng, s: []


def _unary(f: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Step:
    return Step(f, lambda g, x: (g * slope(x),))


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(x / 2))


def _summed(g: Array, shape: tuple[int, ...]) -> Array:
    g = g.sum(tuple(range(g.ndim - len(shape))))
    axes = tuple(k for k, n in enumerate(shape) if n == 1 and g.shape[k] != 1)
    return g.sum(axes, keepdims=True) if axes else g


def _beside(rng: np.random.Generator, shape: tuple[int, ...]) -> list[Array]:
    """Numbers that broadcast to the shape."""
    cut = shape[int(rng.integers(0, len(shape) + 1)) :]
    return [rng.standard_normal([1 if rng.random() < 0.3 else n for n in cut])]


def _matrix(rng: np.random.Generator, shape: tuple[int, ...]) -> list[Array] | None:
    return [rng.standard_normal((shape[-1], int(rng.integers(1, 5))))] if shape else None


def _rows(rng: np.random.Generator, shape: tuple[int, ...]) -> list[Array] | None:
    return [] if shape and shape[-1] > 1 else None


def _matmul_back(g: Array, x: Array, w: Array) -> tuple[Array, ...]:
    flat, back = x.reshape(-1, x.shape[-1]), g.reshape(-1, w.shape[1])
    return g @ w.T, flat.T @ back


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def _softmax_back(g: Array, x: Array) -> tuple[Array, ...]:
    y = _softmax(x)
    return (y * (g - (g * y).sum(-1, keepdims=True)),)


def _norm_back(g: Array, x: Array) -> tuple[Array, ...]:
    d = x - x.mean(-1, keepdims=True)
    s = np.sqrt((d * d).mean(-1, keepdims=True) + 1e-5)
    y = d / s
    return ((g - g.mean(-1, keepdims=True) - y * (g * y).mean(-1, keepdims=True)) / s,)


def _norm(x: Array) -> Array:
    d = x - x.mean(-1, keepdims=True)
    return d / np.sqrt((d * d).mean(-1, keepdims=True) + 1e-5)


def _max_back(g: Array, x: Array) -> tuple[Array, ...]:
    at = np.expand_dims(x.argmax(-1), -1)
    d = np.zeros_like(x)
    np.put_along_axis(d, at, np.expand_dims(g, -1), -1)
    return (d,)


STEPS = [
    _unary(np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    _unary(np.sin, np.cos),
    _unary(np.cos, lambda x: -np.sin(x)),
    _unary(np.square, lambda x: 2 * x),
    _unary(_sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    _unary(lambda x: np.logaddexp(0, x), _sigmoid),
    _unary(lambda x: np.exp(x / 4), lambda x: np.exp(x / 4) / 4),
    _unary(lambda x: np.log1p(x * x), lambda x: 2 * x / (1 + x * x)),
    _unary(lambda x: np.sqrt(x * x + 1), lambda x: x / np.sqrt(x * x + 1)),
    _unary(np.arctan, lambda x: 1 / (1 + x * x)),
    _unary(lambda x: np.maximum(x, 0.0), lambda x: (x > 0) * 1.0),
    _unary(lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1.0, 0.01)),
    _unary(np.abs, np.sign),
    _unary(lambda x: np.clip(x, -2, 2), lambda x: (np.abs(x) < 2) * 1.0),
    Step(np.add, lambda g, x, y: (_summed(g, x.shape), _summed(g, y.shape)), _beside),
    Step(np.subtract, lambda g, x, y: (_summed(g, x.shape), -_summed(g, y.shape)), _beside),
    Step(np.multiply, lambda g, x, y: (_summed(g * y, x.shape), _summed(g * x, y.shape)), _beside),
    Step(
        lambda x, y: x / (1 + y * y),
        lambda g, x, y: (g / (1 + y * y), _summed(-2 * g * x * y / (1 + y * y) ** 2, y.shape)),
        _beside,
    ),
    Step(np.matmul, _matmul_back, _matrix),
    Step(_softmax, _softmax_back, _rows),
    Step(_norm, _norm_back, _rows),
    Step(lambda x: x.sum(-1), lambda g, x: (np.broadcast_to(g[..., None], x.shape),), _rows),
    Step(
        lambda x: x.mean(-1),
        lambda g, x: (np.broadcast_to(g[..., None], x.shape) / x.shape[-1],),
        _rows,
    ),
    Step(lambda x: x.max(-1), _max_back, _rows),
    Step(
        lambda x: np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1)) + x.max(-1),
        lambda g, x: (g[..., None] * _softmax(x),),
        _rows,
    ),
    Step(np.transpose, lambda g, x: (g.T,)),
    Step(lambda x: x.reshape(-1), lambda g, x: (g.reshape(x.shape),)),
    Step(lambda x: np.cumsum(x, -1), lambda g, x: (np.cumsum(g[..., ::-1], -1)[..., ::-1],), _rows),
]


def drawn(
    rng: np.random.Generator,
) -> tuple[str, Callable[..., Any], Callable[..., Any], list[Any]]:
    """A random right function with its arguments."""
    if rng.random() < 0.25:
        f: Function = FUNCTIONS[int(rng.integers(len(FUNCTIONS)))]
        if not f.name.startswith("large"):
            return f.name, f.forward, f.backward, list(f.draw(rng))
    shape = tuple(int(n) for n in rng.integers(1, 5, int(rng.integers(0, 4))))
    scale = float(10.0 ** rng.uniform(-2, 1))
    x = np.asarray(rng.standard_normal(shape) * scale)
    arguments, y = [x], x
    chosen: list[tuple[Step, slice]] = []
    count = int(rng.integers(1, 5))
    while len(chosen) < count:
        step = STEPS[int(rng.integers(len(STEPS)))]
        more = step.more(rng, y.shape)
        if more is None:
            continue
        chosen.append((step, slice(len(arguments), len(arguments) + len(more))))
        arguments += [np.asarray(m) for m in more]
        y = np.asarray(step.forward(y, *more))

    def forward(*arrays: Array) -> Array:
        y = arrays[0]
        for step, where in chosen:
            y = step.forward(y, *arrays[where])
        return y

    def backward(g: Array, *arrays: Array) -> tuple[Array, ...]:
        ys = [arrays[0]]
        for step, where in chosen[:-1]:
            ys.append(step.forward(ys[-1], *arrays[where]))
        grads: list[Array] = [None] * len(arrays)
        for (step, where), y in zip(reversed(chosen), reversed(ys), strict=True):
            g, *rest = step.backward(g, y, *arrays[where])
            grads[where] = rest
        grads[0] = g
        return tuple(grads)

    return " ".join(str(STEPS.index(step)) for step, _ in chosen), forward, backward, arguments
