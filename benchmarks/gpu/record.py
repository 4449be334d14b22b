"""What a run of `gpu-check` found, in a file from the first finding on."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.gpu.part import Part
from minigrad.serialization.whole import write_whole
from minigrad.training.report import read_json

SCHEMA = 2
"""Of the file; a reader refuses another number."""
KIND = "gpu-check"
DRY = "DRY RUN on a simulated device: no figure here is a measurement"
ENDED = ("done", "failed", "crashed", "hung")
"""What may become of a part. One that is "running" in a file was killed, and is done again."""
BROKEN = ("failed", "crashed", "hung")
LINES = ("absent", "skipped", "wrong")
"""Of a finding: lines for people, each told once."""
SECTIONS: dict[str, Any] = {
    "machine": {},
    "ceilings": {},
    "prepared": [],
    "questions": [],
    "kernels": [],
    "suite": [],
    "runs": [],
    "accuracy": [],
    "profile": [],
    "tuned": [],
}
"""What findings are sorted into: entries of one whole, or a list."""

Finding = dict[str, Any]
Report = dict[str, Any]


class Record:
    """The report as it grows. After each finding the file is there whole, with all until then.

    What a part found that is done again is kept until the new attempt has found as much, or has
    come to its end. Threads may share it.

    Attributes:
        report: what is written.
    """

    def __init__(
        self, path: Path | None, dry: bool, head: Finding, before: Report | None = None
    ) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._lines: dict[str, str] = {}
        marked = {"dry_run": DRY} if dry else {}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.report: Report = {
            "schema": SCHEMA,
            "kind": KIND,
            **marked,
            "complete": False,
            "when": now if before is None else before["when"],
            **head,
            "left": [],
            "parts": {} if before is None else before["parts"],
        }
        self._head = {"commit": head.get("commit"), "when": now}
        for name in self.parts:
            self._changed(name)
        self.write()

    @property
    def parts(self) -> dict[str, Finding]:
        """By name, what became of each part and what it found."""
        parts: dict[str, Finding] = self.report["parts"]
        return parts

    def state(self, name: str) -> str | None:
        """What became of a part; None where it was never begun."""
        return self.parts[name]["state"] if name in self.parts else None

    def begin(self, part: Part) -> None:
        """A part begins, or begins again."""
        with self._lock:
            found = self.parts.get(part.name, {}).get("findings", [])
            entry = {"kind": part.kind, "state": "running", "limit": part.seconds, **self._head}
            self.parts[part.name] = {**entry, "findings": found, "newer": []}
            self._write(part.name)

    def add(self, name: str, finding: Finding) -> None:
        """A finding more of a part."""
        with self._lock:
            entry = self.parts[name]
            newer: list[Finding] = entry["newer" if "newer" in entry else "findings"]
            newer.append(finding)
            if len(newer) >= len(entry["findings"]):
                entry["findings"] = newer
                entry.pop("newer", None)
            self._write(name)

    def end(self, name: str, state: str, seconds: float, why: str | None = None) -> None:
        """A part came to its end."""
        with self._lock:
            entry = self.parts[name]
            newer = entry.pop("newer", None)
            if newer is not None and state == "done":
                entry["findings"] = newer
            entry |= {"state": state, "seconds": round(seconds, 3)}
            if why is not None:
                entry["why"] = why
            self._write(name)

    def leave(self, name: str) -> None:
        """A part that does not fit into the time."""
        with self._lock:
            self.report["left"].append(name)
            self.write()

    def finish(self, complete: bool) -> None:
        """Nothing will follow in this run; complete: nor is anything left for another one."""
        self.report["complete"] = complete
        self.write()

    def write(self) -> None:
        """The file as it is now; nothing where none was asked for. A finding a line, so that a part
        that did not change need not be written out again."""
        if self.path is None:
            return
        head = {name: found for name, found in self.report.items() if name != "parts"}
        lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in head.items()]
        parts = ",\n".join(f"{json.dumps(name)}: {self._lines[name]}" for name in self.parts)
        text = "{\n" + ",\n".join([*lines, '"parts": {\n' + parts + "\n}"]) + "\n}\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, text.encode(), "--json")

    def _write(self, name: str) -> None:
        self._changed(name)
        self.write()

    def _changed(self, name: str) -> None:
        entry = self.parts[name]
        head = {key: found for key, found in entry.items() if not isinstance(found, list)}
        lists = (
            f"{json.dumps(key)}: [\n" + ",\n".join(map(json.dumps, found)) + "\n]"
            for key, found in entry.items()
            if isinstance(found, list)
        )
        self._lines[name] = json.dumps(head)[:-1] + "".join(f",\n{each}" for each in lists) + "}"


def read(path: Path, dry: bool) -> Report:
    """A report that a run can go on with. Errors: ValueError for another kind of file, and where
    one of both is a dry run and the other is not; OSError, FileFormatError."""
    report = read_json(path)
    _known(report, str(path))
    if ("dry_run" in report) != dry:
        words = ("is a dry run", "was measured")
        raise ValueError(f"{path}: what is there {words[dry]}, and what was asked for is not")
    return report


def checked(report: Report, name: str) -> Report:
    """The report, if it is one of measurements. Errors: ValueError for a dry run, and for what is
    no report of this schema."""
    _known(report, name)
    if "dry_run" in report:
        raise ValueError(
            f"{name}: it is a dry run, in which nothing was measured; make a run on a GPU, or "
            "remove the file"
        )
    return report


def _known(report: Report, name: str) -> None:
    if report.get("kind") != KIND or report.get("schema") != SCHEMA:
        raise ValueError(
            f"{name}: expected a report of gpu-check with schema {SCHEMA}, got kind "
            f"{report.get('kind')!r} with schema {report.get('schema')!r}; run it again"
        )


def sorted_out(report: Report) -> Report:
    """The report by what was found: each finding in the section that it names, else in that of its
    part's kind; the lines for people in lists of their own; what became of the parts."""
    found = {name: place.copy() for name, place in SECTIONS.items()}
    lines: dict[str, list[str]] = {name: [] for name in LINES}
    for name, part in report["parts"].items():
        for finding in part["findings"]:
            told = {key: each for key, each in finding.items() if key not in LINES}
            section = told.pop("section", part["kind"])
            place = found.get(section)
            if told and isinstance(place, list):
                place.append({"part": name, **told})
            elif told and place is not None:
                place.update(told)
            for key in LINES:
                lines[key] += [each for each in finding.get(key, ()) if each not in lines[key]]
        if part["state"] in BROKEN:
            lines["wrong"].append(f"{name} {part['state']}: {part['why']}")
    head = {name: each for name, each in report.items() if name not in ("parts", "left")}
    states = {name: part["state"] for name, part in report["parts"].items()}
    seconds = {name: part.get("seconds") for name, part in report["parts"].items()}
    left = [f"{name}: no time was left" for name in report["left"]]
    lines["skipped"] += left
    return {**head, **found, **lines, "states": states, "seconds": seconds}
