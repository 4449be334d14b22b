"""What there is to know about a tensor besides its shape, its type and its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.methods.core import Core
from minigrad.recording import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Facts:
    """dim, stride and their like."""

    def dim(self: Tensor) -> int:
        """How many dimensions there are."""
        return self.ndim

    ndimension = dim

    def size(self: Tensor, dim: int | None = None) -> Any:
        """The shape, or the length of one dimension.

        Args:
            dim: the dimension; None gives all lengths.
        """
        return self.shape if dim is None else self.array.shape[self._dim(dim)]

    def numel(self: Tensor) -> int:
        """How many numbers there are."""
        return int(self.array.size)

    nelement = numel

    def element_size(self: Tensor) -> int:
        """Bytes a number takes."""
        return self.dtype.itemsize

    itemsize = property(element_size)

    @property
    def nbytes(self: Tensor) -> int:
        """Bytes that all numbers take."""
        return int(self.array.nbytes)

    def data_ptr(self: Tensor) -> int:
        """The address of the first number; equal addresses tell of shared memory."""
        memory: Any = self.array.data if self.is_cuda else self.array.ctypes
        return int(memory.ptr if self.is_cuda else memory.data)

    def stride(self: Tensor, dim: int | None = None) -> Any:
        """Steps between neighbours along each dimension, in elements.

        Args:
            dim: the dimension; None gives all of them.
        """
        steps = tuple(step // self.dtype.itemsize for step in self.array.strides)
        return steps if dim is None else steps[self._dim(dim)]

    def is_contiguous(self: Tensor) -> bool:
        """Whether the numbers lie in memory in the order of their indices."""
        return bool(self.array.flags.c_contiguous)

    def is_floating_point(self: Tensor) -> bool:
        """Whether the type is one that gradients exist for."""
        return self.dtype.kind == "f"

    def is_complex(self: Tensor) -> bool:
        """Whether the numbers are complex: none is here."""
        return False

    def is_signed(self: Tensor) -> bool:
        """Whether the type has negative numbers."""
        return self.dtype.kind in "fi"

    def is_nonzero(self: Tensor) -> bool:
        """Whether the only number differs from 0. Errors: RuntimeError when there is not just
        one."""
        if self.array.size != 1:
            raise RuntimeError(
                f"bool: Boolean value of Tensor with {self.array.size} values is ambiguous; "
                "use .any() or .all()"
            )
        reads("bool()")
        return bool(self.array.item())

    def is_inference(self: Tensor) -> bool:
        """Whether it was made inside of `inference_mode`: no gradient may go through it."""
        return self.inference

    def is_same_size(self: Tensor, other: Core) -> bool:
        """Whether both have one shape.

        Args:
            other: the other tensor.
        """
        return self.shape == other.shape

    @property
    def is_cpu(self: Tensor) -> bool:
        """Whether the numbers are in host memory."""
        return not self.is_cuda

    def get_device(self: Tensor) -> int:
        """The index of the GPU that holds the numbers, -1 in host memory."""
        return -1 if self.device.index is None else self.device.index
