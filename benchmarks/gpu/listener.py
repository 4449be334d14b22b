"""``python -m benchmarks.gpu.listener FILE SHARE``: the tests of a file that need a GPU, each told
as JSON when it begins and when it ends."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.process import end_with_parent
from benchmarks.voice import voice

ROOT = Path(__file__).parents[2]


class Listener:
    """A plugin of pytest: says which test begins, how it ends and, where it fails, why. Of all
    tests, one in ``count`` is run, from the one with this number on."""

    def __init__(self, say: Any, number: int, count: int) -> None:
        self._say, self._number, self._count = say, number, count

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leave the others to others, of those that need a GPU: the rest is left out before."""
        items[:] = items[self._number :: self._count]

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._say({"begun": nodeid})

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or report.outcome != "passed":
            told = {"test": report.nodeid, "outcome": report.outcome}
            self._say({**told, **({"why": _why(report)} if report.failed else {})})

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            told = {"test": report.nodeid, "outcome": "failed"}
            self._say({**told, "why": _why(report)})


def _why(report: Any) -> str:
    """The last line of the error itself."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(report.longrepr if crash is None else crash.message).strip()
    return (text.splitlines() or [""])[0 if crash is not None else -1][:300]


def main(arguments: list[str] | None = None) -> int:
    """Run them; returns pytest's exit code."""
    end_with_parent()
    file, share = sys.argv[1:] if arguments is None else arguments
    number, count = json.loads(share)
    os.chdir(ROOT)
    with voice() as spoken:

        def say(message: dict[str, Any]) -> None:
            print(json.dumps(message), file=spoken, flush=True)

        options = ["-m", "gpu", "-q", "-p", "no:cacheprovider", file]
        code = int(pytest.main(options, plugins=[Listener(say, number, count)]))
        say({"done": True, "code": code})
    return code


if __name__ == "__main__":
    sys.exit(main())
