"""A program after all passes, and what each of them came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from minigrad.compiler.passes.row import Pass
from minigrad.compiler.program import Program
from minigrad.compiler.program.verify import verify


@dataclass(frozen=True)
class Report:
    """What a program came to after a pass: how many steps it has, and how many bytes they read and
    write."""

    name: str
    says: str
    steps: int
    traffic: int

    @classmethod
    def of(cls, name: str, says: str, program: Program) -> Report:
        """The report of a program after the pass of that name."""
        steps = [each for each in program.instructions if not each.is_view]
        slots = [slot for each in steps for slot in (*each.reads, *each.writes)]
        return cls(name, says, len(steps), sum(slot.bytes for slot in slots))

    def __str__(self) -> str:
        moved = f"{self.traffic / 1e6:10.2f} MB moved"
        return f"{self.name:10} {self.steps:6} steps {moved}  {self.says}"


def improved(
    program: Program, passes: Iterable[Pass], disable: frozenset[str], native: bool
) -> tuple[Program, list[Report]]:
    """The program after all of these passes that are not disabled, and what each did."""
    reports = [Report.of("recorded", "as it was", program)]
    for each in passes:
        if each.rewrite is None or not each.wanted(disable, native):
            continue
        program = each(program)
        verify(program)  # takes a tenth of the time of the passes
        reports.append(Report.of(each.name, each.says, program))
    return program, reports
