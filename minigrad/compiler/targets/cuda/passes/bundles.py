"""The pass that does by one kernel what does not depend on each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Bundle, Chain, Instruction, Place, Program, Step
from minigrad.compiler.targets.cuda.kernels.bundles import sums_columns


@says("do chains that do not depend on each other by one kernel", needs="kernels")
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
