"""The first nan or inf."""

from __future__ import annotations

from minigrad.diagnosis.check import Check


class Numbers(Check):
    """Anomaly mode finds it; here it becomes a finding."""

    def end(self) -> None:
        if self.watcher.anomaly is None:
            return
        error, clock = self.watcher.anomaly
        told = str(error).replace("anomaly: ", "").partition("; from the parameter")[0]
        self.found("nan-or-inf", error.line, f"after {clock} steps, in {told}")
