"""Fills the table by which later runs decide: for each kind of product of a case the fastest of
cuBLASLt's algorithms, and for all cases together the sizes at which something is done otherwise.

A dry run takes the number of kernels for their time, and its table is for a GPU that nobody has.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.catalogue import CASES
from benchmarks.engines.cuda_minigrad import Graph
from benchmarks.gpu.device import opened, seconds_of
from benchmarks.gpu.part import Asked
from benchmarks.gpu.policies import POLICIES
from minigrad.compiler.targets.cuda import tuning
from minigrad.compiler.targets.cuda.device.products import kind, sentence
from minigrad.compiler.targets.cuda.launch import Gemm, Gpu
from minigrad.compiler.targets.cuda.tuning import Limits, Table
from minigrad.training.report import write_json

DRY_MODEL = "dry run"
TRIED: dict[str, tuple[int, ...]] = {
    "few_filters": (16, 64),
    "few_weights": (128, 512),
    "many_places": (16, 256),
    "slab": (8 << 20, 16 << 20, 64 << 20),
    "enough": (132, 528),
    "long": (2048, 32768),
}
"""What is tried in the place of each limit, one after the other."""
GAIN = 0.02
"""So much faster all cases together have to be with another limit: less may be chance."""


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """The products of a case; or, where several are named in ``file``, the limits."""
    with opened(asked.device) as target:
        model = DRY_MODEL if asked.dry else tuning.model(target.name)
        if asked.file:
            yield from _limits(target, asked, model)
        else:
            yield from _products(target, asked, model)


def _products(target: Any, asked: Asked, model: str) -> Iterator[dict[str, Any]]:
    done: set[Any] = set()
    for policy in ("default",) if asked.dry else ("default", "tf32"):
        step = _made(asked, asked.case, policy)
        for work in step.replays[-1].work:
            if not isinstance(work, Gemm) or kind(work) in done:
                continue
            done.add(kind(work))
            if asked.dry:
                yield {"section": "tuned", "case": asked.case, "product": sentence(work)}
                continue
            times = [1e6 * each for each in target.tune(work)]
            facts = {"product": sentence(work), "us": times, "taken": times.index(min(times))}
            yield {"section": "tuned", "case": asked.case, **facts}
    table = tuning.table(model)
    known = {} if asked.dry else target.algorithms
    saved(replace(table, products={**table.products, **known}))


def _limits(target: Gpu, asked: Asked, model: str) -> Iterator[dict[str, Any]]:
    """One limit after the other, each as it is best with those before."""
    end = time.monotonic() + asked.seconds
    cases = asked.file.split(",")
    table = tuning.table(model)
    best, times = table.limits, _times(target, asked, cases, table.limits)
    for name, others in TRIED.items():
        tried = {getattr(best, name): 1.0}
        for number in others[:1] if asked.dry else others:
            if time.monotonic() > end:
                yield {"skipped": [f"tune: {name} and what follows: no time was left"]}
                return
            there = replace(best, **{name: number})
            found = _times(target, asked, cases, there)
            tried[number] = ratio = _ratio(found, times)
            if ratio < 1 - GAIN:
                best, times = there, found
                saved(replace(table, limits=best))
        facts = {"limit": name, "tried": {str(k): v for k, v in tried.items()}}
        yield {"section": "tuned", **facts, "taken": getattr(best, name)}
    saved(replace(table, limits=best))


def _ratio(found: Sequence[float], before: Sequence[float]) -> float:
    """How long all cases take, of before: each counts the same."""
    logarithms = [math.log(a / b) for a, b in zip(found, before, strict=True)]
    return math.exp(sum(logarithms) / len(logarithms))


def _times(target: Gpu, asked: Asked, cases: Sequence[str], limits: Limits) -> list[float]:
    """What a step of each case takes with these limits."""
    found = []
    with tuning.trying(limits):
        for case in cases:
            step = _made(asked, case, "default")
            nodes = step.replays[-1].counts["kernels"] + step.replays[-1].counts["products"]
            found.append(float(nodes) if asked.dry else seconds_of(target, step, 0.02))
    return found


def _made(asked: Asked, case: str, policy: str) -> Any:
    """A case's compiled step, recorded and, but in a dry run, captured."""
    engine = Graph("cpu" if asked.dry else asked.device)  # on the device that is opened
    engine.use(POLICIES[policy])
    engine.rows = asked.rows
    step: Any = engine.begin(CASES[case], calm=True)
    for _ in range(2 if asked.dry else 3):
        step()
    return step


def saved(table: Table) -> None:
    """Write the table where later runs find it, and read it again from now on."""
    write_json(table.told(), tuning.path(table.model))
    tuning.table.cache_clear()
