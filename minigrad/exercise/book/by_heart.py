"""Unit 17: learning by heart."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.rules import Rules
from minigrad.exercise.values import Values

DROPOUT = Exercise(
    name="dropout-layer",
    title="Dropout as a layer of your own",
    unit="17",
    words="""
While training, each element of x is kept where `kept` is true, and then
divided by 1 - p, so that the mean stays as it is; the others become 0. In
evaluation x passes unchanged. Write forward(x, kept, p, training) and
backward(g, kept, p, training) as one function: dropout(x, g, kept, p,
training) returns y and dx.
""",
    asks="dropout",
    solution="""
def dropout(x, g, kept, p, training):
    if not training:
        return x, g
    return x * kept / (1 - p), g * kept / (1 - p)
""",
    grader=Values(
        lambda x, g, k, p, t: (x * k / (1 - p), g * k / (1 - p)) if t else (x, g),
        lambda rng, turn: [
            *rng.standard_normal((2, 5 + turn, 3 + turn)),
            rng.random((5 + turn, 3 + turn)) > 0.4,
            [0.4, 0.4, 0.3][turn],
            turn != 1,
        ],
        {
            "not scaled": (
                "what is kept is divided by 1 - p",
                lambda x, g, k, p, t: (x * k, g * k),
            ),
            "scaled by p": (
                "divided by 1 - p, the share that is kept, and not by p",
                lambda x, g, k, p, t: (x * k / p, g * k / p),
            ),
            "times": (
                "divided by 1 - p, not multiplied",
                lambda x, g, k, p, t: (x * k * (1 - p), g * k * (1 - p)),
            ),
            "other ones": (
                "those are kept that should be dropped",
                lambda x, g, k, p, t: (x * ~k / (1 - p), g * ~k / (1 - p)),
            ),
            "gradient not masked": (
                "the gradient passes through elements that were dropped",
                lambda x, g, k, p, t: (x * k / (1 - p), g / (1 - p)),
            ),
            "gradient not scaled": (
                "the gradient is divided by 1 - p too",
                lambda x, g, k, p, t: (x * k / (1 - p), g * k),
            ),
            "always on": (
                "in evaluation nothing is dropped",
                lambda x, g, k, p, t: (x * k / (1 - p), g * k / (1 - p)),
            ),
        },
        results=("y", "dx"),
    ),
    hints=(
        "kept is true or false: as a factor 1 or 0.",
        "With p of 0.4 six tenths are left; divide by 0.6 and the mean is as before.",
        "y is linear in x, so dx has the same factors: g * kept / (1 - p).",
    ),
    wrong=(
        ("not scaled", " / (1 - p)", ""),
        ("scaled by p", "/ (1 - p)", "/ p"),
        ("times", "/ (1 - p)", "* (1 - p)"),
        ("other ones", "* kept", "* ~kept"),
        ("gradient not masked", "g * kept /", "g /"),
        ("gradient not scaled", "g * kept / (1 - p)", "g * kept"),
        ("always on", "    if not training:\n        return x, g\n", ""),
        ("count", "return x * kept / (1 - p), g * kept / (1 - p)", "return x * kept / (1 - p)"),
    ),
)


def _stop(losses: Any, patience: int, strict: bool = True) -> tuple[int, int]:
    best, at, waited = np.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, at, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return at, epoch
    return at, len(losses) - 1


EARLY = Exercise(
    name="early-stopping",
    title="Stop at the right epoch",
    unit="17",
    words="""
losses (E,) are the validation losses after each epoch, counted from 0.
Training stops as soon as `patience` epochs in a row have brought no new best
loss. Return the epoch of the best loss up to then, and the epoch after which
training stopped (the last one if it never did).
""",
    asks="stop",
    solution="""
def stop(losses, patience):
    best, at = losses[0], 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < best:
            best, at = losses[epoch], epoch
        elif epoch - at == patience:
            return at, epoch
    return at, len(losses) - 1
""",
    grader=Values(
        lambda losses, p: _stop(losses, p),
        lambda rng, turn: [
            np.array(
                [
                    [3.0, 2, 1.5, 1.7, 1.6, 1.2, 1.3, 1.4, 1.5, 1.6, 0.9],
                    [2.0, 1.7, 1.8, 1.5, 1.4, 1.6, 1.7],
                    [1.0, 1.2, 1.0, 1.1, 1.3, 0.5],
                    [2.0, 1.0, 1.5, 1.4, 1.3, 0.5, 0.4],
                    [1.6, 1.5, 1.1, 0.8],
                    [2.0, 1.8, 1.9, 1.7, 1.8, 1.8, 1.2],
                    [1.0, 0.7, 0.9, 0.6],
                ][turn]
            ),
            [3, 3, 3, 3, 2, 2, 1][turn],
        ],
        {
            "looks ahead": (
                "the best of all epochs: those after the stop are never seen",
                lambda losses, p: (int(losses.argmin()), _stop(losses, p)[1]),
            ),
            "no patience": (
                "it stops at the first epoch that is not better",
                lambda losses, p: _stop(losses, 1),
            ),
            "one early": ("it stops one epoch too early", lambda losses, p: _stop(losses, p - 1)),
            "one late": ("it stops one epoch too late", lambda losses, p: _stop(losses, p + 1)),
            "first one skipped": (
                "it begins with the second epoch; the first may be the best",
                lambda losses, p: tuple(1 + n for n in _stop(losses[1:], p)),
            ),
            "never": (
                "it never stops",
                lambda losses, p: (int(losses.argmin()), len(losses) - 1),
            ),
            "last for best": (
                "the last epoch is not the best: the weights of the best one are kept",
                lambda losses, p: (_stop(losses, p)[1], _stop(losses, p)[1]),
            ),
            "counts all": (
                "the count begins anew with each new best",
                lambda losses, p: _counted(losses, p),
            ),
        },
        results=("the best epoch", "the last epoch"),
        turns=7,
    ),
    hints=(
        "Keep the best loss and its epoch.",
        "A new best begins the count anew.",
        "Stop where epoch - (epoch of the best) == patience.",
    ),
    wrong=(
        (
            "looks ahead",
            "            return at, epoch\n",
            "            return int(losses.argmin()), epoch\n",
        ),
        ("no patience", "epoch - at == patience", "True"),
        ("one early", "== patience", "== patience - 1"),
        ("term missing", "return at, len(losses) - 1", "return at, len(losses)"),
        ("one late", "== patience", "== patience + 1"),
        ("number", "losses[0], 0", "losses[0], -1"),
        (
            "first one skipped",
            "losses[0], 0\n    for epoch in range(1",
            "losses[1], 1\n    for epoch in range(2",
        ),
        ("never", "            return at, epoch\n", "            pass\n"),
        (
            "last for best",
            "            return at, epoch\n    return at, len",
            "            return epoch, epoch\n    return len(losses) - 1, len",
        ),
        (
            "operands exchanged",
            "return at, epoch\n    return at, len(losses) - 1",
            "return epoch, at\n    return len(losses) - 1, at",
        ),
        ("count", "return at, epoch\n    return at, len(losses) - 1", "return at\n    return at"),
    ),
)


def _counted(losses: Any, patience: int) -> tuple[int, int]:
    best, at, waited = np.inf, 0, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, at = loss, epoch
        else:
            waited += 1
            if waited == patience:
                return at, epoch
    return at, len(losses) - 1


DECAY = Exercise(
    name="weight-decay-rule",
    title="The gradient with weight decay",
    unit="17",
    words="""
The loss is the mean of (x w - y)² plus 0.1 times the sum of w²; x is (N, D),
w (D,), y (N,). g is a number. Return the gradient of w, given w, x and y in
this order.
""",
    asks="backward",
    solution="""
def backward(g, w, x, y):
    r = x @ w - y
    return g * (2 * x.T @ r / len(y) + 0.2 * w)
""",
    grader=Rules(
        lambda w, x, y: ((x @ w - y) ** 2).mean() + 0.1 * (w**2).sum(),
        normal((3,), (7, 3), (7,)),
        {
            "decay forgotten": (
                "the decay's gradient, 0.2 w, is missing",
                lambda g, w, x, y: g * 2 * x.T @ (x @ w - y) / len(y),
            ),
            "decay halved": (
                "the derivative of w² is 2 w: 0.2 w",
                lambda g, w, x, y: g * (2 * x.T @ (x @ w - y) / len(y) + 0.1 * w),
            ),
            "decay's sign": (
                "the decay draws w towards 0: it is added to the gradient",
                lambda g, w, x, y: g * (2 * x.T @ (x @ w - y) / len(y) - 0.2 * w),
            ),
            "decay alone": ("the error's gradient is missing", lambda g, w, x, y: g * 0.2 * w),
            "decay by N": (
                "the decay is not divided by N: only the errors are a mean",
                lambda g, w, x, y: g * (2 * x.T @ (x @ w - y) + 0.2 * w) / len(y),
            ),
            "absolute": (
                "that is the gradient of |w|",
                lambda g, w, x, y: g * (2 * x.T @ (x @ w - y) / len(y) + 0.1 * np.sign(w)),
            ),
            "sum": (
                "the errors are a mean: divide by N",
                lambda g, w, x, y: g * (2 * x.T @ (x @ w - y) + 0.2 * w),
            ),
        },
        only=1,
    ),
    hints=(
        "Two terms, two gradients.",
        "Of the errors: 2/N x' r. Of the decay: 0.1 times 2 w.",
        "g * (2 * x.T @ r / N + 0.2 * w).",
    ),
    wrong=(
        ("decay forgotten", " + 0.2 * w", ""),
        ("decay halved", "0.2", "0.1"),
        ("decay's sign", "+ 0.2", "- 0.2"),
        ("decay alone", "2 * x.T @ r / len(y) + ", ""),
        ("decay by N", "(2 * x.T @ r / len(y) + 0.2 * w)", "(2 * x.T @ r + 0.2 * w) / len(y)"),
        ("sum", " / len(y)", ""),
        ("cotangent ignored", "return g * ", "return "),
        ("sign", "return g", "return -g"),
    ),
)

EXERCISES = (
    DROPOUT,
    EARLY,
    DECAY,
)
