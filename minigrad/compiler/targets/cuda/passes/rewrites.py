"""Passes for a GPU, where starting a kernel costs as much as a million numbers: fewer of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from minigrad.compiler.passes.table import REWRITES as COMMON
from minigrad.compiler.passes.table import Rewrite
from minigrad.compiler.program import (
    Bundle,
    Chain,
    Instruction,
    Joint,
    Place,
    Pooled,
    Program,
    Series,
    Slot,
    Step,
)
from minigrad.compiler.targets.cuda.fused import linear_relu, matmul_add
from minigrad.compiler.targets.cuda.kernels.bundles import sums_columns
from minigrad.compiler.targets.cuda.kernels.pooled import poolable
from minigrad.compiler.targets.cuda.lower.catalogue import TAILED
from minigrad.compiler.targets.cuda.passes.channels import channels
from minigrad.ops.activation import relu
from minigrad.ops.arithmetic import add
from minigrad.ops.convolution import conv, conv_weight
from minigrad.ops.indexing import slice as part
from minigrad.ops.linalg import linear, matmul
from minigrad.ops.loss import class_cross_entropy, class_residual
from minigrad.ops.pooling import window_argmax, window_max
from minigrad.ops.random import advance
from minigrad.ops.reduction import sum as total


def epilogues(program: Program) -> Program:
    """Do what follows a product while it is written, where nobody else reads what comes before: the
    ReLU behind a linear layer, and the sum of two products, which are gradients of one weight."""
    mentions = Counter(x for each in program.ops for x in (*each.reads, each.result))
    kept = program.kept()
    alone = {x for x, count in mentions.items() if count == 2 and x.place not in kept}
    makers = {x.result: x for x in program.ops if x.op in (linear, matmul) and not x.into}
    order = {each: i for i, each in enumerate(program.ops)}
    instead: dict[Instruction, Instruction | None] = {}
    for each in program.ops:
        y = each.result
        made = [makers[x] for x in each.reads if x in makers and x in alone]
        if each.into or any((x.result.order, x.result.dtype) != (y.order, y.dtype) for x in made):
            continue
        if each.op is relu and made and made[0].op is linear:
            instead[made[0]], instead[each] = replace(made[0], op=linear_relu, result=y), None
        elif each.op is add and len(made) == 2 and all(x.op is matmul for x in made):
            first, second = sorted(made, key=order.__getitem__)
            if first.result.shape == second.result.shape == y.shape:
                instead[first], instead[each] = replace(first, result=y), None
                given = (y, *second.operands)
                instead[second] = replace(
                    second, op=matmul_add, operands=given, result=y, into=True
                )
    left = [instead.get(each, each) for each in program.ops]
    return replace(program, instructions=tuple(each for each in left if each is not None))


def counters(program: Program) -> Program:
    """Move the count of drawn masks on by an addition, which can be done beside others."""
    left: list[Instruction] = []
    for each in program.ops:
        if each.op is not advance or not each.into:
            left.append(each)
            continue
        count = Slot.like(each.result).in_place(each.result.place)
        count.origin, count.shape, count.order = "view", (1,), (0,)
        key = {"key": (slice(1, 2),)}
        left.append(
            replace(each, op=part, operands=each.operands, params=key, result=count, into=False)
        )
        left.append(replace(each, op=add, operands=(count, 1), params={}, result=count))
    return replace(program, instructions=tuple(left))


PAIRS = {class_cross_entropy: class_residual, window_max: window_argmax, conv_weight: total}
"""Ops that go through the same numbers."""


def pairs(program: Program) -> Program:
    """Compute a loss together with its derivative, the largest number of each window together with
    its place, and the gradient of a convolution's weight together with that of its bias."""
    steps = list(program.instructions)
    for i, one in enumerate(steps):
        if not isinstance(one, Instruction) or one.op not in PAIRS or one.into:
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
    if other.op is not PAIRS[one.op] or other.into:
        return False
    if one.op is conv_weight:
        kept = {"axis": (0, 2, 3), "keepdim": False}
        return other.operands == one.operands[1:] and other.params == kept
    return other.operands == one.operands and other.params == one.params


def tails(program: Program) -> Program:
    """Let the kernel of an op go on with the chain behind it, where nobody else needs the op's
    numbers."""
    users = Counter(x.place for step in program.instructions for x in {*step.reads, *step.writes})
    steps = list(program.instructions)
    for i, head in enumerate(steps):
        one = head.parts[0]
        if one.op.name not in TAILED or not isinstance(head, (Instruction, Bundle)) or one.into:
            continue
        if users[one.result.place] != 2 or one.result.place in program.kept():
            continue
        for j in range(i + 1, len(steps)):
            chain = steps[j]
            if isinstance(chain, Chain) and one.result in chain.reads:
                if _goes_on(one, chain) and _free(chain, head, steps[i + 1 : j]):
                    steps[i] = Joint(head, chain)
                    del steps[j]
                break
    return replace(program, instructions=tuple(steps))


def _goes_on(one: Instruction, chain: Chain) -> bool:
    """Whether a chain goes through the op's numbers in the order in which they are made."""
    y = one.result
    written = {x.place for x in chain.writes}
    return (
        y.dense
        and all(x.dense and x.shape == y.shape for x in chain.writes)
        and y.place not in written
        and not written & {x.place for x in one.reads}
    )


def _free(chain: Chain, head: Step, between: list[Step]) -> bool:
    """Whether a chain may be done where the head is."""
    reads, writes = {x.place for x in chain.reads}, {x.place for x in chain.writes}
    beside = {x.place for x in head.writes[1:]}
    return not beside & (reads | writes) and _moves(chain, between)


def _moves(later: Step, between: list[Step]) -> bool:
    """Whether a step may be done before these that come before it."""
    reads, writes = {x.place for x in later.reads}, {x.place for x in later.writes}
    for step in between:
        if step.is_view:
            if step.writes[0] in (*later.reads, *later.writes):
                return False
        elif (reads | writes) & {x.place for x in step.writes}:
            return False
        elif writes & {x.place for x in step.reads}:
            return False
    return True


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
                if apart and not over and _moves(pool, steps[i + 1 : j]):
                    steps[i] = Pooled(head, pool)
                    del steps[j]
            break
    return replace(program, instructions=tuple(steps))


def bundles(program: Program) -> Program:
    """Do chains and sums of columns that do not depend on each other at once: the updates of all
    parameters, and small ones beside a large one. Each joins the latest one behind everything that
    it depends on."""
    units: list[list[Step]] = []
    views: dict[int, list[Step]] = defaultdict(list)  # by the unit that they come after
    filled: dict[Place, int] = defaultdict(lambda: -1)
    read: dict[Place, int] = defaultdict(lambda: -1)
    for step in program.instructions:
        if step.is_view:
            views[filled[step.writes[0].place]].append(step)
            continue
        before = [filled[x.place] for x in (*step.reads, *step.writes)]
        after = max([*before, *(read[x.place] for x in step.writes)])
        joined = range(len(units) - 1, after, -1) if _bundled(step) else ()
        target = next((i for i in joined if _beside(units[i][0], step)), len(units))
        if target == len(units):
            units.append([])
        units[target].append(step)
        for places, slots in ((read, step.reads), (filled, step.writes)):
            places.update({x.place: max(places[x.place], target) for x in slots})
    steps = [*views[-1]]
    for i, unit in enumerate(units):
        members = tuple(each for each in unit if isinstance(each, (Instruction, Chain)))
        steps += [Bundle(members) if len(unit) > 1 else unit[0], *views[i]]
    return replace(program, instructions=tuple(steps))


def _bundled(step: Step) -> bool:
    """Whether it may be a member of a bundle."""
    return isinstance(step, Chain) or (isinstance(step, Instruction) and sums_columns(step))


def _beside(one: Step, other: Step) -> bool:
    """Whether a step may be done beside that one. Updates stay together: all of them are needed at
    the end, and beside what comes before they would hold up what comes after."""
    if not _bundled(one):
        return False
    small = other.parts[0].result.shape == ()
    return small or (one.parts[-1].phase == "update") == (other.parts[-1].phase == "update")


REWRITES: dict[str, Rewrite] = {
    **{name: COMMON[name] for name in ("merge", "copies", "dead", "slices", "pooling")},
    "epilogues": epilogues,
    "counters": counters,
    "chains": COMMON["chains"],
    "pairs": pairs,
    "channels": channels,
    "tails": tails,
    "pooled": pooled,
    "bundles": bundles,
}
"""Those that rewrite the program for a GPU, in their order."""
