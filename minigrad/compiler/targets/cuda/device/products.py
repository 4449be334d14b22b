"""Products of matrices by cuBLASLt: how it is told of a `Gemm`, and which algorithm does it.

To cuBLASLt a matrix in rows is its transpose in columns. So it is asked for outᵀ = op(b)ᵀ op(a)ᵀ:
the factors change places, and nothing is moved. The bias of a column of ``out`` is that of a row of
outᵀ, which is what its epilogue adds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from ctypes import byref, c_double, c_float
from dataclasses import dataclass, replace
from math import gcd
from typing import Any

from minigrad.compiler.targets.cuda.device.blaslt import (
    Algorithm,
    Attribute,
    Candidate,
    Compute,
    Epilogue,
    Handle,
    MatrixLayout,
    Operation,
    Preference,
    Side,
    Transpose,
    Type,
    Wish,
    bound,
    failed,
)
from minigrad.compiler.targets.cuda.kernels.epilogue import after
from minigrad.compiler.targets.cuda.launch import Gemm, Launch
from minigrad.device import Array, address

WORKSPACE = 32 << 20
"""Bytes that algorithms may use beside the operands: what NVIDIA advises for Hopper."""

CANDIDATES = 8
ALIGNMENT = 256
TYPES = {"f": Type.FLOAT32, "d": Type.FLOAT64}


@dataclass(frozen=True)
class Product:
    """A `Gemm` in cuBLASLt's words; ``left`` and ``right`` are its first and second factor."""

    operation: Operation
    left: MatrixLayout
    right: MatrixLayout
    out: MatrixLayout


@dataclass(frozen=True)
class Choice:
    """How products of one kind are done.

    Attributes:
        whole: whether cuBLASLt does the epilogue as well; else a kernel comes after it.
        candidates: algorithms for it, the best guess first.
        taken: which of them does it.
    """

    whole: bool
    candidates: tuple[Candidate, ...]
    taken: int = 0


class ReadyProduct:
    """A product that is ready: called with the address of a stream, it is done there."""

    def __init__(
        self, handle: Handle, workspace: int, gemm: Gemm, whole: bool, algorithm: Algorithm
    ) -> None:
        product = described(gemm, whole)
        number = c_float if product.out[Side.TYPE] == Type.FLOAT32 else c_double
        out, one, beta = address(gemm.out), number(1), number(gemm.beta)
        self._facts = (
            *(handle.handle, product.operation.handle, byref(one)),
            *(address(gemm.b), product.left.handle, address(gemm.a), product.right.handle),
            *(byref(beta), out, product.out.handle, out, product.out.handle),
            *(byref(algorithm), workspace, WORKSPACE),
        )
        self._kept = gemm.out, gemm.a, gemm.b, gemm.bias, product, handle
        self._multiply = bound().cublasLtMatmul
        self._sentence = sentence(gemm)

    def __call__(self, stream: int) -> None:
        """Errors: RuntimeError that names the status and the product."""
        status = self._multiply(*self._facts, stream)
        if status:
            raise failed(status, "cublasLtMatmul", self._sentence)


class Products:
    """Products on the current GPU, with `WORKSPACE` bytes of it at this address.

    Attributes:
        algorithms: by which kinds of products were the fastest, as far as that is known: a word of
            a kind, and one of an algorithm. What cuBLASLt does not name itself is not used.

    Errors: DeviceError without a GPU.
    """

    def __init__(self, workspace: int, algorithms: Mapping[str, str] | None = None) -> None:
        self._handle = Handle()
        self._workspace = workspace
        self._choices: dict[tuple[Any, ...], Choice] = {}
        self.algorithms = dict(algorithms or {})

    def planned(self, gemm: Gemm) -> tuple[ReadyProduct, Launch | None]:
        """What does the product, and the kernel that must come after it, if any.

        Errors: ValueError for a `Gemm` that is none; RuntimeError where there is no algorithm.
        """
        choice = self.choice(gemm)
        call = self._call(gemm, choice, choice.candidates[choice.taken])
        return call, None if choice.whole else after(gemm)

    def choice(self, gemm: Gemm) -> Choice:
        """How products of this kind are done: asked once, then remembered. Errors: `planned`'s."""
        one = kind(gemm)
        if one not in self._choices:
            self._choices[one] = self._asked(gemm)
        return self._choices[one]

    def tune(self, gemm: Gemm, seconds: Callable[[ReadyProduct], float]) -> list[float]:
        """From now on products of this kind are done by the candidate that this clock finds the
        fastest. Each is done on the operands of ``gemm``. Returns what each took."""
        choice = self.choice(gemm)
        times = [seconds(self._call(gemm, choice, each)) for each in choice.candidates]
        best = times.index(min(times))
        self._choices[kind(gemm)] = replace(choice, taken=best)
        self.algorithms[_word(gemm)] = _told(choice.candidates[best])
        return times

    def _call(self, gemm: Gemm, choice: Choice, candidate: Candidate) -> ReadyProduct:
        return ReadyProduct(self._handle, self._workspace, gemm, choice.whole, candidate.algorithm)

    def _asked(self, gemm: Gemm) -> Choice:
        wishes, status = preference(gemm), 0
        for whole in (True, False) if gemm.relu or gemm.bias is not None else (True,):
            product = described(gemm, whole)
            layouts = product.left, product.right, product.out, product.out
            status, found = self._handle.candidates(product.operation, layouts, wishes, CANDIDATES)
            if found:
                known = self.algorithms.get(_word(gemm))
                words = [_told(each) for each in found]
                return Choice(whole, tuple(found), words.index(known) if known in words else 0)
        raise failed(status, "cublasLtMatmulAlgoGetHeuristic", sentence(gemm))


def described(gemm: Gemm, whole: bool = True) -> Product:
    """The product in cuBLASLt's words, without its epilogue where not ``whole``. Needs no GPU.

    Errors: ValueError for other types than float32 and float64 or several, for sizes below 1, for
    rows or matrices that run into each other.
    """
    _check(gemm)
    kind, (step_a, step_b, step_out) = TYPES[gemm.out.dtype.char], gemm.steps
    compute = Compute.FLOAT32 if kind == Type.FLOAT32 else Compute.FLOAT64
    operation = Operation(Compute.TF32 if gemm.tf32 and kind == Type.FLOAT32 else compute, kind)
    operation[Attribute.TRANSA] = Transpose(gemm.tb)
    operation[Attribute.TRANSB] = Transpose(gemm.ta)
    if whole:
        operation[Attribute.EPILOGUE] = EPILOGUES[gemm.bias is not None, gemm.relu]
        operation[Attribute.BIAS_POINTER] = 0 if gemm.bias is None else address(gemm.bias)

    def lying(rows: int, columns: int, row: int, step: int) -> MatrixLayout:
        """A matrix in rows, as cuBLASLt sees it: transposed."""
        layout = MatrixLayout(kind, columns, rows, row if rows > 1 else columns)
        layout[Side.BATCH_COUNT] = gemm.batch
        layout[Side.STRIDED_BATCH_OFFSET] = step
        return layout

    m, n, k = gemm.m, gemm.n, gemm.k
    return Product(
        operation,
        left=lying(*((n, k) if gemm.tb else (k, n)), gemm.ldb, step_b),
        right=lying(*((k, m) if gemm.ta else (m, k)), gemm.lda, step_a),
        out=lying(m, n, gemm.ldc, step_out),
    )


EPILOGUES = {
    (False, False): Epilogue.NONE,
    (True, False): Epilogue.BIAS,
    (False, True): Epilogue.RELU,
    (True, True): Epilogue.RELU_BIAS,
}
"""By whether there is a bias, and ReLU."""


def preference(gemm: Gemm) -> Preference:
    """What an algorithm may count on: the workspace, and how the operands are aligned."""
    wishes = Preference()
    wishes[Wish.MAX_WORKSPACE_BYTES] = WORKSPACE
    wishes[Wish.MIN_ALIGNMENT_A_BYTES] = _alignment(gemm.b)
    wishes[Wish.MIN_ALIGNMENT_B_BYTES] = _alignment(gemm.a)
    wishes[Wish.MIN_ALIGNMENT_C_BYTES] = _alignment(gemm.out)
    wishes[Wish.MIN_ALIGNMENT_D_BYTES] = _alignment(gemm.out)
    return wishes


def sentence(gemm: Gemm) -> str:
    """The product for a message: its shapes, type and epilogue."""
    a = f"({gemm.k}, {gemm.m}) transposed" if gemm.ta else f"({gemm.m}, {gemm.k})"
    b = f"({gemm.n}, {gemm.k}) transposed" if gemm.tb else f"({gemm.k}, {gemm.n})"
    also = [f"{gemm.batch} times"] * (gemm.batch > 1) + ["TF32"] * gemm.tf32
    also += ["beta"] * (gemm.beta != 0) + ["bias"] * (gemm.bias is not None) + ["ReLU"] * gemm.relu
    return ", ".join([f"{a} by {b} of {gemm.out.dtype}", *also])


def kind(gemm: Gemm) -> tuple[Any, ...]:
    """What an algorithm depends on."""
    arrays = gemm.out, gemm.a, gemm.b, gemm.bias
    return (
        *(gemm.out.dtype.char, gemm.m, gemm.n, gemm.k, gemm.ta, gemm.tb),
        *(gemm.lda, gemm.ldb, gemm.ldc, gemm.batch, gemm.steps),
        *(gemm.beta != 0, gemm.relu, gemm.tf32),
        *(None if x is None else _alignment(x) for x in arrays),
    )


def _word(gemm: Gemm) -> str:
    """A kind in a table."""
    return json.dumps(kind(gemm))


def _told(candidate: Candidate) -> str:
    """An algorithm in a table."""
    return bytes(candidate.algorithm).hex()


def _alignment(array: Array) -> int:
    return gcd(address(array), ALIGNMENT)


def _check(gemm: Gemm) -> None:
    arrays = [x for x in (gemm.out, gemm.a, gemm.b, gemm.bias) if x is not None]
    kinds = {str(x.dtype) for x in arrays}
    if len(kinds) > 1 or gemm.out.dtype.char not in TYPES:
        raise ValueError(f"gemm: expected float32 or float64 throughout, got {sorted(kinds)}")
    if min(gemm.m, gemm.n, gemm.k, gemm.batch) < 1:
        raise ValueError(f"gemm: expected sizes of at least 1, got {sentence(gemm)}")
    m, n, k = gemm.m, gemm.n, gemm.k
    for name, rows, columns, step in (
        ("a", *((k, m) if gemm.ta else (m, k)), gemm.lda),
        ("b", *((n, k) if gemm.tb else (k, n)), gemm.ldb),
        ("out", m, n, gemm.ldc),
    ):
        if rows > 1 and step < columns:
            raise ValueError(
                f"gemm: rows of {name} run into each other: {columns} numbers, the next row after "
                f"{step}"
            )
    step = gemm.steps[2]
    behind = step >= (m - 1) * gemm.ldc + n
    beside = step >= n and gemm.ldc >= (gemm.batch - 1) * step + n
    if gemm.batch > 1 and not behind and not beside:
        raise ValueError(f"gemm: matrices of out run into each other: from one to the next {step}")
