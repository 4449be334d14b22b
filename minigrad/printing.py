"""How a tensor looks in print: as in PyTorch, so that two printouts can be laid side by side.

Numbers of one tensor share one format and one width. Whole floats end in a point; others have four
digits behind it, or all are written with an exponent where they differ too much in size. Of more
than 1000 numbers only the ends of each dimension are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import dtypes
from minigrad.device import CPU, Array, place

if TYPE_CHECKING:
    from minigrad.methods.core import Core

__all__ = ["set_printoptions"]

_OPEN = "tensor("


@dataclass(frozen=True)
class Options:
    """What `set_printoptions` sets."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


options = Options()

_PROFILES = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=float("inf")),
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors are printed: digits behind the point; how many numbers are shown in full, and
    else how many at either end; characters in a line; ``sci_mode`` True or False writes all
    numbers with an exponent or none (None: as it fits). ``profile`` is "default", "short" or
    "full". Errors: ValueError for another profile.

    Args:
        precision: digits behind the point.
        threshold: how many numbers are shown in full.
        edgeitems: how many at either end, else.
        linewidth: characters in a line.
    """
    global options
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(f"set_printoptions: expected {sorted(_PROFILES)}, got {profile!r}")
        options = _PROFILES[profile]
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    options = replace(options, **changes, sci_mode=sci_mode)


@contextmanager
def printoptions(**changes: Any) -> Iterator[None]:
    """`set_printoptions` for a block."""
    global options
    before = options
    set_printoptions(**changes)
    try:
        yield
    finally:
        options = before


def shown(tensor: Core) -> str:
    """The tensor as Python code that would make it, with what else is to know about it."""
    array = place(tensor.array, CPU)
    if array.size:
        brief = array.size > options.threshold
        visible = array[np.ix_(*(_ends(n) for n in array.shape))] if brief else array
        text = _nested(array, _Format(visible), len(_OPEN), brief)
    else:
        text = "[]"
    # Nothing in an empty tensor shows that it holds integers.
    usual = (dtypes.DEFAULT, dtypes.int64, dtypes.bool_)[: 3 if array.size else 1]
    remarks = [f"device='{tensor.device}'"] if tensor.is_cuda else []
    if not array.size and array.ndim != 1:
        remarks.append(f"size={tuple(array.shape)}")
    if array.dtype not in usual:
        remarks.append(f"dtype={array.dtype}")
    if tensor.grad_fn is not None:
        remarks.append(f"grad_fn=<{tensor.grad_fn.name()}>")
    elif tensor.requires_grad:
        remarks.append("requires_grad=True")
    return _with_remarks(_OPEN + text, remarks)


def _with_remarks(text: str, remarks: list[str]) -> str:
    used = len(text) - text.rfind("\n") + 1
    for remark in remarks:
        if used + len(remark) + 2 > options.linewidth:
            text += ",\n" + " " * len(_OPEN) + remark
            used = len(_OPEN) + len(remark)
        else:
            text += ", " + remark
            used += len(remark) + 2
    return text + ")"


def _ends(n: int) -> list[int]:
    """The indices that are shown of a dimension of that length."""
    k = options.edgeitems
    return list(range(n)) if n <= 2 * k else [*range(k), *range(n - k, n)]


class _Format:
    """How each number is written, all in the same width (only 0, inf and nan may be wider)."""

    def __init__(self, array: Array) -> None:
        self.plain = _writer(array)
        counted = array[np.isfinite(array) & (array != 0)] if array.dtype.kind == "f" else array
        self.width = max((len(self.plain(x)) for x in counted.reshape(-1).tolist()), default=1)

    def __call__(self, number: Any) -> str:
        return self.plain(number).rjust(self.width)


def _writer(array: Array) -> Callable[[Any], str]:
    if array.dtype.kind != "f":
        return str
    counted = np.abs(array[np.isfinite(array) & (array != 0)].astype(np.float64))
    whole = bool(np.all(counted == np.ceil(counted)))
    exponent = options.sci_mode
    if exponent is None and counted.size:
        low, high = counted.min(), counted.max()
        with np.errstate(over="ignore"):
            exponent = bool(high / low > 1000 or high > 1e8 or (not whole and low < 1e-4))
    if exponent and counted.size:
        return lambda x: f"{x:.{options.precision}e}"
    if whole:
        return lambda x: f"{x:.0f}." if np.isfinite(x) else f"{x:.0f}"
    return lambda x: f"{x:.{options.precision}f}"


def _nested(array: Array, write: _Format, indent: int, brief: bool) -> str:
    if not array.ndim:
        return write(array.item())
    places = _ends(len(array)) if brief else list(range(len(array)))
    gap = len(places) // 2 if len(places) < len(array) else None
    if array.ndim == 1:
        words = [write(x) for x in array[places].tolist()]
        if gap is not None:
            words.insert(gap, " ...")
        room = max(1, (options.linewidth - indent) // (write.width + 2))
        lines = [", ".join(words[i : i + room]) for i in range(0, len(words), room)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    parts = [_nested(array[i], write, indent + 1, brief) for i in places]
    if gap is not None:
        parts.insert(gap, "...")
    between: str = "," + "\n" * (array.ndim - 1) + " " * (indent + 1)
    return "[" + between.join(parts) + "]"
