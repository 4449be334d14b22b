"""What kernels do with their numbers in place of writing them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from on_host import Case, close, poisoned, run
from test_cuda_convolution import FEW, MANY, cases
from test_reduction_kernels import numbers
from test_window_kernels import WINDOWS, around, image, window

from minigrad.compiler.program import Instruction, Place, Slot
from minigrad.compiler.targets.cuda.kernels import registry
from minigrad.compiler.targets.cuda.kernels.tail import Tail
from minigrad.compiler.targets.cuda.tuning import Limits, trying
from minigrad.device import Array
from minigrad.op import register

SUMS = [((30, 40), (0,)), ((30, 40), (1,)), ((40000,), (0,)), ((3, 4, 5), (0, 2))]
BOTH = [*FEW, MANY[0], MANY[1]]

pytestmark = pytest.mark.usefixtures("gxx")


def instruction(case: Case) -> Instruction:
    slot = Slot("value", np.zeros(case.want().shape), Place())
    return Instruction(register[case.op], (slot,) * len(case.operands), case.params, slot)


def squared(out: Array, scale: Array) -> Tail:
    """A tail that writes the square of the number times another, in float64."""
    text = "// two operands\nconst double own = *p1 * *p1;\np0[i] = own * p2[i];"
    kind = {"f": "float", "d": "double"}[scale.dtype.char]
    words = ("double", f"const {kind}", f"const {kind}")
    return Tail(text, words, (out, None, scale))


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_a_number_is_squared_while_it_is_in_a_register(dtype: str) -> None:
    every = [case for shape, move in WINDOWS[:4] for case in around(image(shape, dtype), move)]
    every += [case for shape, o, move in BOTH for case in cases(shape, o, window(*move), dtype)]
    every += [Case("sum", (numbers(shape, dtype),), {"axis": axis}) for shape, axis in SUMS]
    every += [Case("mean_square", (numbers(shape, dtype),), {"axes": axis}) for shape, axis in SUMS]
    every.append(Case("sum_to", (numbers((4, 5, 6), dtype),), {"shape": (5, 1)}))
    every = [case for case in every if registry.tailed(register[case.op])]
    works, results = [], []
    for case in every:
        want = case.want()
        out, scale = poisoned(want.shape, "d"), np.full(want.shape, 0.5, dtype)
        own = case.out()
        tail = squared(out, scale)
        found = registry.lowered(instruction(case), case.operands, own, poisoned, tail)
        assert found is not None, case.op
        works += found
        results.append((out.astype(dtype), out, want, own, case))
    run(works)
    for _, out, want, own, case in results:
        close(out.astype(dtype), want * want / 2, f"{case.op} {case.shapes}")
        assert np.isnan(own).all()  # the number itself is not written
    assert {case.op for case in every} == {op.name for op in registry.ops() if registry.tailed(op)}


def test_a_tail_counts_on_from_part_to_part() -> None:
    with trying(Limits(slab=2 * 8 * 63 * 90)):
        test_a_number_is_squared_while_it_is_in_a_register("d")


def test_the_largest_goes_on_and_its_place_is_written() -> None:
    (best, places, *_) = around(image(*WINDOWS[1][:1]), WINDOWS[1][1])
    x, want = best.operands[0], best.want()
    out, place = poisoned(want.shape, "d"), poisoned(want.shape, "B")
    tail = squared(out, np.full(want.shape, 2.0))
    works = registry.lowered_pair(instruction(best), [x], best.out(), place, poisoned, tail)
    run(works or [])
    close(out, want * want * 2, "the largest, squared")
    assert np.array_equal(place, places.want())


def test_ops_that_take_no_tail() -> None:
    tail = squared(np.zeros(3), np.zeros(3))
    case = Case("amax", (np.ones((2, 3)),), {"axis": (0,)})
    assert registry.lowered(instruction(case), case.operands, np.zeros(3), poisoned, tail) is None
    shape, o, move = MANY[5]  # one product
    for case in cases(shape, o, window(*move), "d")[:3]:
        out = case.out()
        assert registry.lowered(instruction(case), case.operands, out, poisoned, tail) is None


@pytest.mark.parametrize("dtype", ["f", "d"])
def test_the_gradients_of_weights_and_biases_at_once(dtype: str) -> None:
    works: list[Any] = []
    results = []
    for shape, o, move in FEW:
        *_, case = cases(shape, o, window(*move), dtype)
        weight, bias = case.out(), poisoned((o,), dtype)
        found = registry.lowered_pair(instruction(case), case.operands, weight, bias, poisoned)
        assert found is not None and len(found) == 2
        works += found
        results.append((weight, bias, case))
    run(works)
    for weight, bias, case in results:
        y = case.operands[1].astype("d")
        close(weight, case.want(), f"weights {case.shapes}")
        close(bias, y.sum(axis=(0, *range(2, y.ndim))), f"biases {case.shapes}")


def test_many_channels_are_not_done_at_once() -> None:
    for shape, o, move in MANY:
        *_, case = cases(shape, o, window(*move), "d")
        given = instruction(case), case.operands, case.out(), poisoned((o,), "d"), poisoned
        assert registry.lowered_pair(*given) is None
