"""``python gpu_kills.py FOLDER SEED``: a queue that is killed at random moments, twenty times, and
goes on each time. Its parts are stand-ins that write down what they found once that was recorded.

It says as JSON how often it was killed, and what was lost.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.gpu.part import Asked, Part
from benchmarks.gpu.queue import Queue
from benchmarks.gpu.record import ENDED, Record, read

KILLS = 20
PLAN = [Part(f"a:{i}", "a", 1.0, {"case": str(i)}) for i in range(20)]
PLAN += [Part(f"b:{i}", "b", 1.0, {"case": str(20 + i)}, beside="b") for i in range(20)]
FINDINGS = 4
LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT


class Told(Record):
    """A record that says in a file of its own what is in the other by now."""

    def __init__(self, *facts: Any, told: Path) -> None:
        self.told = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        super().__init__(*facts)

    def add(self, name: str, finding: Any) -> None:
        super().add(name, finding)
        os.write(self.told, f"{name} {finding['i']}\n".encode())

    def end(self, name: str, *facts: Any) -> None:
        super().end(name, *facts)
        os.write(self.told, f"{name} end\n".encode())


def ran(kind: str, asked: Asked, seconds: float, settings: Mapping[str, str]) -> Iterator[Any]:
    """What a part says."""
    for i in range(FINDINGS):
        time.sleep(0.002)
        yield {"i": i}
    yield {"done": True}


def queue(path: Path, told: Path) -> None:
    """A run of it, from the beginning or on from where it was killed."""
    before = read(path, dry=False) if path.exists() else None
    Queue(PLAN, Told(path, False, {}, before, told=told), "cuda", 600.0, run=ran).run()


def lost(path: Path, told: Path) -> list[str]:
    """What had been recorded and is not in the file, which has to be whole."""
    lines = told.read_text().splitlines() if told.exists() else []
    parts = read(path, dry=False)["parts"] if path.exists() else {}
    missing = []
    for line in lines:
        name, what = line.split()
        part = parts.get(name, {"state": None, "findings": []})
        if what == "end":
            there = part["state"] in ENDED
        else:
            there = any(each["i"] == int(what) for each in part["findings"])
        missing += [] if there else [line]
    return missing


def size(file: Path) -> int:
    """Bytes of it."""
    return file.stat().st_size if file.exists() else 0


def main(folder: str, seed: str) -> None:
    """Kill it, look, go on; at last let it come to its end."""
    path, told = Path(folder) / "gpu.json", Path(folder) / "told"
    rng, kills, missing = random.Random(int(seed)), 0, []
    while True:
        child = os.fork()
        if child == 0:
            queue(path, told)
            os._exit(0)
        if kills < KILLS:
            wanted = size(told) + rng.randrange(80)  # some eight lines
            while size(told) < wanted and not os.waitid(os.P_PID, child, LOOK):
                time.sleep(0.001)
            time.sleep(rng.uniform(0.0, 0.004))
            os.kill(child, signal.SIGKILL)
            kills += 1
        _, status = os.waitpid(child, 0)
        missing += lost(path, told)
        if kills == KILLS and os.WIFEXITED(status):
            break
    ends = [line for line in told.read_text().splitlines() if line.endswith(" end")]
    twice = [line for line in set(ends) if ends.count(line) > 1]
    done = [name for name, part in read(path, dry=False)["parts"].items() if part["state"] in ENDED]
    print(json.dumps({"kills": kills, "lost": missing, "twice": twice, "ended": len(done)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
