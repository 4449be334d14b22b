"""Unit 8: autograd does it; loops to repair."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal, of
from minigrad.exercise.values import Values


def _line(x: Any, y: Any, steps: int, keep: bool = False, sign: float = -1.0) -> Any:
    """Gradient descent on a line without an offset, by hand."""
    w, total = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for _ in range(steps):
        d = 2 * x.T @ (x @ w - y) / len(y)
        total = total + d if keep else d
        w = w + sign * 0.1 * total
    return w


def _losses(x: Any, y: Any, steps: int) -> Any:
    return np.array([((x @ _line(x, y, k) - y) ** 2).mean() for k in range(steps)])


LOOP = """
import minigrad as torch


def train(x, y, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for step in range(steps):
        loss = ((x @ w - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w.detach().numpy()
"""


ZERO_GRAD = Exercise(
    name="zero-grad",
    title="Repair a loop: the gradients of all steps",
    unit="8",
    words="""
This loop fits y = x w by gradient descent, and it swings to and fro more and
more. Each backward adds to what stands in .grad. Repair it.
""",
    asks="train",
    solution=LOOP,
    start=(("        optimizer.zero_grad()\n", ""),),
    grader=Values(
        lambda x, y, n: _line(x, y, n),
        of(normal((7, 3), (7,)), lambda rng, turn: [4 + turn]),
        {
            "accumulated": (
                "the gradients of all steps add up: zero_grad() before each backward",
                lambda x, y, n: _line(x, y, n, keep=True),
            ),
            "zero too late": (
                "zero_grad() stands between backward and step: the step sees only zeros",
                lambda x, y, n: np.zeros(x.shape[1]),
            ),
            "upwards": ("the loss is climbed", lambda x, y, n: _line(x, y, n, sign=1.0)),
            "one step": ("only one step is done", lambda x, y, n: _line(x, y, 1)),
            "one more": ("there is one step too many", lambda x, y, n: _line(x, y, n + 1)),
        },
        results=("w",),
    ),
    hints=(
        "Print w.grad in each step.",
        "backward adds. Who begins anew?",
        "optimizer.zero_grad() before loss.backward().",
    ),
    wrong=(
        ("accumulated", "        optimizer.zero_grad()\n", ""),
        (
            "accumulated",
            "        optimizer.zero_grad()\n",
            "        if step == 0:\n            optimizer.zero_grad()\n",
        ),
        (
            "zero too late",
            "        optimizer.zero_grad()\n        loss.backward()\n",
            "        loss.backward()\n        optimizer.zero_grad()\n",
        ),
        ("upwards", "loss.backward()", "(-loss).backward()"),
        ("one step", "range(steps)", "range(1)"),
        ("one more", "range(steps)", "range(steps + 1)"),
        ("raises", "return w.detach().numpy()", "return w.numpy()"),
    ),
)


DETACH = Exercise(
    name="detach",
    title="Repair a loop: a list that keeps every graph",
    unit="8",
    words="""
This loop also returns the losses, for a curve. It sums them up as tensors:
each step's graph hangs on the next one's, and backward walks through all of
them. Return w and the list of losses as an array of plain numbers, each from
before its step.
""",
    asks="train",
    solution="""
import numpy as np

import minigrad as torch


def train(x, y, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    losses = []
    for step in range(steps):
        loss = ((x @ w - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return w.detach().numpy(), np.array(losses)
""",
    start=(
        ("        losses.append(loss.item())\n", ""),
        (
            "        optimizer.zero_grad()\n        loss.backward()\n",
            "        losses.append(loss)\n        optimizer.zero_grad()\n"
            "        sum(losses).backward()\n",
        ),
    ),
    grader=Values(
        lambda x, y, n: (_line(x, y, n), _losses(x, y, n)),
        of(normal((7, 3), (7,)), lambda rng, turn: [4 + turn]),
        {
            "after the step": (
                "the losses are those after each step",
                lambda x, y, n: (_line(x, y, n), _losses(x, y, n + 1)[1:]),
            ),
            "accumulated": (
                "the gradients of all steps add up",
                lambda x, y, n: (
                    _line(x, y, n, keep=True),
                    np.array([((x @ _line(x, y, k, keep=True) - y) ** 2).mean() for k in range(n)]),
                ),
            ),
            "sums": (
                "those are the sums of the losses up to each step",
                lambda x, y, n: (_line(x, y, n), np.cumsum(_losses(x, y, n))),
            ),
            "last one": (
                "the loss of each step is asked",
                lambda x, y, n: (_line(x, y, n), _losses(x, y, n)[-1]),
            ),
            "no step": (
                "w stays where it begins",
                lambda x, y, n: (np.zeros(x.shape[1]), np.full(n, (y**2).mean())),
            ),
        },
        results=("w", "the losses"),
    ),
    hints=(
        "A tensor in a list keeps the graph that it was computed by.",
        "loss.item() is the number alone; loss.detach() a tensor without a graph.",
        "losses.append(loss.item()), and loss.backward() of this step's loss alone.",
    ),
    wrong=(
        (
            "after the step",
            "        losses.append(loss.item())\n        optimizer.step()\n",
            "        optimizer.step()\n        losses.append(((x @ w - y) ** 2).mean().item())\n",
        ),
        ("accumulated", "        optimizer.zero_grad()\n", ""),
        ("sums", "np.array(losses)", "np.cumsum(losses)"),
        ("last one", "np.array(losses)", "losses[-1]"),
        ("no step", "        optimizer.step()\n", ""),
        ("count", "return w.detach().numpy(), np.array(losses)", "return w.detach().numpy()"),
        ("raises", "loss.backward()", "sum([loss, *losses]).numpy()"),
    ),
)


IN_PLACE = Exercise(
    name="in-place",
    title="Repair a loop: a step without an optimizer",
    unit="8",
    words="""
Here the step is written out. It makes a new tensor each time, w = w - 0.1 *
w.grad, which is no leaf: the next backward leaves its .grad empty. Change w
itself instead, without recording it.
""",
    asks="train",
    solution="""
import minigrad as torch


def train(x, y, steps):
    x, y = torch.tensor(x), torch.tensor(y)
    w = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    for step in range(steps):
        loss = ((x @ w - y) ** 2).mean()
        w.grad = None
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
    return w.detach().numpy()
""",
    start=(
        (
            "        with torch.no_grad():\n            w -= 0.1 * w.grad\n",
            "        w = w - 0.1 * w.grad\n",
        ),
    ),
    grader=Values(
        lambda x, y, n: _line(x, y, n),
        of(normal((7, 3), (7,)), lambda rng, turn: [4 + turn]),
        {
            "accumulated": (
                "the gradients of all steps add up: w.grad = None before each backward",
                lambda x, y, n: _line(x, y, n, keep=True),
            ),
            "upwards": (
                "the steps go up: minus the gradient",
                lambda x, y, n: _line(x, y, n, sign=1.0),
            ),
            "no step": ("w stays where it begins", lambda x, y, n: np.zeros(x.shape[1])),
            "one step": ("only one step is done", lambda x, y, n: _line(x, y, 1)),
        },
        results=("w",),
    ),
    hints=(
        "Print w.is_leaf and w.grad after the first step.",
        "-= changes the tensor itself; under torch.no_grad() nothing is recorded.",
        "with torch.no_grad(): w -= 0.1 * w.grad",
    ),
    wrong=(
        (
            "raises",
            "        with torch.no_grad():\n            w -= 0.1 * w.grad\n",
            "        w = w - 0.1 * w.grad\n",
        ),
        (
            "raises",
            "        with torch.no_grad():\n            w -=",
            "        if True:\n            w -=",
        ),
        ("accumulated", "        w.grad = None\n", ""),
        ("upwards", "w -=", "w +="),
        ("no step", "            w -= 0.1 * w.grad\n", "            w - 0.1 * w.grad\n"),
        ("one step", "range(steps)", "range(1)"),
        ("raises", "        loss.backward()\n", ""),
    ),
)

EXERCISES = (
    ZERO_GRAD,
    DETACH,
    IN_PLACE,
)
