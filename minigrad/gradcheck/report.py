"""What a check found, to read, to keep and to show."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, Any]


@dataclass
class Finding:
    """One thing that is wrong.

    Attributes:
        rung: the part of the check that found it.
        kind: the kind of fault in one word, as tests and programs ask for it.
        message: a sentence for people.
        input: the name of the input, "" where it is about all.
        index: the element of that input.
        output: the element of the results, or the cotangent, in words.
        expected, bar: the right number, and how far it may itself be off.
        got: what backward gave.
        ulps: how many units in the last place of the expected number lie between.
    """

    rung: str
    kind: str
    message: str
    input: str = ""
    index: tuple[int, ...] = ()
    output: str = ""
    expected: float | None = None
    bar: float | None = None
    got: float | None = None
    ulps: float | None = None


@dataclass
class Rung:
    """One part of the check: what it tried, and what it came to."""

    name: str
    verdict: str
    detail: str = ""


@dataclass
class Report:
    """The outcome of `check`: true where everything that was tried is right.

    Attributes:
        name, framework: the function.
        level, seed: how to repeat the check.
        verdict: "right", "wrong", or "not checked" where a sentence in ``notes`` says why.
        findings: what is wrong, the worst first.
        suspect: the class of fault that explains it best, "" for none.
        suspicion: the same in a sentence.
        notes: what is no fault and good to know: kinks, rounding, elements nobody can know.
        rungs: what was tried.
        calls, pulls: how often the function and its backward were called.
        seconds: how long it took.
        jacobians: for each input the Jacobian that backward gave and the one from numbers, where
            they were made whole; a row an element of the results.
    """

    name: str
    framework: str
    level: str
    seed: int
    verdict: str = "right"
    findings: list[Finding] = field(default_factory=list)
    suspect: str = ""
    suspicion: str = ""
    notes: list[str] = field(default_factory=list)
    rungs: list[Rung] = field(default_factory=list)
    calls: int = 0
    pulls: int = 0
    seconds: float = 0.0
    jacobians: dict[str, tuple[Matrix, Matrix]] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the gradient was checked and nothing is wrong."""
        return self.verdict == "right"

    def __bool__(self) -> bool:
        return self.ok

    def text(self) -> str:
        """The report as lines of plain text."""
        lines = [f"gradient of {self.name} ({self.framework}): {self.verdict}"]
        if self.suspect:
            lines.append(f"  suspected: {self.suspicion or self.suspect}")
        for finding in self.findings[:5]:
            lines.append(f"  {finding.rung}: {finding.message}")
            if finding.expected is not None and finding.got is not None:
                bar = "" if finding.bar is None else f" ± {finding.bar:.1e}"
                ulps = "" if finding.ulps is None else f" ({finding.ulps:.3g} ulps apart)"
                lines.append(
                    f"    expected {finding.expected:.15g}{bar}, got {finding.got:.15g}{ulps}"
                )
        if len(self.findings) > 5:
            lines.append(f"  and {len(self.findings) - 5} findings more")
        lines += [f"  note: {note}" for note in self.notes]
        lines += [
            f"  {rung.name:<10} {rung.verdict:<7} {rung.detail}".rstrip() for rung in self.rungs
        ]
        lines.append(
            f"  level {self.level}, seed {self.seed}: {self.calls} forward and {self.pulls} "
            f"backward calls in {self.seconds * 1e3:.1f} ms"
        )
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def to_dict(self) -> dict[str, Any]:
        """Everything but the matrices, as plain data."""
        told = {k: v for k, v in self.__dict__.items() if k not in ("jacobians",)}
        told["findings"] = [asdict(finding) for finding in self.findings]
        told["rungs"] = [asdict(rung) for rung in self.rungs]
        return {"ok": self.ok, **told}

    def json(self) -> str:
        """`to_dict` as JSON; numbers that JSON has no word for are words."""
        return json.dumps(_plain(self.to_dict()), indent=2)

    def html(self) -> str:
        """The report as one page that needs nothing else."""
        from minigrad.gradcheck.page import page

        return page(self)

    def _repr_html_(self) -> str:
        from minigrad.gradcheck.page import body

        return body(self)


def _plain(x: Any) -> Any:
    if isinstance(x, dict):
        return {str(k): _plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [_plain(v) for v in x]
    if isinstance(x, (float, np.floating)):
        return float(x) if np.isfinite(x) else str(float(x))
    return int(x) if isinstance(x, np.integer) else x
