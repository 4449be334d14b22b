"""A tensor as another type, on another device, or outside minigrad.

The methods are named after types, so no annotation in this class may use ``int``, ``float`` or
``bool``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from minigrad import dtypes
from minigrad.device import CPU, Device, device, place
from minigrad.methods.core import Core
from minigrad.op import Op
from minigrad.ops.shape import cast, clone, transfer
from minigrad.printing import shown
from minigrad.recording import reads, switch

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

Bool: TypeAlias = bool
Int: TypeAlias = int
Float: TypeAlias = float


class Conversion:
    """Types, devices, NumPy and Python."""

    # -- the way out to NumPy and Python --------------------------------------------------------

    def numpy(self: Tensor, *, force: Bool = False) -> np.ndarray[Any, Any]:
        """The numbers as a NumPy array that shares memory with this tensor.

        ``force=True`` detaches and copies from a GPU first.
        Errors: RuntimeError when it requires a gradient, unless nothing is recorded (inside a
        `Function`, under `no_grad`), TypeError when it is on a GPU.
        """
        reads("numpy()")
        if force:
            return place(self.array, CPU)  # type: ignore[no-any-return]
        if self.tracked and switch.recording:
            raise RuntimeError(
                "numpy: Can't call numpy() on Tensor that requires grad. "
                "Use tensor.detach().numpy() instead."
            )
        if not isinstance(self.array, np.ndarray):
            raise TypeError(
                f"numpy: can't convert a {self.device} tensor to numpy; "
                "use tensor.cpu() to copy it to host memory first"
            )
        return self.array

    def __array__(
        self: Tensor, dtype: Any = None, copy: Bool | None = None
    ) -> np.ndarray[Any, Any]:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __array_wrap__(
        self: Tensor, array: np.ndarray[Any, Any], context: Any = None, return_scalar: Bool = False
    ) -> Tensor:
        """What NumPy has computed of a tensor is a tensor: ``np.exp(x)``."""
        return Op.fresh(np.asarray(array))

    def __dlpack__(self: Tensor, **wishes: Any) -> Any:
        """The memory for another library, without a copy: ``torch.from_dlpack(tensor)``.

        Errors: BufferError when it requires a gradient.
        """
        if self.requires_grad:
            raise BufferError(
                "dlpack: Can't export tensors that require gradient, use tensor.detach()"
            )
        reads("__dlpack__()")
        return self.array.__dlpack__(**wishes)

    def __dlpack_device__(self: Tensor) -> tuple[Int, Int]:
        """DLPack's numbers for the kind of device and for which."""
        kind, index = self.array.__dlpack_device__()
        return kind, index

    @property
    def __cuda_array_interface__(self: Tensor) -> dict[str, Any]:
        """The memory on a GPU for another library, without a copy: ``cupy.asarray(tensor)``.

        Errors: AttributeError on the CPU, RuntimeError when it requires a gradient.
        """
        if not self.is_cuda:
            raise AttributeError(f"__cuda_array_interface__: the tensor is on {self.device}")
        if self.requires_grad:
            raise RuntimeError(
                "__cuda_array_interface__: can't get it on a Tensor that requires grad; use "
                "tensor.detach()"
            )
        reads("__cuda_array_interface__")
        return self.array.__cuda_array_interface__  # type: ignore[no-any-return]

    # NumPy leaves `array * tensor` to the tensor.
    __array_priority__ = 1000

    def item(self: Tensor) -> Any:
        """The only number, as a Python number. Errors: RuntimeError when there is not just one."""
        if self.array.size != 1:
            raise RuntimeError(
                f"item: a Tensor with {self.array.size} elements cannot be converted to Scalar"
            )
        reads("item()")
        return self.array.item()

    def tolist(self: Tensor) -> Any:
        """The numbers as nested lists."""
        reads("tolist()")
        return self.array.tolist()

    def __bool__(self: Tensor) -> Bool:
        return self.is_nonzero()

    def __float__(self: Tensor) -> Float:
        return Float(self._number())

    def __int__(self: Tensor) -> Int:
        return Int(self._number())

    def __complex__(self: Tensor) -> complex:
        return complex(self._number())

    def _number(self: Tensor) -> Any:
        """The only number. Errors: ValueError when there is not just one."""
        if self.array.size != 1:
            raise ValueError(
                "only one element tensors can be converted to Python scalars; this one has "
                f"{self.array.size}"
            )
        return self.item()

    def __index__(self: Tensor) -> Int:
        if self.dtype.kind not in "iub" or self.array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return Int(self.item())

    def __repr__(self: Tensor) -> str:
        reads("repr()")
        return shown(self)

    def __format__(self: Tensor, spec: str) -> str:
        return object.__format__(self, spec) if self.ndim else format(self.item(), spec)

    def __iter__(self: Tensor) -> Iterator[Tensor]:
        if not self.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i].one_of_several() for i in range(len(self)))

    # -- type and device ------------------------------------------------------------------------

    def to(
        self: Tensor,
        *targets: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: Bool = False,
        copy: Bool = False,
    ) -> Tensor:
        """This tensor in another type, on another device, or both: ``to("cuda:0")``,
        ``to(float64)``, ``to(other)``. Itself when nothing changes, unless ``copy``. What
        ``non_blocking`` allows, to go on before the numbers have arrived, is not made use of.

        Args:
            targets: a type, a device, or a tensor whose type and device are taken.
            dtype, device: the same by name.
        """
        dtype, device = type_and_place(targets, dtype, device)
        result: Any = self
        if device is not None and (goal := _device(device)) != self.device:
            result = transfer(result, device=goal, source=self.device)
        if dtype is not None and (kind := dtypes.as_dtype(dtype)) != self.dtype:
            result = cast(result, dtype=kind)
        return clone(result) if copy and result is self else result

    def type(self: Tensor, dtype: Any = None) -> Any:
        """The name of the type, or this tensor in another type.

        Args:
            dtype: the type; None asks for the name.
        """
        return str(self.dtype) if dtype is None else self.to(dtype=dtype)

    def type_as(self: Tensor, other: Tensor) -> Tensor:
        """This tensor in the type of another.

        Args:
            other: the tensor whose type is taken.
        """
        return self.to(dtype=other.dtype)

    def cpu(self: Tensor) -> Tensor:
        """This tensor in host memory."""
        return self.to(device="cpu")

    def cuda(self: Tensor, device: Any = "cuda", non_blocking: Bool = False) -> Tensor:
        """This tensor on a GPU.

        Args:
            device: which one; by default the present one.
            non_blocking: accepted, and changes nothing.
        """
        return self.to(device="cuda" if device is None else device)

    def double(self: Tensor) -> Tensor:
        """This tensor in float64."""
        return self.to(dtype=dtypes.float64)

    def float(self: Tensor) -> Tensor:
        """This tensor in float32."""
        return self.to(dtype=dtypes.float32)

    def half(self: Tensor) -> Tensor:
        """This tensor in float16."""
        return self.to(dtype=dtypes.float16)

    def long(self: Tensor) -> Tensor:
        """This tensor in int64."""
        return self.to(dtype=dtypes.int64)

    def int(self: Tensor) -> Tensor:
        """This tensor in int32."""
        return self.to(dtype=dtypes.int32)

    def short(self: Tensor) -> Tensor:
        """This tensor in int16."""
        return self.to(dtype=dtypes.int16)

    def char(self: Tensor) -> Tensor:
        """This tensor in int8."""
        return self.to(dtype=dtypes.int8)

    def byte(self: Tensor) -> Tensor:
        """This tensor in uint8."""
        return self.to(dtype=dtypes.uint8)

    def bool(self: Tensor) -> Tensor:
        """This tensor as truth values: whether each number differs from 0."""
        return self.to(dtype=dtypes.bool_)


def type_and_place(targets: tuple[Any, ...], dtype: Any, device: Any) -> tuple[Any, Any]:
    """The dtype and the device that the arguments of ``to`` name, None for what they leave."""
    for target in targets:
        if isinstance(target, Core):
            dtype, device = target.dtype, target.device
        elif isinstance(target, Device) or _names_device(target):
            device = target
        elif not isinstance(target, Bool):  # PyTorch's positional non_blocking
            dtype = target
    return dtype, device


def _device(spec: Any) -> Device:
    return device(spec)  # under a name that the parameter `device` does not hide


_KINDS = "float", "bfloat", "int", "uint", "bool", "complex", "double", "half", "long", "short"


def _names_device(target: Any) -> Bool:
    """A whole number, or a word that is no type's."""
    if not isinstance(target, str):
        return isinstance(target, Int) and not isinstance(target, Bool)
    return not target.removeprefix("torch.").startswith(_KINDS)
