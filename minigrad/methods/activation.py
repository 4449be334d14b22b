"""Activations that PyTorch has as methods of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.methods.spelling import numpy_names
from minigrad.ops.activation import relu
from minigrad.ops.softmax import log_softmax, softmax

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Activation:
    """relu and its like."""

    def relu(self: Tensor) -> Tensor:
        """max(self, 0)"""
        self._no_truth("relu")
        return relu(self)

    def relu_(self: Tensor) -> Tensor:
        """`relu`, in place."""
        self._no_truth("relu")
        return relu(self, into=self)

    @numpy_names
    def softmax(self: Tensor, dim: int, dtype: Any = None) -> Tensor:
        """exp(self) / Σ exp(self) over ``dim``, without overflow. Errors: RuntimeError for
        integers, IndexError for a dimension that is not there.

        Args:
            dtype: the type that the numbers are brought to first.
        """
        return self._over_dim(softmax, dim, dtype)

    @numpy_names
    def log_softmax(self: Tensor, dim: int, dtype: Any = None) -> Tensor:
        """self - log Σ exp(self) over ``dim``: the logarithm of `softmax`, exact also where that
        is 0. Errors as for `softmax`.

        Args:
            dtype: the type that the numbers are brought to first.
        """
        return self._over_dim(log_softmax, dim, dtype)

    def _over_dim(self: Tensor, op: Any, dim: int, dtype: Any) -> Tensor:
        axis = self._dim(dim)
        x: Any = self if dtype is None else self.to(dtype=dtype)
        if x.dtype.kind != "f":
            raise RuntimeError(
                f"{op.name}: expected a floating point type, got {x.dtype}; convert with .float()"
            )
        if not self.ndim:
            return op(x.reshape(1), dim=0).reshape(())  # type: ignore[no-any-return]
        # Nothing to take a maximum of.
        return op(x, dim=axis) if self.numel() else x.clone()  # type: ignore[no-any-return]

    def _no_truth(self: Tensor, name: str) -> None:
        if self.dtype.kind == "b":
            raise RuntimeError(f"{name}: Boolean inputs not supported; convert with .float() first")
