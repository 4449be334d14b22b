"""New tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.device import CPU, Device, device_of, place
from minigrad.device import device as as_device
from minigrad.methods.shape import listed
from minigrad.random import Generator, default_generator
from minigrad.tensor import Tensor, wrap


def _made(array: Any, device: Any, requires_grad: bool) -> Tensor:
    """A tensor around an array made on the CPU, moved where it belongs."""
    if device is not None and (goal := as_device(device)) != CPU:
        array = place(array, goal)
    result = wrap(array)
    return result.requires_grad_() if requires_grad else result


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor with a copy of the data: a number, nested lists, an array or a tensor.

    Python floats give float32, integers int64; arrays keep their type.
    Errors: ValueError for ragged lists, TypeError for what is no number.
    """
    array = _as_array("tensor", data, dtype)
    device = data.device if device is None and isinstance(data, Tensor) else device
    if isinstance(array, np.ndarray):
        return _made(np.array(array, order="C"), device, requires_grad)
    result = wrap(array.copy() if device is None else place(array, as_device(device)))
    return result.requires_grad_() if requires_grad else result


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The data as a tensor, without a copy where that is possible; a tensor stays on the tape."""
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return _made(_as_array("as_tensor", data, dtype), device, False)


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares its memory with a NumPy array. Errors: TypeError for anything else."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected np.ndarray (got {type(array).__name__})")
    dtypes.as_dtype(array.dtype)
    return wrap(np.asarray(array))


def _as_array(caller: str, data: Any, dtype: Any) -> Any:
    kind = None if dtype is None else dtypes.as_dtype(dtype)
    if isinstance(data, Tensor):
        array = data.array
    elif isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
    elif hasattr(data, "__cuda_array_interface__"):
        array = data
    else:
        try:
            array = np.array(_plain(data))
        except ValueError as error:
            raise ValueError(f"{caller}: expected sequences of equal length: {error}") from error
        if kind is None and array.dtype.kind == "f" and not _holds_numpy(data):
            kind = dtypes.DEFAULT
        elif array.size == 0 and kind is None:
            kind = dtypes.DEFAULT
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{caller}: expected numbers, got {type(data).__name__} of {array.dtype}")
    return array.astype(kind) if kind is not None and kind != array.dtype else array


def _plain(data: Any) -> Any:
    """Lists with the tensors in them as arrays."""
    if isinstance(data, Tensor):
        return data.detach().cpu().array
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    return data


def _holds_numpy(data: Any) -> bool:
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.generic, Tensor)) and data.dtype != np.float32


def empty(
    *size: int | Sequence[int],
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of that shape with whatever numbers were in memory."""
    kind = dtypes.DEFAULT if dtype is None else dtypes.as_dtype(dtype)
    return _made(np.empty(_shape("empty", size), kind), device, requires_grad)


def zeros(
    *size: int | Sequence[int],
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of zeros."""
    kind = dtypes.DEFAULT if dtype is None else dtypes.as_dtype(dtype)
    return _made(np.zeros(_shape("zeros", size), kind), device, requires_grad)


def ones(
    *size: int | Sequence[int],
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of ones."""
    kind = dtypes.DEFAULT if dtype is None else dtypes.as_dtype(dtype)
    return _made(np.ones(_shape("ones", size), kind), device, requires_grad)


def rand(
    *size: int | Sequence[int],
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform random numbers in [0, 1)."""
    kind = dtypes.DEFAULT if dtype is None else dtypes.as_dtype(dtype)
    stream = (generator or default_generator).numpy
    return _made(stream.random(_shape("rand", size)).astype(kind), device, requires_grad)


def randn(
    *size: int | Sequence[int],
    generator: Generator | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal random numbers, mean 0 and variance 1."""
    kind = dtypes.DEFAULT if dtype is None else dtypes.as_dtype(dtype)
    stream = (generator or default_generator).numpy
    return _made(stream.standard_normal(_shape("randn", size)).astype(kind), device, requires_grad)


def _shape(caller: str, size: tuple[int | Sequence[int], ...]) -> tuple[int, ...]:
    shape = listed(size)
    if any(n < 0 for n in shape):
        raise RuntimeError(f"{caller}: Trying to create tensor with negative dimension: {shape}")
    return shape


def zeros_like(input: Tensor, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Zeros in the shape, type and place of another tensor."""
    return zeros(input.shape, dtype=dtype or input.dtype, device=_where(input, device))


def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None) -> Tensor:
    """Ones in the shape, type and place of another tensor."""
    return ones(input.shape, dtype=dtype or input.dtype, device=_where(input, device))


def _where(input: Tensor, device: Any) -> Device:
    return device_of(input.array) if device is None else as_device(device)
