"""A `Gemm` in cuBLASLt's words is the same product.

`as_columns` is a second cuBLASLt, in NumPy: it reads the attributes back from the descriptors,
nothing else, takes all matrices in columns, and must leave in memory what the `Gemm` says by rows.
"""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from gemms import aligned, computed, gemms, product
from hypothesis import given
from numpy.lib.stride_tricks import as_strided

from minigrad.compiler.targets.cuda.device import host, nvrtc, products
from minigrad.compiler.targets.cuda.device.blaslt import (
    Algorithm,
    Attribute,
    Candidate,
    Compute,
    Epilogue,
    MatrixLayout,
    Operation,
    Preference,
    Side,
    Transpose,
    Type,
    Wish,
)
from minigrad.compiler.targets.cuda.device.libraries import library
from minigrad.compiler.targets.cuda.device.products import (
    Products,
    ReadyProduct,
    described,
    preference,
    sentence,
)
from minigrad.compiler.targets.cuda.kernels.epilogue import after
from minigrad.compiler.targets.cuda.kernels.sources import source
from minigrad.compiler.targets.cuda.launch import Gemm
from minigrad.device import Array
from minigrad.errors import DeviceError


@pytest.fixture(autouse=True, scope="module")
def installed() -> None:
    try:
        library("cublasLt")
    except DeviceError:
        pytest.skip("cuBLASLt is not installed")


def columns(memory: Array, layout: MatrixLayout) -> Array:
    """The batch of matrices in columns of which the layout tells, as a view."""
    assert layout[Side.TYPE] == {"f": Type.FLOAT32, "d": Type.FLOAT64}[memory.dtype.char]
    rows, across, size = layout[Side.ROWS], layout[Side.COLS], memory.itemsize
    assert layout[Side.LD] >= rows, "columns run into each other"
    return as_strided(
        memory.reshape(-1),
        (layout[Side.BATCH_COUNT], rows, across),
        (layout[Side.STRIDED_BATCH_OFFSET] * size, size, layout[Side.LD] * size),
    )


def as_columns(gemm: Gemm, whole: bool = True) -> Array:
    """What cuBLASLt leaves in the memory of ``out``: D = epilogue(op(A) op(B) + beta D + bias)."""
    told = described(gemm, whole)
    operation, memory = told.operation, gemm.out.copy()
    left, right = columns(gemm.b, told.left), columns(gemm.a, told.right)
    d = columns(memory, told.out)
    if operation[Attribute.TRANSA] == Transpose.YES:
        left = left.transpose(0, 2, 1)
    if operation[Attribute.TRANSB] == Transpose.YES:
        right = right.transpose(0, 2, 1)
    result = left @ right + gemm.beta * d
    epilogue = Epilogue(operation[Attribute.EPILOGUE])
    if epilogue in (Epilogue.BIAS, Epilogue.RELU_BIAS):
        number = ctypes.c_float if memory.dtype == np.float32 else ctypes.c_double
        bias = (number * d.shape[1]).from_address(operation[Attribute.BIAS_POINTER])
        assert operation[Attribute.BIAS_BATCH_STRIDE] == 0
        result = result + np.array(bias)[:, None]
    if epilogue in (Epilogue.RELU, Epilogue.RELU_BIAS):
        result = np.maximum(result, 0)
    d[:] = result
    return memory


@given(gemms())
def test_the_product_is_the_same(gemm: Gemm) -> None:
    assert np.array_equal(as_columns(gemm), computed(gemm))


@given(gemms())
def test_without_its_epilogue_the_product_is_bare(gemm: Gemm) -> None:
    bare = replace(gemm, bias=None, relu=False)
    assert described(gemm, whole=False).operation[Attribute.EPILOGUE] == Epilogue.NONE
    assert np.array_equal(as_columns(gemm, whole=False), computed(bare))


def test_the_type_it_is_computed_in() -> None:
    def compute(gemm: Gemm) -> tuple[int, int]:
        operation = described(gemm).operation
        return operation[Attribute.COMPUTE_TYPE], operation[Attribute.SCALE_TYPE]

    assert compute(product()) == (Compute.FLOAT32, Type.FLOAT32)
    assert compute(product(tf32=True)) == (Compute.TF32, Type.FLOAT32)
    assert compute(product(kind="float64")) == (Compute.FLOAT64, Type.FLOAT64)
    assert compute(product(kind="float64", tf32=True)) == (Compute.FLOAT64, Type.FLOAT64)


def test_algorithms_are_told_how_operands_are_aligned() -> None:
    memory = aligned(np.zeros(4096, np.float32))
    gemm = product(out=memory[2:], a=memory[1:], b=memory[64:])
    wishes = preference(gemm)
    assert wishes[Wish.MIN_ALIGNMENT_A_BYTES] == 256  # the first factor is b
    assert wishes[Wish.MIN_ALIGNMENT_B_BYTES] == 4
    assert wishes[Wish.MIN_ALIGNMENT_C_BYTES] == wishes[Wish.MIN_ALIGNMENT_D_BYTES] == 8
    assert wishes[Wish.MAX_WORKSPACE_BYTES] == 32 << 20


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"out": np.zeros((4, 3), np.float16)}, "expected float32 or float64 throughout"),
        ({"a": np.zeros((4, 2))}, r"throughout, got \['float32', 'float64'\]"),
        ({"bias": np.zeros(3, np.int32)}, r"throughout, got \['float32', 'int32'\]"),
        ({"k": 0}, r"sizes of at least 1, got \(4, 0\) by \(0, 3\) of float32"),
        ({"batch": 0}, "sizes of at least 1"),
        ({"lda": 1}, "rows of a run into each other: 2 numbers, the next row after 1"),
        ({"ta": True}, "rows of a run into each other: 4 numbers, the next row after 2"),
        ({"ldb": 2}, "rows of b run into each other"),
        ({"ldc": 2}, "rows of out run into each other"),
        ({"batch": 2}, "matrices of out run into each other: from one to the next 0"),
        ({"batch": 2, "steps": (0, 0, 11)}, "matrices of out run into each other"),
        ({"batch": 2, "ldc": 5, "steps": (0, 0, 3)}, "matrices of out run into each other"),
    ],
)
def test_what_is_no_product_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=f"gemm: .*{said}"):
        described(product(**changes))


def test_a_product_of_one_row_does_not_care_for_its_step() -> None:
    gemm = product(m=1, k=3, lda=0, ldc=1)
    assert np.allclose(as_columns(gemm), gemm.a @ gemm.b, rtol=1e-6)


def test_a_message_tells_the_product() -> None:
    assert sentence(product()) == "(4, 2) by (2, 3) of float32"
    gemm = product(ta=True, tb=True, batch=2, beta=1.0, bias=np.zeros(3), relu=True, tf32=True)
    assert sentence(gemm) == (
        "(2, 4) transposed by (3, 2) transposed of float32, 2 times, TF32, beta, bias, ReLU"
    )


class Answers:
    """In place of cuBLASLt on a GPU: says which epilogues it has, and counts what it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *epilogues: Epilogue) -> None:
        self.epilogues, self.asked, self.done = epilogues, 0, []
        self.handle, self.status = 77, 0
        self.cublasLtMatmul = self.multiply
        monkeypatch.setattr(products, "Handle", lambda: self)
        monkeypatch.setattr(products, "bound", lambda: self)

    def candidates(
        self,
        operation: Operation,
        layouts: tuple[MatrixLayout, ...],
        preference: Preference,
        most: int,
    ) -> tuple[int, list[Candidate]]:
        self.asked += 1
        assert most == 8 and preference[Wish.MAX_WORKSPACE_BYTES] == 32 << 20
        assert layouts[2] is layouts[3], "C is D"
        if operation[Attribute.EPILOGUE] not in self.epilogues:
            return 7, []
        return 0, [Candidate(Algorithm((i,) * 8)) for i in range(3)]

    def multiply(self, *facts: object) -> int:
        assert facts[0] == 77 and facts[13:15] == (4096, 32 << 20)
        self.done.append((facts[12]._obj.data[0], facts[15]))
        return self.status


def test_a_kind_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch, Epilogue.NONE)
    known = Products(4096)
    for gemm in (product(), product(), product(beta=0.5), product(beta=1.5)):
        call, rest = known.planned(gemm)
        call(5)
        assert rest is None
    assert answers.done == [(0, 5)] * 4 and answers.asked == 2  # with beta is another kind
    known.planned(product(tf32=True))
    known.planned(product(m=5))
    assert answers.asked == 4


def test_an_epilogue_that_is_not_there_is_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch, Epilogue.NONE, Epilogue.BIAS)
    known, bias = Products(4096), aligned(np.zeros(3, np.float32))
    assert known.planned(product(bias=bias))[1] is None
    for times in (3, 3):  # asked with and without, then remembered
        rest = known.planned(gemm := product(bias=bias, relu=True))[1]
        assert rest is not None and rest.args[0] is gemm.out and rest.args[1] is bias
        assert answers.asked == times


def test_the_fastest_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch, Epilogue.NONE)
    known, clock = Products(4096), iter([3.0, 1.0, 2.0])

    def seconds(call: ReadyProduct) -> float:
        call(9)
        return next(clock)

    known.tune(product(), seconds)
    assert answers.done == [(0, 9), (1, 9), (2, 9)]
    known.planned(product())[0](5)
    assert answers.done[-1] == (1, 5) and answers.asked == 1


def test_what_was_the_fastest_is_known_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """If it is among those that cuBLASLt names itself."""
    answers = Answers(monkeypatch, Epilogue.NONE)
    first, clock = Products(4096), iter([3.0, 1.0, 2.0])
    assert first.tune(product(), lambda call: next(clock)) == [3.0, 1.0, 2.0]
    (word,) = first.algorithms.values()
    assert word == bytes(Algorithm((1,) * 8)).hex() and len(word) == 128
    for known, taken in ((first.algorithms, 1), (dict.fromkeys(first.algorithms, "0f" * 64), 0)):
        later = Products(4096, known)
        assert later.choice(product()).taken == taken
        later.planned(product())[0](5)
        assert answers.done[-1] == (taken, 5)
        assert later.choice(product(m=5)).taken == 0


def test_no_algorithm_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    Answers(monkeypatch)
    said = r"Heuristic: CUBLAS_STATUS_INVALID_VALUE \(7\) for \(4, 2\) by \(2, 3\) of float32, ReLU"
    with pytest.raises(RuntimeError, match=said):
        Products(4096).planned(product(relu=True))


def test_a_product_that_fails_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = Answers(monkeypatch, Epilogue.NONE)
    call, _ = Products(4096).planned(product())
    answers.status = 13
    said = r"cublasLtMatmul: CUBLAS_STATUS_EXECUTION_FAILED \(13\) for \(4, 2\) by \(2, 3\) of"
    with pytest.raises(RuntimeError, match=said):
        call(5)


@pytest.mark.usefixtures("gxx")
@given(gemms().filter(lambda gemm: gemm.relu or gemm.bias is not None))
def test_the_kernel_does_what_the_epilogue_does(gemm: Gemm) -> None:
    multiplied = replace(gemm, out=computed(replace(gemm, bias=None, relu=False)))
    work = after(multiplied)
    host.load([work.kernel]).launch(work)
    assert np.array_equal(multiplied.out, computed(gemm))


@pytest.mark.usefixtures("nvrtc")
@pytest.mark.parametrize("arch", ["sm_80", "sm_90"])
def test_the_kernel_compiles_for_gpus(arch: str) -> None:
    for kind in ("float32", "float64"):
        work = after(product(kind=kind, relu=True, bias=np.zeros(3, kind)))
        assert nvrtc.compiled(source([work.kernel]), arch)[:4] == b"\x7fELF"


@pytest.mark.usefixtures("gxx")
def test_a_nan_stays_a_nan_in_the_kernel() -> None:
    gemm = product(relu=True)
    gemm.out[1, 1], gemm.out[2, 0] = np.nan, -np.inf
    expected = np.maximum(gemm.out, 0)
    work = after(gemm)
    host.load([work.kernel]).launch(work)
    assert np.array_equal(gemm.out, expected, equal_nan=True) and np.isnan(gemm.out[1, 1])
