"""Norms of vectors and matrices, and what singular values tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from minigrad.ops import factorization as ops
from minigrad.ops.reduction import vector_norm as _vector_norm
from minigrad.tensor import Tensor

Dims: TypeAlias = "int | Sequence[int] | None"


def norm(
    A: Tensor, ord: Any = None, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """`vector_norm` for one dimension, `matrix_norm` for two; without ``ord`` the 2-norm of all
    numbers.

    Args:
        A: vectors or matrices.
        ord: which norm.
        dim: one dimension or two.
        keepdim: keep what is reduced, with length 1.
        dtype: the type that the numbers are brought to first, and the result's.
    """
    if ord is None or isinstance(dim, int) or (dim is None and A.ndim == 1):
        return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)
    if dim is None:
        if A.ndim != 2:
            raise RuntimeError(
                "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
                f"{A.ndim}D"
            )
        dim = (-2, -1)
    if len(dim) == 1:
        return vector_norm(A, ord, dim, keepdim, dtype=dtype)
    return matrix_norm(A, ord, dim, keepdim, dtype=dtype)


def vector_norm(
    x: Tensor, ord: float = 2, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """(Σ |x|ᵖ)^(1/p) over ``dim``, p being ``ord``, any number or ±∞. The derivative at 0 is 0.

    Args:
        x: the vectors.
        ord: p.
        dim: a dimension, several, or None for all.
        keepdim: keep what is reduced, with length 1.
        dtype: the type that the numbers are brought to first, and the result's.
    """
    if isinstance(ord, str):
        raise RuntimeError(f"linalg.vector_norm: expected a number as ord, got {ord!r}")
    return x.norm(ord, dim, keepdim, dtype)


def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: Sequence[int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """The norm of matrices: "fro" √Σ a², "nuc" the sum of the singular values, ±2 the greatest or
    least of them, ±1 and ±∞ the greatest or least sum of magnitudes of a column or a row.

    Args:
        A: the matrices.
        ord: which norm.
        dim: the dimensions of the matrices.
        keepdim: keep what is reduced, with length 1.
        dtype: the type that the numbers are brought to first, and the result's.
    """
    a: Any = A if dtype is None else A.to(dtype=dtype)
    if a.ndim < 2:
        raise RuntimeError(
            "linalg.matrix_norm: The input tensor A must have at least 2 dimensions, got shape "
            f"{a.shape}"
        )
    if len(dim) != 2 or a._dim(dim[0]) == a._dim(dim[1]):
        raise RuntimeError(
            f"linalg.matrix_norm: dim must be a 2-tuple of two dimensions. Got {dim}"
        )
    rows, columns = a._dim(dim[0]), a._dim(dim[1])
    a._floating("linalg.matrix_norm")
    if ord == "fro":
        return _vector_norm(a, p=2.0, axis=tuple(sorted((rows, columns))), keepdim=keepdim)
    if ord in (1, 2, math.inf) and 0 in (a.shape[rows], a.shape[columns]):
        return a.sum((rows, columns), keepdim)  # type: ignore[no-any-return]
    if ord in ("nuc", 2, -2):
        s = ops.svdvals(a.movedim((rows, columns), (-2, -1)))
        y = s.sum(-1) if ord == "nuc" else s.amax(-1) if ord == 2 else s.amin(-1)
    elif ord in (1, -1, math.inf, -math.inf):
        sums = a.abs().sum(rows if abs(ord) == 1 else columns, keepdim=True)
        y = (sums.amax if ord > 0 else sums.amin)((rows, columns))
    else:
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported")
    if keepdim:
        for i in sorted((rows, columns)):
            y = y.unsqueeze(i)
    return y


def matrix_rank(A: Tensor, *, rtol: float | None = None, hermitian: bool = False) -> Tensor:
    """The number of singular values above rtol times the greatest.

    Args:
        A: matrices (*, n, m).
        rtol: the part of the greatest singular value; None as for `pinv`.
        hermitian: whether A is symmetric, which is taken at its word.
    """
    s = ops.svdvals(A._floating("linalg.matrix_rank").detach())
    if not s.shape[-1]:
        return s.sum(-1).long()
    limit = max(A.shape[-2:]) * float(np.finfo(A.dtype).eps) if rtol is None else rtol
    return (s > s.amax(-1, keepdim=True) * limit).sum(-1)


def cond(A: Tensor, p: Any = None) -> Tensor:
    """‖A‖ ‖A⁻¹‖: by how much A can blow up a relative error. The norm is the 2-norm by default.

    Args:
        A: matrices (*, n, m), square unless the norm is ±2.
        p: which norm; None is 2.
    """
    if not A.numel():  # PyTorch's choice
        return A._floating("linalg.cond").sum((-2, -1))
    if p in (None, 2):
        s = ops.svdvals(A._floating("linalg.cond"))
        return s[..., 0] / s[..., -1]
    if p == -2:
        s = ops.svdvals(A._floating("linalg.cond"))
        return s[..., -1] / s[..., 0]
    a = A._floating("linalg.cond")
    a._check_square("linalg.cond")
    inverse: Any = ops.inv(a, lenient=True)
    singular = inverse.detach().isnan().any((-2, -1))  # of which the norm has no bound
    inverse = inverse.masked_fill(singular.unsqueeze(-1).unsqueeze(-1), 0.0)
    found: Any = matrix_norm(a, p) * matrix_norm(inverse, p)
    return found.masked_fill(singular, math.inf)  # type: ignore[no-any-return]
