"""An op of a program done by the array library, on any target."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from minigrad.compiler.program import Instruction
from minigrad.compute import fits
from minigrad.device import Array
from minigrad.op import Forward


def called(
    each: Instruction, forward: Forward, xp: Any, given: list[Any], out: Array
) -> Callable[[], Any]:
    """The call that writes an op's result where it belongs. What is written over an operand is
    computed right there only by an op that reads each number before it writes it."""
    body = partial(forward, xp, *given, **each.params)
    direct = (
        not each.into
        or (each.op.updates and given[0] is out)
        or (each.op.elementwise and fits(given, out))
    )
    return partial(body, out=out) if direct else partial(_copied, xp, body, out)


def _copied(xp: Any, body: Callable[[], Array], out: Array) -> None:
    xp.copyto(out, body(), casting="unsafe")
