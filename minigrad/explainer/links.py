"""Where to read on: an op's place in the table of derivatives, and the lessons that teach it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad.lessons import LESSONS
from minigrad.op import register

OF_FAMILIES = {
    "activation": ("A",),
    "arithmetic": ("T2",),
    "bounds": ("T2",),
    "comparison": ("T3",),
    "convolution": ("C1", "C4"),
    "descent": ("P2",),
    "elementary": ("T2",),
    "indexing": ("T5",),
    "linalg": ("T4",),
    "loss": ("D6",),
    "padding": ("C4",),
    "patches": ("C8",),
    "pooling": ("C5",),
    "reduction": ("T3",),
    "rounding": ("T2",),
    "shape": ("T4",),
    "softmax": ("A",),
    "window": ("C8",),
}
"""The lessons about the ops of a family."""
OF_OPS = {
    "cat": ("T5",),
    "conv": ("C1", "C8"),
    "conv_input": ("C8",),
    "conv_weight": ("C8",),
    "det": ("T4",),
    "flip": ("C2",),
    "inv": ("T4",),
    "linear": ("D6", "T4"),
    "sigmoid": ("A",),
    "tanh": ("A",),
}
"""Those about single ops, where they are others."""


def links(names: Iterable[str]) -> dict[str, Any]:
    """For each of these ops the page of its family and its lessons, and what the lessons are."""
    ops = {name: register[name] for name in sorted(set(names)) if name in register}
    told = {name: lessons(name, op.family) for name, op in ops.items()}
    return {
        "ops": {name: [op.family, *told[name]] for name, op in ops.items()},
        "lessons": {
            name: [lesson.title, lesson.script]
            for name, lesson in LESSONS.items()
            if any(name in found for found in told.values())
        },
    }


def lessons(op: str, family: str) -> tuple[str, ...]:
    """The names of the lessons about an op."""
    return OF_OPS.get(op) or OF_FAMILIES.get(family, ())
