"""What PyTorch's tensors say of matrices; the rest stands in `minigrad.linalg`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from minigrad.methods.spelling import number, whole
from minigrad.op import Op
from minigrad.ops import factorization as ops

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class SLogDet(NamedTuple):
    """The sign of a determinant, and the logarithm of its magnitude."""

    sign: Any
    logabsdet: Any


class Matrix:
    """det and its like, of the matrices in the last two dimensions."""

    def trace(self: Tensor) -> Tensor:
        """The sum of a matrix's diagonal."""
        if self.ndim != 2 or self.dtype.kind == "b":
            raise RuntimeError(
                f"trace: expected a matrix of numbers, got {self.dtype} of shape {self.shape}"
            )
        return self.diagonal().sum()

    def det(self: Tensor) -> Tensor:
        """The determinant. Its derivative exists also where it is 0."""
        return ops.det(self._square("det"))

    def slogdet(self: Tensor) -> SLogDet:
        """(sign det, log |det|), without overflow."""
        a = self._square("slogdet")
        return SLogDet(ops.sign_det(a), ops.log_abs_det(a))

    def logdet(self: Tensor) -> Tensor:
        """log det: NaN where the determinant is negative, -∞ where it is 0."""
        sign, log = self.slogdet()
        return log.masked_fill(sign < 0, math.nan)  # type: ignore[no-any-return]

    def inverse(self: Tensor) -> Tensor:
        """The matrix y with self y = 1. Errors: LinAlgError where there is none."""
        return ops.inv(self._square("inverse"))

    def pinverse(self: Tensor, rcond: float = 1e-15) -> Tensor:
        """The Moore-Penrose inverse; singular values below rcond times the greatest count as 0.

        Args:
            rcond: the part of the greatest singular value below which others count as 0.
        """
        return ops.pinv(self._floating("pinverse"), rtol=number(rcond), hermitian=False)

    def matrix_power(self: Tensor, n: int) -> Tensor:
        """self multiplied n times with itself; a negative n takes the inverse.

        Args:
            n: the exponent.
        """
        n = whole(n)
        base: Any = self if n >= 0 else self.inverse()
        base._check_square("matrix_power")
        if n == 0:
            unit = base.device.call("eye", base.shape[-1], dtype=base.dtype)
            return base.clone().copy_(Op.fresh(unit))  # type: ignore[no-any-return]
        result: Any = None
        for bit in bin(abs(n))[2:]:  # from the highest: square, and multiply where the bit is 1
            if result is None:
                result = base.clone()
            else:
                result = result @ result
                result = result @ base if bit == "1" else result
        return result  # type: ignore[no-any-return]

    def cross(self: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
        """x × y over ``dim`` of length 3, by default the first such dimension.

        Args:
            other: the right factor, broadcast.

        Errors: RuntimeError where there is none.
        """
        if self.ndim != other.ndim:
            raise RuntimeError(
                "cross: inputs must have the same number of dimensions. Got "
                f"{self.shape} and {other.shape}"
            )
        if dim is None:
            threes = [i for i, n in enumerate(self.shape) if n == 3]
            if not threes:
                raise RuntimeError(f"cross: no dimension of size 3 in input of shape {self.shape}")
            dim = threes[0]
        dim = whole(dim)
        if self.shape[self._dim(dim)] != 3 or other.shape[other._dim(dim)] != 3:
            raise RuntimeError(
                f"cross: inputs dimension {dim} must have length 3. Got {self.shape} and "
                f"{other.shape}"
            )
        left = self.roll(-1, dim) * other.roll(-2, dim)
        return left - self.roll(-2, dim) * other.roll(-1, dim)

    def kron(self: Tensor, other: Tensor) -> Tensor:
        """Every element of self times the whole of other, side by side.

        Args:
            other: the right factor.
        """
        n = max(self.ndim, other.ndim)
        a = [1] * (n - self.ndim) + list(self.shape)
        b = [1] * (n - other.ndim) + list(other.shape)
        x = self.reshape([m for k in a for m in (k, 1)])
        y = other.reshape([m for k in b for m in (1, k)])
        return (x * y).reshape([i * j for i, j in zip(a, b, strict=True)])

    def _check_square(self: Tensor, name: str) -> None:
        if self.ndim < 2:
            raise RuntimeError(
                f"{name}: The input tensor A must have at least 2 dimensions, got {self.shape}"
            )
        if self.shape[-1] != self.shape[-2]:
            raise RuntimeError(
                f"{name}: A must be batches of square matrices, but they are {self.shape[-2]} by "
                f"{self.shape[-1]} matrices"
            )

    def _square(self: Tensor, name: str) -> Tensor:
        """The tensor, looked at: square matrices of a floating point type."""
        self._check_square(name)
        return self._floating(name)

    def _floating(self: Tensor, name: str) -> Tensor:
        """The tensor, looked at: matrices of a floating point type."""
        if self.ndim < 2:
            raise RuntimeError(
                f"{name}: The input tensor A must have at least 2 dimensions, got {self.shape}"
            )
        if self.dtype.kind != "f":
            raise RuntimeError(
                f"{name}: Expected a floating point tensor as input. Got {self.dtype}; convert "
                "with .float()"
            )
        return self
