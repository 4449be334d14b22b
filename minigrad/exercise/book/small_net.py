"""Unit 9: a network of five neurons, every number."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.rules import Rules
from minigrad.exercise.trained import Bar


def _s(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _net(x: Any, W: Any, b: Any, v: Any) -> Any:
    return ((x @ W + b).sigmoid() @ v).sigmoid()


def _net_backward(
    g: Any, x: Any, W: Any, b: Any, v: Any, inner: bool = True, end: bool = True
) -> Any:
    h = _s(x @ W + b)
    y = _s(h @ v)
    dz = g * y * (1 - y) if end else g
    dh = dz[:, None] * v
    da = dh * h * (1 - h) if inner else dh
    return da @ W.T, x.T @ da, da.sum(0), h.T @ dz


NET = Exercise(
    name="net-2-2-1",
    title="Back through a network of 2-2-1",
    unit="9",
    words="""
A row of x (N, 2) is a sample. h = sigmoid(x W + b), y = sigmoid(h v); W is
(2, 2), b (2,), v (2,), y (N,). Return the gradients of x, W, b and v.
""",
    asks="backward",
    solution="""
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def backward(g, x, W, b, v):
    h = sigmoid(x @ W + b)
    y = sigmoid(h @ v)
    dz = g * y * (1 - y)
    da = dz[:, None] * v * h * (1 - h)
    return da @ W.T, x.T @ da, da.sum(axis=0), h.T @ dz
""",
    grader=Rules(
        _net,
        lambda rng, turn: [rng.standard_normal(s) for s in ((5 + 2 * turn, 2), (2, 2), (2,), (2,))],
        {
            "hidden sigmoid": (
                "the hidden layer's sigmoid is left out: times h (1 - h)",
                lambda g, x, W, b, v: _net_backward(g, x, W, b, v, inner=False),
            ),
            "last sigmoid": (
                "the last sigmoid is left out: times y (1 - y)",
                lambda g, x, W, b, v: _net_backward(g, x, W, b, v, end=False),
            ),
        },
    ),
    hints=(
        "Go back step by step: y, z = h v, h, a = x W + b; give each gradient a name.",
        "dz = g y (1 - y); dh is dz times v, for each sample a row; da = dh h (1 - h).",
        "dx = da W', dW = x' da, db is the sum of da's rows, dv = h' dz.",
    ),
    wrong=(
        ("hidden sigmoid", " * h * (1 - h)", ""),
        ("last sigmoid", "g * y * (1 - y)", "g"),
        ("not summed", "da.sum(axis=0)", "da"),
        ("mean for sum", "da.sum(axis=0)", "da.mean(axis=0)"),
        ("transposed", "x.T @ da", "(x.T @ da).T"),
        ("not transposed", "da @ W.T", "da @ W"),
        ("count", ", h.T @ dz", ""),
        ("raises", "dz[:, None] * v", "dz * v"),
        ("sign", "g * y * (1 - y)", "g * y * (y - 1)"),
    ),
)


def _xor(train: Any) -> dict[str, float]:
    x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([0.0, 1, 1, 0])
    found = train(x.copy(), y.copy())
    p = np.asarray(found, float).reshape(-1)
    if p.shape != (4,):
        raise ValueError(f"expected 4 probabilities, got the shape {np.shape(found)}")
    if np.any(p < 0) or np.any(p > 1):
        raise ValueError("a probability lies between 0 and 1")
    spread = float(np.ptp(p))
    return {
        "the spread of the predictions": spread,
        "samples on the wrong side": float(((p > 0.5) != (y > 0.5)).sum()),
        "the largest error": float(np.abs(p - y).max()),
    }


XOR = Exercise(
    name="xor",
    title="Learn XOR",
    unit="9",
    words="""
train(x, y) gets the four points of XOR, x (4, 2) and y (4,), trains a small
network and returns its four probabilities. Each has to be within 0.1 of y.
""",
    asks="train",
    solution="""
import minigrad as torch
from minigrad import nn


def train(x, y):
    torch.manual_seed(1)
    x, y = torch.tensor(x), torch.tensor(y)
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid()).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for step in range(100):
        loss = nn.BCELoss()(model(x).squeeze(1), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model(x).squeeze(1).detach().numpy()
""",
    grader=Bar(
        _xor,
        {
            "the spread of the predictions": (0.02, 1.0, "constant prediction", ""),
            "samples on the wrong side": (0.0, 0.0, "", "not learned"),
            "the largest error": (0.0, 0.1, "", "not enough"),
        },
    ),
    hints=(
        "Without a non-linear layer between them two layers are one, and no line separates XOR.",
        "Four to eight hidden neurons with tanh, BCELoss, Adam with a rate of 0.1.",
        "A hundred steps of zero_grad, backward, step.",
    ),
    wrong=(
        (
            "constant prediction",
            "        optimizer.step()\n    return",
            "        optimizer.step()\n        for p in model.parameters():\n"
            "            p.data *= 0\n    return",
        ),
        ("constant prediction", " nn.Tanh(),", ""),
        ("not learned", "range(100)", "range(3)"),
        ("not enough", "range(100)", "range(12)"),
        ("raises", "nn.Linear(8, 1)", "nn.Linear(4, 1)"),
        (
            "raises",
            "    return model(x).squeeze(1).detach().numpy()",
            "    return model(x[:2]).detach().numpy()",
        ),
        ("not learned", "        optimizer.step()\n", ""),
    ),
)

EXERCISES = (
    NET,
    XOR,
)
