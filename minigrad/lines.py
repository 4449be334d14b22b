"""The lines of a program that errors name: where an op was called, where memory was written."""

from __future__ import annotations

import os
import sys
from types import CodeType
from typing import TypeAlias

Line: TypeAlias = tuple[CodeType, int]
_PACKAGE = os.path.dirname(__file__) + os.sep


class _Ours(dict[str, bool]):
    """Whether a file belongs to minigrad. A look-up takes half the time of comparing names."""

    def __missing__(self, file: str) -> bool:
        self[file] = ours = file.startswith(_PACKAGE)
        return ours


_ours = _Ours()
ours = _ours.__getitem__
"""Whether a file belongs to minigrad."""


INSIDE = 3
"""Frames of minigrad's that are on top, at least, when a line is taken: `line`, who takes it, and
what told that one."""
BEHIND_THE_DOOR = 4
"""The same where an op leaves its mark or writes: the door is among them. With more frames than
that nothing goes wrong; `line` looks on. One fewer, and it would pass over the user's: that is
tried for every way to get here in tests/test_lines.py."""


def line(skipped: int = INSIDE) -> Line:
    """The innermost line outside minigrad, in a form that is cheap to take: (code, offset).
    ``skipped`` frames, this one among them, are known to be minigrad's."""
    frame = sys._getframe(skipped)
    code = frame.f_code
    while _ours[code.co_filename] and (back := frame.f_back) is not None:
        frame, code = back, back.f_code
    return code, frame.f_lasti


def show_line(where: Line | None) -> str:
    """``file.py:12`` for a line taken by `line`."""
    if where is None:
        return "an unknown line"
    return f"{where[0].co_filename}:{number_of(where)}"


def number_of(where: Line) -> int:
    """The number of a line taken by `line`."""
    code, offset = where
    return next(
        (n for start, end, n in code.co_lines() if n is not None and start <= offset < end),
        code.co_firstlineno,
    )
