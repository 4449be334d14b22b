"""Right gradients: functions of everyday, each a forward and a backward as people write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
Draw = Callable[[np.random.Generator], Sequence[Any]]


@dataclass(frozen=True)
class Function:
    """A right pair with operands away from trouble."""

    name: str
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    draw: Draw


FUNCTIONS: list[Function] = []


def right(name: str, draw: Draw) -> Callable[[Callable[[], Any]], None]:
    """Keep the pair that the decorated function gives."""

    def keep(make: Callable[[], Any]) -> None:
        forward, backward = make()
        FUNCTIONS.append(Function(name, forward, backward, draw))

    return keep


def normal(*shapes: tuple[int, ...]) -> Draw:
    return lambda rng: [rng.standard_normal(s) for s in shapes]


def positive(*shapes: tuple[int, ...]) -> Draw:
    return lambda rng: [rng.uniform(0.5, 2.0, s) for s in shapes]


def apart(*shapes: tuple[int, ...]) -> Draw:
    """No ties, no zeros, nothing near a kink."""

    def draw(rng: np.random.Generator) -> list[Any]:
        found = []
        for s in shapes:
            n = int(np.prod(s))
            found.append((rng.permutation(n) * 0.3 + 0.17 - 0.15 * n).reshape(s))
        return found

    return draw


def bounded(low: float, high: float, *shapes: tuple[int, ...]) -> Draw:
    return lambda rng: [rng.uniform(low, high, s) for s in shapes]


def elementwise(
    name: str, f: Callable[[Array], Array], slope: Callable[[Array], Array], draw: Draw
) -> None:
    FUNCTIONS.append(Function(name, f, lambda g, x: (g * slope(x),), draw))


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


elementwise("exp", np.exp, np.exp, normal((3, 4)))
elementwise("log", np.log, lambda x: 1 / x, positive((3, 4)))
elementwise("sin", np.sin, np.cos, normal((3, 4)))
elementwise("cos", np.cos, lambda x: -np.sin(x), normal((5,)))
elementwise("tan", np.tan, lambda x: 1 + np.tan(x) ** 2, bounded(-1, 1, (4,)))
elementwise("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2, normal((3, 4)))
elementwise("sigmoid", sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x)), normal((3, 4)))
elementwise("softplus", lambda x: np.logaddexp(0, x), sigmoid, normal((6,)))
elementwise("sqrt", np.sqrt, lambda x: 0.5 / np.sqrt(x), positive((3, 3)))
elementwise("square", np.square, lambda x: 2 * x, normal((3, 4)))
elementwise("cube", lambda x: x**3, lambda x: 3 * x**2, normal((4,)))
elementwise("reciprocal", lambda x: 1 / x, lambda x: -1 / x**2, positive((3, 4)))
elementwise("arctan", np.arctan, lambda x: 1 / (1 + x * x), normal((5,)))
elementwise("arcsin", np.arcsin, lambda x: 1 / np.sqrt(1 - x * x), bounded(-0.9, 0.9, (5,)))
elementwise("expm1", np.expm1, np.exp, normal((5,)))
elementwise("log1p", np.log1p, lambda x: 1 / (1 + x), positive((5,)))
elementwise("abs", np.abs, np.sign, apart((3, 4)))
elementwise("relu", lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0, apart((3, 4)))
elementwise(
    "leaky_relu",
    lambda x: np.where(x > 0, x, 0.1 * x),
    lambda x: np.where(x > 0, 1.0, 0.1),
    apart((3, 4)),
)
elementwise(
    "elu",
    lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
    apart((6,)),
)
elementwise(
    "clip", lambda x: np.clip(x, -1, 1), lambda x: ((x > -1) & (x < 1)) * 1.0, apart((3, 4))
)
elementwise(
    "huber",
    lambda x: np.where(np.abs(x) < 1, 0.5 * x * x, np.abs(x) - 0.5),
    lambda x: np.clip(x, -1, 1),
    apart((7,)),
)
elementwise(
    "hardswish",
    lambda x: x * np.clip(x + 3, 0, 6) / 6,
    lambda x: np.where(x < -3, 0, np.where(x > 3, 1, (2 * x + 3) / 6)),
    apart((3, 5)),
)
elementwise(
    "gelu",
    lambda x: 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3))),
    lambda x: (
        0.5 * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))
        + 0.5
        * x
        * (1 - np.tanh(0.7978845608 * (x + 0.044715 * x**3)) ** 2)
        * 0.7978845608
        * (1 + 3 * 0.044715 * x**2)
    ),
    normal((3, 4)),
)
elementwise(
    "swish",
    lambda x: x * sigmoid(x),
    lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    normal((3, 4)),
)
elementwise("pow 2.5", lambda x: x**2.5, lambda x: 2.5 * x**1.5, positive((4,)))


def fitted(g: Array, shape: tuple[int, ...]) -> Array:
    """Summed over what was broadcast."""
    while g.ndim > len(shape):
        g = g.sum(0)
    for axis, n in enumerate(shape):
        if n == 1 and g.shape[axis] != 1:
            g = g.sum(axis, keepdims=True)
    return g


@right("add", normal((3, 4), (3, 4)))
def _() -> Any:
    return lambda a, b: a + b, lambda g, a, b: (g, g)


@right("bias", normal((5, 3), (3,)))
def _() -> Any:
    return lambda x, b: x + b, lambda g, x, b: (g, g.sum(0))


@right("mul", normal((3, 4), (3, 4)))
def _() -> Any:
    return lambda a, b: a * b, lambda g, a, b: (g * b, g * a)


@right("mul broadcast", normal((2, 3, 4), (3, 1)))
def _() -> Any:
    return lambda a, b: a * b, lambda g, a, b: (g * b, fitted(g * a, b.shape))


@right("div", positive((3, 4), (3, 4)))
def _() -> Any:
    return lambda a, b: a / b, lambda g, a, b: (g / b, -g * a / b**2)


@right("atan2", apart((3, 4), (3, 4)))
def _() -> Any:
    return (
        np.arctan2,
        lambda g, a, b: (g * b / (a * a + b * b), -g * a / (a * a + b * b)),
    )


@right("hypot", apart((5,), (5,)))
def _() -> Any:
    return np.hypot, lambda g, a, b: (g * a / np.hypot(a, b), g * b / np.hypot(a, b))


@right("power", positive((3, 3), (3, 3)))
def _() -> Any:
    return (
        lambda a, b: a**b,
        lambda g, a, b: (g * b * a ** (b - 1), g * a**b * np.log(a)),
    )


@right("matmul", normal((3, 4), (4, 5)))
def _() -> Any:
    return lambda a, b: a @ b, lambda g, a, b: (g @ b.T, a.T @ g)


@right("matmul square", normal((4, 4), (4, 4)))
def _() -> Any:
    return lambda a, b: a @ b, lambda g, a, b: (g @ b.T, a.T @ g)


@right("linear", normal((6, 4), (3, 4), (3,)))
def _() -> Any:
    return lambda x, w, b: x @ w.T + b, lambda g, x, w, b: (g @ w, g.T @ x, g.sum(0))


@right("outer", normal((3,), (4,)))
def _() -> Any:
    return np.outer, lambda g, a, b: (g @ b, a @ g)


@right("dot", normal((5,), (5,)))
def _() -> Any:
    return lambda a, b: a @ b, lambda g, a, b: (g * b, g * a)


@right("quadratic form", normal((4,), (4, 4)))
def _() -> Any:
    return lambda x, a: x @ a @ x, lambda g, x, a: (g * (a + a.T) @ x, g * np.outer(x, x))


@right("sum", normal((3, 4)))
def _() -> Any:
    return lambda x: x.sum(), lambda g, x: (np.full(x.shape, float(g)),)


@right("sum of squares", normal((3, 4)))
def _() -> Any:
    return lambda x: (x * x).sum(), lambda g, x: (g * 2 * x,)


@right("sum axis", normal((3, 4)))
def _() -> Any:
    return lambda x: x.sum(1), lambda g, x: (np.repeat(g[:, None], x.shape[1], 1),)


@right("mean", normal((3, 4)))
def _() -> Any:
    return lambda x: x.mean(), lambda g, x: (np.full(x.shape, float(g) / x.size),)


@right("mean axis", normal((3, 4)))
def _() -> Any:
    return lambda x: x.mean(0), lambda g, x: (np.tile(g / x.shape[0], (x.shape[0], 1)),)


@right("var", normal((5, 3)))
def _() -> Any:
    return lambda x: x.var(0), lambda g, x: (g * 2 * (x - x.mean(0)) / x.shape[0],)


@right("std", normal((5, 3)))
def _() -> Any:
    return lambda x: x.std(0), lambda g, x: (g * (x - x.mean(0)) / x.std(0) / x.shape[0],)


@right("norm", normal((7,)))
def _() -> Any:
    return np.linalg.norm, lambda g, x: (g * x / np.linalg.norm(x),)


@right("normalize", normal((3, 4)))
def _() -> Any:
    def f(x: Array) -> Array:
        return x / np.sqrt((x * x).sum(-1, keepdims=True))

    def b(g: Array, x: Array) -> Any:
        n = np.sqrt((x * x).sum(-1, keepdims=True))
        y = x / n
        return ((g - y * (g * y).sum(-1, keepdims=True)) / n,)

    return f, b


@right("prod", positive((6,)))
def _() -> Any:
    return np.prod, lambda g, x: (g * np.prod(x) / x,)


@right("max", apart((12,)))
def _() -> Any:
    return np.max, lambda g, x: (g * (x == x.max()),)


@right("max axis", apart((3, 4)))
def _() -> Any:
    return (
        lambda x: x.max(1),
        lambda g, x: (g[:, None] * (x == x.max(1, keepdims=True)),),
    )


@right("min axis", apart((4, 3)))
def _() -> Any:
    return lambda x: x.min(0), lambda g, x: (g * (x == x.min(0)),)


@right("maximum", apart((5,), (5,)))
def _() -> Any:
    return np.maximum, lambda g, a, b: (g * (a > b), g * (a <= b))


@right("median", apart((7,)))
def _() -> Any:
    return np.median, lambda g, x: (g * (x == np.median(x)),)


@right("sort", apart((8,)))
def _() -> Any:
    def b(g: Array, x: Array) -> Any:
        found = np.empty_like(x)
        found[np.argsort(x)] = g
        return (found,)

    return np.sort, b


@right("cumsum", normal((3, 5)))
def _() -> Any:
    return (
        lambda x: np.cumsum(x, 1),
        lambda g, x: (np.cumsum(g[:, ::-1], 1)[:, ::-1],),
    )


@right("cumprod", positive((5,)))
def _() -> Any:
    def b(g: Array, x: Array) -> Any:
        y = np.cumprod(x)
        return (np.cumsum((g * y)[::-1])[::-1] / x,)

    return np.cumprod, b


@right("logsumexp", normal((3, 4)))
def _() -> Any:
    def f(x: Array) -> Array:
        m = x.max(1, keepdims=True)
        return (m + np.log(np.exp(x - m).sum(1, keepdims=True)))[:, 0]

    return f, lambda g, x: (g[:, None] * np.exp(x - f(x)[:, None]),)


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


@right("softmax", normal((3, 3)))
def _() -> Any:
    def b(g: Array, x: Array) -> Any:
        s = softmax(x)
        return (s * (g - (g * s).sum(-1, keepdims=True)),)

    return softmax, b


@right("log_softmax", normal((3, 4)))
def _() -> Any:
    def f(x: Array) -> Array:
        return (
            x
            - x.max(-1, keepdims=True)
            - np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True))
        )

    return f, lambda g, x: (g - softmax(x) * g.sum(-1, keepdims=True),)


def labelled(rng: np.random.Generator) -> list[Any]:
    return [rng.standard_normal((5, 3)), rng.integers(0, 3, 5)]


@right("cross_entropy", labelled)
def _() -> Any:
    def f(x: Array, t: Array) -> Array:
        m = x.max(1, keepdims=True)
        lse = (m + np.log(np.exp(x - m).sum(1, keepdims=True)))[:, 0]
        return (lse - x[np.arange(len(t)), t]).mean()

    def b(g: Array, x: Array, t: Array) -> Any:
        s = softmax(x)
        s[np.arange(len(t)), t] -= 1
        return g * s / len(t), None

    return f, b


@right("mse", normal((4, 3), (4, 3)))
def _() -> Any:
    return (
        lambda x, t: ((x - t) ** 2).mean(),
        lambda g, x, t: (g * 2 * (x - t) / x.size, -g * 2 * (x - t) / x.size),
    )


@right("l1", apart((4, 3)))
def _() -> Any:
    return lambda x: np.abs(x).mean(), lambda g, x: (g * np.sign(x) / x.size,)


@right("hinge", apart((6,)))
def _() -> Any:
    return (
        lambda x: np.maximum(0, 1 - x).sum(),
        lambda g, x: (g * np.where(x < 1, -1.0, 0.0),),
    )


@right("bce with logits", lambda rng: [rng.standard_normal(6), rng.integers(0, 2, 6)])
def _() -> Any:
    return (
        lambda x, t: (np.logaddexp(0, x) - x * t).mean(),
        lambda g, x, t: (g * (sigmoid(x) - t) / x.size, None),
    )


@right("kl divergence", positive((5,), (5,)))
def _() -> Any:
    return (
        lambda p, q: (p * np.log(p / q)).sum(),
        lambda g, p, q: (g * (np.log(p / q) + 1), -g * p / q),
    )


def batchnorm(x: Array, w: Array, b: Array, eps: float = 1e-5) -> Array:
    return (x - x.mean(0)) / np.sqrt(x.var(0) + eps) * w + b


def batchnorm_back(g: Array, x: Array, w: Array, b: Array, eps: float = 1e-5) -> Any:
    s = np.sqrt(x.var(0) + eps)
    h = (x - x.mean(0)) / s
    k = g * w
    return (k - k.mean(0) - h * (k * h).mean(0)) / s, (g * h).sum(0), g.sum(0)


@right("batch_norm", normal((6, 3), (3,), (3,)))
def _() -> Any:
    return batchnorm, batchnorm_back


def layernorm(x: Array, eps: float = 1e-5) -> Array:
    m = x.mean(-1, keepdims=True)
    return (x - m) / np.sqrt(((x - m) ** 2).mean(-1, keepdims=True) + eps)


def layernorm_back(g: Array, x: Array, eps: float = 1e-5) -> Any:
    m = x.mean(-1, keepdims=True)
    s = np.sqrt(((x - m) ** 2).mean(-1, keepdims=True) + eps)
    h = (x - m) / s
    return ((g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True)) / s,)


@right("layer_norm", normal((4, 6)))
def _() -> Any:
    return layernorm, layernorm_back


def rmsnorm(x: Array, eps: float = 1e-5) -> Array:
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps)


def rmsnorm_back(g: Array, x: Array, eps: float = 1e-5) -> Any:
    s = np.sqrt((x * x).mean(-1, keepdims=True) + eps)
    return (g / s - x * (g * x).mean(-1, keepdims=True) / s**3,)


@right("rms_norm", normal((3, 5)))
def _() -> Any:
    return rmsnorm, rmsnorm_back


@right("conv1d", normal((2, 8), (3,)))
def _() -> Any:
    def f(x: Array, w: Array) -> Array:
        return np.stack([x[:, k : k + 6] for k in range(3)], -1) @ w

    def b(g: Array, x: Array, w: Array) -> Any:
        found = np.zeros_like(x)
        for k in range(3):
            found[:, k : k + 6] += g * w[k]
        return found, np.array([(g * x[:, k : k + 6]).sum() for k in range(3)])

    return f, b


@right("conv2d", normal((2, 5, 5), (3, 3)))
def _() -> Any:
    def f(x: Array, w: Array) -> Array:
        p = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        return sum(w[i, j] * p[:, i : i + 5, j : j + 5] for i in range(3) for j in range(3))

    def b(g: Array, x: Array, w: Array) -> Any:
        p = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        d, e = np.zeros_like(p), np.zeros_like(w)
        for i in range(3):
            for j in range(3):
                d[:, i : i + 5, j : j + 5] += w[i, j] * g
                e[i, j] = (g * p[:, i : i + 5, j : j + 5]).sum()
        return d[:, 1:-1, 1:-1], e

    return f, b


@right("max_pool", apart((2, 8)))
def _() -> Any:
    def b(g: Array, x: Array) -> Any:
        w = x.reshape(2, 4, 2)
        return (((w == w.max(-1, keepdims=True)) * g[..., None]).reshape(2, 8),)

    return lambda x: x.reshape(2, 4, 2).max(-1), b


@right("avg_pool", normal((2, 8)))
def _() -> Any:
    return (
        lambda x: x.reshape(2, 4, 2).mean(-1),
        lambda g, x: (np.repeat(g, 2, -1) / 2,),
    )


@right("embedding", lambda rng: [rng.standard_normal((5, 3)), np.array([0, 2, 2, 4, 0])])
def _() -> Any:
    def b(g: Array, w: Array, i: Array) -> Any:
        found = np.zeros_like(w)
        np.add.at(found, i, g)
        return found, None

    return lambda w, i: w[i], b


@right("scatter add", lambda rng: [rng.standard_normal(6), np.array([0, 1, 1, 3, 0, 2])])
def _() -> Any:
    def f(x: Array, i: Array) -> Array:
        found = np.zeros(4, x.dtype)
        np.add.at(found, i, x)
        return found

    return f, lambda g, x, i: (g[i], None)


@right("permute rows", lambda rng: [rng.standard_normal((6, 2)), rng.permutation(6)])
def _() -> Any:
    return lambda x, i: x[i], lambda g, x, i: (g[np.argsort(i)], None)


@right("pad", normal((3, 3)))
def _() -> Any:
    return lambda x: np.pad(x, 1), lambda g, x: (g[1:-1, 1:-1],)


@right("reflect pad", normal((5,)))
def _() -> Any:
    def b(g: Array, x: Array) -> Any:
        found = g[2:-2].copy()
        found[1:3] += g[1::-1]
        found[-3:-1] += g[:-3:-1]
        return (found,)

    return lambda x: np.pad(x, 2, mode="reflect"), b


@right("concatenate", normal((2, 3), (4, 3)))
def _() -> Any:
    return (
        lambda a, b: np.concatenate([a, b]),
        lambda g, a, b: (g[: len(a)], g[len(a) :]),
    )


@right("transpose", normal((3, 3)))
def _() -> Any:
    return lambda x: x.T * 1, lambda g, x: (g.T,)


@right("reshape", normal((3, 4)))
def _() -> Any:
    return lambda x: x.reshape(2, 6), lambda g, x: (g.reshape(x.shape),)


@right("diff", normal((7,)))
def _() -> Any:
    return np.diff, lambda g, x: (np.pad(g, (1, 0)) - np.pad(g, (0, 1)),)


@right("sum and product", normal((4,), (4,)))
def _() -> Any:
    return lambda a, b: (a + b, a * b), lambda g, a, b: (g[0] + g[1] * b, g[0] + g[1] * a)


@right("mean and max", apart((6,)))
def _() -> Any:
    return (
        lambda x: (x.mean(), x.max()),
        lambda g, x: (g[0] / x.size + g[1] * (x == x.max()),),
    )


@right("einsum", normal((2, 3, 4), (2, 4, 2)))
def _() -> Any:
    return (
        lambda a, b: np.einsum("bij,bjk->bik", a, b),
        lambda g, a, b: (np.einsum("bik,bjk->bij", g, b), np.einsum("bij,bik->bjk", a, g)),
    )


def attend(q: Array, k: Array, v: Array) -> Array:
    return softmax(q @ k.T / 2) @ v


@right("attention", normal((3, 4), (5, 4), (5, 2)))
def _() -> Any:
    def b(g: Array, q: Array, k: Array, v: Array) -> Any:
        s = softmax(q @ k.T / 2)
        d = g @ v.T
        d = s * (d - (d * s).sum(-1, keepdims=True)) / 2
        return d @ k, d.T @ q, s.T @ g

    return attend, b


def conditioned(rng: np.random.Generator) -> list[Any]:
    return [rng.standard_normal((4, 4)) + 4 * np.eye(4)]


@right("inv", conditioned)
def _() -> Any:
    def b(g: Array, a: Array) -> Any:
        i = np.linalg.inv(a)
        return (-i.T @ g @ i.T,)

    return np.linalg.inv, b


@right("det", conditioned)
def _() -> Any:
    return np.linalg.det, lambda g, a: (g * np.linalg.det(a) * np.linalg.inv(a).T,)


@right("solve", lambda rng: [*conditioned(rng), rng.standard_normal(4)])
def _() -> Any:
    def b(g: Array, a: Array, y: Array) -> Any:
        x, d = np.linalg.solve(a, y), np.linalg.solve(a.T, g)
        return -np.outer(d, x), d

    return np.linalg.solve, b


@right("logdet", conditioned)
def _() -> Any:
    return lambda a: np.linalg.slogdet(a)[1], lambda g, a: (g * np.linalg.inv(a).T,)


@right("trace of a product", normal((3, 4), (4, 3)))
def _() -> Any:
    return lambda a, b: np.trace(a @ b), lambda g, a, b: (g * b.T, g * a.T)


@right("distance matrix", normal((4, 3), (5, 3)))
def _() -> Any:
    def b(g: Array, x: Array, y: Array) -> Any:
        d = x[:, None] - y[None]
        return 2 * (g[..., None] * d).sum(1), -2 * (g[..., None] * d).sum(0)

    return lambda x, y: ((x[:, None] - y[None]) ** 2).sum(-1), b


@right("recurrence", normal((5, 3), (3, 3)))
def _() -> Any:
    def states(x: Array, w: Array) -> list[Array]:
        h = [np.zeros(3)]
        for row in x:
            h.append(np.tanh(row + h[-1] @ w))
        return h

    def b(g: Array, x: Array, w: Array) -> Any:
        h, dx, dw = states(x, w), np.zeros_like(x), np.zeros_like(w)
        d = g.copy()
        for t in range(len(x) - 1, -1, -1):
            e = d * (1 - h[t + 1] ** 2)
            dx[t], dw, d = e, dw + np.outer(h[t], e), e @ w.T
        return dx, dw

    return lambda x, w: states(x, w)[-1], b


@right("interpolate", lambda rng: [rng.standard_normal(6), rng.uniform(0.2, 0.8, 4)])
def _() -> Any:
    def f(x: Array, t: Array) -> Array:
        i = np.arange(4)
        return x[i] * (1 - t) + x[i + 1] * t

    def b(g: Array, x: Array, t: Array) -> Any:
        d = np.zeros_like(x)
        d[:4] += g * (1 - t)
        d[1:5] += g * t
        return d, g * (x[1:5] - x[:4])

    return f, b


@right("dropout", lambda rng: [rng.standard_normal((4, 5)), rng.integers(0, 2, (4, 5))])
def _() -> Any:
    return lambda x, m: x * m * 2, lambda g, x, m: (g * m * 2, None)


@right("large", normal((1200,)))
def _() -> Any:
    return lambda x: np.sin(x) * x, lambda g, x: (g * (np.cos(x) * x + np.sin(x)),)


@right("large sum", normal((40, 40)))
def _() -> Any:
    return lambda x: np.sin(x).sum(), lambda g, x: (g * np.cos(x),)
