"""Programs by the thousand: drawn, run on all sides, and what fails made small and kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import torch

from .agree import Fault, fault
from .drawn import drawn
from .outcome import Outcome
from .program import Program
from .shrink import fails, smaller
from .sides import run, run_group
from .truth import Truth, truth

GROUP = 16
"""So many programs are built by a compiler at once."""
NUMBERS = 1_000_000
"""So many programs has a seed at most."""
DRAWS = "PyTorch draws program "
"""What a campaign notes while only PyTorch is at work."""


@dataclass
class Case:
    """A program with what PyTorch says of it."""

    seed: int
    program: Program
    text: str
    truth: Truth


@dataclass
class Tally:
    """What was done.

    Attributes:
        counts: programs by side; "refused" is where PyTorch refuses, "chains" those with kernels
            of their own in C, "own" the faults that are no question of what PyTorch means: internal
            errors, and compiled steps that are not what op by op is.
        faults: what was found, with the program.
    """

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[Fault, Program]] = field(default_factory=list)


class Campaign:
    """Programs from a seed on.

    Attributes:
        native, simulated: of how many programs in a hundred kernels are built.
        seconds: so long a failing program is made smaller.
        note: is told what is about to run, should the process die of it: a text that begins with
            `DRAWS` and the program's number while only PyTorch is at work, else programs.
    """

    def __init__(
        self, seed: int, native: int = 100, simulated: int = 10, seconds: float = 30.0
    ) -> None:
        torch.set_num_threads(1)
        self.seed = seed
        self.shares = {"native": native, "simulated": simulated}
        self.seconds = seconds
        self.tally = Tally()
        self._waiting: dict[str, list[Case]] = {side: [] for side in self.shares}
        self.note: Callable[[str], object] = lambda text: None

    def go(self, end: float, most: int = 10**9, start: int = 0) -> Tally:
        """Until that time of the monotonic clock, or so many programs, from one of them on."""
        for i in range(start, most):
            if time.monotonic() >= end:
                break
            self.one(self.seed * NUMBERS + i)
        for side in self._waiting:
            self._build(side)
        return self.tally

    def one(self, seed: int) -> None:
        """A program on the sides that take no compiler; it is laid aside for the others."""
        self.note(f"{DRAWS}{seed % NUMBERS}")
        program = drawn(seed)
        case = Case(seed, program, program.text(), truth(program.text()))
        self.note(case.text)
        counts = self.tally.counts
        counts["programs"] += 1
        counts["refused by PyTorch"] += case.truth.outcome.refusal is not None
        counts["eager"] += 1
        agrees = self._look(case, "eager", run(case.text, "eager"))
        if not self._look(case, "numpy", run(case.text, "numpy"), agrees) or not agrees:
            return
        for side, share in self.shares.items():
            if seed % 100 < share:
                self._waiting[side].append(case)
                if len(self._waiting[side]) >= GROUP:
                    self._build(side)

    def _look(self, case: Case, side: str, have: Outcome, alone: bool = True) -> bool:
        """Whether a side agrees and a step could be recorded; a fault is made small and kept.
        ``alone``: op by op there is none, so that a compiled step's is minigrad's own."""
        found = fault(case.text, side, have, case.truth)
        if found is not None:
            own = found.kind == "internal" or (alone and side != "eager")
            self.tally.counts["own"] += own
            self._keep(found, case.program)
            return False
        if have.refusal is not None:
            return False
        self.tally.counts[side] += side != "eager"
        if side == "native":
            self.tally.counts["chains"] += "chain" in have.path or have.path.startswith("native")
        return True

    def _build(self, side: str) -> None:
        """Those that wait for a compiler, in one step; one by one where that fails."""
        cases, self._waiting[side] = self._waiting[side], []
        if not cases:
            return
        self.note("\n\n".join(case.text for case in cases))
        try:
            outcomes = run_group([case.text for case in cases], side)
        except Exception:  # of which of them?
            outcomes = [run(case.text, side) for case in cases]
        for case, outcome in zip(cases, outcomes, strict=True):
            self._look(case, side, outcome)

    def _keep(self, found: Fault, program: Program) -> None:
        if self.seconds and sum(map(found.like, [f for f, _ in self.tally.faults])) < 2:
            if fails(program, found.side) is not None:
                program = smaller(program, found, self.seconds)
                found = fails(program, found.side) or found
        self.tally.faults.append((found, program))
