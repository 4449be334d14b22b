"""What a check is: it is told what happens, and says at the end what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.calls import Call
from minigrad.diagnosis.facts import Fact
from minigrad.diagnosis.report import Finding, finding

if TYPE_CHECKING:
    from minigrad.diagnosis.seen import Forward, Seen, Trainer, Walk
    from minigrad.diagnosis.watcher import Watcher


class Happened:
    """An op of the forward, or one that a hook or the user does: what went in and what came out."""

    __slots__ = ("call", "facts", "into", "op", "operands", "params", "result")

    def __init__(
        self,
        op: str,
        call: Call,
        operands: tuple[Any, ...],
        facts: list[Fact | None],
        params: dict[str, Any],
        result: Any,
        into: bool,
    ) -> None:
        self.op, self.call, self.operands, self.facts = op, call, operands, facts
        self.params, self.result, self.into = params, result, into


class Check:
    """One kind of fault, or a few that are seen by the same things."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.findings: list[Finding] = []
        self._known: set[tuple[str, int]] = set()

    def found(self, code: str, where: Call | int, seen: str) -> None:
        """Note a finding, once a line."""
        line = where if isinstance(where, int) else where.line
        if (code, line) not in self._known:
            self._known.add((code, line))
            self.findings.append(finding(code, line, seen))

    def op(self, event: Happened) -> None:
        """An op was done."""

    def forward(self, forward: Forward, args: tuple[Any, ...], result: Any) -> None:
        """The call of a model has ended."""

    def module(self, module: Any, args: tuple[Any, ...]) -> None:
        """A module is about to be called, be it a part of another one."""

    def walks(self, walk: Walk) -> None:
        """A walk back begins."""

    def walked(self, walk: Walk) -> None:
        """It has ended."""

    def step_begins(self, trainer: Trainer) -> None:
        """An optimizer begins a step."""

    def step_ended(self, trainer: Trainer) -> None:
        """It has done it."""

    def forgets(self, seen: Seen) -> None:
        """A gradient is about to be forgotten."""

    def mode(self, module: Any, training: bool, call: Call) -> None:
        """The mode of a module is set."""

    def epoch(self, loader: Any, call: Call | None) -> None:
        """A data loader, made there, begins an epoch."""

    def batch(self, loader: Any) -> None:
        """A data loader is about to give a batch, or is to go on after one within its epoch; None
        after the last one."""

    def end(self) -> None:
        """The script is over: say what follows from all of it."""
