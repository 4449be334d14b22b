"""Products of matrices and vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.methods.sorting import Sorting
from minigrad.op import Op
from minigrad.ops.linalg import matmul

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Linalg(Sorting):
    """a b and its like."""

    def matmul(self, other: Tensor) -> Tensor:
        """The product of matrices, batched over leading dimensions; a vector counts as a row on the
        left and as a column on the right, and its dimension vanishes from the result.

        Errors: RuntimeError when the inner lengths differ or one operand has no dimension.
        """
        return _matmul(self, other)

    def __matmul__(self, other: Tensor) -> Tensor:
        return _matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return _matmul(Op.wrap(self.device.xp.asarray(other)), self)


def _matmul(a: Any, b: Any) -> Tensor:
    if not a.ndim or not b.ndim:
        raise RuntimeError(
            f"matmul: both arguments need to be at least 1D, but they are {a.ndim}D and {b.ndim}D"
        )
    left = a if a.ndim > 1 else a.reshape(1, -1)
    right = b if b.ndim > 1 else b.reshape(-1, 1)
    if left.shape[-1] != right.shape[-2]:
        raise RuntimeError(
            f"matmul: inner sizes differ: a is {tuple(a.shape)}, b is {tuple(b.shape)} "
            "(mat1 and mat2 shapes cannot be multiplied)"
        )
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"matmul: expected both to have the same dtype, but a is {a.dtype} and b is {b.dtype}"
        )
    y: Any = matmul(left, right)
    if a.ndim == 1:
        y = y.reshape(*y.shape[:-2], y.shape[-1])
    if b.ndim == 1:
        y = y.reshape(y.shape[:-1])
    return y  # type: ignore[no-any-return]
