"""What the doctor reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from minigrad.diagnosis.codes import CODES


class Finding(TypedDict):
    """One fault: its code, the user's line, and what was seen, why it matters, what to do."""

    code: str
    line: int
    message: str


def finding(code: str, line: int, seen: str) -> Finding:
    """A finding with the words that belong to its code."""
    found = CODES[code]
    return {"code": code, "line": line, "message": f"{seen}: {found.why}; {found.remedy}"}


class Report(list[Finding]):
    """All findings, in the order of their lines.

    Attributes:
        file: the script, or where the step stands.
        steps: how many steps of optimizers were seen.
        empty: nothing of minigrad was seen: no step, no walk back, no module called.
        cut: whether loops were ended early.
        failed: the checks that ended with an error of the doctor's own.
        error: the exception that ended the script, where it is none of the findings.
    """

    file: str = ""
    steps: int = 0
    empty: bool = False
    cut: bool = False
    error: BaseException | None = None
    failed: Sequence[str] = ()

    @property
    def codes(self) -> list[str]:
        """The codes of the findings."""
        return [each["code"] for each in self]

    def __str__(self) -> str:
        shown = [f"{self.file}:{each['line']}: {each['code']}: {each['message']}" for each in self]
        return "\n".join(shown) or f"{self.file}: nothing found in {self.steps} steps"

    __repr__ = __str__
