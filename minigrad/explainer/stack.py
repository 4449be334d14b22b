"""Where the user is: the line, the call and the modules around an op; and which numbers of two
views lie in the same place."""

from __future__ import annotations

from types import FrameType
from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.lines import Line, ours
from minigrad.nn.hooks import Hooked

TOP = "followed_step"
"""The function that does a step: what called it does not matter."""
PASSING = {"accepting", "call", "function", "method", "operator"}
"""Functions of minigrad's that only hand on, and that nobody knows by name."""
_CALL = Hooked.__call__.__code__


def shared_places(array: Array, writer: Array) -> list[int]:
    """For each number of an array, in order, which number of the writer lies there; -1 for none."""
    found = {address: i for i, address in enumerate(_addresses(writer))}
    return [found.get(address, -1) for address in _addresses(array)]


def _addresses(array: Array) -> list[int]:
    places = np.zeros((), np.int64)
    for n, step in zip(array.shape, array.strides, strict=True):
        places = places[..., None] + np.arange(n) * step
    of_cuda = getattr(array, "__cuda_array_interface__", None)
    start: int = (of_cuda or array.__array_interface__)["data"][0]
    return (places.reshape(-1) + start).tolist()


def called(
    frame: FrameType | None, homes: frozenset[str], whole: bool
) -> tuple[Line | None, str, tuple[Any, ...]]:
    """The user's line, what is called there, and (``whole``) the modules around it from the
    outermost."""
    call, path = "", []
    where: Line | None = None
    while frame is not None:
        code = frame.f_code
        if code.co_name == TOP:
            break
        if not ours(code.co_filename) or code.co_filename in homes:
            where = where or (code, frame.f_lasti)
            if not whole:
                break
        elif code is _CALL:
            module = frame.f_locals["self"]
            path.append(module)
            call = call if where else ""  # the module says it
        elif where is None:
            call = code.co_name
        frame = frame.f_back
    return where, "" if call in PASSING else call.strip("_"), tuple(reversed(path))


def place(where: Line | None) -> tuple[str, int]:
    """File and number of a line."""
    if where is None:
        return "", 0
    code, offset = where
    for start, end, number in code.co_lines():
        if number is not None and start <= offset < end:
            return code.co_filename, number
    return code.co_filename, code.co_firstlineno
