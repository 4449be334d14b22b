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
from benchmarks.gpu.part import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.truth import Known, known, relative
from minigrad.compiler.program import Program, Unit
from minigrad.compiler.targets.cuda.launch import Gemm, Gpu, Work
from minigrad.compiler.targets.cuda.lower.lowered import Lowered
from minigrad.precision import policy

ALLOWED = {"float32": 1e-5, "float64": 1e-12}
"""How far from float64 a result may be, of the largest number in it; what is no fraction must be
equal."""
NEAR = 4.0
"""Or so many times as far as PyTorch's."""
CALLS = 3
"""After these a step is replayed."""


def findings(asked: Asked) -> Iterator[dict[str, Any]]:
    """A kernel a finding; the same one of another step is looked at once. A kernel that fails does
    not keep the next from being looked at."""
    end = time.monotonic() + asked.seconds
    peer = "cpu" if asked.dry else "cuda"
    with opened(asked.device) as target:
        engine = Graph("cpu" if asked.dry else asked.device)  # on the device that is opened
        engine.use(POLICIES["fp32"])
        engine.rows = asked.rows
        step: Any = engine.begin(CASES[asked.case], calm=False)
        for _ in range(CALLS):
            step()
        looked = _Looked(target, step.replays[-1], step.programs[-1])
        for each in known(step.programs[-1], lambda x: _host(target, x)):
            if time.monotonic() > end:
                yield {"skipped": [f"kernels: {asked.case}: no time was left for all of them"]}
                return
            found = looked.at(each)
            if found is not None:
                if "ok" not in found:
                    theirs = None if asked.brief else peers.error(each, peer)
                    found |= _judged(found["error"], theirs, found["dtype"])
                if found["ok"] is False:
                    told = found.get("answer", f"off by {found['error']}")
                    found["wrong"] = [f"kernels: {asked.case}: {found['kernel']}: {told}"]
                yield {"case": asked.case, **found}


class _Looked:
    """The steps of a program on the device, each on its own.

    The kernels of all are loaded at once, which takes a compiler's start once; where that fails
    each step loads its own.
    """

    def __init__(self, target: Gpu, replay: Any, program: Program) -> None:
        self._target, self._arrays = target, replay.arrays
        self._seen: set[Any] = set()
        whole = Lowered(program, dict(replay.arrays), target, policy(), True)
        try:
            target.load(whole.kernels)
            self._loaded = {each.name for each in whole.kernels}
        except RuntimeError:
            self._loaded = set()

    def at(self, each: Known) -> dict[str, Any] | None:
        """What is found of a step; None where the same work was looked at already."""
        try:
            return self._checked(each)
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            return {"kernel": named(each.step), "error": None, "ok": False, "answer": told}

    def _checked(self, each: Known) -> dict[str, Any] | None:
        """A step done by the device on its operands, from memory that holds nan."""
        target, arrays = self._target, self._arrays
        one = Program((), (each.step,), tuple(each.step.writes))
        lowering = Lowered(one, arrays, target, policy(), True)
        works = tuple(map(described, lowering.work))
        if works in self._seen:
            return None
        self._seen.add(works)
        name = named(each.step)
        if lowering.missing:
            return {"kernel": name, "work": works, "error": None, "dtype": "", "eager": True}
        new = [kernel for kernel in lowering.kernels if kernel.name not in self._loaded]
        if new:
            target.load(new)
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


def _host(target: Gpu, x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else target.xp.asnumpy(x)


def named(step: Unit) -> str:
    """A step in words: its ops, and how they belong together."""
    if step.kind == "op":
        return step.op.name
    if step.kind == "chain":
        return "chain " + ", ".join(part.op.name for part in step.parts)
    if step.kind == "bundle":
        kinds = dict.fromkeys(named(each) for each in step.members)
        return f"{len(step.members)} at once: {'; '.join(kinds)}"
    if step.kind == "series":
        return "in each channel " + ", then ".join(named(each) for each in step.computing)
    return ", then ".join(named(each) for each in step.members)


def described(work: Work | Any) -> str:
    """A piece of work in words, the same for the same work."""
    if isinstance(work, Gemm):
        sides = f"{'t' if work.ta else 'n'}{'t' if work.tb else 'n'}"
        ends = f"{'+bias' if work.bias is not None else ''}{'+relu' if work.relu else ''}"
        return f"product {sides} {work.m}x{work.n}x{work.k}x{work.batch}{ends}"
    if hasattr(work, "kernel"):
        return f"{work.kernel.name} {work.grid}x{work.block}"
    return "array library"
