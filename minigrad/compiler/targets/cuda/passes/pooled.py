"""The pass that pools by the kernel of the convolution before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Group, Program
from minigrad.compiler.targets.cuda.kernels.pooled import poolable
from minigrad.compiler.targets.cuda.passes.order import may_go_before
from minigrad.ops.convolution import conv


@says("pool by the kernel of the convolution before", needs="kernels")
def pooled(program: Program) -> Program:
    """Let the kernel of a convolution of few channels go on with the windows over its result, where
    nobody else needs it."""
    users = Counter(x.place for unit in program.instructions for x in {*unit.reads, *unit.writes})
    alone = {place for place, count in users.items() if count == 2} - program.kept
    units = list(program.instructions)
    for i, head in enumerate(units):
        if head.kind not in ("op", "joint") or head.parts[0].op is not conv:
            continue
        for j in range(i + 1, len(units)):
            pool = units[j]
            x = next(iter(pool.parts[0].reads), None)
            if x not in head.writes or x is None or x.place not in alone:
                continue
            if poolable(head, pool):
                mine = {y.place for y in (*pool.reads, *pool.writes)}
                apart = mine & {y.place for y in head.writes} == {x.place}
                over = {y.place for y in pool.writes} & {y.place for y in head.reads}
                if apart and not over and may_go_before(pool, units[i + 1 : j]):
                    units[i] = Group("pooled", (head, pool), frozenset({x}))
                    del units[j]
            break
    return replace(program, instructions=tuple(units))
