"""Products to try, and what they are: in NumPy, by rows, straight from the words of `Gemm`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from minigrad.compiler.targets.cuda.launch import Gemm
from minigrad.device import Array, address


def lying(draw: st.DrawFn, rows: int, columns: int, batch: int) -> tuple[int, int]:
    """Steps from row to row and from matrix to matrix: matrices behind or beside one another."""
    gap = draw(st.integers(0, 3))
    if batch > 1 and draw(st.booleans()):
        return batch * (columns + gap), columns + gap
    return columns + gap, rows * (columns + gap) + draw(st.integers(0, 3))


@st.composite
def gemms(draw: st.DrawFn) -> Gemm:
    """Any `Gemm` on small whole numbers, whose products are exact in every type."""
    m, n, k = (draw(st.integers(1, 5)) for _ in range(3))
    ta, tb, bias = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    batch = draw(st.integers(1, 3))
    kind = np.dtype(draw(st.sampled_from(["float32", "float64"])))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    lda, step_a = lying(draw, *((k, m) if ta else (m, k)), batch)
    ldb, step_b = lying(draw, *((n, k) if tb else (k, n)), batch)
    ldc, step_c = lying(draw, m, n, batch)
    if draw(st.booleans()):
        step_b = 0  # one matrix for the whole batch

    def numbers(count: int) -> Array:
        return random.integers(-4, 5, count).astype(kind)

    return Gemm(
        *(numbers(500), numbers(500), numbers(500), ta, tb, m, n, k, lda, ldb, ldc),
        batch=batch,
        steps=(step_a, step_b, step_c),
        beta=draw(st.sampled_from([0.0, 1.0, -0.5])),
        bias=numbers(n) if bias else None,
        relu=draw(st.booleans()),
        tf32=draw(st.booleans()),
    )


def product(m: int = 4, n: int = 3, k: int = 2, kind: str = "float32", **changes: object) -> Gemm:
    """A product of random matrices that lie dense and begin where a GPU's do."""
    random = np.random.default_rng(m + 10 * n + 100 * k)
    out, a, b = (aligned(random.normal(size=s).astype(kind)) for s in ((m, n), (m, k), (k, n)))
    return replace(Gemm(out, a, b, False, False, m, n, k, k, n, n), **changes)


def aligned(numbers: Array) -> Array:
    """A copy that begins at a multiple of 256 bytes."""
    memory = np.empty(numbers.nbytes + 256, np.uint8)
    first = -address(memory) % 256
    copy = memory[first : first + numbers.nbytes].view(numbers.dtype).reshape(numbers.shape)
    copy[:] = numbers
    return copy


def matrices(memory: Array, gemm: Gemm, rows: int, columns: int, row: int, step: int) -> Array:
    """The batch of matrices in rows that lies in this memory, as a view."""
    flat, size = memory.reshape(-1), memory.itemsize
    return as_strided(flat, (gemm.batch, rows, columns), (step * size, row * size, size))


def computed(gemm: Gemm) -> Array:
    """What stands in the memory of ``out`` afterwards."""
    m, n, k = gemm.m, gemm.n, gemm.k
    a = matrices(gemm.a, gemm, *((k, m) if gemm.ta else (m, k)), gemm.lda, gemm.steps[0])
    b = matrices(gemm.b, gemm, *((n, k) if gemm.tb else (k, n)), gemm.ldb, gemm.steps[1])
    left = a.transpose(0, 2, 1) if gemm.ta else a
    right = b.transpose(0, 2, 1) if gemm.tb else b
    memory = gemm.out.copy()
    out = matrices(memory, gemm, m, n, gemm.ldc, gemm.steps[2])
    result = left @ right + gemm.beta * out
    if gemm.bias is not None:
        result = result + gemm.bias
    out[:] = np.maximum(result, 0) if gemm.relu else result
    return memory
