"""Unit 12: what did the 67 % mean?"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.creation import tensor
from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import labels, of
from minigrad.exercise.trained import Bar
from minigrad.exercise.values import Values


def _onehot(y: Any, n: int) -> Any:
    return np.eye(n)[y]


def _scored(rng: Any, count: int, classes: int) -> list[Any]:
    """Predictions that are right more often than by chance, and the one-hot rows."""
    y = _onehot(rng.permutation(np.arange(count) % classes), classes)
    return [0.3 * y + 0.8 * rng.random(y.shape), y]


EVALUATION = Exercise(
    name="source-evaluation",
    title="Repair an evaluation that marks whole columns",
    unit="12",
    words="""
A published program measures accuracy like this: it sets pred[:, argmax(pred,
axis=1)] = 1 and all else to 0, and counts rows that equal the one-hot rows y.
It reports 0 % for a network that is right in 99 of 100 cases. pred and y are
(N, C). Repair it; return a percentage.
""",
    asks="accuracy",
    solution="""
import numpy as np


def accuracy(pred, y):
    marked = np.zeros_like(pred)
    marked[np.arange(len(pred)), pred.argmax(axis=1)] = 1
    return 100 * (marked == y).all(axis=1).mean()
""",
    start=(
        (
            "marked[np.arange(len(pred)), pred.argmax(axis=1)] = 1",
            "marked[:, pred.argmax(axis=1)] = 1",
        ),
    ),
    grader=Values(
        lambda p, y: 100 * (p.argmax(1) == y.argmax(1)).mean(),
        lambda rng, turn: _scored(rng, 17 + 2 * turn, 3 + turn),
        {
            "whole columns": (
                "a class that anybody is predicted marks its whole column: every row is [1, 1, 1]",
                lambda p, y: 0.0,
            ),
            "elements": (
                "a row is right when all of it is; elements are counted here, and two of three "
                "zeros agree by themselves",
                lambda p, y: 100 * (_onehot(p.argmax(1), 3) == y).mean(),
            ),
            "share": ("a percentage is asked", lambda p, y: (p.argmax(1) == y.argmax(1)).mean()),
            "any": (
                "any zero that agrees makes a row right here: all of it has to agree",
                lambda p, y: 100 * (_onehot(p.argmax(1), 3) == y).any(1).mean(),
            ),
            "threshold": (
                "a half is no threshold for three classes: the largest share is the prediction",
                lambda p, y: 100 * ((p >= 0.5) == y).all(1).mean(),
            ),
            "smallest": (
                "the smallest is marked",
                lambda p, y: 100 * (p.argmin(1) == y.argmax(1)).mean(),
            ),
            "number": (
                "a percentage is asked, not the number",
                lambda p, y: (p.argmax(1) == y.argmax(1)).sum(),
            ),
        },
        results=("the accuracy",),
    ),
    hints=(
        "Print `marked` for three samples.",
        "marked[:, k] = 1 writes a whole column, for each k in the list.",
        "Give each row its own column: marked[np.arange(N), argmax] = 1.",
    ),
    wrong=(
        ("whole columns", "np.arange(len(pred)), pred", ":, pred"),
        ("elements", ".all(axis=1)", ""),
        ("share", "100 * ", ""),
        ("any", ".all(", ".any("),
        (
            "threshold",
            "marked[np.arange(len(pred)), pred.argmax(axis=1)] = 1",
            "marked[pred >= 0.5] = 1",
        ),
        ("smallest", "argmax", "argmin"),
        ("number", "100 * (marked == y).all(axis=1).mean()", "(marked == y).all(axis=1).sum()"),
        ("writes", "    return 100", "    pred[:] = marked\n    return 100"),
    ),
)


BASE_RATE = Exercise(
    name="base-rate",
    title="What does somebody reach who looks at nothing?",
    unit="12",
    words="""
labels (N,) are class indices. Return the accuracy, in per cent, of the best
prediction that is the same for every sample: the share of the largest class.
A result is worth what it is above that.
""",
    asks="base_rate",
    solution="""
import numpy as np


def base_rate(labels):
    return 100 * np.bincount(labels).max() / len(labels)
""",
    grader=Values(
        lambda y: 100 * np.bincount(y).max() / len(y),
        lambda rng, turn: [
            rng.permutation(np.repeat(range(3 + turn), [4, 6 + turn, 3, 1, 2][: 3 + turn]))
        ],
        {
            "even": (
                "1 / classes holds only where all classes are of one size",
                lambda y: 100 / (y.max() + 1),
            ),
            "share": ("a percentage is asked", lambda y: np.bincount(y).max() / len(y)),
            "number": ("a percentage is asked, not the number", lambda y: np.bincount(y).max()),
            "smallest": (
                "that is the smallest class",
                lambda y: 100 * np.bincount(y).min() / len(y),
            ),
            "first class": ("that is class 0, not the largest", lambda y: 100 * (y == 0).mean()),
            "class": ("that is the class; its share is asked", lambda y: np.bincount(y).argmax()),
            "every class": ("one number is asked", lambda y: 100 * np.bincount(y) / len(y)),
        },
        results=("the base rate",),
    ),
    hints=(
        "Always the same class: it is right as often as that class occurs.",
        "np.bincount(labels) counts each class.",
        "100 * largest count / N.",
    ),
    wrong=(
        ("even", "100 * np.bincount(labels).max() / len(labels)", "100 / len(np.unique(labels))"),
        ("share", "100 * ", ""),
        ("number", "100 * np.bincount(labels).max() / len(labels)", "np.bincount(labels).max()"),
        ("smallest", ".max()", ".min()"),
        ("first class", ".max()", "[0]"),
        ("class", "100 * np.bincount(labels).max() / len(labels)", "np.bincount(labels).argmax()"),
        ("every class", ".max()", ""),
    ),
)


CONFUSION = Exercise(
    name="confusion",
    title="Who is taken for whom?",
    unit="12",
    words="""
Return the confusion matrix of `classes` classes: in row i and column j the
number of samples that are of class i and were predicted as j.
""",
    asks="confusion",
    solution="""
import numpy as np


def confusion(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predictions), 1)
    return counts
""",
    grader=Values(
        lambda y, p, n: np.bincount(y * n + p, minlength=n * n).reshape(n, n),
        of(labels(7, 3), lambda rng, turn: [rng.integers(0, 3, 11 if turn else 7), 5 + turn]),
        {
            "counted once": (
                "each pair is counted once only: counts[labels, predictions] += 1 does that, "
                "np.add.at adds",
                lambda y, p, n: (np.bincount(y * n + p, minlength=n * n) > 0).reshape(n, n) * 1,
            ),
            "right ones": (
                "only the right ones are counted",
                lambda y, p, n: np.diag(np.bincount(y[y == p], minlength=n)),
            ),
            "shares": (
                "counts are asked, not shares",
                lambda y, p, n: np.bincount(y * n + p, minlength=n * n).reshape(n, n) / len(y),
            ),
        },
        results=("the counts",),
    ),
    hints=(
        "Each sample adds 1 at [label, prediction].",
        "counts[labels, predictions] += 1 writes each place once, however often it comes.",
        "np.add.at(counts, (labels, predictions), 1), or a loop.",
    ),
    wrong=(
        ("transposed", "(labels, predictions), 1", "(predictions, labels), 1"),
        (
            "counted once",
            "np.add.at(counts, (labels, predictions), 1)",
            "counts[labels, predictions] += 1",
        ),
        ("right ones", "(labels, predictions), 1", "(labels, predictions), labels == predictions"),
        ("shares", "return counts", "return counts / len(labels)"),
        ("missing", "    np.add.at(counts, (labels, predictions), 1)\n", ""),
        ("wrong shape", "(classes, classes), int", "(labels.max() + 1, classes), int"),
        ("constant", ", 1)", ", 2)"),
        ("nothing returned", "    return counts\n", "    pass\n"),
    ),
)


def _points(rng: Any, count: int) -> tuple[Any, Any]:
    x = rng.random((count, 3)).astype(np.float32)
    total = x.sum(1)
    return x, (total >= 1).astype(np.int64) + (total > 2)


def _three(train: Any) -> dict[str, float]:
    rng = np.random.default_rng(0)
    x, y = _points(rng, 1500)
    unseen, truth = _points(rng, 1500)
    predict = train(tensor(x), tensor(y))
    if not callable(predict):
        raise TypeError(f"train has to return a function of x, got a {type(predict).__name__}")
    found = np.asarray(predict(tensor(unseen)).detach().numpy())
    if found.shape != (1500, 3):
        raise ValueError(f"expected scores of the shape (1500, 3), got {found.shape}")
    if not np.all(np.isfinite(found)):
        return {"classes that are predicted": float("nan"), "accuracy in per cent": 0.0}
    guess = found.argmax(1)
    return {
        "classes that are predicted": float(len(np.unique(guess))),
        "accuracy in per cent": 100 * float((guess == truth).mean()),
    }


THREE = Exercise(
    name="three-classes",
    title="From the base rate to 97 %",
    unit="12",
    words="""
Three numbers between 0 and 1 are of class 0 if their sum is below 1, of class
2 if it is above 2, of class 1 else. This network, MSELoss and SGD with a rate
of 0.01, ends with 67 %: it says class 1 for everything. Repair loss and
optimizer, so that it has 97 % of unseen points right. x is (N, 3), y (N,) are
class indices; return a function from x to scores (N, 3). (A few seconds are
too long: 200 steps.)
""",
    asks="train",
    solution="""
import minigrad as torch
from minigrad import nn


def train(x, y):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 3))
    lossfunction = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for step in range(200):
        loss = lossfunction(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
""",
    start=(
        (
            "    lossfunction = nn.CrossEntropyLoss()\n",
            "    lossfunction = nn.MSELoss()\n    y = nn.functional.one_hot(y, 3).float()\n",
        ),
        (
            "torch.optim.Adam(model.parameters(), lr=0.03)",
            "torch.optim.SGD(model.parameters(), lr=0.01)",
        ),
    ),
    grader=Bar(
        _three,
        {
            "classes that are predicted": (2, 3, "constant prediction", ""),
            "accuracy in per cent": (97, 100, "below the bar", ""),
        },
    ),
    hints=(
        "Which classes does it predict? A result is worth what it is above the base rate.",
        "Cross-entropy takes the scores and the class indices as they are.",
        "nn.CrossEntropyLoss() and Adam with a rate of 0.03.",
    ),
    wrong=(
        (
            "constant prediction",
            "torch.optim.Adam(model.parameters(), lr=0.03)",
            "torch.optim.SGD(model.parameters(), lr=0.01)",
        ),
        ("below the bar", "lossfunction(model(x), y)", "(model(x) ** 2).mean()"),
        ("constant prediction", "range(200)", "range(2)"),
        ("nan", "return model", "return lambda x: model(x) * float('nan')"),
        ("raises", "return model\n", "return model(x)\n"),
        ("raises", "nn.Linear(32, 3)", "nn.Linear(32, 2)"),
        ("raises", "nn.CrossEntropyLoss()", "nn.NLLLoss"),
    ),
)

EXERCISES = (
    EVALUATION,
    BASE_RATE,
    CONFUSION,
    THREE,
)
