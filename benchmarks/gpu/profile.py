"""How long each kernel of a case's compiled step takes. By differences: what many in a graph take
longer than one; and by NVIDIA's profiler, where it is there and may look."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.catalogue import CASES
from benchmarks.engines.cuda_minigrad import Graph
from benchmarks.gpu.device import opened, seconds_of
from benchmarks.gpu.kernels import described
from benchmarks.gpu.part import Asked
from minigrad.compiler.targets.cuda.launch import Gemm, Gpu, Launch, Work

ROOT = Path(__file__).parents[2]
MANY = 33
"""Launches in the longer of two graphs; in the shorter there is one."""
WARM = 0.02
"""Seconds of work before a kernel is timed; the GPU is awake."""
SHOWN = 12
"""Kernels that are told of, from the one on that takes most."""
METRICS = ("gpu__time_duration.sum", "dram__bytes.sum")


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """By differences, then by the profiler."""
    end = time.monotonic() + asked.seconds
    with opened(asked.device) as target:
        _, step = made(asked)
        yield {"case": asked.case, "by": "differences", **_differences(target, step, asked, end)}
    if not asked.dry:
        yield {"case": asked.case, "by": "ncu", **_profiler(asked, end - time.monotonic())}


def made(asked: Asked) -> tuple[Graph, Any]:
    """The compiled step, after it was captured."""
    engine = Graph("cpu" if asked.dry else asked.device)  # on the device that is opened
    engine.rows = asked.rows
    step: Any = engine.begin(CASES[asked.case], calm=False)
    for _ in range(3):
        step()
    engine.synchronize()
    return engine, step


def _differences(target: Gpu, step: Any, asked: Asked, end: float) -> dict[str, Any]:
    works: dict[str, Work] = {}
    counts: Counter[str] = Counter()
    for work in step.replays[-1].work:
        counts[described(work)] += 1
        works.setdefault(described(work), work)
    least = 0.0 if asked.dry else 0.002
    rows: list[dict[str, Any]] = []
    for name, work in works.items():
        if time.monotonic() > end:
            break
        took = 0.0 if asked.dry else _alone(target, work, least)
        rows.append({"kernel": name, "times": counts[name], "us": 1e6 * took, "MB": _bytes(work)})
    rows.sort(key=lambda row: -row["us"] * row["times"])
    total = sum(row["us"] * row["times"] for row in rows)
    return {"kernels": rows[:SHOWN], "of": len(works), "timed": len(rows), "sum_us": total}


def _alone(target: Gpu, work: Work, least: float) -> float:
    """Seconds that one launch more takes in a graph."""
    found = []
    for count in (1, MANY):
        graph = target.capture(partial(_several, target, work, count))
        found.append(seconds_of(target, graph.launch, least, WARM))
    return (found[1] - found[0]) / (MANY - 1)


def _several(target: Gpu, work: Work, count: int) -> None:
    for _ in range(count):
        target.launch(work)


def _bytes(work: Work) -> float:
    """Of all operands together, in MB; a kernel need not read all of each."""
    arrays = (work.out, work.a, work.b) if isinstance(work, Gemm) else work.args
    given = [x for x in arrays if not isinstance(x, int)]
    beside = [x for x, _ in work.beside] if isinstance(work, Launch) else []
    return float(sum(x.nbytes for x in (*given, *beside))) / 1e6


def _profiler(asked: Asked, seconds: float) -> dict[str, Any]:
    """What ncu says of one step; else why it says nothing."""
    command = shutil.which("ncu")
    if command is None:
        return {"why_not": "ncu is not there"}
    options = ["--csv", "--profile-from-start", "off", "--clock-control", "none"]
    asks = ["--metrics", ",".join(METRICS)]
    child = [sys.executable, "-m", "benchmarks.gpu.profiled", asked.case]
    try:
        ran = subprocess.run(
            [command, *options, *asks, *child],
            capture_output=True, text=True, cwd=ROOT, timeout=max(1.0, seconds),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"why_not": f"{type(error).__name__}: {error}"[:200]}
    rows = parsed(ran.stdout)
    if ran.returncode or not rows:
        said = (ran.stdout + ran.stderr).strip().splitlines()[-1:] or ["it said nothing"]
        return {"why_not": said[0][:200]}
    return {"kernels": rows[:SHOWN], "of": len(rows)}


def parsed(text: str) -> list[dict[str, Any]]:
    """ncu's table in CSV: by kernel its launches and its metrics, added up, longest first."""
    start = text.find('"ID"')
    found: dict[str, dict[str, Any]] = {}
    for row in csv.DictReader(io.StringIO(text[start:])) if start >= 0 else ():
        entry = found.setdefault(row["Kernel Name"], {"kernel": row["Kernel Name"], "times": 0})
        name, value = row["Metric Name"], float(row["Metric Value"].replace(",", ""))
        entry[name] = entry.get(name, 0.0) + value
        entry.setdefault(f"{name} unit", row["Metric Unit"])
        entry["times"] += name == METRICS[0]
    return sorted(found.values(), key=lambda entry: -entry.get(METRICS[0], 0.0))
