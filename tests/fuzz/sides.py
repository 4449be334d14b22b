"""The sides that a program is run on."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch

import minigrad

from .given import Given
from .mended import mended
from .outcome import PROGRAM, Outcome, refusal, values

SIDES = ("eager", "numpy", "native", "simulated")
"""minigrad op by op; as a compiled step by NumPy, by kernels in C, by kernels for a GPU that g++
builds."""


def loaded(text: str, side: Any) -> tuple[Any, list[list[Any]], list[Any]]:
    """The step of a program, its calls' arguments and its state, all new."""
    scope: dict[str, Any] = {"__name__": "program"}
    exec(compile(text, PROGRAM, "exec"), scope)
    step, calls, state = scope["program"](side, Given(side))
    return step, calls, state


def compiled(side: str, step: Callable[..., Any]) -> Any:
    """The step as that side runs it."""
    if side in ("torch", "eager"):
        return step
    return minigrad.compile(step, native=side != "numpy")


@contextmanager
def around(side: str) -> Iterator[list[Any]]:
    """What a side needs while steps are called. Gives the list of what it warned of."""
    gpu = minigrad.cuda.simulated() if side == "simulated" else nullcontext()
    right = mended() if side == "torch" else nullcontext()
    with warnings.catch_warnings(record=True) as warned, gpu, right:
        warnings.simplefilter("always")
        yield warned


def fallback(warned: list[Any]) -> str:
    """The warning that a step is replayed without kernels, "" where there is none."""
    told = [str(each.message) for each in warned]
    return next((text for text in told if "is replayed by" in text), "")


def run(text: str, side: str) -> Outcome:
    """A program on "torch" or one of `SIDES`."""
    found = Outcome()
    with around(side) as warned:
        try:
            step, calls, state = loaded(text, torch if side == "torch" else minigrad)
            twin = compiled(side, step)
            for arguments in calls:
                returned = twin(*arguments)
                found.calls.append(values(returned))
            found.state = values([state, calls])
        except Exception as error:
            found.refusal = refusal(error, text)
            return found
    if side not in ("torch", "eager"):
        found.path, found.programs = twin.path, len(twin.programs)
        found.fallback = fallback(warned)
    return found


def run_group(texts: list[str], side: str) -> list[Outcome]:
    """Programs as parts of one step, which is compiled once; those of as many calls go together.

    Errors: any that one of them meets; RuntimeError where kernels cannot be had.
    """
    lengths = [len(loaded(text, minigrad)[1]) for text in texts]
    if len(set(lengths)) > 1:
        outcomes = {
            n: iter(run_group([t for t, m in zip(texts, lengths, strict=True) if m == n], side))
            for n in set(lengths)
        }
        return [next(outcomes[n]) for n in lengths]
    found = [Outcome() for _ in texts]
    with around(side) as warned:
        parts = [loaded(text, minigrad) for text in texts]
        steps = [step for step, _, _ in parts]

        def together(*arguments: list[Any]) -> list[Any]:
            return [step(*own) for step, own in zip(steps, arguments, strict=True)]

        twin = compiled(side, together)
        for i in range(lengths[0]):
            returned = twin(*[calls[i] for _, calls, _ in parts])
            for outcome, own in zip(found, returned, strict=True):
                outcome.calls.append(values(own))
        for outcome, (_, calls, state) in zip(found, parts, strict=True):
            outcome.state = values([state, calls])
            outcome.path, outcome.programs = twin.path, len(twin.programs)
    if fallback(warned):
        raise RuntimeError(fallback(warned))
    return found
