"""What an anomaly is told with: ranges of numbers, and the way to a parameter."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from minigrad.device import device_of
from minigrad.lines import show_line
from minigrad.tape import Node, Source

MOST = 8
"""Steps of a path that are shown."""


def finite(array: Any) -> bool:
    """Whether all numbers are finite. Of many a sum tells at once if they are; else each is looked
    at."""
    if not isinstance(array, np.ndarray):
        device = device_of(array)
        return bool(device.call("all", device.call("isfinite", array)).item())
    if array.size < 2000:
        return bool(np.isfinite(array).all())
    with np.errstate(all="ignore"):
        return math.isfinite(np.add.reduce(array, axis=None)) or bool(np.isfinite(array).all())


def is_bad(x: Any) -> bool:
    """Whether it is a tensor or a number that holds nan or inf."""
    if x.__class__ is float:
        return not math.isfinite(x)
    array = getattr(x, "array", None)
    return array is not None and array.dtype.kind == "f" and not finite(array)


def described(x: Any) -> str:
    """``float32[3, 4] from -1.2 to 3, 2 nan`` for a tensor, a number as it is."""
    array = getattr(x, "array", None)
    if array is None:
        return repr(x)
    if not isinstance(array, np.ndarray):
        array = array.get()
    told = f"{array.dtype}{list(array.shape)}"
    if not array.size:
        return told
    if array.dtype.kind == "f":
        good = array[np.isfinite(array)]
        nan, inf = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    else:
        good, nan, inf = array, 0, 0
    if good.size:
        told += f" from {good.min() + 0:.3g} to {good.max() + 0:.3g}"  # -0.0 is 0
    told += f", {nan} nan" if nan else ""
    return told + (f", {inf} inf" if inf else "")


def greatest(x: Any) -> float:
    """The greatest magnitude of a tensor of floats, 0 for anything else."""
    array = getattr(x, "array", None)
    if array is None or array.dtype.kind != "f" or not array.size:
        return 0.0
    largest = float(abs(array).max())
    return largest if math.isfinite(largest) else 0.0


def counted(x: Any) -> str:
    """``2 of 12 numbers are nan or inf``"""
    array = x.array if isinstance(x.array, np.ndarray) else x.array.get()
    wrong = int(array.size - np.isfinite(array).sum())
    return f"{wrong} of {array.size} numbers are nan or inf"


def named(node: Node) -> str:
    """The public name of what left a mark."""
    return getattr(node.where, "name", "") or node.op.name


def path(start: Source | None, names: Mapping[int, str]) -> str:
    """The shortest way from a leaf to here: ``0.weight -> linear (net.py:12) -> log (net.py:13)``.
    "" where no leaf is behind it."""
    if start is None:
        return ""
    before: dict[int, Source | None] = {id(start): None}
    waiting: deque[Source] = deque([start])
    while waiting:
        source = waiting.popleft()
        if not isinstance(source, Node):
            return " -> ".join(_steps(source, before, names))
        for below in source.inputs:
            if below is not None and id(below) not in before:
                before[id(below)] = source
                waiting.append(below)
    return ""


def _steps(leaf: Any, before: dict[int, Source | None], names: Mapping[int, str]) -> list[str]:
    shown = [names.get(id(leaf)) or f"a leaf {leaf.dtype}{list(leaf.shape)}"]
    source, last = before[id(leaf)], ""
    while isinstance(source, Node):
        step = f"{named(source)} ({show_line(source.where)})"
        if step != last:
            shown.append(step)
        source, last = before[id(source)], step
    if len(shown) > MOST:
        half = MOST // 2
        shown = [*shown[:half], f"({len(shown) - 2 * half} more)", *shown[-half:]]
    return shown
