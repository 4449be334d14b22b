"""The pass that does by one kernel what does not depend on each other."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from minigrad.compiler.passes.row import says
from minigrad.compiler.program import Group, Place, Program, Unit
from minigrad.compiler.targets.cuda.kernels.bundles import sums_columns


@says("do chains that do not depend on each other by one kernel", needs="kernels")
def bundles(program: Program) -> Program:
    """Do chains and sums of columns that do not depend on each other at once: the updates of all
    parameters, and small ones beside a large one. Each joins the latest one behind everything that
    it depends on."""
    bunches: list[list[Unit]] = []
    views: dict[int, list[Unit]] = defaultdict(list)  # by the bunch that they come after
    filled: dict[Place, int] = defaultdict(lambda: -1)
    read: dict[Place, int] = defaultdict(lambda: -1)
    for unit in program.instructions:
        if unit.is_view:
            views[filled[unit.writes[0].place]].append(unit)
            continue
        before = [filled[x.place] for x in (*unit.reads, *unit.writes)]
        after = max([*before, *(read[x.place] for x in unit.writes)])
        joined = range(len(bunches) - 1, after, -1) if _bundled(unit) else ()
        target = next((i for i in joined if _beside(bunches[i][0], unit)), len(bunches))
        if target == len(bunches):
            bunches.append([])
        bunches[target].append(unit)
        for places, slots in ((read, unit.reads), (filled, unit.writes)):
            places.update({x.place: max(places[x.place], target) for x in slots})
    units = [*views[-1]]
    for i, bunch in enumerate(bunches):
        units += [Group("bundle", tuple(bunch)) if len(bunch) > 1 else bunch[0], *views[i]]
    return replace(program, instructions=tuple(units))


def _bundled(unit: Unit) -> bool:
    """Whether it may be a member of a bundle."""
    return unit.kind == "chain" or (unit.kind == "op" and sums_columns(unit))


def _beside(one: Unit, other: Unit) -> bool:
    """Whether a unit may be done beside that one. Updates stay together: all of them are needed at
    the end, and beside what comes before they would hold up what comes after."""
    if not _bundled(one):
        return False
    small = other.parts[0].result.shape == ()
    return small or (one.parts[-1].phase == "update") == (other.parts[-1].phase == "update")
