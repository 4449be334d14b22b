"""Exceptions that are faults of the doctor's list."""

from __future__ import annotations

import re
from types import TracebackType

from minigrad.calls import Call
from minigrad.diagnosis.report import Finding, finding
from minigrad.diagnosis.watcher import Watcher
from minigrad.lines import ours

_WRITE = re.compile(r"modified by an inplace operation: (\w+) \((.*?):(\d+)\)")
_MODIFIED = "modified by an inplace operation"


def explained(error: BaseException, watcher: Watcher) -> Finding | None:
    """The finding that this exception stands for, None where it is another one's matter."""
    told, line = str(error), line_of(error)
    if "backward through the graph a second time" in told:
        return _second_time(line, told, watcher)
    if _MODIFIED in told or "leaf Variable that requires grad is being used in an in-place" in told:
        return _overwritten(line, told, watcher)
    if "does not require grad and does not have a grad_fn" in told:
        return _detached(line, told, watcher)
    if "is out of bounds: expected labels" in told or (
        "all elements of target should be between 0 and 1" in told
    ):
        return finding("labels-out-of-range", line, told)
    if "Class values must be" in told or told.startswith("one_hot"):
        return finding("labels-out-of-range", line, told)
    if "expected input and target of one shape" in told:
        return finding("loss-broadcasts", line, told)
    if "Expected more than 1 value per channel" in told:
        return finding("batch-norm-batch-of-one", line, told)
    return None


def line_of(error: BaseException) -> int:
    """The innermost line of the user's."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if _is_users(trace):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _is_users(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return not ours(file) and not file.startswith("<frozen") and "/lib/python" not in file


def _second_time(line: int, told: str, watcher: Watcher) -> Finding:
    return _carried(told, watcher) or finding("backward-twice", line, told)


def _carried(told: str, watcher: Watcher) -> Finding | None:
    """Whether the loss hangs on the graph of a step before."""
    walk = watcher.walk_under_way
    for y in () if walk is None else walk.roots:
        fact = watcher.facts.of(y)
        if fact is not None and fact.age > 0 and fact.older is not None and fact.born:
            seen = f"{fact.older.name} depends on the graph of the step before: {told}"
            return finding("graph-grows", fact.older.line, seen)
    return None


def _overwritten(line: int, told: str, watcher: Watcher) -> Finding:
    carried = _carried(told, watcher)
    if carried is not None:
        return carried
    written = _WRITE.search(told)
    if written is None:
        return finding("overwritten-value", line, told)
    number = int(written[3])
    for trainer in watcher.trainers.values():
        at: Call | None = trainer.at
        if at is not None and at.line == number:
            return finding("step-before-backward", number, told)
    return finding("overwritten-value", number, told)


def _detached(line: int, told: str, watcher: Watcher) -> Finding:
    walk = watcher.walk_under_way
    for y in () if walk is None else walk.roots:
        fact = watcher.facts.of(y)
        if fact is not None and fact.cut is not None:
            return finding("loss-detached", fact.cut.call.line, f"{told} ({fact.cut.how})")
        made = watcher.lines.of(y.array) if fact is None else None
        if fact is not None and fact.fresh is not None:
            made = fact.fresh[1]
        if made is not None and watcher.forwards:
            return finding("loss-detached", made.line, f"{told} (made of numbers here)")
    return finding("loss-detached", line, told)
