"""How much memory a side takes to train: measured in a process of its own."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from minigrad.recipes import Recipe

STEPS = 30


@dataclass(frozen=True)
class Memory:
    """MB at the peak.

    Attributes:
        whole: what the process held: libraries, data and training. On a GPU, its memory pool.
        training: how much of it came with the first step and those after it, the library's own
            code and buffers that are loaded when first used among it.
    """

    whole: float
    training: float


def peak_memory(
    side: str,
    recipe: Recipe,
    root: str | None,
    seed: int,
    device: str,
    dtype: str,
    compiled: bool = False,
) -> Memory | None:
    """What ``side`` ("minigrad" or "torch") takes at its peak in 30 steps of the recipe; None where
    the system does not tell.

    The two sides get a process each: in one, either would use what the other has left behind.
    """
    asked = {
        "side": side,
        "recipe": recipe.as_dict(),
        "root": root,
        "seed": seed,
        "device": device,
        "dtype": dtype,
        "compiled": compiled,
    }
    done = subprocess.run(
        [sys.executable, "-m", "reference.memory", json.dumps(asked)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"memory: the {side} process failed:\n{done.stderr.strip()}")
    measured = json.loads(done.stdout.splitlines()[-1])
    return None if measured is None else Memory(*measured)


def measure(asked: dict[str, Any]) -> tuple[float, float] | None:
    """The measurement itself, inside the process: `Memory` as a tuple."""
    from minigrad.training import data
    from minigrad.training.loop import Loop, arrays
    from minigrad.training.start import build, learner_of

    recipe = Recipe(**asked["recipe"])
    side = importlib.import_module(asked["side"])

    def make() -> Any:
        if asked["side"] == "torch":
            from reference.models import TWINS

            model: Any = TWINS[recipe.model]()
        else:
            model = build(recipe, asked["seed"])
        how = (asked["seed"], asked["device"], asked["dtype"], asked["compiled"])
        return learner_of(recipe, side, model, *how)

    splits = data.read(recipe, asked["root"], asked["seed"])
    loop = Loop.of(recipe, splits, [], asked["seed"])
    batches = list(islice(arrays(loop.loader), STEPS))
    before = _status("VmRSS")
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark starts from here
    except OSError:
        return None
    learner = make()
    for i in range(STEPS):
        learner.step(*batches[i % len(batches)])
    if asked["device"].startswith("cuda"):
        return (_pool(asked["side"]) / 1e6,) * 2
    after = _status("VmHWM")
    if before is None or after is None:
        return None
    return after / 1e6, max(0.0, after - before) / 1e6


def _status(entry: str) -> float | None:
    """Bytes, from Linux's account of this process."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith(entry)), None)


def _pool(side: str) -> float:
    if side == "torch":
        import torch

        return float(torch.cuda.max_memory_reserved())
    from minigrad.device import cupy

    return float(cupy().get_default_memory_pool().total_bytes())


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
