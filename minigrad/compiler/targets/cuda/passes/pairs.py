"""The pass that computes at once what goes through the same numbers."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Group, Instruction, Program
from minigrad.compiler.targets.cuda.kernels.registry import pair


@says("compute at once what goes through the same numbers", needs="kernels")
def pairs(program: Program) -> Program:
    """Compute a loss together with its derivative, the largest number of each window together with
    its place, and the gradient of a convolution's weight together with that of its bias."""
    units = list(program.instructions)
    for i, one in enumerate(units):
        if one.kind != "op" or one.into or pair(one.op) is None:
            continue
        for j in range(i + 1, len(units)):
            other = units[j]
            if other.kind == "op" and _pair(one, other):
                units[i] = Group("bundle", (one, other))
                del units[j]
                break
            if not other.is_view and {x.place for x in other.writes} & {x.place for x in one.reads}:
                break  # other numbers from here on
    return replace(program, instructions=tuple(units))


def _pair(one: Instruction, other: Instruction) -> bool:
    found = pair(one.op)
    return (
        found is not None and other.op is found.other and not other.into and found.fits(one, other)
    )
