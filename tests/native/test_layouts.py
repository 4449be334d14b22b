"""What kernels say of the way they go through memory: all of them do, and calls are held to it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import minigrad
from minigrad import compile as compiled
from minigrad import layouts
from minigrad.compiler.targets.cpu import matrices
from minigrad.layouts import LayoutError, Walk, dense, held, lying, rows
from minigrad.native import kernels, library
from minigrad.native.library import Batch, Call, enabled, multiplies

NUMBERS = np.arange(24.0)
needs_kernels = pytest.mark.skipif(not enabled(), reason="no C compiler")
needs_blas = pytest.mark.skipif(not (enabled() and multiplies()), reason="no kernel multiplies")


def test_every_kernel_says_how_it_goes_through_its_arrays() -> None:
    text = "".join(library._text(f"{file}.c") for file in library.KERNELS)
    found = re.findall(r"^int NAME\((\w+)\)\(void \*const \*", text, re.MULTILINE)
    assert sorted(found) == sorted(kernels.KERNELS)


@pytest.mark.parametrize(
    ("x", "walk"),
    [
        (NUMBERS.reshape(4, 6), dense(2, 3, 4)),
        (NUMBERS.reshape(4, 6).T, rows(6, 4, 6, 1)),
        (NUMBERS.reshape(4, 6)[:, :5], rows(4, 5, 6)),
        (NUMBERS.reshape(4, 6)[1:2, 2:], rows(1, 4, 17)),
        (NUMBERS[::-2], Walk((3, 4), (-8, -2))),
        (NUMBERS[3:], dense(21)),
        (np.broadcast_to(NUMBERS[:4], (3, 4)), Walk((4,), (1,))),
        (as_strided(NUMBERS, (5, 4), (8, 16)), Walk((4, 5), (2, 1))),
        (as_strided(NUMBERS, (2, 3, 2), (8, 16, 32)), Walk((3, 2, 2), (2, 4, 1))),
        (NUMBERS[:0], dense(3, 0)),
        (NUMBERS[0], dense()),
    ],
)
def test_an_array_lies_as_the_kernel_goes(x: Any, walk: Walk) -> None:
    held("some", [walk], [np.asarray(x)])


@pytest.mark.parametrize(
    ("x", "walk", "wrong"),
    [
        (NUMBERS, dense(25), "goes through"),
        (NUMBERS, dense(23), "goes through"),
        (NUMBERS[::2], dense(12), "goes through"),
        (NUMBERS[::-1], dense(24), "goes through"),
        (NUMBERS.reshape(4, 6).T, dense(6, 4), "goes through"),
        (np.broadcast_to(NUMBERS[:1], (6,)), dense(6), "goes through"),
        (NUMBERS.reshape(4, 6)[:, :5], dense(20), "goes through"),
        (as_strided(NUMBERS, (3, 4), (8, 16)), dense(12), "goes through"),
        (NUMBERS, dense(24).of("f"), "takes the types f"),
        (as_strided(NUMBERS[20:], (6,), (8,)), dense(6), "outside of its memory"),
        (as_strided(NUMBERS[2:], (6,), (-8,)), Walk((6,), (-1,)), "outside of its memory"),
        (as_strided(NUMBERS, (5, 4), (8, 8)), Walk((5, 4), (1, 1)).written_to(), "share a place"),
        (as_strided(NUMBERS, (5,), (12,)), dense(5), "at whole steps"),
        (NUMBERS.view(np.uint8)[4:-4].view(np.float64), dense(23), "at whole steps"),
    ],
)
def test_an_array_that_lies_otherwise_is_refused(x: Any, walk: Walk, wrong: str) -> None:
    with pytest.raises(LayoutError, match=rf"^some: array 0, .*{wrong}"):
        held("some", [walk], [x])


def test_rows_that_run_into_each_other_are_refused() -> None:
    with pytest.raises(LayoutError, match=r"^gemm: runs of 4 numbers run into each other"):
        Batch([Call("gemm", [np.ones((6, 1)), np.ones((6, 4)), np.ones((4, 1))],
                    [0, 0, 6, 1, 4, 1, 1, 1], [1.0, 0.0])])  # fmt: skip


def test_what_is_written_lies_by_itself() -> None:
    once = dense(12).written_to()
    held("some", [once, dense(12)], [NUMBERS[:12], NUMBERS[12:]])
    held("some", [once, dense(12)], [NUMBERS[:12], NUMBERS[:12]])  # number by number
    with pytest.raises(LayoutError, match="lies where another one does"):
        held("some", [once, dense(12)], [NUMBERS[:12], NUMBERS[1:13]])
    with pytest.raises(LayoutError, match="it takes 1 arrays, and got 2"):
        held("some", [once], [NUMBERS[:12], NUMBERS[12:]])


def test_walks_that_are_equal_but_for_their_loops() -> None:
    assert Walk((3, 2, 2), (2, 4, 1)).meets(lying(as_strided(NUMBERS, (2, 3, 2), (8, 16, 32))))
    assert Walk((2, 3), (1, 1)).meets(Walk((4,), (1,))) and not Walk((2, 3), (1, 1)).apart
    assert not Walk((2, 2), (3, 1)).meets(Walk((5,), (1,)))


@needs_kernels
def test_a_kernel_that_would_read_outside_is_refused() -> None:
    """A description that lies: the sum of one more row than there is."""
    x, y = np.ones((6, 4)), np.empty(4)
    Batch([Call("sum", [y, x], [6, 4, 1])])
    with pytest.raises(
        LayoutError, match=r"^sum: array 1, float64\[6, 4\] .* goes through \(7, 4, 1\)"
    ):
        Batch([Call("sum", [y, x], [7, 4, 1])])
    with pytest.raises(LayoutError, match=r"^sum: array 0"):
        library.run(Call("sum", [y, x], [4, 6, 1]))


@needs_blas
def test_a_step_is_not_replayed_by_a_product_that_trusts_a_layout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A description that takes a step of 0 for that of a row: the step is replayed by NumPy, and
    says so."""
    right = matrices.side
    monkeypatch.setattr(matrices, "side", lambda x: right(x) or (False, x.shape[1]))
    w = minigrad.ones(4, 1, dtype=minigrad.float64, requires_grad=True)

    @compiled
    def step(x: Any) -> Any:
        w.grad = None
        loss = (x @ w).mean()
        loss.backward()
        return loss

    with pytest.warns(
        RuntimeWarning, match=r"gemm: array 2.*at steps of \(0, 0\) bytes.*\n.*is replayed by NumPy"
    ):
        step(minigrad.ones(6, 4, dtype=minigrad.float64))
    assert step.path == "numpy" and w.grad is not None
    np.testing.assert_allclose(w.grad.numpy(), np.ones((4, 1)), rtol=1e-12)


@needs_kernels
def test_calls_are_held_again_where_that_is_asked_for() -> None:
    memory = np.ones(8)
    batch = Batch([Call("softmax", [np.empty(4), memory[:4]], [1, 4, 1])])
    batch.run()
    batch.calls[0].arrays = [np.empty(4), memory[::2]]
    with layouts.always(), pytest.raises(LayoutError, match="softmax: array 1"):
        batch.run()
    assert layouts.switch.always
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layouts.switch, "always", False)
        batch.run()


def test_a_walk_through_other_types_is_another_one() -> None:
    assert replace(dense(3), kind="f") == dense(3).of("f") != dense(3)
