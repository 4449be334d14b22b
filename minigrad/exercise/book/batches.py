"""Unit 16: how many at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.numbers import Numbers, Question
from minigrad.exercise.values import Values

UPDATES = Exercise(
    name="count-updates",
    title="Epochs, batches, steps",
    unit="16",
    words="""
There are 10,240 samples. An epoch goes once through all of them; a step is
one update of the weights, for one batch. Write how many steps there are, or
how many samples the last batch has.
""",
    asks="answers",
    solution="""
answers = {
    "steps of 5 epochs in batches of 1,024": 50,
    "steps of 5 epochs of all samples at once": 5,
    "steps of 5 epochs of single samples": 51200,
    "steps of 1 epoch in batches of 100": 103,
    "samples in the last batch of 100": 40,
    "steps of 1 epoch in batches of 100 with drop_last": 102,
}
""",
    grader=Numbers(
        (
            Question(
                "steps of 5 epochs in batches of 1,024",
                lambda: 5 * 10240 // 1024,
                {
                    "one epoch": (10, "that is one epoch; there are 5"),
                    "samples": (51200, "those are samples; a step takes 1,024 of them"),
                },
            ),
            Question("steps of 5 epochs of all samples at once", lambda: 5),
            Question(
                "steps of 5 epochs of single samples",
                lambda: 5 * 10240,
                {"one epoch": (10240, "that is one epoch; there are 5")},
            ),
            Question(
                "steps of 1 epoch in batches of 100",
                lambda: -(-10240 // 100),
                {
                    "rest forgotten": (102, "the last batch has fewer samples, and is a step too"),
                    "fraction": (102.4, "there are only whole steps"),
                },
            ),
            Question(
                "samples in the last batch of 100",
                lambda: 10240 % 100,
                {"full": (100, "10,240 is no multiple of 100")},
            ),
            Question(
                "steps of 1 epoch in batches of 100 with drop_last",
                lambda: 10240 // 100,
                {"rest counted": (103, "drop_last leaves out the smaller last batch")},
            ),
        )
    ),
    hints=(
        "Steps of an epoch: samples / batch, rounded up.",
        "What does not fill a batch is a smaller one, unless it is dropped.",
        "10,240 = 10 · 1,024 = 102 · 100 + 40.",
    ),
    wrong=(
        ("one epoch", '1,024": 50', '1,024": 10'),
        ("samples", '1,024": 50', '1,024": 51200'),
        ("one epoch", "51200", "10240"),
        ("rest forgotten", "103", "102"),
        ("fraction", "103", "102.4"),
        ("full", ": 40", ": 100"),
        ("rest counted", 'drop_last": 102', 'drop_last": 103'),
        ("off by one", 'at once": 5', 'at once": 6'),
    ),
)


BATCHES = Exercise(
    name="batches",
    title="Shuffle, and cut into batches",
    unit="16",
    words="""
order (N,) is a permutation of the samples. Return the list of batches of
`size` samples of x (N, D) and y (N,), in that order, as pairs (x, y); the
last one may be smaller. Each x keeps its y.
""",
    asks="batches",
    solution="""
def batches(x, y, order, size):
    return [
        (x[order[i : i + size]], y[order[i : i + size]]) for i in range(0, len(x), size)
    ]
""",
    grader=Values(
        lambda x, y, o, n: (x[o], y[o], _sizes(len(x), n)),
        lambda rng, turn: [
            rng.standard_normal((11 + turn, 2 + turn)),
            rng.standard_normal(11 + turn),
            rng.permutation(11 + turn),
            [4, 5, 3][turn],
        ],
        {
            "labels not shuffled": (
                "y is not taken in the same order as x: each sample has another's label",
                lambda x, y, o, n: (x[o], y, _sizes(len(x), n)),
            ),
            "not shuffled": ("the order is not used", lambda x, y, o, n: (x, y, _sizes(len(x), n))),
            "rest forgotten": (
                "the last samples, which do not fill a batch, are missing",
                lambda x, y, o, n: (x[o][:8], y[o][:8], _sizes(8, n)),
            ),
            "order of the order": (
                "order says which sample comes next: x[order[i : i + size]]",
                lambda x, y, o, n: (x[np.argsort(o)], y[np.argsort(o)], _sizes(len(x), n)),
            ),
            "one batch": (
                "there is one batch only",
                lambda x, y, o, n: (x[o], y[o], np.array([11])),
            ),
            "overlap": (
                "the batches overlap: each begins where the last one ends",
                lambda x, y, o, n: _overlapping(x, y, o, n),
            ),
            "first batch": (
                "only the first batch is there",
                lambda x, y, o, n: (x[o][:n], y[o][:n], np.array([n])),
            ),
        },
        results=("all x in a row", "all y in a row", "the sizes"),
        use=lambda answer, x, y, o, n: _laid_out(answer(x, y, o, n)),
    ),
    hints=(
        "range(0, N, size) has the beginning of each batch.",
        "order[i : i + size] are the samples of one; a slice may go beyond the end.",
        "(x[k], y[k]) with k = order[i : i + size].",
    ),
    wrong=(
        ("labels not shuffled", "y[order[i : i + size]]", "y[i : i + size]"),
        (
            "not shuffled",
            "(x[order[i : i + size]], y[order[i : i + size]])",
            "(x[i : i + size], y[i : i + size])",
        ),
        ("rest forgotten", "range(0, len(x), size)", "range(0, len(x) - size + 1, size)"),
        (
            "order of the order",
            "def batches(x, y, order, size):\n",
            "def batches(x, y, order, size):\n    order = order.argsort()\n",
        ),
        ("one batch", "order, size):\n", "order, size):\n    size = len(x)\n"),
        ("overlap", "range(0, len(x), size)", "range(len(x))"),
        ("first batch", "range(0, len(x), size)", "[0]"),
    ),
)


def _sizes(count: int, size: int) -> Any:
    return np.array([len(range(i, min(i + size, count))) for i in range(0, count, size)])


def _laid_out(found: Any) -> Any:
    found = list(found)
    x, y = np.concatenate([x for x, _ in found]), np.concatenate([y for _, y in found])
    return x, y, np.array([len(part) for part, _ in found])


def _overlapping(x: Any, y: Any, o: Any, n: int) -> Any:
    return _laid_out([(x[o[i : i + n]], y[o[i : i + n]]) for i in range(len(x))])


EXERCISES = (
    UPDATES,
    BATCHES,
)
