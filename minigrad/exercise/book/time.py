"""Unit 25: through time."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal, of
from minigrad.exercise.rules import Rules
from minigrad.exercise.values import Values


def _rnn(x: Any, w: Any, u: Any, keep: Any = None) -> Any:
    """The last state of three steps; with ``keep`` some of the weights' uses are held constant."""
    h = 0 * (x[0] @ w)
    for t in range(3):
        alive = keep is None or t in keep
        h = (x[t] @ (w if alive else w.detach()) + h @ (u if alive else u.detach())).tanh()
    return h


RNN = Exercise(
    name="rnn-rule",
    title="Back through time",
    unit="25",
    words="""
h0 = 0, h(t) = tanh(x[t] w + h(t-1) u) for three steps; x is (3, N, D), w (D,
H), u (H, H). y is the last h, g its gradient. Return the gradients of x, w
and u: the weights are used in each step.
""",
    asks="backward",
    solution="""
import numpy as np


def backward(g, x, w, u):
    h = [np.zeros((x.shape[1], u.shape[0]))]
    for t in range(3):
        h.append(np.tanh(x[t] @ w + h[-1] @ u))
    dx, dw, du = np.zeros_like(x), np.zeros_like(w), np.zeros_like(u)
    for t in reversed(range(3)):
        da = g * (1 - h[t + 1] ** 2)
        dx[t] = da @ w.T
        dw += x[t].T @ da
        du += h[t].T @ da
        g = da @ u.T
    return dx, dw, du
""",
    grader=Rules(
        _rnn,
        of(
            lambda rng, turn: [rng.standard_normal((3, 5 + 2 * turn, 3 if turn else 2))],
            normal((2, 7), (7, 7)),
        ),
        {
            "only one step": (
                "dx: the gradient does not go on to earlier steps: g = da u' is missing",
                lambda g, x, w, u: _through(g, x, w, u, go=False),
            ),
            "tanh forgotten": (
                "tanh's derivative 1 - h² is missing",
                lambda g, x, w, u: _through(g, x, w, u, tanh=False),
            ),
            "u not turned": (
                "g goes back through u transposed; a square u hides that",
                lambda g, x, w, u: _through(g, x, w, u, turn=False),
            ),
            "last step only": (
                "dw and du: only the last step is counted",
                lambda g, x, w, u: _through(g, x, w, u, only=2),
            ),
            "first step only": (
                "dw and du: each step overwrites the one before: += and not =",
                lambda g, x, w, u: _through(g, x, w, u, only=0),
            ),
            "later state": (
                "du: h(t) is computed from h(t-1) u, so du takes the state before",
                lambda g, x, w, u: _through(g, x, w, u, later=True),
            ),
        },
    ),
    hints=(
        "Forward first, and keep every h; then from the last step to the first.",
        "In a step: da = g (1 - h²); then dx[t], and what is added to dw and du.",
        "g for the step before is da u'.",
    ),
    wrong=(
        ("only one step", "g = da @ u.T", "g = 0 * g"),
        ("tanh forgotten", " * (1 - h[t + 1] ** 2)", ""),
        ("u not turned", "da @ u.T", "da @ u"),
        ("first step only", "dw += x[t].T @ da\n        du +=", "dw = x[t].T @ da\n        du ="),
        (
            "last step only",
            "dw += x[t].T @ da\n        du += h[t].T @ da",
            "if t == 2:\n            dw += x[t].T @ da\n            du += h[t].T @ da",
        ),
        ("later state", "h[t].T @ da", "h[t + 1].T @ da"),
        (
            "writes",
            "        da = g * (1 - h[t + 1] ** 2)",
            "        g *= 1 - h[t + 1] ** 2\n        da = g",
        ),
        ("missing", "        du += h[t].T @ da\n", ""),
        ("count", "return dx, dw, du", "return dw, du"),
    ),
)


def _through(
    g: Any,
    x: Any,
    w: Any,
    u: Any,
    go: bool = True,
    tanh: bool = True,
    turn: bool = True,
    only: int | None = None,
    later: bool = False,
) -> Any:
    h = [np.zeros((x.shape[1], u.shape[0]))]
    for t in range(3):
        h.append(np.tanh(x[t] @ w + h[-1] @ u))
    dx, dw, du = np.zeros_like(x), np.zeros_like(w), np.zeros_like(u)
    for t in reversed(range(3)):
        da = g * (1 - h[t + 1] ** 2) if tanh else g
        dx[t] = da @ w.T
        if only is None or t == only:
            dw += x[t].T @ da
            du += h[t + later].T @ da
        g = da @ (u.T if turn else u) if go else 0 * g
    return dx, dw, du


CLIP = Exercise(
    name="clip-gradients",
    title="Clip the norm of all gradients",
    unit="25",
    words="""
a and b are the gradients of two parameters. If the norm of both together (the
root of the sum of all squares) is above `most`, both are multiplied by most /
norm; else they stay. Return both, and the norm before.
""",
    asks="clip",
    solution="""
import numpy as np


def clip(a, b, most):
    norm = np.sqrt((a**2).sum() + (b**2).sum())
    factor = min(1.0, most / norm)
    return a * factor, b * factor, norm
""",
    grader=Values(
        lambda a, b, most: _clipped(a, b, most),
        of(normal((5, 3), (7,), scale=3.0), lambda rng, turn: [100.0 if turn == 1 else 1.5]),
        {
            "each alone": (
                "each is clipped by its own norm, which changes the direction: one norm for both",
                lambda a, b, m: (_alone(a, m), _alone(b, m), _clipped(a, b, m)[2]),
            ),
            "elements": (
                "single elements are clipped, which changes the direction",
                lambda a, b, m: (a.clip(-m, m), b.clip(-m, m), _clipped(a, b, m)[2]),
            ),
            "always": (
                "gradients that are small enough stay as they are",
                lambda a, b, m: (
                    *(x * m / _clipped(a, b, m)[2] for x in (a, b)),
                    _clipped(a, b, m)[2],
                ),
            ),
            "not clipped": ("nothing is clipped", lambda a, b, m: (a, b, _clipped(a, b, m)[2])),
            "root forgotten": (
                "the norm is the root of the sum of squares",
                lambda a, b, m: _clipped(a, b, m, lambda s: s),
            ),
            "norm after": (
                "the norm before clipping is asked",
                lambda a, b, m: (*_clipped(a, b, m)[:2], min(m, _clipped(a, b, m)[2])),
            ),
            "sum of norms": (
                "the norms are added; their squares are, under one root",
                lambda a, b, m: _summed(a, b, m),
            ),
        },
        results=("a", "b", "the norm"),
    ),
    hints=(
        "One norm for all, so that the direction stays.",
        "sqrt(Σ a² + Σ b²).",
        "factor = min(1, most / norm).",
    ),
    wrong=(
        (
            "each alone",
            "    return a * factor, b * factor",
            "    a = a * min(1.0, most / np.linalg.norm(a))\n"
            "    b = b * min(1.0, most / np.linalg.norm(b))\n    return a, b",
        ),
        ("elements", "a * factor, b * factor", "a.clip(-most, most), b.clip(-most, most)"),
        ("always", "min(1.0, most / norm)", "most / norm"),
        ("not clipped", "a * factor, b * factor", "a, b"),
        ("root forgotten", "np.sqrt((a**2).sum() + (b**2).sum())", "(a**2).sum() + (b**2).sum()"),
        ("norm after", "b * factor, norm", "b * factor, norm * factor"),
        (
            "sum of norms",
            "np.sqrt((a**2).sum() + (b**2).sum())",
            "np.linalg.norm(a) + np.linalg.norm(b)",
        ),
        ("writes", "    return a * factor,", "    a *= factor\n    return a,"),
    ),
)


def _clipped(a: Any, b: Any, most: float, root: Any = np.sqrt) -> Any:
    norm = root((a**2).sum() + (b**2).sum())
    return a * min(1.0, most / norm), b * min(1.0, most / norm), norm


def _alone(a: Any, most: float) -> Any:
    return a * min(1.0, most / np.linalg.norm(a))


def _summed(a: Any, b: Any, most: float) -> Any:
    norm = np.linalg.norm(a) + np.linalg.norm(b)
    return a * min(1.0, most / norm), b * min(1.0, most / norm), norm


def _s(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _lstm(z: Any, c: Any, **other: Any) -> Any:
    i, f, g, o = np.split(z, 4, axis=1)
    if other.get("order"):
        f, i = i, f
    gate: Any = (lambda x: x) if other.get("raw") else _s
    new = gate(f) * c + gate(i) * (_s(g) if other.get("sigmoid") else np.tanh(g))
    if other.get("forget"):
        new = c + gate(i) * np.tanh(g)
    if other.get("once"):
        new = gate(f) * c + np.tanh(g)
    return gate(o) * (new if other.get("bare") else np.tanh(new)), new


LSTM = Exercise(
    name="lstm-cell",
    title="The gates of an LSTM",
    unit="25",
    words="""
z (N, 4 H) holds, side by side, what input gate i, forget gate f, candidate g
and output gate o are computed from. The gates are sigmoids, the candidate a
tanh. The new cell is f c + i g, and the new state o tanh(new cell). Return
the state and the cell.
""",
    asks="cell",
    solution="""
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cell(z, c):
    i, f, g, o = np.split(z, 4, axis=1)
    new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new), new
""",
    grader=Values(
        lambda z, c: _lstm(z, c),
        lambda rng, turn: [rng.standard_normal((5 + turn, n)) for n in (12 + 4 * turn, 3 + turn)],
        {
            "gates exchanged": ("the order is i, f, g, o", lambda z, c: _lstm(z, c, order=True)),
            "candidate's sigmoid": (
                "the candidate is a tanh, so that it may be negative",
                lambda z, c: _lstm(z, c, sigmoid=True),
            ),
            "gates not bounded": ("gates are sigmoids", lambda z, c: _lstm(z, c, raw=True)),
            "nothing forgotten": (
                "the forget gate is missing",
                lambda z, c: _lstm(z, c, forget=True),
            ),
            "input gate": ("the input gate is missing", lambda z, c: _lstm(z, c, once=True)),
            "cell not squashed": (
                "the state is o tanh(cell)",
                lambda z, c: _lstm(z, c, bare=True),
            ),
            "exchanged": (
                "state first, then the cell",
                lambda z, c: _lstm(z, c)[::-1],
            ),
        },
        results=("the state", "the cell"),
    ),
    hints=(
        "np.split(z, 4, axis=1) gives the four parts.",
        "new = sigmoid(f) c + sigmoid(i) tanh(g).",
        "The state is sigmoid(o) tanh(new).",
    ),
    wrong=(
        ("gates exchanged", "i, f, g, o", "f, i, g, o"),
        ("candidate's sigmoid", "np.tanh(g)", "sigmoid(g)"),
        ("gates not bounded", "1 / (1 + np.exp(-z))", "z"),
        ("nothing forgotten", "sigmoid(f) * c", "c"),
        ("input gate", "sigmoid(i) * np", "np"),
        ("cell not squashed", "np.tanh(new), new", "new, new"),
        ("exchanged", "sigmoid(o) * np.tanh(new), new", "new, sigmoid(o) * np.tanh(new)"),
        ("raises", "axis=1", "axis=0"),
    ),
)

EXERCISES = (
    RNN,
    CLIP,
    LSTM,
)
