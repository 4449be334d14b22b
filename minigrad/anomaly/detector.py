"""Who follows the thread in anomaly mode."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from minigrad.anomaly.judged import Judged
from minigrad.anomaly.origins import Origin, Origins
from minigrad.anomaly.telling import counted, described, finite, greatest, is_bad, path
from minigrad.calls import Call, Calls, in_own_backward
from minigrad.errors import AnomalyError
from minigrad.lines import Line, number_of, show_line
from minigrad.op import Op
from minigrad.recording import Recorder, Relay
from minigrad.tape import Node, source_of
from minigrad.tensor import Tensor

_MOVES = frozenset(
    (
        *("clone", "cast", "transfer", "cat", "flip", "roll", "take", "put", "copy", "unslice"),
        *("clear", "write_view", "undiagonal", "tril", "triu", "pad", "sum_to"),
    )
)
"""Ops that only carry numbers from one place to another, besides the views: a nan in the data is
no fault of theirs."""


class Detector(Relay):
    """Looks at what is made, and reports the first call that makes nan or inf of finite numbers.

    Attributes:
        outer: who followed the thread before, and goes on to be told of everything.
        node: whose rules the walk back is just asking, None outside of it.
        report: takes the error; by default it is raised.
    """

    def __init__(
        self, outer: Recorder, report: Callable[[AnomalyError], None] | None = None
    ) -> None:
        super().__init__(outer)
        self.calls, self.origins = Calls(), Origins()
        self.node: Node | None = None
        self.report = report or _raise
        self._suspects: list[tuple[AnomalyError, Tensor]] = []
        self._inside: list[Origin] = []
        self._awaited: FrameType | None = None
        self._before: Any = None  # what was in the tensor that is being written to, where it is bad
        self._modules: weakref.WeakSet[Any] = weakref.WeakSet()

    def cotangents(self, wanted: Any, in_place: bool) -> Judged:
        """Where a walk back adds up."""
        return Judged(self, wanted, in_place)

    def names(self) -> dict[int, str]:
        """The parameters' names, as the modules know them that were called."""
        found: dict[int, str] = {}
        for module in sorted(self._modules, key=lambda m: -len(list(m.modules()))):
            for name, param in module.named_parameters():
                found.setdefault(id(param), name)
        return found

    def close(self) -> None:
        """The block ends well: an infinity that was left lying about is told of now."""
        self.calls.forget()
        left = self.origins.unused()
        if left is not None:
            self.report(left.error)

    # -- what it is told ------------------------------------------------------------------------

    def enters(self, module: Any, args: tuple[Any, ...]) -> None:
        if len(self._modules) < 1000:
            self._modules.add(module)
        self.outer.enters(module, args)

    def overwrites(self, into: Tensor) -> bool:
        self._before = described(into) if is_bad(into) else None
        return self.outer.overwrites(into)

    def op(
        self,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        self.outer.op(op, operands, params, result, into)
        self.judge(self.calls.of(op.name, into is not None), op, operands, params, result, into)

    def judge(
        self,
        call: Call,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        into: Tensor | None,
    ) -> None:
        """Look at the result of an op, which is a part of this call."""
        if call.rule and self.node is not None:
            call = self._of_rule(call)
        call.phase = "update" if call.name == "step" else self.phase
        if result.node is not None and (into is None or result.node.op is op):
            result.node.where = call
        if call.rule or result.array.dtype.kind != "f":
            return
        before, self._before = self._before if into is not None else None, None
        if not finite(result.array):
            self._bad(call, op, operands, params, result, before)
        elif self.origins:
            for x in operands:
                origin = self.origins.of(x) if isinstance(x, Tensor) else None
                if origin is not None:
                    origin.used = True

    def walks(self, tensors: Sequence[Tensor], create_graph: bool, adds: bool) -> None:
        self.outer.walks(tensors, create_graph, adds)
        for y in tensors:
            origin = self.origins.of(y) if isinstance(y, Tensor) else None
            if origin is not None:
                self.report(origin.error)

    def applied(self, function: Any, args: tuple[Any, ...], outputs: list[Any]) -> None:
        self.outer.applied(function, args, outputs)
        call = Calls().of(function.__name__, False)
        call.name, call.phase = function.__name__, self.phase
        for y in outputs:
            if isinstance(y, Tensor):
                if y.node is not None:
                    y.node.where = call
                if is_bad(y) and not any(is_bad(x) for x in args) and not self.origins.of(y):
                    self.report(self._error(call, args, y, "made"))

    # -- judging --------------------------------------------------------------------------------

    def _of_rule(self, call: Call) -> Call:
        """A rule's ops go by the op whose derivative they are: in a graph of second order as well
        it is that line which the user wrote."""
        assert self.node is not None
        where: Any = self.node.where
        own = Call(where)
        own.name = getattr(where, "name", "") or self.node.op.name
        own.rule = True
        return own

    def _bad(
        self,
        call: Call,
        op: Op,
        operands: tuple[Any, ...],
        params: dict[str, Any],
        result: Tensor,
        before: str | None,
    ) -> None:
        """The result holds nan or inf."""
        if self.phase == "backward" and in_own_backward():
            return  # it is judged by what comes out of it
        into = operands and operands[0] is result
        bad = [x for x in operands[1 if into else 0 :] if isinstance(x, Tensor) and is_bad(x)]
        if into and before is not None and self.origins.of(result) is not None:
            bad.append(result)
        constants = [x for x in (*operands, *params.values()) if x.__class__ is float and is_bad(x)]
        moves = op.view or op.updates or op.name in _MOVES
        if bad or (into and before is not None):
            origin = next((o for x in bad if (o := self.origins.of(x)) is not None), None)
            if origin is None:
                given = op.name in ("copy", "put") and any(x.ndim == 0 for x in bad)
                if moves and not given:
                    return
                origin = Origin(self._error(call, operands, result, "given" if given else "met"))
                moves = False
            if not moves and _has_nan(result):
                self._suspect(origin, result)
            else:
                self._remember(origin, result)
        elif constants:
            origin = Origin(self._error(call, operands, result, "given"))
            if _has_nan(result):
                self._suspect(origin, result)
            else:
                self._remember(origin, result)
        elif not (op.updates and into):
            self._suspect(Origin(self._error(call, operands, result, "made")), result)

    def _remember(self, origin: Origin, result: Tensor) -> None:
        """An infinity, which is no fault as long as it is taken away again."""
        self.origins.mark(result, origin)
        if result.base is not None:
            self.origins.mark(result.base, origin)
        if self.calls.frame is not None:
            self._wait(self.calls.frame)
            self._inside.append(origin)

    def _suspect(self, origin: Origin, result: Tensor) -> None:
        """What is made inside of a call is judged by what comes out of it."""
        frame = self.calls.frame
        if frame is None:
            self.report(origin.error)
            return
        self._wait(frame)
        self._suspects.append((origin.error, result))

    def _wait(self, frame: FrameType) -> None:
        """Have Python tell when this call returns."""
        if self._awaited is not frame:
            if self._awaited is None:
                self._former = sys.getprofile()
            self._suspects, self._inside = [], []
            self._awaited = frame
            sys.setprofile(self._profile)

    def _profile(self, frame: FrameType, event: str, value: Any) -> None:
        """Python calls this; it ends when the call returns that is awaited."""
        if event != "return" or frame is not self._awaited:
            return
        sys.setprofile(self._former)
        suspects, self._suspects, self._awaited = self._suspects, [], None
        if value is None and frame.f_code.co_name != "step":
            if not suspects:
                return
            come_out = [x for _, x in suspects]
        elif frame.f_code.co_name == "step":
            groups = getattr(frame.f_locals.get("self"), "param_groups", ())
            come_out = [p for group in groups for p in group["params"]]
        else:
            come_out = list(_tensors(value))
        if not any(map(is_bad, come_out)):
            for origin in self._inside:
                origin.used = True
        elif suspects:
            self.report(suspects[0][0])

    # -- telling --------------------------------------------------------------------------------

    def _error(self, call: Call, operands: Sequence[Any], result: Tensor, how: str) -> AnomalyError:
        told = {
            "made": "made nan or inf of finite numbers",
            "met": "was given nan or inf, which came in with an input and was made by no op",
            "given": "was given nan or inf as a number",
        }[how]
        shown = [
            f"operand {i} is {described(x)}" for i, x in enumerate(operands) if x is not result
        ]
        told = f"anomaly: {call.name} ({show_line(call)}) {told}: {counted(result)}"
        source = source_of(result)
        if source is None:
            tracked = (source_of(x) for x in operands if isinstance(x, Tensor))
            source = next((s for s in tracked if s is not None), None)
        way = path(source, self.names())
        told = "; ".join([told, *shown, *([f"from the parameter: {way}"] if way else [])])
        error = AnomalyError(f"{call.phase}: {told}", call.name, call.phase, call.file, call.line)
        error.peak = max((greatest(x) for x in operands if x is not result), default=0.0)
        return error

    def tell(self, told: str, op: str, phase: str) -> None:
        """Report what happened at the line of the user's that is being done."""
        self.raised(f"{phase}: anomaly: {told}", op, phase, Calls().of("", False))

    def raised(self, told: str, op: str, phase: str, where: Line) -> None:
        """Report what happened at this line."""
        file, line = where[0].co_filename, number_of(where)
        self.report(AnomalyError(told, op, phase, file, line))


def _raise(error: AnomalyError) -> None:
    raise error


def _has_nan(x: Tensor) -> bool:
    return bool(x.device.call("isnan", x.array).any())


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in what a function returned."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _tensors(part)
