"""`doctor`: a training step, or a script, watched while it runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from minigrad.diagnosis.budget import Budget, OutOfTime
from minigrad.diagnosis.checks import CHECKS
from minigrad.diagnosis.raised import explained
from minigrad.diagnosis.report import Report
from minigrad.diagnosis.script import run
from minigrad.diagnosis.watcher import Watcher
from minigrad.diagnosis.weighed import weighed
from minigrad.recording import followed, switch

STEPS = 30
"""So many times a step is called, if nobody says otherwise."""


def doctor(step: Callable[..., Any], *args: Any, steps: int = STEPS) -> Report:
    """Call a training step ``steps`` times with these arguments, and report what is wrong with it.

    It is judged by what the tape and the tensors do, as ``python -m minigrad doctor FILE.py``
    judges a script. The step trains as ever: parameters are different afterwards. Each finding is a
    dictionary with its ``code``, the ``line``, and a ``message`` that says what was seen, why it
    matters and what to do; the report is a list of them, and prints itself.

    A step that is not called by a loop of its own shows no epochs: what concerns data loaders and
    evaluation is found in scripts. Errors: TypeError for what cannot be called; what the step
    raises, unless it is one of the findings.

    Args:
        step: the function.
        args: what it is called with.
    """
    if not callable(step):
        raise TypeError(f"doctor: expected a function, got {type(step).__name__}")

    def train() -> None:
        for _ in range(steps):
            step(*args)

    report = _examined(lambda budget: train(), _file_of(step))
    if report.error is not None:
        raise report.error
    return report


def examine(path: str | Path) -> Report:
    """Run a script to its end, its training loops cut short, and report what is wrong with it. An
    exception that is no finding is the report's ``error``. Errors: OSError, SyntaxError.

    Args:
        path: the script.
    """
    script = Path(path)
    return _examined(lambda budget: run(script, budget), str(path))


def _examined(task: Callable[[Budget], None], file: str) -> Report:
    watcher = Watcher(CHECKS)
    report, raised = Report(), None
    report.file = file
    with _watched(watcher):
        try:
            task(Budget(watcher))
        except OutOfTime:
            watcher.cut = True
        except (KeyboardInterrupt, SyntaxError):
            raise
        except BaseException as error:
            raised = explained(error, watcher)
            if raised is None:
                report.error = error
    watcher.tell("end")
    findings = [each for check in watcher.checks for each in check.findings]
    if raised is not None and not any(
        (each["code"], each["line"]) == (raised["code"], raised["line"]) for each in findings
    ):
        findings.append(raised)
    early = watcher.anomaly is not None and watcher.anomaly[1] == 0
    report.extend(weighed(findings, early))
    report.steps, report.cut, report.failed = watcher.clock, watcher.cut, watcher.failed
    report.empty = not (watcher.clock or watcher.walks_seen or watcher.forwards)
    return report


@contextmanager
def _watched(watcher: Watcher) -> Iterator[None]:
    before, switch.anomaly = switch.anomaly, watcher.detector
    try:
        with followed(watcher):
            yield
    finally:
        switch.anomaly = before
        watcher.closes()


def _file_of(step: Any) -> str:
    try:
        return inspect.getsourcefile(inspect.unwrap(step)) or "step"
    except TypeError:
        return "step"
