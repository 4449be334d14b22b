"""Where values lie: places that are needed at the same time never overlap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import outcome, recorded, same

import minigrad
from minigrad.compiler.passes.chains import chains
from minigrad.compiler.plan.memory import ALIGNMENT, Plan, arrays_of, laid_out, last_uses
from minigrad.compiler.program import Place, Program, Slot
from minigrad.compiler.program.verify import verify
from minigrad.compiler.targets.cpu.interpreter import Outcome
from minigrad.compiler.targets.cpu.replay import CpuReplay
from minigrad.compiler.targets.cpu.target import Cpu
from minigrad.native.library import enabled

needs_c = pytest.mark.skipif(not enabled(), reason="there is no C compiler")

SHAPES = ((3, 5), (5, 3), (16, 3), (1, 5), (3, 1), (5,), (), (40, 7))

KINDS = "unary binary binary row sum view view write write copy seen".split()
NUMBER = st.integers(0, 10**6)
MOVES = st.lists(st.tuples(st.sampled_from(KINDS), NUMBER, NUMBER, NUMBER), max_size=25)


def arguments_of(seed: int) -> list[Any]:
    draw = np.random.default_rng(seed)
    return [minigrad.from_numpy(np.asarray(draw.uniform(-1, 1, shape))) for shape in SHAPES]


def step_of(moves: list[Any], given_away: list[int]) -> Callable[..., Any]:
    """A step that does some of everything: elementwise ops, views, sums, writes through views; it
    gives some of it away."""

    def step(*arguments: Any) -> Any:
        values = [x * 1 for x in arguments[:2]] + list(arguments)
        for kind, a, b, c in moves:
            moved(values, kind, a, b, c)
        return [values[i % len(values)] for i in given_away]

    return step


def moved(values: list[Any], kind: str, a: int, b: int, c: int) -> None:
    """One op more on what there is, or a write into it."""
    x = values[a % len(values)]
    alike = [y for y in values if y.shape == x.shape]
    y = alike[b % len(alike)]
    if kind == "unary":
        values.append((x.cos, x.tanh, x.abs, x.neg)[c % 4]())
    elif kind == "binary":
        values.append((x + y, x * y, x - y, x.maximum(y))[c % 4])
    elif kind == "row" and x.ndim:
        values.append(x - x[:1] if c % 2 else x * x.sum())
    elif kind == "sum" and x.ndim:
        values.append(x.sum(c % x.ndim, keepdim=bool(b % 2)))
    elif kind == "view" and x.ndim:
        values.append((x.T if x.ndim == 2 else x[:], x[c % len(x)], x[::2], x[c % len(x) :])[b % 4])
    elif kind == "write":
        (x.add_, x.mul_, x.copy_, x.sub_)[c % 4](y.tanh() if b % 3 else y)
    elif kind == "copy":
        values.append(x.clone() if c % 2 else x.T.clone() if x.ndim == 2 else x.reshape(-1))
    elif kind == "seen":
        values.append(x.reshape(-1)[:1].cumsum(0))


def spans(program: Program, plan: Plan) -> dict[Place, tuple[int, int, int, int]]:
    """For each place in the arena: from which instruction to which it is needed, and its bytes."""
    first: dict[Place, tuple[int, int]] = {}
    for i, each in enumerate(program.instructions):
        for slot in each.writes:
            if slot.origin == "value" and slot.place in plan.offsets:
                size = int(np.prod(slot.shape)) * slot.dtype.itemsize
                first.setdefault(slot.place, (i, size))
    last = last_uses(program)
    return {
        place: (i, last[place], plan.offsets[place], plan.offsets[place] + size)
        for place, (i, size) in first.items()
    }


def check(program: Program, plan: Plan) -> None:
    found = spans(program, plan)
    assert found.keys() == plan.offsets.keys()
    for place, (start, stop, low, high) in found.items():
        assert low % ALIGNMENT == 0 and 0 <= low <= high <= plan.size
        for other, (start_2, stop_2, low_2, high_2) in found.items():
            if other is place or high <= low_2 or high_2 <= low:
                continue
            if stop < start_2 or stop_2 < start:
                continue
            early, late = (place, other) if stop == start_2 else (other, place)
            assert found[early][1] == found[late][0], "two values are needed at the same time"
            over_an_operand(program, found[late][0], early, late)


def over_an_operand(program: Program, i: int, early: Place, late: Place) -> None:
    """A result lies over an operand: number by number, and nobody else is concerned."""
    step = program.instructions[i]
    assert step.kind == "chain" or step.op.elementwise
    (x,) = {slot for slot in step.reads if slot.place is early}
    (y,) = [slot for slot in step.writes if slot.place is late]
    assert (x.shape, x.dtype, x.order) == (y.shape, y.dtype, y.order)
    assert x not in step.writes


def replayed(program: Program, plan: Plan, arguments: list[Any], native: bool) -> Outcome:
    """What the replay of a program leaves, done twice so that what it leaves behind matters. State
    is none here."""
    replay = CpuReplay(program, plan, native)
    for _ in range(2):
        inputs = [x.array.copy() for x in arguments]
        replay.run(inputs)
    return Outcome([replay.arrays[slot].copy() for slot in program.results], [], {})


ALL = [each for each in Cpu.passes if each.rewrite]


@settings(max_examples=150)
@given(
    MOVES,
    st.lists(NUMBER, max_size=3),
    st.booleans(),
    st.booleans(),
    st.sampled_from([[], [chains], ALL[:3], ALL]),
)
def test_values_never_overlap(
    moves: Any, given_away: Any, in_place: bool, reuse: bool, rewrites: Any
) -> None:
    step, arguments = step_of(moves, given_away), arguments_of(len(moves))
    program = before = recorded(step, *arguments)
    for rewrite in rewrites:
        program = rewrite(program)
    verify(program)
    plan = laid_out(program, in_place, reuse)
    assert 0 <= plan.size <= plan.asked
    assert plan.size == plan.asked or reuse
    check(program, plan)
    assert not program.kept & plan.offsets.keys()
    same(outcome(program, *arguments), outcome(before, *arguments), tolerance=1e-13)
    if chains in rewrites:
        program = replace(program, instructions=tuple(program.ops))
        plan = laid_out(program, in_place, reuse)
    want = outcome(program, *arguments)
    same(replayed(program, plan, arguments, False), want._replace(state={}))


def test_arrays_are_what_their_slots_promise() -> None:
    x = minigrad.from_numpy(np.random.default_rng(0).standard_normal((3, 4, 5)))

    def step(x: Any) -> Any:
        turned = x.permute(2, 0, 1) * 2
        part = turned[:, 1:].transpose(0, 2)
        return (turned + 1).permute(1, 0, 2).exp() + 0, part + part, turned.sum(0)

    program = recorded(step, x)
    orders = [slot.order for slot in program.slots() if slot.origin == "value"]
    assert any(order != tuple(range(len(order))) for order in orders)
    arrays = arrays_of(program, laid_out(program))
    for slot, array in arrays.items():
        assert array.shape == slot.shape and array.dtype == slot.dtype
        if slot.origin == "view":
            continue
        assert Slot("value", array, Place()).order == slot.order, slot
        assert array.transpose(slot.order).flags.c_contiguous
        assert array.ctypes.data % ALIGNMENT == 0
    for each in program.ops:
        if each.is_view:
            assert np.shares_memory(arrays[each.result], arrays[each.reads[0]])


def test_state_and_constants_are_the_tensors_own() -> None:
    w = minigrad.ones(3)

    def step(x: Any) -> Any:
        w.add_(x)
        return w * minigrad.tensor([1.0, 2.0, 3.0])

    program = recorded(step, minigrad.ones(3))
    arrays = arrays_of(program, laid_out(program))
    assert any(array is w.array for array in arrays.values())


def test_memory_is_taken_again() -> None:
    x = minigrad.ones(1000)

    def step(x: Any) -> Any:
        for _ in range(10):
            x = (x.cumsum(0) * 2).cos()
        return x

    program = recorded(step, x)
    plan = laid_out(program)
    assert plan.asked == 29 * 4032 and plan.size == 2 * 4032
    assert laid_out(program, in_place=False).size == 2 * 4032
    assert laid_out(program, reuse=False).size == plan.asked
    elementwise = recorded(lambda x: (((x * 2).cos() + 1).exp() - 3).tanh() * 2, x)
    assert laid_out(elementwise).size == 4032
    assert laid_out(elementwise, in_place=False).size == 2 * 4032


@needs_c
def test_a_chain_does_not_lay_a_result_over_what_it_writes() -> None:
    def step(x: Any) -> Any:
        y = x * 2
        z = y * y.sum()
        y.add_(z)
        return z @ (y * y)

    x = minigrad.rand(4, 4)
    program = chains(recorded(step, x))
    assert any(each.kind == "chain" and len(each.writes) > 2 for each in program.instructions)
    plan = laid_out(program)
    check(program, plan)
    have = replayed(program, plan, [x], native=True)
    same(have, outcome(program, x)._replace(state={}), tolerance=1e-6)


@pytest.mark.parametrize("native", [False, pytest.param(True, marks=needs_c)])
def test_a_view_keeps_the_memory_that_it_looks_into(native: bool) -> None:
    def step(x: Any) -> Any:
        turned = (x * 2).clone().T
        other = (x + 1).cos().cumsum(0).exp() + x
        return other @ turned

    x = minigrad.rand(4, 4)
    program = recorded(step, x)
    for rewrite in ALL[: None if native else 3]:
        program = rewrite(program)
    plan = laid_out(program)
    check(program, plan)
    have = replayed(program, plan, [x], native)
    same(have, outcome(program, x), tolerance=1e-6 if native else 0.0)
