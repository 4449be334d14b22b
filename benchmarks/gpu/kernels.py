"""Each kernel that the cases' compiled steps launch against float64, beside PyTorch's own error."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.catalogue import CASES
from benchmarks.engines.cuda_minigrad import Graph
from benchmarks.gpu import peers
from benchmarks.gpu.device import opened
from benchmarks.gpu.parts import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.truth import Known, known, relative
from minigrad.compiler.program import Bundle, Chain, Joint, Program, Slot, Step
from minigrad.cuda.launch import Gemm, Target, Work
from minigrad.cuda.lowering import Lowering
from minigrad.precision import policy

ALLOWED = {"float32": 1e-5, "float64": 1e-12}
"""How far from float64 a result may be, of the largest number in it; what is no fraction must be
equal."""
NEAR = 4.0
"""Or so many times as far as PyTorch's."""
CALLS = 3
"""After these a step is replayed."""


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """A kernel a finding; the same one of another step is looked at once."""
    end = time.monotonic() + asked.seconds
    seen: set[Any] = set()
    with opened(asked.device) as target:
        for case in asked.cases:
            if time.monotonic() > end:
                yield {"skipped": f"{case}: no time was left", "ok": None, "kernel": case}
                continue
            for found in _of_case(case, asked, target, seen):
                yield {"case": case, **found}


def _of_case(case: str, asked: Asked, target: Target, seen: set[Any]) -> Iterator[dict[str, Any]]:
    """What is found of a case's program. A kernel that fails does not keep the next from being
    looked at."""
    engine = Graph("cpu" if asked.dry else asked.device)
    engine.use(POLICIES["fp32"])
    engine.rows = asked.rows
    step: Any = engine.begin(CASES[case], calm=False)
    for _ in range(CALLS):
        step()
    arrays = step.replays[-1].arrays
    for each in known(step.programs[-1], lambda x: _host(target, x)):
        try:
            found = _checked(each, arrays, target, seen)
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            found = {"kernel": _name(each.step), "error": None, "ok": False, "answer": told}
        if found is not None and "ok" not in found:
            theirs = peers.error(each, "cpu" if asked.dry else "cuda")
            found |= _judged(found["error"], theirs, found["dtype"])
        if found is not None:
            yield found


def _checked(
    each: Known, arrays: dict[Slot, Any], target: Target, seen: set[Any]
) -> dict[str, Any] | None:
    """A step done by the device on its operands, from memory that holds nan; None where the same
    work was looked at already."""
    one = Program((), (each.step,), tuple(each.step.writes))
    lowering = Lowering(one, arrays, target, policy(), True)
    works = tuple(map(_described, lowering.work))
    if works in seen:
        return None
    seen.add(works)
    name = _name(each.step)
    if lowering.missing:
        return {"kernel": name, "work": works, "error": None, "dtype": "", "eager": True}
    target.load(lowering.kernels)
    for slot in each.true:
        if slot.dtype.kind == "f":
            arrays[slot][...] = np.nan
    for slot, numbers in each.memory.items():
        target.xp.copyto(arrays[slot], target.xp.asarray(numbers))
    for work in lowering.work:
        if not callable(work):
            target.launch(work)
    target.synchronize()
    errors, kinds = [0.0], []
    for slot, true in each.true.items():
        found = _host(target, arrays[slot])
        kinds.append(str(slot.dtype))
        errors.append(relative(found, true))
    return {
        "kernel": name,
        "work": works,
        "shape": list(each.step.writes[0].shape),
        "dtype": "float32" if "float32" in kinds else kinds[0],
        "error": float(np.max(errors)),
        "eager": False,
    }


def _judged(error: float | None, theirs: float | None, dtype: str) -> dict[str, Any]:
    if error is None:
        return {"torch_error": theirs, "allowed": None, "ok": None}
    allowed = max(ALLOWED.get(dtype, 0.0), NEAR * (theirs or 0.0))
    return {"torch_error": theirs, "allowed": allowed, "ok": error <= allowed}


def _host(target: Target, x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else target.xp.asnumpy(x)


def _name(step: Step) -> str:
    if isinstance(step, Bundle):
        kinds = dict.fromkeys(_name(each) for each in step.members)
        return f"{len(step.members)} at once: {'; '.join(kinds)}"
    if isinstance(step, Chain):
        return "chain " + ", ".join(part.op.name for part in step.parts)
    if isinstance(step, Joint):
        return f"{_name(step.head)}, then {_name(step.chain)}"
    return step.op.name


def _described(work: Work | Any) -> str:
    """A piece of work in words, the same for the same work."""
    if isinstance(work, Gemm):
        sides = f"{'t' if work.ta else 'n'}{'t' if work.tb else 'n'}"
        ends = f"{'+bias' if work.bias is not None else ''}{'+relu' if work.relu else ''}"
        return f"product {sides} {work.m}x{work.n}x{work.k}x{work.batch}{ends}"
    if hasattr(work, "kernel"):
        return f"{work.kernel.name} {work.grid}x{work.block}"
    return "array library"
