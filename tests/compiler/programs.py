"""Recorded programs, and whether two of them mean the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad
from minigrad.compiler.program import Program
from minigrad.compiler.program.verify import verify
from minigrad.compiler.record.recorder import StepRecorder
from minigrad.compiler.record.tree import flattened
from minigrad.compiler.targets.cpu.interpreter import Outcome, interpreted
from minigrad.native.library import plainly
from minigrad.recording import followed
from minigrad.tensor import Tensor

Pass = Callable[[Program], Program]


def recorded(step: Callable[..., Any], *arguments: Tensor) -> Program:
    """The program of a step, which changes nothing meanwhile."""
    recorder = StepRecorder(arguments)
    with followed(recorder):
        results = step(*arguments)
    program = recorder.program(flattened(results)[0])
    recorder.undo()
    recorder.restore()
    verify(program)
    return program


def outcome(program: Program, *arguments: Tensor) -> Outcome:
    """What a program gives in NumPy, drawing from where the stream of random numbers is; the stream
    stays there."""
    stream = minigrad.get_rng_state()
    with plainly():
        found = interpreted(program, [x.array for x in arguments])
    minigrad.set_rng_state(stream)
    return found


def same(
    have: Outcome, want: Outcome, what: str = "", tolerance: float = 0.0, least: float = 1e-30
) -> None:
    """The same numbers to the bit, or to ``tolerance`` times the largest, which counts as
    ``least`` where it is less (a bias before a batch norm has no gradient but for rounding)."""
    mine = [*have.results, *have.gradients, *have.state.values()]
    # A pass may leave out state that nobody needs, but none that is written.
    other = [*want.results, *want.gradients, *(want.state[key] for key in have.state)]
    for i, (a, b) in enumerate(zip(mine, other, strict=True)):
        assert a.shape == b.shape and a.dtype == b.dtype, f"{what}, array {i}"
        if tolerance and a.dtype.kind == "f":
            scale = np.max(np.abs(b), initial=least)
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * scale, err_msg=what)
        else:
            assert a.tobytes() == b.tobytes(), f"{what}, array {i}: {a} and not {b}"


def after(
    rewrite: Pass, step: Callable[..., Any], *arguments: Tensor, tolerance: float = 0.0
) -> Program:
    """The program of a step after a pass: well formed, and the same numbers."""
    before = recorded(step, *arguments)
    program = rewrite(before)
    verify(program)
    lost = {x.place for x in before.slots() if x.origin == "state"} & before.written
    assert lost <= program.written, "a write into state is gone"
    same(outcome(program, *arguments), outcome(before, *arguments), tolerance=tolerance)
    return program


def names(program: Program) -> list[str]:
    """The ops in order."""
    return [each.op.name for each in program.ops]
