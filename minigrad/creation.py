"""New tensors, of data and of constants. Random ones are in `minigrad.sampling`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad import dtypes
from minigrad.arguments import number
from minigrad.arrays import as_array, at_whole_steps, spelled
from minigrad.device import CPU, Array, device_of, place
from minigrad.device import device as as_device
from minigrad.dtypes import Number
from minigrad.marking import owner
from minigrad.methods.spelling import lengths
from minigrad.recording import blank
from minigrad.tensor import Tensor, fresh

__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "as_tensor",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "scalar_tensor",
    "tensor",
    "zeros",
    "zeros_like",
]

Size: TypeAlias = int | Sequence[int]
_HOST, _CUDA = 1, 2  # DLPack's numbers


def made(array: Array, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor around an array, which is moved where it belongs."""
    if device is not None and (goal := as_device(device)) != device_of(array):
        array = place(array, goal)
    result = fresh(array)
    return result.requires_grad_() if requires_grad else result


# -- of data ---------------------------------------------------------------------------------------


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A tensor with a copy of the data: a number, nested lists, an array or a tensor, also
    PyTorch's.

    Python floats give float32, integers int64; arrays keep their type.
    Errors: ValueError for ragged lists, TypeError and RuntimeError for what is no number.

    Args:
        data: what the numbers are taken from.
        dtype: the type of the numbers; None goes by the data.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    if isinstance(data, Tensor):
        result = data.detach().clone().to(dtype=dtype, device=device)
        return result.requires_grad_() if requires_grad else result
    array = as_array("tensor", data, dtype, detach=True)
    return made(device_of(array).call("array", array, order="C"), device, requires_grad)


class TensorType:
    """A type by its old name: ``FloatTensor(2, 3)`` and ``FloatTensor([[1, 2]])`` make a tensor of
    it, ``x.type(FloatTensor)`` casts to it, ``isinstance(x, FloatTensor)`` asks for it.

    Args:
        data: lengths, one by one, or nested lists.
    """

    def __init__(self, name: str, dtype: dtypes.DType) -> None:
        self.name, self.dtype = name, dtype

    def __call__(self, *data: Any) -> Tensor:
        return fresh(spelled(self.name, data, self.dtype))

    def __instancecheck__(self, obj: Any) -> bool:
        return isinstance(obj, Tensor) and obj.dtype == self.dtype and not obj.is_cuda

    def __repr__(self) -> str:
        return self.name


FloatTensor = TensorType("FloatTensor", dtypes.float32)
DoubleTensor = TensorType("DoubleTensor", dtypes.float64)
HalfTensor = TensorType("HalfTensor", dtypes.float16)
LongTensor = TensorType("LongTensor", dtypes.int64)
IntTensor = TensorType("IntTensor", dtypes.int32)
ShortTensor = TensorType("ShortTensor", dtypes.int16)
CharTensor = TensorType("CharTensor", dtypes.int8)
ByteTensor = TensorType("ByteTensor", dtypes.uint8)
BoolTensor = TensorType("BoolTensor", dtypes.bool_)


def scalar_tensor(
    value: Number, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A single number as a tensor of the default type.

    Args:
        value: the number.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    filling = dtypes.fitting(
        "scalar_tensor", number("scalar_tensor", "value", value), kind_of(dtype)
    )
    array = np.asarray(filling, kind_of(dtype))
    return made(array, device, requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The data as a tensor, without a copy where that is possible; a tensor stays on the tape.

    Args:
        data: a tensor, an array, lists or a number.
        dtype: the type of the numbers; another one than the data's makes a copy.
        device: where they stand; None leaves them where they are.
    """
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    return made(as_array("as_tensor", data, dtype), device)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The object as a tensor: copied if it must be, always with ``copy=True``.

    Args:
        obj: a tensor, an array, lists or a number.
        dtype: the type of the numbers; None goes by the object.
        device: where they stand.
        requires_grad: whether it is a leaf that collects a gradient.

    Errors: ValueError with ``copy=False`` where the memory cannot be shared.
    """
    if isinstance(obj, Tensor):
        result = obj.to(dtype=dtype, device=device)
        if not requires_grad and result.requires_grad:
            result = result.detach()
    else:
        result = made(as_array("asarray", obj, dtype), device)
    given = obj.array if isinstance(obj, Tensor) else obj
    shared = type(given) is type(result.array) and owner(given) is owner(result.array)
    if copy is False and not shared and result.numel():
        raise ValueError("asarray: can't alias arbitrary obj, types or devices without a copy")
    if copy and shared:
        result = result.clone()
    return result.requires_grad_() if requires_grad else result


def from_numpy(array: Any) -> Tensor:
    """A tensor that shares its memory with a NumPy array. Errors: TypeError for anything else,
    ValueError for a field of records.

    Args:
        array: the array; what is written into one is seen in the other.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected np.ndarray (got {type(array).__name__})")
    dtypes.as_dtype(array.dtype)
    return fresh(at_whole_steps("from_numpy", np.asarray(array)))


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares its memory with an array of another library, through its
    ``__dlpack__``. Errors: TypeError for what has none and for types that no tensor can have,
    BufferError for one that requires a gradient and for memory that is neither the CPU's nor
    CUDA's.

    Args:
        ext_tensor: the other library's array.
    """
    if not hasattr(ext_tensor, "__dlpack_device__"):
        raise TypeError(
            "from_dlpack: expected an array or a tensor with __dlpack__ and __dlpack_device__, got "
            f"{type(ext_tensor).__name__}; of a capsule, pass what it was made of"
        )
    kind, index = ext_tensor.__dlpack_device__()
    if kind == _HOST:
        return from_numpy(np.from_dlpack(ext_tensor))
    if kind != _CUDA:
        raise BufferError(f"from_dlpack: expected memory of the CPU or CUDA, got DLPack's {kind}")
    return fresh(as_device("cuda", index).call("from_dlpack", ext_tensor))


# -- of constants ----------------------------------------------------------------------------------


def empty(
    *sizes: Size,
    size: Sequence[int] | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of that shape with whatever numbers were in memory.

    Args:
        sizes: the lengths, ``(2, 3)`` or one by one.
        size: the lengths, by that name.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    return _constant(blank(), lengths(sizes, size), dtype, device, requires_grad)


def zeros(
    *sizes: Size,
    size: Sequence[int] | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of zeros.

    Args:
        sizes: the lengths, ``(2, 3)`` or one by one.
        size: the lengths, by that name.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    return _constant("zeros", lengths(sizes, size), dtype, device, requires_grad)


def ones(
    *sizes: Size,
    size: Sequence[int] | None = None,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of ones.

    Args:
        sizes: the lengths, ``(2, 3)`` or one by one.
        size: the lengths, by that name.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    return _constant("ones", lengths(sizes, size), dtype, device, requires_grad)


def _constant(
    name: str, shape: tuple[int, ...], dtype: Any, device: Any, requires_grad: bool
) -> Tensor:
    """One number everywhere, made where it belongs."""
    goal = CPU if device is None else as_device(device)
    result = fresh(goal.call(name, shape, kind_of(dtype)))
    return result.requires_grad_() if requires_grad else result


def full(
    size: Size,
    fill_value: Number | Tensor,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor filled with one number, whose type it takes.

    Args:
        size: the lengths, a tuple or one number.
        fill_value: the number.
        dtype: the type of the numbers; None goes by ``fill_value``.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    value: Any = fill_value
    if isinstance(size, int):
        raise TypeError("full: the size must be a tuple of ints, got an int")
    if not isinstance(value, (bool, int, float, np.generic)) and not (
        isinstance(value, Tensor) and not value.ndim
    ):
        raise TypeError(f"full: argument fill_value must be a number, got {value!r:.60}")
    if isinstance(value, (Tensor, np.generic)):  # of whose type only the kind of number counts
        number("full", "fill_value", value)
        value = value.item()
    kind = dtypes.dtype_of_number(value) if dtype is None else dtypes.as_dtype(dtype)
    array = np.full(lengths((size,)), dtypes.fitting("full", value, kind), kind)
    return made(array, device, requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Ones on the diagonal, zeros elsewhere: n × m, square without m.

    Args:
        n: rows.
        m: columns; None is n.
        dtype: the type of the numbers; None is the default floating type, float32.
        device: where they stand; None is the CPU.
        requires_grad: whether it is a leaf that collects a gradient.
    """
    for name, length in (("n", n), ("m", m)):
        if length is not None and length < 0:
            raise RuntimeError(f"eye: {name} must be greater or equal to 0, got {length}")
    return made(np.eye(n, m, dtype=kind_of(dtype)), device, requires_grad)


def kind_of(dtype: Any, default: dtypes.DType = dtypes.DEFAULT) -> dtypes.DType:
    """The type that was asked for."""
    return default if dtype is None else dtypes.as_dtype(dtype)


# -- like another tensor ---------------------------------------------------------------------------


def empty_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """`empty` in the shape, type and place of another tensor.

    Args:
        input: the tensor whose shape is taken.
        dtype: the type of the numbers; None is the input's.
        device: where they stand; None is the input's place.
        requires_grad: whether the result is a leaf that collects a gradient.
    """
    where = like("empty_like", input, dtype, device)
    return empty(input.shape, **where, requires_grad=requires_grad)


def zeros_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Zeros in the shape, type and place of another tensor.

    Args:
        input: the tensor whose shape is taken.
        dtype: the type of the numbers; None is the input's.
        device: where they stand; None is the input's place.
        requires_grad: whether the result is a leaf that collects a gradient.
    """
    where = like("zeros_like", input, dtype, device)
    return zeros(input.shape, **where, requires_grad=requires_grad)


def ones_like(
    input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones in the shape, type and place of another tensor.

    Args:
        input: the tensor whose shape is taken.
        dtype: the type of the numbers; None is the input's.
        device: where they stand; None is the input's place.
        requires_grad: whether the result is a leaf that collects a gradient.
    """
    where = like("ones_like", input, dtype, device)
    return ones(input.shape, **where, requires_grad=requires_grad)


def full_like(
    input: Tensor,
    fill_value: Number,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """One number in the shape, type and place of another tensor.

    Args:
        fill_value: the number.
        input: the tensor whose shape is taken.
        dtype: the type of the numbers; None is the input's.
        device: where they stand; None is the input's place.
        requires_grad: whether the result is a leaf that collects a gradient.
    """
    where = like("full_like", input, dtype, device)
    return full(input.shape, fill_value, **where, requires_grad=requires_grad)


def like(caller: str, input: Tensor, dtype: Any, device: Any) -> dict[str, Any]:
    """The type and place to use: another tensor's, unless they are given. Errors: TypeError."""
    if not isinstance(input, Tensor):
        raise TypeError(f"{caller}: argument 'input' must be Tensor, not {type(input).__name__}")
    return {"dtype": dtype or input.dtype, "device": device or input.device}
