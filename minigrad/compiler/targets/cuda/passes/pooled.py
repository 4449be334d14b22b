"""The pass that pools by the kernel of the convolution before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Chain, Instruction, Joint, Pooled, Program, Series
from minigrad.compiler.targets.cuda.kernels.pooled import poolable
from minigrad.compiler.targets.cuda.passes.order import may_go_before
from minigrad.ops.convolution import conv


@says("pool by the kernel of the convolution before", needs="kernels")
def pooled(program: Program) -> Program:
    """Let the kernel of a convolution of few channels go on with the windows over its result, where
    nobody else needs it."""
    users = Counter(x.place for step in program.instructions for x in {*step.reads, *step.writes})
    alone = {place for place, count in users.items() if count == 2} - program.kept()
    steps = list(program.instructions)
    for i, head in enumerate(steps):
        if not isinstance(head, (Instruction, Joint)) or head.parts[0].op is not conv:
            continue
        for j in range(i + 1, len(steps)):
            pool = steps[j]
            x = next(iter(pool.parts[0].reads), None)
            if x not in head.writes or x is None or x.place not in alone:
                continue
            if not isinstance(pool, (Chain, Series, Pooled)) and poolable(head, pool):
                mine = {y.place for y in (*pool.reads, *pool.writes)}
                apart = mine & {y.place for y in head.writes} == {x.place}
                over = {y.place for y in pool.writes} & {y.place for y in head.reads}
                if apart and not over and may_go_before(pool, steps[i + 1 : j]):
                    steps[i] = Pooled(head, pool)
                    del steps[j]
            break
    return replace(program, instructions=tuple(steps))
