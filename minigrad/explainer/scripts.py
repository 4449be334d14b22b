"""A script as it is: its first step is followed, from the first op that a gradient flows through to
the last optimizer's step, and the rest is not run."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any

from minigrad.errors import GraphError
from minigrad.explainer.explanation import Explanation
from minigrad.explainer.follower import Follower
from minigrad.explainer.naming import name_all
from minigrad.op import Op
from minigrad.recording import followed
from minigrad.tape import Source
from minigrad.tensor import Tensor


class _Enough(BaseException):
    """An optimizer begins its second step."""


class ScriptFollower(Follower):
    """A follower that ends the script when all that belongs to a step has been seen."""

    def __init__(self) -> None:
        super().__init__(waiting=True)
        self._stepped: set[int] = set()
        self._cut: tuple[int, int, int, dict[int, Any]] | None = None

    def stepped(self, optimizer: Any) -> None:
        if id(optimizer) in self._stepped:
            raise _Enough
        if not self.waiting:
            self._stepped.add(id(optimizer))
            self._mark()

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        super().op(op, operands, params, result, into)
        by_hand = into is not None and id(into) in self._grads and not self._stepped
        if by_hand and self.trace.passes:  # an update without an optimizer
            self._mark()

    def departs(self, roots: Sequence[tuple[Source, Tensor]]) -> None:
        if self._cut is not None and not self._stepped:
            raise _Enough
        super().departs(roots)

    def _mark(self) -> None:
        self._settle()
        trace = self.trace
        sizes = len(trace.rows), len(trace.values), len(trace.passes)
        self._cut = (*sizes, dict(self._known))

    def cut(self) -> None:
        """Forget what came after the step."""
        self.phase = "forward"
        if self._cut is not None:
            rows, values, passes, self._known = self._cut
            del self.trace.rows[rows:], self.trace.values[values:], self.trace.passes[passes:]
            self._pass = None
            self._stale.clear()


def explain_script(path: Path, title: str = "", torch: bool = True) -> Explanation:
    """Run a script until its first step is done, and explain that.

    Errors: GraphError for a script in which no gradient flows; the script's own.
    """
    source = path.read_text(encoding="utf-8")
    name = str(path)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    code: CodeType = compile(source, name, "exec")
    scope: dict[str, Any] = {"__name__": "__main__", "__file__": name}
    follower = ScriptFollower()
    follower.homes = frozenset([name])
    arguments, folders = sys.argv, list(sys.path)
    sys.argv, sys.path[0:0] = [name], [str(path.resolve().parent)]
    try:
        with followed(follower):
            exec(code, scope)
    except (_Enough, SystemExit):
        pass
    finally:
        sys.argv, sys.path[:] = arguments, folders
    follower.cut()
    follower.finish()
    if not follower.trace.rows:
        raise GraphError(f"explain: {path.name} does nothing that a gradient flows through")
    name_all(follower, scope)
    return Explanation(follower.trace, title or path.name, torch)
