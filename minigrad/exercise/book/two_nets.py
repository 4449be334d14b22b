"""Unit 27: two nets against each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.exercise.exercise import Exercise
from minigrad.exercise.values import Values

SCALING = Exercise(
    name="gan-scaling",
    title="Repair a GAN's scaling",
    unit="27",
    words="""
The generator ends with tanh, so its pictures lie between -1 and 1. The real
ones are bytes from 0 to 255. This program hands them to the discriminator as
x / 255, which it tells from the generator's at a glance. Scale them to -1..1;
and write `shown`, which takes a picture back to bytes from 0 to 255 as whole
numbers (uint8), rounded. Return both: scale(pixels, made) gives the scaled
pixels and the shown picture of `made`.
""",
    asks="scale",
    solution="""
import numpy as np


def scale(pixels, made):
    scaled = pixels / 127.5 - 1
    shown = np.rint((made + 1) * 127.5).astype(np.uint8)
    return scaled, shown
""",
    start=(("pixels / 127.5 - 1", "pixels / 255"), ("(made + 1) * 127.5", "made * 255")),
    grader=Values(
        lambda p, m: (p / 127.5 - 1, np.rint((m + 1) * 127.5).astype(np.uint8)),
        lambda rng, turn: [
            rng.integers(0, 256, (5 + turn, 7 + turn)).astype(float),
            np.tanh(rng.standard_normal((5 + turn, 7 + turn))),
        ],
        {
            "0 to 1": (
                "that is 0 to 1, and the generator's pictures lie between -1 and 1",
                lambda p, m: (p / 255, np.rint((m + 1) * 127.5).astype(np.uint8)),
            ),
            "shown without the shift": (
                "shown: -1 is black, so add 1 before multiplying by 127.5",
                lambda p, m: (p / 127.5 - 1, np.rint(m * 255).astype(int).astype(np.uint8)),
            ),
            "cut off": (
                "shown: whole numbers are cut off by astype; round before",
                lambda p, m: (p / 127.5 - 1, ((m + 1) * 127.5).astype(np.uint8)),
            ),
            "both as they were": (
                "nothing is repaired: neither the pixels nor the picture is scaled to -1..1",
                lambda p, m: (p / 255, np.rint(m * 255).astype(int).astype(np.uint8)),
            ),
            "standardised": (
                "mean 0 and deviation 1 is another scale; the ends are asked to be -1 and 1",
                lambda p, m: ((p - p.mean()) / p.std(), np.rint((m + 1) * 127.5).astype(np.uint8)),
            ),
            "twice as dark": (
                "shown: from -1..1 to 0..255 is times 127.5, after adding 1",
                lambda p, m: (p / 127.5 - 1, np.rint((m + 1) / 2).astype(np.uint8)),
            ),
        },
        results=("the scaled pixels", "the shown picture"),
    ),
    hints=(
        "Where do 0 and 255 have to go?",
        "x / 127.5 lies between 0 and 2.",
        "pixels / 127.5 - 1, and back (made + 1) * 127.5, rounded.",
    ),
    wrong=(
        ("0 to 1", "pixels / 127.5 - 1", "pixels / 255"),
        (
            "shown without the shift",
            "np.rint((made + 1) * 127.5)",
            "np.rint(made * 255).astype(int)",
        ),
        ("cut off", "np.rint((made + 1) * 127.5)", "((made + 1) * 127.5)"),
        ("standardised", "pixels / 127.5 - 1", "(pixels - pixels.mean()) / pixels.std()"),
        ("twice as dark", "(made + 1) * 127.5", "(made + 1) / 2"),
        ("sign", "pixels / 127.5 - 1", "1 - pixels / 127.5"),
        ("count", "return scaled, shown", "return scaled"),
        ("type", ".astype(np.uint8)", ""),
        (
            "both as they were",
            "    scaled = pixels / 127.5 - 1\n    shown = np.rint((made + 1) * 127.5)",
            "    scaled = pixels / 255\n    shown = np.rint(made * 255).astype(int)",
        ),
    ),
)


def _bce(p: Any, t: float) -> Any:
    return -np.mean(np.log(p) if t else np.log(1 - p))


GAN_LOSSES = Exercise(
    name="gan-losses",
    title="What do the two want?",
    unit="27",
    words="""
real (N,) and fake (N,) are the discriminator's probabilities that real and
that generated pictures are real. Return its loss, the sum of the means of
-log(real) and -log(1 - fake), and the generator's, which wants its pictures
to be taken for real: the mean of -log(fake).
""",
    asks="losses",
    solution="""
import numpy as np


def losses(real, fake):
    d = -np.log(real).mean() - np.log(1 - fake).mean()
    g = -np.log(fake).mean()
    return d, g
""",
    grader=Values(
        lambda r, f: (_bce(r, 1) + _bce(f, 0), _bce(f, 1)),
        lambda rng, turn: list(0.1 + 0.8 * rng.random((2, 11 if turn else 7))),
        {
            "generator's sign": (
                "g: with log(1 - fake) it hardly learns where it is bad: -log(fake)",
                lambda r, f: (_bce(r, 1) + _bce(f, 0), np.log(1 - f).mean()),
            ),
            "generator helps": (
                "g: that is least where its pictures are found out",
                lambda r, f: (_bce(r, 1) + _bce(f, 0), _bce(f, 0)),
            ),
            "labels exchanged": (
                "d: it wants real ones near 1 and fakes near 0",
                lambda r, f: (_bce(r, 0) + _bce(f, 1), _bce(f, 1)),
            ),
            "fakes forgotten": ("d: the fakes are missing", lambda r, f: (_bce(r, 1), _bce(f, 1))),
            "real ones forgotten": (
                "d: the real ones are missing",
                lambda r, f: (_bce(f, 0), _bce(f, 1)),
            ),
            "real for fake": (
                "g: the generator makes the fakes, not the real ones",
                lambda r, f: (_bce(r, 1) + _bce(f, 0), _bce(r, 1)),
            ),
            "fakes taken for real": (
                "d: it wants fakes near 0: -log(1 - fake)",
                lambda r, f: (_bce(r, 1) + _bce(f, 1), _bce(f, 1)),
            ),
        },
        results=("d", "g"),
    ),
    hints=(
        "-log(p) is small where p is near 1.",
        "The discriminator: real near 1, fake near 0. The generator: fake near 1.",
        "d = -mean log(real) - mean log(1 - fake), g = -mean log(fake).",
    ),
    wrong=(
        ("generator's sign", "g = -np.log(fake)", "g = np.log(1 - fake)"),
        ("generator helps", "g = -np.log(fake)", "g = -np.log(1 - fake)"),
        (
            "labels exchanged",
            "-np.log(real).mean() - np.log(1 - fake)",
            "-np.log(1 - real).mean() - np.log(fake)",
        ),
        ("fakes forgotten", " - np.log(1 - fake).mean()", ""),
        ("real ones forgotten", "-np.log(real).mean() - np", "-np"),
        ("real for fake", "g = -np.log(fake)", "g = -np.log(real)"),
        ("fakes taken for real", "np.log(1 - fake)", "np.log(fake)"),
        ("operands exchanged", "return d, g", "return g, d"),
        ("sum for mean", "mean()", "sum()"),
    ),
)

EXERCISES = (
    SCALING,
    GAN_LOSSES,
)
