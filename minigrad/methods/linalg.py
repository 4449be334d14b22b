"""Products of matrices and vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.dtypes import Number, fitting
from minigrad.methods.core import Core
from minigrad.methods.halves import rounded_once
from minigrad.methods.spelling import number
from minigrad.methods.sums import destination
from minigrad.methods.twins import in_place
from minigrad.op import Op
from minigrad.ops.linalg import matmul, rows

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Linalg:
    """a b and its like."""

    def matmul(self: Tensor, other: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The product of matrices, batched over leading dimensions; a vector counts as a row on the
        left and as a column on the right, and its dimension vanishes from the result. ``out`` is
        the tensor that takes the result.

        Args:
            other: the right factor.

        Errors: RuntimeError when the inner lengths differ or one operand has no dimension.
        """
        return _into("matmul", out, self, other)

    def __matmul__(self: Tensor, other: Any) -> Tensor:
        if isinstance(other, np.ndarray):
            other = Op.fresh(self.device.call("asarray", other))
        return _product("matmul", self, other) if isinstance(other, Core) else NotImplemented

    def __rmatmul__(self: Tensor, other: Any) -> Tensor:
        if not isinstance(other, np.ndarray):
            return NotImplemented
        return _product("matmul", Op.fresh(self.device.call("asarray", other)), self)

    def mm(self: Tensor, mat2: Tensor, *, out: Tensor | None = None) -> Tensor:
        """The product of two matrices: (n, m) by (m, p) gives (n, p). Nothing is broadcast.
        ``out`` is the tensor that takes the result.

        Args:
            mat2: the right factor.
        """
        _check_ndim("mm", self=(self, 2), mat2=(mat2, 2))
        return _into("mm", out, self, mat2)

    def bmm(self: Tensor, mat2: Tensor) -> Tensor:
        """A batch of products of matrices: (b, n, m) by (b, m, p) gives (b, n, p).

        Args:
            mat2: the right factors.
        """
        _check_ndim("bmm", self=(self, 3), mat2=(mat2, 3))
        if self.array.shape[0] != mat2.shape[0]:
            raise RuntimeError(
                f"bmm: batch sizes differ: self is {self.shape}, mat2 is {mat2.shape}; "
                "use matmul to broadcast"
            )
        return _product("bmm", self, mat2)

    def mv(self: Tensor, vec: Tensor) -> Tensor:
        """The product of a matrix and a vector: (n, m) by (m) gives (n).

        Args:
            vec: the vector.
        """
        _check_ndim("mv", self=(self, 2), vec=(vec, 1))
        return _product("mv", self, vec)

    def dot(self: Tensor, tensor: Tensor) -> Tensor:
        """Σ xᵢ yᵢ of two vectors of one length.

        Args:
            tensor: the other vector.
        """
        _check_ndim("dot", self=(self, 1), tensor=(tensor, 1))
        return _product("dot", self, tensor)

    vdot = dot

    @rounded_once
    def inner(self: Tensor, other: Tensor) -> Tensor:
        """Σ over the last dimension of both: (..., m) by (---, m) gives (..., ---).

        Args:
            other: the other tensor.
        """
        if not self.ndim or not other.ndim:
            return self * other
        if self.array.shape[-1] != other.shape[-1]:
            raise RuntimeError(
                f"inner: the last dimensions differ: self is {self.shape}, other is {other.shape}"
            )
        y = _product("inner", rows(self), rows(other).T)
        return y.reshape((*self.array.shape[:-1], *other.shape[:-1]))

    @rounded_once
    def outer(self: Tensor, vec2: Tensor) -> Tensor:
        """xᵢ yⱼ of two vectors.

        Args:
            vec2: the other vector.
        """
        _check_ndim("outer", self=(self, 1), vec2=(vec2, 1))
        return self.reshape(-1, 1) * vec2

    ger = outer

    @rounded_once
    def addmm(
        self: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1
    ) -> Tensor:
        """β self + α mat1 mat2

        Args:
            mat1, mat2: the factors, (n, m) and (m, p).
            beta, alpha: numbers; where beta is 0 this tensor does not count, also where it is nan.
        """
        _check_ndim("addmm", mat1=(mat1, 2), mat2=(mat2, 2))
        return _scaled_sum("addmm", self, _product("addmm", mat1, mat2), beta, alpha)

    @rounded_once
    def addmv(
        self: Tensor, mat: Tensor, vec: Tensor, *, beta: Number = 1, alpha: Number = 1
    ) -> Tensor:
        """β self + α mat vec

        Args:
            mat, vec: the factors, (n, m) and (m).
            beta, alpha: numbers; where beta is 0 this tensor does not count, also where it is nan.
        """
        _check_ndim("addmv", mat=(mat, 2), vec=(vec, 1))
        return _scaled_sum("addmv", self, _product("addmv", mat, vec), beta, alpha)

    @rounded_once
    def addr(
        self: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Number = 1, alpha: Number = 1
    ) -> Tensor:
        """β self + α vec1 vec2ᵀ

        Args:
            vec1, vec2: the factors, (n) and (m).
            beta, alpha: numbers; where beta is 0 this tensor does not count, also where it is nan.
        """
        _check_ndim("addr", vec1=(vec1, 1), vec2=(vec2, 1))
        return _scaled_sum("addr", self, vec1.outer(vec2), beta, alpha)

    @rounded_once
    def baddbmm(
        self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1
    ) -> Tensor:
        """β self + α batch1 batch2, for each matrix of the batch

        Args:
            batch1, batch2: the factors, (b, n, m) and (b, m, p).
            beta, alpha: numbers; where beta is 0 this tensor does not count, also where it is nan.
        """
        return _scaled_sum("baddbmm", self, batch1.bmm(batch2), beta, alpha)

    @rounded_once
    def addbmm(
        self: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1
    ) -> Tensor:
        """β self + α Σ batch1 batch2, summed over the batch

        Args:
            batch1, batch2: the factors, (b, n, m) and (b, m, p).
            beta, alpha: numbers; where beta is 0 this tensor does not count, also where it is nan.
        """
        return _scaled_sum("addbmm", self, batch1.bmm(batch2).sum(0).to(batch1.dtype), beta, alpha)

    addmm_ = in_place(addmm)
    addmv_ = in_place(addmv)
    addr_ = in_place(addr)
    baddbmm_ = in_place(baddbmm)
    addbmm_ = in_place(addbmm)


def _into(name: str, out: Any, a: Any, b: Any) -> Tensor:
    """The product, or the tensor that takes it. Errors: see `destination`, and RuntimeError for
    another shape."""
    if out is not None:
        destination(name, out, a, b)
    result = _product(name, a, b)
    if out is None:
        return result
    if out.shape != result.shape:
        raise RuntimeError(
            f"out: expected a tensor of shape {result.shape} for the result, got {out.shape}"
        )
    return out.copy_(result)  # type: ignore[no-any-return]


def _product(name: str, a: Any, b: Any) -> Tensor:
    """matmul on behalf of the function of that name."""
    if not a.ndim or not b.ndim:
        raise RuntimeError(
            f"{name}: both arguments need to be at least 1D, but they are {a.ndim}D and {b.ndim}D"
        )
    left = a if a.ndim > 1 else a.reshape(1, a.shape[0])
    right = b if b.ndim > 1 else b.reshape(b.shape[0], 1)
    if left.shape[-1] != right.shape[-2]:
        raise RuntimeError(
            f"{name}: inner sizes differ: a is {tuple(a.shape)}, b is {tuple(b.shape)} "
            "(mat1 and mat2 shapes cannot be multiplied)"
        )
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{name}: expected both to have the same dtype, but a is {a.dtype} and b is {b.dtype}"
        )
    if a.dtype.kind == "b":
        raise RuntimeError(f"{name}: expected numbers, got bool; convert with .int() first")
    if right.ndim == 2 and left.ndim > 2:  # one product of a tall matrix, see `rows`
        y: Any = matmul(rows(left), right).reshape(*left.shape[:-1], right.shape[-1])
    else:
        y = matmul(left, right)
    if a.ndim == 1:
        y = y.reshape(*y.shape[:-2], y.shape[-1])
    if b.ndim == 1:
        y = y.reshape(y.shape[:-1])
    return y  # type: ignore[no-any-return]


def _check_ndim(name: str, **expected: tuple[Any, int]) -> None:
    for argument, (tensor, ndim) in expected.items():
        if tensor.ndim != ndim:
            raise RuntimeError(
                f"{name}: expected {argument} to have {ndim} dimensions, got shape {tensor.shape}"
            )


def _scaled_sum(name: str, x: Any, y: Tensor, beta: Number, alpha: Number) -> Tensor:
    """β x + α y, in the type of y; with β 0 not even a nan of x counts."""
    if x.dtype != y.dtype:
        raise RuntimeError(
            f"{name}: expected all to have the same dtype, but self is {x.dtype} and the product "
            f"{y.dtype}"
        )
    if x.ndim > y.ndim or any(
        n not in (1, m) for n, m in zip(x.shape[::-1], y.shape[::-1], strict=False)
    ):
        raise RuntimeError(
            f"{name}: self of shape {x.shape} does not expand to the product's shape {y.shape}"
        )
    beta, alpha = number(beta), number(alpha)
    if y.dtype.kind != "f":
        beta, alpha = fitting(name, beta, y.dtype), fitting(name, alpha, y.dtype)
    z = y if alpha == 1 else y * alpha
    if beta != 0:
        z = z + (x if beta == 1 else x * beta)
    return z.to(y.dtype)
