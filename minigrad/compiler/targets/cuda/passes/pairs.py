"""The pass that computes at once what goes through the same numbers."""

from __future__ import annotations

from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Bundle, Instruction, Program
from minigrad.compiler.targets.cuda.kernels.registry import pair


@says("compute at once what goes through the same numbers", needs="kernels")
def pairs(program: Program) -> Program:
    """Compute a loss together with its derivative, the largest number of each window together with
    its place, and the gradient of a convolution's weight together with that of its bias."""
    steps = list(program.instructions)
    for i, one in enumerate(steps):
        if not isinstance(one, Instruction) or one.into or pair(one.op) is None:
            continue
        for j in range(i + 1, len(steps)):
            other = steps[j]
            if isinstance(other, Instruction) and _pair(one, other):
                steps[i] = Bundle((one, other))
                del steps[j]
                break
            if not other.is_view and {x.place for x in other.writes} & {x.place for x in one.reads}:
                break  # other numbers from here on
    return replace(program, instructions=tuple(steps))


def _pair(one: Instruction, other: Instruction) -> bool:
    found = pair(one.op)
    return (
        found is not None and other.op is found.other and not other.into and found.fits(one, other)
    )
