"""Unit 15: down the valley."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import optim
from minigrad.creation import tensor
from minigrad.exercise.exercise import Exercise, Wrong
from minigrad.exercise.values import Values


def _optimizer(make: Any) -> Any:
    """Five steps of one of minigrad's own optimizers, whose gradients are given."""

    def truth(w: Any, gradients: Any) -> Any:
        p = tensor(w, dtype="float64", requires_grad=True)
        optimizer = make([p])
        for g in gradients:
            p.grad = tensor(g, dtype="float64")
            optimizer.step()
        return p.detach().numpy()

    return truth


def _steps(answer: Any, w: Any, gradients: Any) -> Any:
    state: dict[str, Any] = {}
    for t, g in enumerate(gradients, 1):
        w = answer(w, g, state, t)
        if w is None:
            raise Wrong("nothing returned", "step returns None: is a return missing?")
    return w


def _given(rng: Any, turn: int) -> list[Any]:
    size = (3 + turn, 2 + turn)
    return [rng.standard_normal(size), 0.5 + rng.standard_normal((5 + turn, *size))]


def _adam(
    rate: float = 0.01, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, **other: Any
) -> Any:
    def f(w: Any, gradients: Any) -> Any:
        m = v = np.zeros_like(w)
        for t, g in enumerate(gradients, 1):
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * (g if other.get("plain") else g * g)
            first = m if other.get("raw") or other.get("raw_m") else m / (1 - b1**t)
            second = v if other.get("raw") else v / (1 - b2**t)
            if other.get("rootless"):
                w = w - rate * first / (second + eps)
            else:
                w = w - rate * first / (np.sqrt(np.maximum(second, 0)) + eps)
        return w

    return f


STATE = """
w is the parameter, g its gradient, t the number of the step (1, 2, ...), state
a dictionary that is empty at first and yours to keep arrays in. Return the new
w; do not write into w or g.
"""


MOMENTUM = Exercise(
    name="momentum-step",
    title="A step with momentum",
    unit="15",
    words=f"""
Gradient descent with the rate 0.1 and momentum 0.9, as PyTorch has it: v is g
in the first step and 0.9 v + g later, and w - 0.1 v is the new w.
{STATE}""",
    asks="step",
    solution="""
def step(w, g, state, t):
    v = 0.9 * state["v"] + g if "v" in state else g
    state["v"] = v
    return w - 0.1 * v
""",
    grader=Values(
        _optimizer(lambda p: optim.SGD(p, lr=0.1, momentum=0.9)),
        _given,
        {
            "no momentum": (
                "nothing is remembered from step to step: keep v in state",
                _optimizer(lambda p: optim.SGD(p, lr=0.1)),
            ),
            "upwards": (
                "the step goes up: minus",
                _optimizer(lambda p: optim.SGD(p, lr=0.1, momentum=0.9, maximize=True)),
            ),
            "damped": (
                "g is weighted with 1 - 0.9, which is another method (an average)",
                _optimizer(lambda p: optim.SGD(p, lr=0.01, momentum=0.9)),
            ),
            "nesterov": (
                "that is Nesterov's momentum, which looks ahead",
                _optimizer(lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True)),
            ),
            "never forgets": (
                "v is not multiplied by 0.9",
                _optimizer(lambda p: optim.SGD(p, lr=0.1, momentum=1.0)),
            ),
            "other rate": (
                "the rate is another one",
                _optimizer(lambda p: optim.SGD(p, lr=1.0, momentum=0.9)),
            ),
        },
        results=("w after five steps",),
        use=_steps,
    ),
    hints=(
        "v is a ball's speed: it keeps nine tenths and gets g on top.",
        'state["v"] is where it is kept; state.get("v", 0) is 0 at first.',
        'state["v"] = 0.9 * state.get("v", 0) + g; return w - 0.1 * state["v"].',
    ),
    wrong=(
        ("no momentum", '    state["v"] = v\n', ""),
        ("upwards", "w - 0.1", "w + 0.1"),
        ("damped", "return w - 0.1 * v", "return w - 0.01 * v"),
        ("nesterov", "w - 0.1 * v", "w - 0.1 * (g + 0.9 * v)"),
        ("never forgets", "0.9 * state", "state"),
        ("other rate", "w - 0.1 * v", "w - v"),
        ("writes", "    return w - 0.1 * v", "    w -= 0.1 * v\n    return w"),
        ("nothing returned", "return w", "w"),
    ),
)


RMSPROP = Exercise(
    name="rmsprop-step",
    title="A step of RMSprop",
    unit="15",
    words=f"""
The rate is 0.01. s, 0 at first, is the running mean of g²: 0.99 s + 0.01 g².
The new w is w - 0.01 g / (√s + 1e-8).
{STATE}""",
    asks="step",
    solution="""
import numpy as np


def step(w, g, state, t):
    state["s"] = 0.99 * state.get("s", 0) + 0.01 * g**2
    return w - 0.01 * g / (np.sqrt(state["s"]) + 1e-8)
""",
    grader=Values(
        _optimizer(lambda p: optim.RMSprop(p, lr=0.01)),
        _given,
        {
            "no root": (
                "divided by s and not by its root",
                lambda w, gs: _rms(w, gs, lambda s: s + 1e-8),
            ),
            "sum": (
                "all squares add up: that is Adagrad, whose steps get ever smaller",
                lambda w, gs: _rms(w, gs, lambda s: np.sqrt(s) + 1e-8, 1.0, 1.0),
            ),
            "forgets": (
                "s is not kept: each step sees its own g² alone",
                lambda w, gs: _rms(w, gs, lambda s: np.sqrt(s) + 1e-8, 0.0, 0.01),
            ),
            "exchanged": (
                "0.99 and 0.01 are exchanged",
                lambda w, gs: _rms(w, gs, lambda s: np.sqrt(s) + 1e-8, 0.01, 0.99),
            ),
            "sign of g lost": (
                "the sign of g is lost",
                lambda w, gs: _rms(w, gs, lambda s: np.sqrt(s) + 1e-8, size=True),
            ),
            "upwards": (
                "the step goes up: minus",
                lambda w, gs: 2 * w - _rms(w, gs, lambda s: np.sqrt(s) + 1e-8),
            ),
        },
        results=("w after five steps",),
        use=_steps,
    ),
    hints=(
        "s says how large g is as a rule, for each element by itself.",
        "state.get('s', 0) is 0 at first.",
        "s = 0.99 s + 0.01 g²; w - 0.01 g / (√s + 1e-8).",
    ),
    wrong=(
        ("no root", 'np.sqrt(state["s"])', 'state["s"]'),
        ("sum", '0.99 * state.get("s", 0) + 0.01 * g', 'state.get("s", 0) + g'),
        ("forgets", '0.99 * state.get("s", 0) + ', ""),
        ("exchanged", '0.99 * state.get("s", 0) + 0.01', '0.01 * state.get("s", 0) + 0.99'),
        ("sign of g lost", "0.01 * g /", "0.01 * np.abs(g) /"),
        ("upwards", "w - 0.01", "w + 0.01"),
        ("eps", "1e-8", "1e-3"),
        ("nothing returned", "return w", "w"),
    ),
)


def _rms(
    w: Any, gs: Any, below: Any, keep: float = 0.99, new: float = 0.01, size: bool = False
) -> Any:
    s = 0.0
    for g in gs:
        s = keep * s + new * g**2
        w = w - 0.01 * (np.abs(g) if size else g) / below(s)
    return w


ADAM = Exercise(
    name="adam-step",
    title="Write Adam",
    unit="15",
    words=f"""
The rate is 0.01. m = 0.9 m + 0.1 g and v = 0.999 v + 0.001 g², both 0 at
first; m / (1 - 0.9^t) and v / (1 - 0.999^t) make up for that; the new w is w
- 0.01 times the first over (root of the second, plus 1e-8). Five steps have
to equal PyTorch's.
{STATE}""",
    asks="step",
    solution="""
import numpy as np


def step(w, g, state, t):
    m = state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    v = state["v"] = 0.999 * state.get("v", 0) + 0.001 * g**2
    first = m / (1 - 0.9**t)
    second = v / (1 - 0.999**t)
    return w - 0.01 * first / (np.sqrt(second) + 1e-8)
""",
    grader=Values(
        _optimizer(lambda p: optim.Adam(p, lr=0.01)),
        _given,
        {
            "not corrected": (
                "m and v begin at 0 and are too small at first: divide by 1 - 0.9^t "
                "and by 1 - 0.999^t",
                _adam(raw=True),
            ),
            "m not corrected": ("m is not divided by 1 - 0.9^t", _adam(raw_m=True)),
            "no root": ("the root of the second is missing", _adam(rootless=True)),
            "not squared": ("v is the mean of g², and not of g", _adam(plain=True)),
            "betas exchanged": ("0.9 and 0.999 are exchanged", _adam(b1=0.999, b2=0.9)),
            "upwards": ("the step goes up: minus", _adam(rate=-0.01)),
            "count from 0": (
                "the powers are too low by one: t is 1 in the first step",
                lambda w, gs: _late(w, gs),
            ),
        },
        results=("w after five steps",),
        use=_steps,
    ),
    hints=(
        "Two running means: of g, and of g².",
        "In the first step m is 0.1 g; divided by 1 - 0.9 it is g again.",
        "w - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8).",
    ),
    wrong=(
        ("not corrected", " / (1 - 0.9**t)\n    second = v / (1 - 0.999**t)", "\n    second = v"),
        ("m not corrected", "m / (1 - 0.9**t)", "m"),
        ("no root", "np.sqrt(second)", "second"),
        ("upwards", "w - 0.01", "w + 0.01"),
        (
            "betas exchanged",
            'm = state["m"] = 0.9 * state.get("m", 0) + 0.1 * g\n'
            '    v = state["v"] = 0.999 * state.get("v", 0) + 0.001 * g**2\n'
            "    first = m / (1 - 0.9**t)\n    second = v / (1 - 0.999**t)",
            'm = state["m"] = 0.999 * state.get("m", 0) + 0.001 * g\n'
            '    v = state["v"] = 0.9 * state.get("v", 0) + 0.1 * g**2\n'
            "    first = m / (1 - 0.999**t)\n    second = v / (1 - 0.9**t)",
        ),
        ("count from 0", "**t", "**(t + 1)"),
        ("eps", "1e-8", "1e-3"),
        ("writes", "    return w -", "    g *= 0\n    return w -"),
        ("nothing returned", "return w", "w"),
    ),
)


def _late(w: Any, gs: Any) -> Any:
    m = v = np.zeros_like(w)
    for t, g in enumerate(gs, 2):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w = w - 0.01 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


EXERCISES = (
    MOMENTUM,
    RMSPROP,
    ADAM,
)
