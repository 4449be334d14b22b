"""From a rehearsal to what is replayed: the program improved, laid out, and ready on its target."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from minigrad.compiler.passes.improved import Report, improved
from minigrad.compiler.plan.memory import ARENA, IN_PLACE, Plan, laid_out
from minigrad.compiler.record.names import Name
from minigrad.compiler.record.recorded import Recorded
from minigrad.compiler.record.rehearsal import Rehearsal
from minigrad.compiler.targets.register import chosen
from minigrad.compiler.targets.target import Replay, Target
from minigrad.errors import CompileError


@dataclass(frozen=True)
class Options:
    """What was asked of a compiled step, see `compile`, and what it is called."""

    name: str
    explain: bool
    disable: frozenset[str]
    native: bool


def adopted(rehearsal: Rehearsal, names: list[Name], options: Options) -> Recorded:
    """What is replayed from now on: with kernels, where they can be built."""
    target = chosen(rehearsal.recorder.devices)
    if options.native and target.builds():
        try:
            return _built(rehearsal, names, options, target, True)
        except CompileError:
            raise  # it can be replayed in no way
        except RuntimeError as error:
            told = f"{error}\n{options.name} is replayed by {target.otherwise}."
            warnings.warn(told, RuntimeWarning, stacklevel=4)
    return _built(rehearsal, names, options, target, False)


def _built(
    rehearsal: Rehearsal, names: list[Name], options: Options, target: Target, native: bool
) -> Recorded:
    recorder, disable = rehearsal.recorder, options.disable
    with target.making():
        better, reports = improved(rehearsal.program, target.passes, disable, native)
    for leaf, _ in better.gradients:
        leaf.grad = None  # the replay that follows at once leaves its own
    in_place, reuse = IN_PLACE.wanted(disable, native), ARENA.wanted(disable, native)
    plan = laid_out(better, in_place, reuse, target.alignment)
    ready = target.replay(better, plan, disable, native, recorder.held_state())
    if options.explain:
        print(_explained(options.name, reports, plan, ready))
    return Recorded(rehearsal.program, better, recorder, names, rehearsal.returned, ready)


def _explained(name: str, reports: list[Report], plan: Plan, ready: Replay) -> str:
    lines = [f"compile: {name}", *(f"  {report}" for report in reports)]
    shared = plan.asked - plan.size
    lines.append(f"  memory: {plan.size:,} bytes of values, {shared:,} fewer by sharing")
    lines.append(f"  {ready.native + ready.plain} calls: {ready.path}")
    return "\n".join(lines)
