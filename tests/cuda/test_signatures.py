"""What kernels of a GPU say of the way they go through memory, and launches held to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from samples import launches

from minigrad.compiler.targets.cuda.device import simulation
from minigrad.compiler.targets.cuda.kernels.rows import along
from minigrad.compiler.targets.cuda.kernels.signatures import check, signature
from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Launch
from minigrad.layouts import LayoutError, dense


def test_every_kernel_says_how_it_goes_through_its_arrays() -> None:
    """And says what is so: one small case or more of each."""
    works = launches("d")
    for work in works:
        check(work)
    assert {work.kernel.name.rpartition("_")[0] for work in works} > {"softmax", "fold_rows"}


def softmax(x: Any) -> Launch:
    found = along("SOFTMAX", [x], 1, np.zeros(x.shape), np.zeros, ("LOGARITHM", "0"))
    assert found is not None and isinstance(found[-1], Launch)
    return found[-1]


@pytest.mark.parametrize(
    ("x", "wrong"),
    [
        (np.zeros((4, 6))[:, ::2], "goes through"),
        (np.zeros((3, 4)).T, "goes through"),
        (np.broadcast_to(np.zeros(3), (4, 3)), "goes through"),
        (np.zeros((4, 4)), "goes through"),
        (as_strided(np.zeros(24)[16:], (4, 3), (24, 8)), "outside of its memory"),
        (7, "x is an array, and got 7"),
    ],
)
def test_an_array_that_lies_otherwise_is_refused(x: Any, wrong: str) -> None:
    right = softmax(np.zeros((4, 3)))
    check(right)
    with pytest.raises(LayoutError, match=rf"^softmax_\w+: .*{wrong}"):
        check(replace(right, args=(x, *right.args[1:])))


def test_what_a_table_points_to_is_held_as_well() -> None:
    right = softmax(np.zeros((4, 3)))
    check(replace(right, beside=((np.zeros(5), dense(5)),)))
    with pytest.raises(LayoutError, match="goes through"):
        check(replace(right, beside=((np.zeros(5), dense(6)),)))
    with pytest.raises(LayoutError, match="it has 2 parameters, and got 1 arguments"):
        check(replace(right, args=right.args[:1]))


def test_a_kernel_that_says_nothing_is_refused() -> None:
    silent = Kernel("some", 'extern "C" __global__ void some(const float *x, long long n) {}')
    with pytest.raises(LayoutError, match=r"^some: it does not say how it goes through x"):
        signature(silent)
    told = replace(silent, text=silent.text.replace("*x", "*x MG_DENSE(n * (n - 1) / 2)"))
    check(Launch(told, 1, 1, (np.zeros(6, np.float32), 4)))
    with pytest.raises(LayoutError, match=r"^some: array 0"):
        check(Launch(told, 1, 1, (np.zeros(6, np.float32), 5)))


A, B, OUT = np.ones((4, 6)), np.ones((6, 3)), np.ones((4, 3))
RIGHT = Gemm(OUT, A, B, False, False, 4, 3, 6, 6, 3, 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lda": 7},
        {"lda": 5},
        {"k": 7},
        {"b": np.broadcast_to(np.ones((1, 3)), (6, 3))},
        {"b": np.ones((12, 3))[::2]},
        {"a": as_strided(np.ones(20), (4, 6), (48, 8))},
        {"bias": np.ones(2)},
        {"batch": 2, "steps": (24, 18, 12)},
        {"out": as_strided(np.ones(8), (4, 3), (8, 8)), "ldc": 1},
    ],
)
def test_a_product_that_would_read_outside_is_refused(wrong: dict[str, Any]) -> None:
    check(RIGHT)
    check(replace(RIGHT, bias=np.ones(3)))
    with pytest.raises(LayoutError, match=r"^(gemm: array|runs of)"):
        check(replace(RIGHT, **wrong))


def test_products_take_batches_and_turned_factors() -> None:
    a, b, out = np.ones((2, 4, 6)), np.ones((2, 6, 3)), np.ones((2, 4, 3))
    many = replace(RIGHT, out=out, a=a, b=b, batch=2, steps=(24, 18, 12))
    check(many)
    check(replace(many, b=b[0], steps=(24, 0, 12)))
    check(replace(RIGHT, a=np.ones((6, 4)).T, ta=True, lda=4))


def test_the_simulated_gpu_holds_launches_at_each_run() -> None:
    device = simulation.Simulated()
    with pytest.raises(LayoutError, match="gemm: array 1"):
        device.launch(replace(RIGHT, lda=7))
