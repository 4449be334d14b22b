"""``python -m tests.kills --count N --seed S``: kills during `save`, each at a random moment.

A process saves to one file without end, and is killed. Afterwards the file is one of those that it
wrote, whole; of its draft at most one is left, and the next save removes it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from pathlib import Path

import minigrad
from minigrad.serialization import load, save


def killed(path: Path, draw: random.Random, size: int) -> bool:
    """One process, killed; whether it left a draft. Errors: AssertionError."""
    child = os.fork()
    if not child:
        number = 0
        while True:
            number += 1
            save({"x": minigrad.ones(size) * number, "n": number}, path)
    time.sleep(draw.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if path.exists():  # else it was killed before the first was whole
        back = load(path)
        assert set(back["x"].tolist()) == {back["n"]}
    left = [each.name for each in path.parent.iterdir() if each != path]
    assert len(left) <= 1 and all(name.startswith(".minigrad-") for name in left), left
    return bool(left)


def main(count: int, seed: int) -> str:
    """What came of so many kills, in a line."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        drafts = sum(killed(path, draw, draw.choice([10, 20_000, 300_000])) for _ in range(count))
        save({"n": 0}, path)
        assert [each.name for each in Path(folder).iterdir()] == [path.name]
    return f"{count} kills, seed {seed}: the file always whole, {drafts} drafts left and swept"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    asked = parser.parse_args()
    print(main(asked.count, asked.seed))
