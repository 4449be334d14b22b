"""What came of a program: numbers after each call, or where and how it was refused."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import minigrad

HOME = str(Path(minigrad.__file__).parent)
PROGRAM = "<program>"
KINDS = (IndexError, TypeError, ValueError, RuntimeError)


@dataclass
class Refusal:
    """An error.

    Attributes:
        kind: PyTorch's kinds of error, or the name of another.
        line: the line of the program that it came from, 0 for none.
        internal: whether minigrad did not mean to raise it: no ``raise`` stands there.
        unrecordable: whether a compiled step refuses what no step can record.
    """

    kind: str
    line: int
    internal: bool
    unrecordable: bool
    told: str


@dataclass
class Value:
    """A tensor, or what else is returned, as it was at that time."""

    dtype: str
    array: np.ndarray | None
    plain: Any = None
    tracked: bool | None = None


@dataclass
class Outcome:
    """Values after each call and at the end, or the refusal that came instead.

    Attributes:
        path, programs: what replayed the compiled step, and how many programs there are.
        fallback: the warning, where kernels could not be had.
    """

    calls: list[list[Value]] = field(default_factory=list)
    state: list[Value] = field(default_factory=list)
    refusal: Refusal | None = None
    path: str = ""
    programs: int = 0
    fallback: str = ""


def _hands_on(frame: traceback.FrameSummary) -> bool:
    """Whether it only hands its arguments on, so that a call that does not fit fails there."""
    return frame.filename.startswith(HOME) and (
        frame.filename.endswith("functions/method.py")
        or re.search(r"^return \w+\((self, )?\*args, \*\*\w+\)$", frame.line or "") is not None
    )


def refusal(error: BaseException, text: str) -> Refusal:
    """What an error says of where it comes from."""
    kind = next((k.__name__ for k in KINDS if isinstance(error, k)), type(error).__name__)
    frames = traceback.extract_tb(error.__traceback__)
    line = max((f.lineno or 0 for f in frames if f.filename == PROGRAM), default=0)
    last = next(f for f in reversed(frames) if not _hands_on(f))
    inside = any(f.filename.startswith(HOME) for f in frames)
    # Deliberate: raised by a statement of minigrad, or by Python, as the call does not fit.
    meant = last.filename == PROGRAM or (
        last.filename.startswith(HOME) and (last.line or "").startswith(("raise", "return reject"))
    )
    internal = inside and not meant
    unrecordable = type(error).__name__ == "CompileError" and "part of a recorded step" in str(
        error
    )
    told = f"{type(error).__name__}: {error}"
    if inside:
        told += f"\n  at {last.filename}:{last.lineno}: {last.line}"
    return Refusal(kind, line, internal, unrecordable, told)


def value(x: Any) -> Value:
    """A copy of what a tensor holds."""
    if not hasattr(x, "detach"):
        return Value(type(x).__name__, None, x)
    tracked = bool(x.requires_grad)
    array = np.array(x.detach().cpu().numpy())
    return Value(str(array.dtype), array, tracked=tracked)


def values(found: Any) -> list[Value]:
    """Flat, the tensors in lists, modules with their gradients, and what else there is."""
    if isinstance(found, (list, tuple)):
        return [each for x in found for each in values(x)]
    if hasattr(found, "state_dict") and hasattr(found, "parameters"):
        named = sorted(found.state_dict().items())
        grads = [p.grad for _, p in sorted(found.named_parameters())]
        return values([x for _, x in named]) + values(grads)
    return [value(found)]
