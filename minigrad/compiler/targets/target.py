"""What a step can be made for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from minigrad.compiler.passes.row import Pass
from minigrad.compiler.plan.memory import Plan
from minigrad.compiler.program import Program, Slot
from minigrad.device import Array


class Replay(Protocol):
    """A program on its arrays, ready to be run again and again.

    Attributes:
        arrays: of every slot.
        native, plain: how many calls are kernels, and how many the array library's.
    """

    arrays: dict[Slot, Array]
    native: int
    plain: int

    @property
    def path(self) -> str:
        """What computes, in words."""

    def run(self, inputs: Sequence[Array], times: int = 1) -> None:
        """Do the step on these arguments' arrays, so many times."""


class Target(Protocol):
    """Where programs are replayed. The compiler asks it for all that depends on that.

    Attributes:
        passes: what it does to programs, in order.
        alignment: bytes of which a multiple is where a value begins in memory.
        otherwise: what replays where no kernels can be built, in words.
    """

    @property
    def passes(self) -> Sequence[Pass]: ...

    @property
    def alignment(self) -> int: ...

    @property
    def otherwise(self) -> str: ...

    def builds(self) -> bool:
        """Whether to try to build kernels."""

    def making(self) -> AbstractContextManager[object]:
        """In this block programs are rewritten for it."""

    def replay(
        self,
        program: Program,
        plan: Plan,
        disable: frozenset[str],
        native: bool,
        movable: set[int],
    ) -> Replay:
        """The program, ready to be run, by kernels where it is ``native``. ``movable`` are the ids
        of the tensors whose numbers may be moved: an optimizer's state."""
