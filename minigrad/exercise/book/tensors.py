"""Units 1 and 2: shapes, counting, strides, columns of a table."""

from __future__ import annotations

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import labels, normal, of
from minigrad.exercise.numbers import Numbers, Question
from minigrad.exercise.values import Values

A, B, C = np.zeros((3, 4)), np.zeros((4, 5)), np.zeros((7, 1, 4))

SHAPES = Exercise(
    name="shapes",
    title="Predict the shapes",
    unit="1",
    words="""
a has the shape (3, 4), b (4, 5) and c (7, 1, 4). Write each result's shape as
a tuple; of a single number it is (). Do not run it: predict.
""",
    asks="answers",
    solution="""
answers = {
    "a @ b": (3, 5),
    "a.T": (4, 3),
    "a.sum(axis=0)": (4,),
    "a.sum(axis=1, keepdims=True)": (3, 1),
    "a + c": (7, 3, 4),
    "a.sum()": (),
}
""",
    grader=Numbers(
        (
            Question(
                "a @ b",
                lambda: (A @ B).shape,
                {"inner size": ((4, 4), "the inner size, 4, is summed over and gone")},
            ),
            Question("a.T", lambda: A.T.shape),
            Question(
                "a.sum(axis=0)",
                lambda: A.sum(axis=0).shape,
                {
                    "other axis": ((3,), "the axis that is named is the one that goes"),
                    "keepdims": ((1, 4), "without keepdims the axis is gone"),
                },
            ),
            Question(
                "a.sum(axis=1, keepdims=True)",
                lambda: A.sum(axis=1, keepdims=True).shape,
                {"keepdims": ((3,), "with keepdims the axis stays, of size 1")},
            ),
            Question(
                "a + c",
                lambda: (A + C).shape,
                {"not stretched": ((7, 1, 4), "c's axis of size 1 is stretched to a's 3")},
            ),
            Question("a.sum()", lambda: A.sum().shape, {"one": ((1,), "a number has no axis: ()")}),
        )
    ),
    hints=(
        "Shapes are read from the right.",
        "A product (n, k) @ (k, m) is (n, m); a sum over an axis removes it, or leaves a 1.",
        "For a + c write (1, 3, 4) above (7, 1, 4): in each column the larger number stays.",
    ),
    wrong=(
        ("inner size", "(3, 5)", "(4, 4)"),
        ("exchanged", '"a.T": (4, 3)', '"a.T": (3, 4)'),
        ("other axis", '"a.sum(axis=0)": (4,)', '"a.sum(axis=0)": (3,)'),
        ("keepdims", "(3, 1)", "(3,)"),
        ("not stretched", "(7, 3, 4)", "(7, 1, 4)"),
        ("one", ": (),", ": (1,),"),
        ("dimensions", "(7, 3, 4)", "(3, 4)"),
        ("missing", "(7, 3, 4)", "None"),
    ),
)

COUNT = Exercise(
    name="count-right",
    title="How many are right?",
    unit="1",
    words="""
scores (N, C) has a row for each sample and a column for each class, labels
(N,) the class that each sample is of. The class with the largest score is the
prediction. Return how many predictions are right, as a whole number.
""",
    asks="count_right",
    solution="""
import numpy as np


def count_right(scores, labels):
    predictions = scores.argmax(axis=1)
    return int((predictions == labels).sum())
""",
    grader=Values(
        lambda s, y: int((s.argmax(1) == y).sum()),
        of(normal((7, 3)), labels(7, 3)),
        {
            "share": (
                "that is the share; the number is asked",
                lambda s, y: (s.argmax(1) == y).mean(),
            ),
            "per cent": (
                "that is a percentage; the number is asked",
                lambda s, y: 100 * (s.argmax(1) == y).mean(),
            ),
            "wrong ones": ("those are the wrong ones", lambda s, y: int((s.argmax(1) != y).sum())),
            "smallest": (
                "that takes the smallest score for the prediction",
                lambda s, y: int((s.argmin(1) == y).sum()),
            ),
            "all of them": ("that counts all samples", lambda s, y: len(y)),
        },
        results=("the number",),
    ),
    hints=(
        "Where is the largest score of each row?",
        "scores.argmax(axis=1) has a class for each sample.",
        "(predictions == labels) is true where one is right; its sum counts them.",
    ),
    wrong=(
        ("share", "int((predictions == labels).sum())", "(predictions == labels).mean()"),
        ("per cent", "int((predictions == labels).sum())", "100 * (predictions == labels).mean()"),
        ("wrong ones", "==", "!="),
        ("smallest", "argmax", "argmin"),
        ("all of them", "int((predictions == labels).sum())", "(predictions == labels).size"),
        ("raises", "axis=1", "axis=0"),
        ("not summed", "int((predictions == labels).sum())", "predictions == labels"),
        ("nothing returned", "return int", "int"),
    ),
)

BASE = np.zeros((6, 8))

STRIDES = Exercise(
    name="strides",
    title="Give the strides",
    unit="2",
    words="""
a = np.zeros((6, 8)) has float64 numbers of 8 bytes, row after row. A stride
says how many bytes lie between neighbours along an axis. Write the strides of
each view as a tuple.
""",
    asks="answers",
    solution="""
answers = {
    "a": (64, 8),
    "a.T": (8, 64),
    "a[::2]": (128, 8),
    "a[:, ::-1]": (64, -8),
    "a[0]": (8,),
    "np.broadcast_to(a[0], (5, 8))": (0, 8),
}
""",
    grader=Numbers(
        (
            Question("a", lambda: BASE.strides, {"numbers": ((8, 1), "in bytes, not in numbers")}),
            Question("a.T", lambda: BASE.T.strides),
            Question(
                "a[::2]",
                lambda: BASE[::2].strides,
                {
                    "not doubled": ((64, 8), "every second row: twice as far"),
                    "other axis": ((64, 16), "it is the rows that are skipped"),
                },
            ),
            Question(
                "a[:, ::-1]",
                lambda: BASE[:, ::-1].strides,
                {"sign": ((64, 8), "backwards: the stride is negative")},
            ),
            Question("a[0]", lambda: BASE[0].strides),
            Question(
                "np.broadcast_to(a[0], (5, 8))",
                lambda: np.broadcast_to(BASE[0], (5, 8)).strides,
                {"copied": ((64, 8), "nothing is copied: each row is the same memory, 0 bytes on")},
            ),
        )
    ),
    hints=(
        "From one row to the next there are 8 numbers of 8 bytes.",
        "A view has the same memory: T exchanges strides, a step multiplies one.",
        "A row that is repeated without a copy has the stride 0.",
    ),
    wrong=(
        ("numbers", '"a": (64, 8)', '"a": (8, 1)'),
        ("exchanged", '"a": (64, 8)', '"a": (8, 64)'),
        ("exchanged", '"a.T": (8, 64)', '"a.T": (64, 8)'),
        ("not doubled", "(128, 8)", "(64, 8)"),
        ("other axis", "(128, 8)", "(64, 16)"),
        ("sign", "(64, -8)", "(64, 8)"),
        ("copied", "(0, 8)", "(64, 8)"),
        ("dimensions", "(8,)", "(64, 8)"),
    ),
)

STANDARDISE = Exercise(
    name="standardise",
    title="Standardise the columns of a table",
    unit="2",
    words="""
Return the table (N, D) with the mean of each column taken away, divided by
the column's standard deviation, so that every column has mean 0 and deviation
1.
""",
    asks="standardise",
    solution="""
import numpy as np


def standardise(table):
    mean = table.mean(axis=0)
    deviation = table.std(axis=0)
    return (table - mean) / deviation
""",
    grader=Values(
        lambda t: (t - t.mean(0)) / t.std(0),
        normal((7, 5), scale=3.0, shift=2.0),
        {
            "whole table": (
                "mean and deviation are those of the whole table; each column has its own",
                lambda t: (t - t.mean()) / t.std(),
            ),
            "by rows": (
                "the rows are standardised, not the columns",
                lambda t: (t - t.mean(1, keepdims=True)) / t.std(1, keepdims=True),
            ),
            "variance": (
                "divided by the variance; its root is the deviation",
                lambda t: (t - t.mean(0)) / t.var(0),
            ),
            "mean left": ("the mean is not taken away", lambda t: t / t.std(0)),
            "not divided": ("not divided by the deviation", lambda t: t - t.mean(0)),
            "n - 1": (
                "the deviation is that with N - 1 (ddof=1), so the result's is not 1",
                lambda t: (t - t.mean(0)) / t.std(0, ddof=1),
            ),
            "order": (
                "the mean is taken away after the division: brackets are missing",
                lambda t: t - t.mean(0) / t.std(0),
            ),
        },
    ),
    hints=(
        "A mean of each column is a sum over the rows: which axis is that?",
        "table.mean(axis=0) has D numbers, which are stretched over all rows.",
        "(table - mean) / deviation, with brackets.",
    ),
    wrong=(
        ("whole table", "axis=0", ""),
        ("by rows", "axis=0", "axis=1, keepdims=True"),
        ("variance", "table.std(axis=0)", "table.var(axis=0)"),
        ("mean left", "(table - mean)", "table"),
        ("not divided", "(table - mean) / deviation", "table - mean"),
        ("n - 1", "std(axis=0)", "std(axis=0, ddof=1)"),
        ("order", "(table - mean) / deviation", "table - mean / deviation"),
        ("writes", "    return (table - mean)", "    table -= mean\n    return table"),
        ("raises", "axis=0", "axis=1"),
    ),
)

EXERCISES = (SHAPES, COUNT, STRIDES, STANDARDISE)
