"""A step that was recorded once, to be held against another time."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from minigrad.compiler.program import Program
from minigrad.compiler.record.agreement import difference
from minigrad.compiler.record.recorder import StepRecorder


class Rehearsal(NamedTuple):
    """What was recorded, the shape of what the step returned, and whether an optimizer's state came
    into being."""

    recorder: StepRecorder
    program: Program
    returned: Hashable
    born: bool

    def parts_from(self, other: Rehearsal) -> str | None:
        """What is different in another one, in words; None where both agree."""
        if self.returned != other.returned:
            return "it returns other plain values, or another number of tensors"
        return difference(self.program, other.program)
