"""Views of CuPy's real arrays, which need no GPU: where they look, and that minigrad knows it."""

from __future__ import annotations

from typing import Any

import numpy as np
import opdb
import pytest
from standin import cupy, made_up

from minigrad.device import address, device_of
from minigrad.marking import owner
from minigrad.op import Op
from minigrad.ops.window import overlaps
from minigrad.recording import Recorder, followed
from minigrad.tensor import Tensor
from minigrad.writing import writeable


def looked_into() -> list[Any]:
    """Every view that the op database makes: the op, its operand, its params, and the result."""
    seen: dict[Any, Any] = {}

    class Listener(Recorder):
        def op(self, op: Op, operands: Any, params: Any, y: Tensor, into: Any) -> None:
            if op.view and into is None and y.base is not None and y.numel():
                x = operands[0].array
                key = (op.name, x.shape, x.strides, str(params))
                seen[key] = (op, x, params, y.array)

    with followed(Listener()):
        for row in opdb.rows():
            for sample in row.samples(opdb.Draw(len(row.name))):
                given = [tensors(x) for x in sample.args]
                row.call(*given, **{name: tensors(x) for name, x in sample.params.items()})
    return list(seen.values())


def tensors(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(tensors(item) for item in x)
    return Op.wrap(np.array(x)) if isinstance(x, np.ndarray) else x


def test_views_look_where_numpys_look() -> None:
    ops = set()
    for op, x, params, expected in looked_into():
        ops.add(op.name)
        real = made_up(x)
        view = op.forward(cupy, real, **params)
        what = f"{op.name} of {x.shape}, {params}"
        assert (view.shape, view.dtype) == (expected.shape, expected.dtype), what
        for n, step, other in zip(view.shape, view.strides, expected.strides, strict=True):
            assert n == 1 or step == other, what
        assert address(view) - address(real) == address(expected) - address(x), what
        assert owner(view) is owner(real), what
    assert {"slice", "permute", "reshape", "expand", "diagonal", "windows", "as_strided"} <= ops


def test_memory_that_elements_share_is_known() -> None:
    x = made_up(np.zeros((3, 4)))
    assert writeable(x) and writeable(x.T) and writeable(x[:, ::2]) and writeable(x[0:0])
    assert not writeable(cupy.broadcast_to(x, (2, 3, 4)))
    windows = cupy.lib.stride_tricks.as_strided(x, (3, 3, 2), (32, 8, 8))
    assert not writeable(windows) and overlaps(windows.shape, windows.strides)
    assert windows.base is None and owner(windows) is owner(x) is not owner(made_up(np.zeros(3)))


def test_the_device_is_told_by_the_array() -> None:
    assert str(device_of(made_up(np.zeros(3)))) == "cuda:0"


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "uint8"])
@pytest.mark.parametrize("number", [2.5, 2, True])
def test_types_are_numpys(dtype: str, number: Any) -> None:
    """The real ufunc, asked which types it would compute in."""
    from standin import resolved

    for name in ("add", "multiply", "divide", "maximum", "power", "less", "floor_divide"):
        if (dtype == "bool" and number is True) and name not in ("add", "maximum", "less"):
            continue
        with np.errstate(all="ignore"):
            expected = getattr(np, name)(np.ones(2, dtype), number).dtype
        assert resolved(name, (np.dtype(dtype), type(number)))[1][0] == expected, name
