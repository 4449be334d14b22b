"""cuBLASLt without a GPU: descriptors hold what was set, and every refusal names itself."""

from __future__ import annotations

import ctypes
import gc
import os
import re
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.compiler.targets.cuda.device import blaslt
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
    Status,
    Transpose,
    Type,
    Wish,
)
from minigrad.compiler.targets.cuda.device.libraries import library
from minigrad.errors import DeviceError


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        library("cublasLt")
    except DeviceError:
        if os.environ.get("MINIGRAD_REQUIRE_SHIM"):
            pytest.fail("cuBLASLt is not installed")
        pytest.skip("cuBLASLt is not installed")


def in_headers(name: str) -> int:
    """What NVIDIA's headers, which come with the library, say of a name."""
    text = "".join(path.read_text(errors="replace") for path in HEADERS)
    line = re.search(rf"^\s*{name}\s*=\s*([^/,\n]+)", text, re.MULTILINE)
    assert line is not None, f"no {name} in the headers"
    others = set(re.findall(r"[A-Z_]{5,}\w*", line[1]))
    return int(eval(line[1], {other: in_headers(other) for other in others}))


HEADERS = [
    path
    for name in ("cublasLt", "cublas_api", "library_types")
    for path in sorted(Path(np.__file__).parent.parent.glob(f"nvidia/*/include/{name}.h"))
]
NAMES = {
    "FLOAT32": {Type: "CUDA_R_32F", Compute: "CUBLAS_COMPUTE_32F"},
    "FLOAT64": {Type: "CUDA_R_64F", Compute: "CUBLAS_COMPUTE_64F"},
    "TF32": {Compute: "CUBLAS_COMPUTE_32F_FAST_TF32"},
    "NO": {Transpose: "CUBLAS_OP_N"},
    "YES": {Transpose: "CUBLAS_OP_T"},
    "NONE": {Epilogue: "CUBLASLT_EPILOGUE_DEFAULT"},
}
PREFIXES: dict[type[IntEnum], str] = {
    Epilogue: "CUBLASLT_EPILOGUE_",
    Status: "CUBLAS_STATUS_",
    Attribute: "CUBLASLT_MATMUL_DESC_",
    Side: "CUBLASLT_MATRIX_LAYOUT_",
    Wish: "CUBLASLT_MATMUL_PREF_",
}


@pytest.mark.skipif(len(HEADERS) < 3, reason="NVIDIA's headers are not installed")
def test_numbers_are_those_of_the_headers() -> None:
    for kind in (Type, Compute, Transpose, *PREFIXES):
        for each in kind:
            name = NAMES.get(each.name, {}).get(kind) or PREFIXES[kind] + each.name
            assert in_headers(name) == each, name


def test_structures_are_as_long_as_in_the_headers() -> None:
    assert ctypes.sizeof(Algorithm) == 64
    offsets = [getattr(Candidate, name).offset for name, _ in Candidate._fields_]
    assert (offsets, ctypes.sizeof(Candidate)) == ([0, 64, 72, 76, 80], 96)


@pytest.mark.parametrize("compute", Compute)
def test_an_operation_holds_what_it_was_made_with(compute: Compute) -> None:
    operation = Operation(compute, Type.FLOAT32)
    assert operation[Attribute.COMPUTE_TYPE] == compute
    assert operation[Attribute.SCALE_TYPE] == Type.FLOAT32
    assert operation[Attribute.EPILOGUE] == Epilogue.NONE
    assert operation[Attribute.TRANSA] == operation[Attribute.TRANSB] == Transpose.NO
    assert operation[Attribute.BIAS_POINTER] == operation[Attribute.BIAS_BATCH_STRIDE] == 0


@pytest.mark.parametrize("epilogue", Epilogue)
def test_an_operation_holds_what_was_set(epilogue: Epilogue) -> None:
    operation = Operation(Compute.TF32, Type.FLOAT32)
    told = {
        Attribute.TRANSA: Transpose.YES,
        Attribute.TRANSB: Transpose.NO,
        Attribute.EPILOGUE: epilogue,
        Attribute.BIAS_POINTER: 0x7F12_3456_7800,
        Attribute.BIAS_BATCH_STRIDE: 12,
    }
    for attribute, number in told.items():
        operation[attribute] = number
    assert {attribute: operation[attribute] for attribute in told} == told


def test_a_layout_holds_what_was_set() -> None:
    layout = MatrixLayout(Type.FLOAT64, 3, 4, 1 << 33)
    layout[Side.BATCH_COUNT] = 7
    layout[Side.STRIDED_BATCH_OFFSET] = 1 << 34
    assert [layout[side] for side in Side] == [1, 3, 4, 1 << 33, 7, 1 << 34]


def test_a_preference_holds_what_was_set() -> None:
    preference = Preference()
    for wish in Wish:
        preference[wish] = 64 + wish
    assert [preference[wish] for wish in Wish] == [64 + wish for wish in Wish]


def test_what_the_library_refuses_is_told_by_its_name() -> None:
    class Wrong(Operation):
        types = {Attribute.EPILOGUE: ctypes.c_uint64}  # noqa: RUF012

    wrong = Wrong(Compute.FLOAT32, Type.FLOAT32)
    said = r"cublasLtMatmulDescSetAttribute: CUBLAS_STATUS_INVALID_VALUE \(7\)"
    with pytest.raises(RuntimeError, match=said):
        wrong[Attribute.EPILOGUE] = Epilogue.RELU
    with pytest.raises(RuntimeError, match=r"CUBLAS_STATUS_NOT_SUPPORTED \(15\) for a product"):
        blaslt.check(15, "cublasLtMatmul", "a product")
    blaslt.check(0, "cublasLtMatmul")


def test_without_a_gpu_there_is_no_handle() -> None:
    try:
        Handle()
    except DeviceError as error:
        assert "cublasLtCreate: there is no GPU or no driver here" in str(error)
    else:
        assert library("cublasLt").cublasLtGetCudartVersion() > 0  # a machine with a GPU


@pytest.mark.parametrize(
    "status, states, expected",
    [
        (0, [0, 15, 0], (0, [0, 2])),  # the second was not able after all
        (0, [15], (15, [])),
        (0, [], (15, [])),
        (15, [], (15, [])),
        (7, [], (7, [])),
    ],
)
def test_algorithms_come_with_a_status(
    monkeypatch: pytest.MonkeyPatch, status: int, states: list[int], expected: object
) -> None:
    library = blaslt.bound()

    def heuristic(*facts: Any) -> int:
        asked, found, count = facts[7:]
        assert asked.value == 8
        for i, state in enumerate(states):
            found[i].algorithm.data[0], found[i].state = i, state
        count._obj.value = len(states)
        return status

    class Answers:
        cublasLtCreate = staticmethod(lambda handle: 0)
        cublasLtMatmulAlgoGetHeuristic = staticmethod(heuristic)

        def __getitem__(self, name: str) -> Any:
            return library[name]  # descriptors of other tests may be given back meanwhile

    operation, layout = Operation(Compute.TF32, Type.FLOAT32), MatrixLayout(Type.FLOAT32, 1, 1, 1)
    wishes = Preference()
    with monkeypatch.context() as patch:
        patch.setattr(blaslt, "bound", Answers)
        patch.setattr(blaslt, "call", lambda function, *facts: None)
        got, found = Handle().candidates(operation, (layout,) * 4, wishes, 8)
        gc.collect()
    assert (got, [each.algorithm.data[0] for each in found]) == expected


def test_the_version_is_that_of_the_file() -> None:
    major, minor, patch = blaslt.version()
    assert major in (12, 13) and 0 <= minor < 100 and 0 <= patch < 100


def test_a_descriptor_is_given_back_when_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    call = blaslt.call
    monkeypatch.setattr(
        blaslt, "call", lambda function, *facts: (called.append(function), call(function, *facts))
    )
    operation, layout = (
        Operation(Compute.FLOAT32, Type.FLOAT32),
        MatrixLayout(Type.FLOAT32, 1, 1, 1),
    )
    del operation, layout
    gc.collect()
    assert called[:2] == ["cublasLtMatmulDescCreate", "cublasLtMatrixLayoutCreate"]
    assert sorted(called[2:]) == ["cublasLtMatmulDescDestroy", "cublasLtMatrixLayoutDestroy"]
