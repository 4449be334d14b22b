"""The pass that lets the kernel of an op go on with the chain behind it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Group, Instruction, Program, Unit
from minigrad.compiler.targets.cuda.kernels.registry import tailed
from minigrad.compiler.targets.cuda.passes.order import may_go_before


@says("let an op's kernel go on with the chain behind it", needs="kernels")
def tails(program: Program) -> Program:
    """Let the kernel of an op go on with the chain behind it, where nobody else needs the op's
    numbers."""
    users = Counter(x.place for unit in program.instructions for x in {*unit.reads, *unit.writes})
    units = list(program.instructions)
    for i, head in enumerate(units):
        one = head.parts[0]
        if not tailed(one.op) or head.kind not in ("op", "bundle") or one.into:
            continue
        if users[one.result.place] != 2 or one.result.place in program.kept:
            continue
        for j in range(i + 1, len(units)):
            chain = units[j]
            if chain.kind == "chain" and one.result in chain.reads:
                if _goes_on(one, chain) and _free(chain, head, units[i + 1 : j]):
                    units[i] = Group("joint", (head, chain), frozenset({one.result}))
                    del units[j]
                break
    return replace(program, instructions=tuple(units))


def _goes_on(one: Instruction, chain: Unit) -> bool:
    """Whether a chain goes through the op's numbers in the order in which they are made."""
    y = one.result
    written = {x.place for x in chain.writes}
    return (
        y.dense
        and all(x.dense and x.shape == y.shape for x in chain.writes)
        and y.place not in written
        and not written & {x.place for x in one.reads}
    )


def _free(chain: Unit, head: Unit, between: list[Unit]) -> bool:
    """Whether a chain may be done where the head is."""
    reads, writes = {x.place for x in chain.reads}, {x.place for x in chain.writes}
    beside = {x.place for x in head.writes[1:]}
    return not beside & (reads | writes) and may_go_before(chain, between)
