"""Right gradients where checkers stumble: at kinks and ties, near poles and kinks, behind matrices
of condition 1e6, among terms of 1e8, with float32 inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.checkers.ops import (
    FUNCTIONS,
    Array,
    Draw,
    Function,
    batchnorm,
    batchnorm_back,
    layernorm,
    layernorm_back,
    sigmoid,
    softmax,
)

HARD: list[Function] = []
BY_NAME = {f.name: f for f in FUNCTIONS}


def hard(name: str, forward: Callable[..., Any], backward: Callable[..., Any], draw: Draw) -> None:
    HARD.append(Function(name, forward, backward, draw))


def at(name: str, op: str, draw: Draw) -> None:
    """A function of everyday at an awkward point."""
    f = BY_NAME[op]
    hard(f"{op}: {name}", f.forward, f.backward, draw)


def numbers(*values: Any) -> Draw:
    return lambda rng: [np.array(v, float) for v in values]


def grid(low: int, high: int, *shapes: tuple[int, ...]) -> Draw:
    """Whole numbers: ties and zeros everywhere."""
    return lambda rng: [rng.integers(low, high, s).astype(float) for s in shapes]


def times(factor: float, *shapes: tuple[int, ...], plus: float = 0.0) -> Draw:
    return lambda rng: [rng.standard_normal(s) * factor + plus for s in shapes]


# --- at kinks: any value of the subdifferential is right -----------------------------------------

for op in ("abs", "relu", "leaky_relu", "elu", "huber", "hardswish", "clip", "l1", "hinge"):
    at("at whole numbers", op, grid(-2, 3, (4, 5)))
    at("at zero", op, numbers([0.0, 0.0, 1.0, -1.0, 0.0]))
    at("1e-7 from whole numbers", op, lambda rng: [rng.integers(-2, 3, (3, 4)) + 1e-7])
    at("1e-10 from whole numbers", op, lambda rng: [rng.integers(-2, 3, (3, 4)) - 1e-10])
for slope in (0.0, 0.3, 0.5, 1.0):
    hard(
        f"relu with slope {slope} at zero",
        lambda x: np.maximum(x, 0),
        lambda g, x, s=slope: (g * np.where(x == 0, s, x > 0),),
        numbers([0.0, 1.0, 0.0, -2.0]),
    )
    hard(
        f"abs with slope {slope} at zero",
        np.abs,
        lambda g, x, s=slope: (g * np.where(x == 0, s, np.sign(x)),),
        numbers([0.0, 1.0, 0.0, -2.0]),
    )
hard(
    "norm at zero",
    lambda x: np.sqrt((x * x).sum()),
    lambda g, x: (g * x / max(np.sqrt((x * x).sum()), 1e-300),),
    numbers([0.0, 0.0, 0.0]),
)

# --- ties ----------------------------------------------------------------------------------------


def first_largest(g: Array, x: Array) -> Any:
    d = np.zeros(x.size)
    d[np.argmax(x)] = g
    return (d.reshape(x.shape),)


def last_largest(g: Array, x: Array) -> Any:
    d = np.zeros(x.size)
    d[x.size - 1 - np.argmax(x.reshape(-1)[::-1])] = g
    return (d.reshape(x.shape),)


def shared_largest(g: Array, x: Array) -> Any:
    m = x == x.max()
    return (g * m / m.sum(),)


for name, back in (("first", first_largest), ("last", last_largest), ("shared", shared_largest)):
    hard(f"max of ties, {name}", np.max, back, numbers([1.0, 3.0, 3.0, 2.0, 3.0]))
    hard(f"max of equal numbers, {name}", np.max, back, numbers([0.0, 0.0, 0.0, 0.0]))
    hard(f"max of ties in a matrix, {name}", np.max, back, grid(0, 2, (3, 4)))
hard(
    "maximum of ties, half each",
    np.maximum,
    lambda g, a, b: (g * ((a > b) + 0.5 * (a == b)), g * ((a < b) + 0.5 * (a == b))),
    numbers([1.0, 2.0, 3.0], [1.0, 0.0, 3.0]),
)
hard(
    "maximum of ties, the first",
    np.maximum,
    lambda g, a, b: (g * (a >= b), g * (a < b)),
    numbers([1.0, 2.0, 3.0], [1.0, 0.0, 3.0]),
)
hard(
    "minimum of ties, the second",
    np.minimum,
    lambda g, a, b: (g * (a < b), g * (a >= b)),
    numbers([1.0, 2.0, 3.0], [1.0, 0.0, 3.0]),
)


def sort_back(g: Array, x: Array) -> Any:
    d = np.empty_like(x)
    d[np.argsort(x, kind="stable")] = g
    return (d,)


hard("sort of ties", np.sort, sort_back, numbers([1.0, 3.0, 3.0, 2.0, 1.0, 1.0]))


def axis_max_back(g: Array, x: Array) -> Any:
    d = np.zeros_like(x)
    np.put_along_axis(d, x.argmax(1)[:, None], g[:, None], 1)
    return (d,)


hard("max axis of ties", lambda x: x.max(1), axis_max_back, grid(0, 3, (5, 4)))


def pool_back(g: Array, x: Array) -> Any:
    w = x.reshape(2, 4, 2)
    m = w == w.max(-1, keepdims=True)
    return ((m / m.sum(-1, keepdims=True) * g[..., None]).reshape(2, 8),)


hard("max_pool of ties", lambda x: x.reshape(2, 4, 2).max(-1), pool_back, grid(0, 2, (2, 8)))


def median_even(g: Array, x: Array) -> Any:
    order = np.argsort(x, kind="stable")
    d = np.zeros_like(x)
    d[order[[x.size // 2 - 1, x.size // 2]]] = g / 2
    return (d,)


hard("median of an even number", np.median, median_even, numbers([4.0, 1.0, 3.0, 2.0]))
hard("median of ties", np.median, median_even, numbers([2.0, 1.0, 2.0, 2.0, 5.0, 2.0]))
hard(
    "relu after sum at zero",
    lambda a, b: np.maximum(a + b, 0),
    lambda g, a, b: (g * (a + b > 0),) * 2,
    numbers([1.0, -1.0, 2.0], [-1.0, 1.0, 3.0]),
)
hard(
    "abs of a difference at zero",
    lambda a, b: np.abs(a - b).sum(),
    lambda g, a, b: (g * np.sign(a - b), -g * np.sign(a - b)),
    numbers([1.0, 2.0, 2.0], [1.0, 2.0, 3.0]),
)

# --- steps: the slope is 0 where there is one ----------------------------------------------------

for name, f in (("floor", np.floor), ("round", np.round), ("sign", np.sign)):
    hard(f"{name} between steps", f, lambda g, x: (0.0 * g,), numbers([0.3, 1.2, -1.7, 2.4]))
    hard(f"{name} at steps", f, lambda g, x: (0.0 * g,), numbers([0.0, 1.0, -2.0, 0.5]))
hard("fraction", lambda x: x - np.floor(x), lambda g, x: (g,), numbers([0.3, 1.7, -0.2]))

# --- near poles, and where numbers are large or small --------------------------------------------

for size in (1e-5, 1e-8, 1e5, 1e8):
    at(
        f"a divisor near {size:g}",
        "div",
        lambda rng, s=size: [rng.standard_normal((3, 4)), s * rng.uniform(0.5, 2, (3, 4))],
    )
    at(f"near {size:g}", "log", lambda rng, s=size: [s * rng.uniform(0.5, 2, 6)])
    at(f"near {size:g}", "sqrt", lambda rng, s=size: [s * rng.uniform(0.5, 2, 6)])
    at(f"near {size:g}", "reciprocal", lambda rng, s=size: [s * rng.uniform(0.5, 2, 6)])
    at(f"near {size:g}", "normalize", times(size, (3, 4)))
    at(f"near {size:g}", "square", times(size, (3, 4)))
    at(f"near {size:g}", "matmul", times(size, (3, 4), (4, 5)))
at(
    "one divisor of many near 1e-5",
    "div",
    lambda rng: [rng.standard_normal(8), np.array([1.0, 2, 1e-5, -1, 1e-6, 3, -1e-5, 1])],
)
for size in (30.0, 100.0, 700.0):
    at(f"times {size:g}", "sigmoid", times(size, (3, 4)))
    at(f"times {size:g}", "softmax", times(size, (3, 4)))
    at(f"times {size:g}", "log_softmax", times(size, (3, 4)))
    at(f"times {size:g}", "tanh", times(size, (3, 4)))
    at(f"times {size:g}", "logsumexp", times(size, (3, 4)))
    at(f"times {size:g}", "softplus", times(size, (6,)))
    at(f"times {size:g}", "swish", times(size, (6,)))
at("large and small together", "sum of squares", numbers([1e-6, 1.0, 1e6, -1e-3]))
at("large and small together", "prod", numbers([1e-6, 1.0, 1e6, 1e-3, 5.0]))
at("large and small together", "cumsum", lambda rng: [10.0 ** rng.uniform(-6, 6, (3, 5))])

# --- offsets and sums of large terms -------------------------------------------------------------

for offset in (1e4, 1e6, 1e8):
    at(f"offset {offset:g}", "var", times(1.0, (5, 3), plus=offset))
    at(f"offset {offset:g}", "std", times(1.0, (5, 3), plus=offset))
    at(f"offset {offset:g}", "softmax", times(1.0, (3, 4), plus=offset))
    at(f"offset {offset:g}", "logsumexp", times(1.0, (3, 4), plus=offset))
    at(f"offset {offset:g}", "diff", times(1.0, (6,), plus=offset))
    hard(
        f"layer_norm: offset {offset:g}", layernorm, layernorm_back, times(1.0, (4, 6), plus=offset)
    )
    hard(
        f"batch_norm: offset {offset:g}",
        batchnorm,
        batchnorm_back,
        lambda rng, o=offset: [rng.standard_normal((6, 3)) + o, np.ones(3), np.zeros(3)],
    )
    hard(
        f"a constant of {offset:g} added and taken away",
        lambda x, c=offset: (np.sin(x) + c) - c,
        lambda g, x: (g * np.cos(x),),
        times(1.0, (6,)),
    )
    hard(
        f"terms of {offset:g} that cancel",
        lambda x, c=offset: (c * x).sum() - (c * x[::-1]).sum() + (x * x).sum(),
        lambda g, x: (2 * g * x,),
        times(1.0, (6,)),
    )
    hard(
        f"a sum of terms of {offset:g}",
        lambda x, c=offset: (c + np.sin(x)).sum(),
        lambda g, x: (g * np.cos(x),),
        times(1.0, (10,)),
    )


# --- ill-conditioned -----------------------------------------------------------------------------


def with_condition(rng: np.random.Generator, c: float, n: int = 5) -> Array:
    q, _ = np.linalg.qr(rng.standard_normal((n, n)))
    r, _ = np.linalg.qr(rng.standard_normal((n, n)))
    return q * np.geomspace(1, 1 / c, n) @ r


for c in (1e3, 1e6, 1e8):
    at(f"condition {c:g}", "inv", lambda rng, c=c: [with_condition(rng, c)])
    at(
        f"condition {c:g}",
        "solve",
        lambda rng, c=c: [with_condition(rng, c), rng.standard_normal(5)],
    )
    at(f"condition {c:g}", "logdet", lambda rng, c=c: [with_condition(rng, c)])
    at(f"condition {c:g}", "det", lambda rng, c=c: [with_condition(rng, c)])
at("the powers of a few numbers", "inv", lambda rng: [np.vander(np.linspace(0.1, 1, 6))])
hard(
    "a steep sigmoid",
    lambda x: sigmoid(1e4 * x),
    lambda g, x: (g * 1e4 * sigmoid(1e4 * x) * (1 - sigmoid(1e4 * x)),),
    times(1e-3, (6,)),
)
hard(
    "a fast sine",
    lambda x: np.sin(1e3 * x),
    lambda g, x: (g * 1e3 * np.cos(1e3 * x),),
    times(1.0, (6,)),
)
hard(
    "softmax of a product",
    lambda x, w: softmax(50 * x @ w),
    lambda g, x, w: _softmax_product(g, x, w),
    times(1.0, (3, 4), (4, 3)),
)


def _softmax_product(g: Array, x: Array, w: Array) -> Any:
    s = softmax(50 * x @ w)
    d = 50 * s * (g - (g * s).sum(-1, keepdims=True))
    return d @ w.T, x.T @ d


# --- float32 inside ------------------------------------------------------------------------------


def single(x: Array) -> Array:
    return x.astype(np.float32)


hard(
    "a product in float32",
    lambda a, b: (single(a) @ single(b)).astype(float),
    lambda g, a, b: (
        (single(g) @ single(b).T).astype(float),
        (single(a).T @ single(g)).astype(float),
    ),
    times(1.0, (3, 4), (4, 5)),
)
hard(
    "a sine in float32",
    lambda x: np.sin(single(x)),
    lambda g, x: (g * np.cos(single(x)),),
    times(1.0, (6,)),
)
hard(
    "tanh in float32, given in float64",
    lambda x: np.tanh(single(x)).astype(float),
    lambda g, x: (g * (1 - np.tanh(single(x)).astype(float) ** 2),),
    times(1.0, (3, 4)),
)
hard(
    "softmax in float32",
    lambda x: softmax(single(x)),
    lambda g, x: (lambda s: (s * (g - (g * s).sum(-1, keepdims=True)),))(softmax(single(x))),
    times(1.0, (3, 4)),
)
hard(
    "a mean in float32",
    lambda x: single(x).mean(),
    lambda g, x: (np.full(x.shape, g / x.size),),
    times(1.0, (12,)),
)
