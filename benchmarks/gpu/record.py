"""What a run of `gpu-check` found, in a file from the first finding on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from minigrad.training.report import write_json

SCHEMA = 1
"""Of the file; a reader refuses another number."""
KIND = "gpu-check"
DRY = "DRY RUN on a simulated device: no figure here is a measurement"

Finding = dict[str, Any]


class Record:
    """The report as it grows. After each finding the file is there whole, with all until then.

    Attributes:
        report: what is written.
    """

    def __init__(self, path: Path | None, dry: bool, head: Finding) -> None:
        self.path, self.dry = path, dry
        self.report: dict[str, Any] = {
            "schema": SCHEMA,
            "kind": KIND,
            **self._marked({}),
            "complete": False,
            "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            **head,
            "machine": {},
            "ceilings": {},
            "questions": [],
            "kernels": [],
            "suite": {},
            "runs": [],
            "accuracy": [],
            "seconds": {},
            "absent": [],
            "skipped": [],
            "wrong": [],
        }
        self.write()

    def add(self, section: str, finding: Finding) -> None:
        """A finding more: into the list of a section, or among its entries."""
        place = self.report[section]
        if isinstance(place, list):
            place.append(self._marked(finding))
        else:
            place.update(self._marked(finding))
        self.write()

    def tell(self, section: str, line: str) -> None:
        """A line more under ``absent``, ``skipped`` or ``wrong``; each line once."""
        if line not in self.report[section]:
            self.report[section].append(line)
            self.write()

    def finish(self) -> None:
        """Say that nothing will follow."""
        self.report["complete"] = True
        self.write()

    def write(self) -> None:
        """The file as it is now; nothing where none was asked for."""
        if self.path is not None:
            write_json(self.report, self.path)

    def _marked(self, finding: Finding) -> Finding:
        return {"dry_run": DRY, **finding} if self.dry else finding


def checked(report: dict[str, Any], name: str) -> dict[str, Any]:
    """The report, if it is one of measurements. Errors: ValueError for a dry run, and for what is
    no report of this schema."""
    if report.get("kind") != KIND or report.get("schema") != SCHEMA:
        raise ValueError(
            f"{name}: expected a report of gpu-check with schema {SCHEMA}, got kind "
            f"{report.get('kind')!r} with schema {report.get('schema')!r}; run it again"
        )
    if "dry_run" in report:
        raise ValueError(
            f"{name}: it is a dry run, in which nothing was measured; make a run on a GPU, or "
            "remove the file"
        )
    return report
