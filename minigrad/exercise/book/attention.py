"""Unit 26: attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.values import Values


def _attend(q: Any, k: Any, v: Any, **other: Any) -> Any:
    s = q @ k.T if other.get("unscaled") else q @ k.T / np.sqrt(q.shape[1])
    if other.get("by size"):
        s = q @ k.T / q.shape[1]
    n = len(s)
    if not other.get("all"):
        after = np.triu(np.ones((n, n), bool), 0 if other.get("self") else 1)
        if other.get("past"):
            after = after.T
        s = np.where(after, 0.0 if other.get("zero") else -1e30, s)
    e = np.exp(s - s.max(0 if other.get("columns") else 1, keepdims=True))
    if other.get("late"):
        s = q @ k.T / np.sqrt(q.shape[1])
        e = np.exp(s - s.max(1, keepdims=True))
        return np.tril(e / e.sum(1, keepdims=True)) @ v
    return e / e.sum(0 if other.get("columns") else 1, keepdims=True) @ v


CAUSAL = Exercise(
    name="causal-attention",
    title="Attention that does not see the future",
    unit="26",
    words="""
Queries q, keys k and values v are (T, D), a row for each place. Place i looks
at the places up to and with i: the weights are the softmax, over those, of
q[i] · k[j] / sqrt(D). Return the weighted sums of the values, (T, D).
""",
    asks="attention",
    solution="""
import numpy as np


def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    future = np.triu(np.ones(scores.shape, bool), 1)
    scores = np.where(future, -np.inf, scores)
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) @ v
""",
    grader=Values(
        lambda q, k, v: _attend(q, k, v),
        normal((5, 3), (5, 3), (5, 3)),
        {
            "sees the future": ("there is no mask", lambda q, k, v: _attend(q, k, v, all=True)),
            "sees only the future": (
                "the mask is turned around: it hides the past",
                lambda q, k, v: _attend(q, k, v, past=True),
            ),
            "masked with 0": (
                "a score of 0 is no hidden place, exp(0) is 1: put -inf there",
                lambda q, k, v: _attend(q, k, v, zero=True),
            ),
            "masked too late": (
                "the mask belongs before the softmax: weights set to 0 later do not sum to 1",
                lambda q, k, v: _attend(q, k, v, late=True),
            ),
            "not scaled": (
                "the scores are divided by sqrt(D)",
                lambda q, k, v: _attend(q, k, v, unscaled=True),
            ),
            "divided by D": (
                "by the root of D",
                lambda q, k, v: _attend(q, k, v, **{"by size": True}),
            ),
            "columns": (
                "the softmax goes over the places that are looked at: over each row",
                lambda q, k, v: _attend(q, k, v, columns=True),
            ),
        },
        results=("the sums",),
    ),
    hints=(
        "scores[i, j] says how much place i looks at j.",
        "np.triu(ones, 1) is what lies above the diagonal: the future.",
        "np.where(future, -np.inf, scores) before the softmax over axis 1.",
    ),
    wrong=(
        ("sees the future", "    scores = np.where(future, -np.inf, scores)\n", ""),
        ("sees only the future", "scores.shape, bool), 1)", "scores.shape, bool), 1).T"),
        ("masked with 0", "-np.inf", "0.0"),
        (
            "masked too late",
            "    scores = np.where(future, -np.inf, scores)\n"
            "    e = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "    return e / e.sum(axis=1, keepdims=True) @ v",
            "    e = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "    return np.where(future, 0, e / e.sum(axis=1, keepdims=True)) @ v",
        ),
        ("not scaled", " / np.sqrt(q.shape[1])", ""),
        ("divided by D", "np.sqrt(q.shape[1])", "q.shape[1]"),
        ("columns", "axis=1", "axis=0"),
        ("nan", "bool), 1)", "bool), 0)"),
    ),
)

EXERCISES = (CAUSAL,)
