"""cuBLASLt by ctypes: its descriptors as objects, its numbers by name, each status looked at.

CuPy has no cuBLASLt, and refuses its cuBLAS while a stream is captured. Descriptors need no GPU.
(NVIDIA, cuBLAS documentation, "Using the cuBLASLt API".)
"""

from __future__ import annotations

import ctypes
import weakref
from ctypes import POINTER, byref, c_float, c_int, c_int32, c_int64, c_size_t, c_uint32, c_uint64
from ctypes import c_void_p as address
from enum import IntEnum
from functools import lru_cache
from typing import Any, ClassVar

from minigrad.compiler.targets.cuda.device.libraries import library
from minigrad.errors import DeviceError


class Type(IntEnum):
    """Of numbers (cudaDataType)."""

    FLOAT32 = 0
    FLOAT64 = 1


class Compute(IntEnum):
    """In what a product is computed (cublasComputeType_t)."""

    FLOAT32 = 68
    FLOAT64 = 70
    TF32 = 77


class Transpose(IntEnum):
    """Whether a factor is taken transposed (cublasOperation_t)."""

    NO = 0
    YES = 1


class Epilogue(IntEnum):
    """What is done to a product before it is written (cublasLtEpilogue_t)."""

    NONE = 1
    RELU = 2
    BIAS = 4
    RELU_BIAS = 6


class Status(IntEnum):
    """What a call may come back with (cublasStatus_t); the others are only shown by name."""

    SUCCESS = 0
    NOT_INITIALIZED = 1
    NOT_SUPPORTED = 15


class Attribute(IntEnum):
    """Of an operation (cublasLtMatmulDescAttributes_t)."""

    COMPUTE_TYPE = 0
    SCALE_TYPE = 1
    TRANSA = 3
    TRANSB = 4
    EPILOGUE = 7
    BIAS_POINTER = 8
    BIAS_BATCH_STRIDE = 10


class Side(IntEnum):
    """Of a matrix (cublasLtMatrixLayoutAttribute_t)."""

    TYPE = 0
    ROWS = 2
    COLS = 3
    LD = 4
    BATCH_COUNT = 5
    STRIDED_BATCH_OFFSET = 6


class Wish(IntEnum):
    """Of a preference (cublasLtMatmulPreferenceAttributes_t)."""

    MAX_WORKSPACE_BYTES = 1
    MIN_ALIGNMENT_A_BYTES = 5
    MIN_ALIGNMENT_B_BYTES = 6
    MIN_ALIGNMENT_C_BYTES = 7
    MIN_ALIGNMENT_D_BYTES = 8


class Algorithm(ctypes.Structure):
    """A way to compute a product (cublasLtMatmulAlgo_t)."""

    _fields_: ClassVar = [("data", c_uint64 * 8)]


class Candidate(ctypes.Structure):
    """An algorithm that was found for a product (cublasLtMatmulHeuristicResult_t)."""

    _fields_: ClassVar = [
        ("algorithm", Algorithm),
        ("workspace", c_size_t),
        ("state", c_int),
        ("waves", c_float),
        ("reserved", c_int * 4),
    ]


class Descriptor:
    """What is told to cuBLASLt: ``d[attribute] = number`` sets, ``d[attribute]`` reads back."""

    kind: ClassVar[str]
    types: ClassVar[dict[Any, Any]]

    def __init__(self, *facts: Any) -> None:
        self.handle = address()
        call(f"cublasLt{self.kind}Create", byref(self.handle), *facts)
        gone = weakref.finalize(self, call, f"cublasLt{self.kind}Destroy", self.handle)
        gone.atexit = False

    def __setitem__(self, attribute: IntEnum, number: int) -> None:
        held = self.types[attribute](number)
        function = f"cublasLt{self.kind}SetAttribute"
        call(function, self.handle, c_int(attribute), byref(held), c_size_t(ctypes.sizeof(held)))

    def __getitem__(self, attribute: IntEnum) -> int:
        held, written = self.types[attribute](), c_size_t()
        function, size = f"cublasLt{self.kind}GetAttribute", c_size_t(ctypes.sizeof(held))
        call(function, self.handle, c_int(attribute), byref(held), size, byref(written))
        return int(held.value or 0)


class Operation(Descriptor):
    """A product of matrices in columns: D = epilogue(alpha op(A) op(B) + beta C + bias)."""

    kind = "MatmulDesc"
    types: ClassVar = {
        Attribute.COMPUTE_TYPE: c_int32,
        Attribute.SCALE_TYPE: c_int32,
        Attribute.TRANSA: c_int32,
        Attribute.TRANSB: c_int32,
        Attribute.EPILOGUE: c_uint32,
        Attribute.BIAS_POINTER: address,
        Attribute.BIAS_BATCH_STRIDE: c_int64,
    }

    def __init__(self, compute: Compute, scale: Type) -> None:
        super().__init__(c_int(compute), c_int(scale))


class MatrixLayout(Descriptor):
    """A matrix in memory: its columns one after the other, from one to the next ``LD`` numbers."""

    kind = "MatrixLayout"
    types: ClassVar = {
        Side.TYPE: c_uint32,
        Side.ROWS: c_uint64,
        Side.COLS: c_uint64,
        Side.LD: c_int64,
        Side.BATCH_COUNT: c_int32,
        Side.STRIDED_BATCH_OFFSET: c_int64,
    }

    def __init__(self, kind: Type, rows: int, columns: int, ld: int) -> None:
        super().__init__(c_int(kind), c_uint64(rows), c_uint64(columns), c_int64(ld))


class Preference(Descriptor):
    """What an algorithm may count on."""

    kind = "MatmulPreference"
    types: ClassVar = {wish: c_uint32 for wish in Wish} | {Wish.MAX_WORKSPACE_BYTES: c_uint64}


class Handle:
    """cuBLASLt on the current GPU. Errors: DeviceError where there is none."""

    def __init__(self) -> None:
        self.handle = address()
        status = bound().cublasLtCreate(byref(self.handle))
        if status == Status.NOT_INITIALIZED:
            raise DeviceError("cublasLtCreate: there is no GPU or no driver here; stay on the CPU")
        check(status, "cublasLtCreate")
        gone = weakref.finalize(self, call, "cublasLtDestroy", self.handle)
        gone.atexit = False  # the driver may be gone before

    def candidates(
        self,
        operation: Operation,
        layouts: tuple[MatrixLayout, MatrixLayout, MatrixLayout, MatrixLayout],
        preference: Preference,
        most: int,
    ) -> tuple[int, list[Candidate]]:
        """Algorithms for a product, the best guess first, and why there are none: the status."""
        found, count = (Candidate * most)(), c_int()
        status = bound().cublasLtMatmulAlgoGetHeuristic(
            self.handle,
            operation.handle,
            *(layout.handle for layout in layouts),
            preference.handle,
            c_int(most),
            found,
            byref(count),
        )
        able = [each for each in found[: count.value] if each.state == Status.SUCCESS]
        return status or (Status.SUCCESS if able else Status.NOT_SUPPORTED), able


@lru_cache(maxsize=1)
def bound() -> Any:
    """The library with its types told. Errors: DeviceError where it is not installed."""
    lt = library("cublasLt")
    lt.cublasLtGetVersion.restype = c_size_t
    lt.cublasLtGetStatusName.restype = ctypes.c_char_p
    lt.cublasLtMatmul.argtypes = [
        address,  # handle
        address,  # operation
        *(address, address, address),  # alpha, A and its layout
        *(address, address),  # B
        *(address, address, address),  # beta, C
        *(address, address),  # D
        POINTER(Algorithm),
        *(address, c_size_t),  # workspace
        address,  # stream
    ]
    return lt


def version() -> tuple[int, int, int]:
    """Of cuBLASLt. Errors: DeviceError where it is not installed."""
    number = int(bound().cublasLtGetVersion())
    return number // 10000, number // 100 % 100, number % 100


def call(function: str, *facts: Any) -> None:
    """Call a function by its name. Errors: RuntimeError with its name and the status'."""
    check(bound()[function](*facts), function)


def check(status: int, function: str, about: str = "") -> None:
    """Go on where the status is success. Errors: RuntimeError as `failed` makes it."""
    if status != Status.SUCCESS:
        raise failed(status, function, about)


def failed(status: int, function: str, about: str = "") -> RuntimeError:
    """The error that says which call did not work, by the status' name, and for what."""
    name = bound().cublasLtGetStatusName(status).decode()
    return RuntimeError(f"{function}: {name} ({status}){' for ' + about if about else ''}")
