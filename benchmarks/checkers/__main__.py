"""``python -m benchmarks.checkers``: score gradient checkers on the catalogue, write the table."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.checkers.faults import all_wrong
from benchmarks.checkers.hard import HARD
from benchmarks.checkers.ops import FUNCTIONS
from benchmarks.checkers.rivals import rivals
from benchmarks.checkers.table import page
from minigrad.serialization.whole import write_whole

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "benchmarks" / "results" / "checkers.json"
PAGE = ROOT / "docs" / "checkers.md"


def main() -> int:
    there = rivals()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkers", description=__doc__)
    parser.add_argument("--checkers", nargs="*", default=list(there), choices=list(there))
    parser.add_argument("--every", type=int, default=9, help="take each N-th wrong gradient (9)")
    parser.add_argument("--seed", type=int, default=5, help="of the arguments (5)")
    parser.add_argument("--rights", type=int, default=1, help="draws of each right gradient (1)")
    parser.add_argument("--out", type=Path, default=RESULT)
    asked = parser.parse_args()
    wrong = list(all_wrong())[:: asked.every]
    told: dict[str, Any] = {"every": asked.every, "seed": asked.seed, "checkers": {}}
    told["classes"] = dict(Counter(fault for _, fault, _, _ in wrong))
    told["wrong"] = len(wrong)
    told["ordinary"], told["hard"] = len(FUNCTIONS) * asked.rights, len(HARD) * asked.rights
    for name in asked.checkers:
        alarm = there[name]
        caught: Counter[str] = Counter()
        missed, refused = [], {}
        for count, (f, fault, variant, make) in enumerate(wrong):
            if sys.stderr.isatty():
                print(f"\r\x1b[K{name}: {count}/{len(wrong)}", end="", file=sys.stderr)
            arrays = list(f.draw(np.random.default_rng(asked.seed)))
            if alarm(f.forward, make(f), arrays, 3):
                caught[fault] += 1
            else:
                missed.append([f.name, fault, variant])
        for kind, functions in (("ordinary", FUNCTIONS), ("hard", HARD)):
            refused[kind] = [
                f.name
                for f in functions
                for k in range(asked.rights)
                if alarm(f.forward, f.backward, list(f.draw(np.random.default_rng(k))), k)
            ]
        told["checkers"][name] = {"caught": dict(caught), "missed": missed, "refused": refused}
        print(
            f"{name}: caught {sum(caught.values())} of {len(wrong)}, refused "
            f"{len(refused['ordinary'])} of {told['ordinary']} ordinary and "
            f"{len(refused['hard'])} of {told['hard']} hard right ones",
            flush=True,
        )
    write_whole(asked.out, (json.dumps(told, indent=1) + "\n").encode(), "--out")
    if asked.out == RESULT:
        write_whole(PAGE, page(told).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
