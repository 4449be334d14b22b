"""``python -m benchmarks.gpu.parts PART``: a part of the check in its own process.

A device that met an error is of no use to its process any more, and one that hangs has to be ended;
what a part found until then is told already. It speaks JSON, a line a message: a finding a line,
then ``{"done": true}``, or ``{"failed": why}``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from benchmarks.process import Process
from benchmarks.worker import voice

PARTS = ("environment", "ceilings", "questions", "kernels", "accuracy")
"""Modules with a function ``findings(asked)``."""
GRACE = 20.0
"""Seconds beyond its time after which a part is ended."""


@dataclass(frozen=True)
class Asked:
    """What a part is to do.

    Attributes:
        device: "cuda", or "simulated".
        cases: names of training cases.
        rows: so many rows of a batch are used; None for all.
        seconds: that it has.
    """

    device: str
    cases: list[str]
    rows: int | None
    seconds: float

    @property
    def dry(self) -> bool:
        """Whether the device is a simulated one."""
        return self.device == "simulated"


def told(part: str, asked: Asked) -> Iterator[dict[str, Any]]:
    """What a part says, from its own process, as it says it; at last ``failed`` where it did."""
    # It should see by itself that its time is over: more is for one that hangs.
    end = time.monotonic() + asked.seconds + GRACE
    with Process("benchmarks.gpu.parts", [part, json.dumps(asdict(asked))]) as process:
        while True:
            heard = process.hear(max(0.0, end - time.monotonic()))
            if "done" in heard:
                return
            yield heard
            if "failed" in heard:
                return


def main(arguments: list[str] | None = None) -> int:
    """Do a part; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu.parts")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("asked", type=json.loads, help="JSON")
    given = parser.parse_args(arguments)
    with voice() as spoken:

        def say(message: dict[str, Any]) -> None:
            print(json.dumps(message), file=spoken, flush=True)

        try:
            part = import_module(f"benchmarks.gpu.{given.part}")
            for finding in part.findings(Asked(**given.asked)):
                say(finding)
        except Exception as error:
            traceback.print_exc()
            say({"failed": f"{type(error).__name__}: {error}"})
            return 1
        say({"done": True})
    return 0


if __name__ == "__main__":
    sys.exit(main())
