"""``python -m benchmarks.checkers.alarms``: how often a right gradient is called wrong.

Right functions without end (`random_right`), each with a seed of its own that is never used again:
the file of results says which come next. Every alarm is printed with the seed that repeats it:
``--only SEED``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.checkers.random_right import drawn
from minigrad.gradcheck import Report, check
from minigrad.serialization.whole import write_whole

RESULT = Path(__file__).parents[1] / "results" / "alarms.json"


def one(seed: int, level: str) -> Report:
    """The check of the function with that seed."""
    name, forward, backward, arrays = drawn(np.random.default_rng(seed))
    return check((forward, backward), arrays, level=level, seed=seed, name=name)


def keep(path: Path, told: dict[str, Any]) -> None:
    write_whole(path, (json.dumps(told, indent=1) + "\n").encode(), "--out")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkers.alarms")
    parser.add_argument("--level", default="standard", choices=["quick", "standard", "thorough"])
    parser.add_argument("--seconds", type=float, default=60, help="of CPU time (60)")
    parser.add_argument("--only", type=int, help="repeat one seed")
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    if asked.only is not None:
        report = one(asked.only, asked.level)
        print(report)
        return 0 if report.ok else 1
    told: dict[str, Any] = json.loads(asked.out.read_text()) if asked.out.is_file() else {}
    at = told.setdefault(asked.level, {"checks": 0, "alarms": []})
    end = time.process_time() + asked.seconds
    while time.process_time() < end:
        report = one(at["checks"], asked.level)
        if not report.ok:
            at["alarms"].append(at["checks"])
            print(f"seed {at['checks']}: {report}", flush=True)
        at["checks"] += 1
        if at["checks"] % 1000 == 0:
            keep(asked.out, told)
    keep(asked.out, told)
    print(f"{asked.level}: {len(at['alarms'])} alarms in {at['checks']} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
