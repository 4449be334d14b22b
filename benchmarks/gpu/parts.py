"""``python -m benchmarks.gpu.parts MODULE``: a part of the check in its own process.

A device that met an error is of no use to its process any more, and one that hangs has to be ended;
what a part found until then is told already. It reads what it is asked for from the first line of
its input, and speaks JSON, a line a message: a finding a line, then ``{"done": true}``, or
``{"failed": why}``.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib import import_module
from typing import Any

from benchmarks.gpu.part import Asked
from benchmarks.process import Process, end_with_parent
from benchmarks.voice import voice

MARGIN = 0.85
"""Of its limit is what a part is told to have."""
Message = dict[str, Any]
_running: set[Process] = set()


def told(
    module: str, asked: Asked, seconds: float, settings: Mapping[str, str] | None = None
) -> Iterator[Message]:
    """What a part says from its own process as it says it. The last message is ``done``, or what
    became of it: ``failed`` with a ``state``: it failed itself, it crashed, or it hung and was
    ended after so many seconds."""
    end = time.monotonic() + seconds
    with Process("benchmarks.gpu.parts", [module], settings) as process, _listed(process):
        last = time.monotonic()
        process.say(json.dumps({"begun": last, **asdict(asked)}))
        while True:
            heard = process.hear(max(0.0, end - time.monotonic()))
            if "late" in heard:
                silent = f"it had said nothing for {time.monotonic() - last:.0f} s"
                why = f"it was ended after {seconds:.0f} s; {silent}"
                heard = {"failed": why, "state": "hung"}
            elif "failed" in heard:
                heard = {"state": "crashed" if "code" in heard else "failed", **heard}
            yield heard
            if "failed" in heard or "done" in heard:
                return
            last = time.monotonic()


@contextmanager
def _listed(process: Process) -> Iterator[None]:
    _running.add(process)
    try:
        yield
    finally:
        _running.discard(process)


def stop() -> None:
    """End all parts that are at work, whichever thread listens to them."""
    for process in list(_running):
        process.kill()


def main(arguments: list[str] | None = None) -> int:
    """Do a part; returns the exit code."""
    end_with_parent()
    (module,) = sys.argv[1:] if arguments is None else arguments
    given = json.loads(sys.stdin.readline())
    begun = given.pop("begun")
    for name in ("contenders", "share"):
        given[name] = tuple(given[name])
    with voice() as spoken:

        def say(message: Message) -> None:
            print(json.dumps(message), file=spoken, flush=True)

        try:
            part, asked = import_module(module), Asked(**given)
            took = time.monotonic() - begun  # by the clock of the machine, which all read
            for finding in part.findings(replace(asked, seconds=asked.seconds - took)):
                say(finding)
        except Exception as error:
            traceback.print_exc()
            say({"failed": f"{type(error).__name__}: {error}"})
            return 1
        say({"done": True})
    return 0


if __name__ == "__main__":
    sys.exit(main())
