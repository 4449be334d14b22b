"""PyTorch's ``torch.linalg``: factorisations, solutions and norms of matrices.

A matrix is what the last two dimensions hold; the dimensions before them are a batch. Matrices that
are not square, symmetric or regular where they must be are errors: RuntimeError, or LinAlgError (a
RuntimeError) where only the numbers tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.errors import LinAlgError
from minigrad.functions import cat, chain_matmul
from minigrad.ops import factorization as ops
from minigrad.ops.reduction import vector_norm as _vector_norm
from minigrad.tensor import Tensor

__all__ = [
    "LinAlgError",
    "cholesky",
    "cond",
    "cross",
    "det",
    "eigh",
    "eigvalsh",
    "inv",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "vecdot",
    "vector_norm",
]

det = Tensor.det
slogdet = Tensor.slogdet
matmul = Tensor.matmul
matrix_power = Tensor.matrix_power


class QR(NamedTuple):
    """A = Q R"""

    Q: Tensor
    R: Tensor


class SVD(NamedTuple):
    """A = U diag(S) Vh"""

    U: Tensor
    S: Tensor
    Vh: Tensor


class Eigh(NamedTuple):
    """A = V diag(w) Vᵀ"""

    eigenvalues: Tensor
    eigenvectors: Tensor


class LstSq(NamedTuple):
    """The X for which ‖A X - B‖ is least, that square for each column, and the rank of A"""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def inv(A: Tensor) -> Tensor:
    """The matrix X with A X = 1. Errors: LinAlgError where there is none."""
    return ops.inv(A._square("linalg.inv"))


def pinv(
    A: Tensor, rtol: float | None = None, hermitian: bool = False, *, rcond: float | None = None
) -> Tensor:
    """The Moore-Penrose inverse. Singular values below rtol times the greatest count as 0; rtol is
    by default the greater length of A times the spacing of its type at 1."""
    a = A._floating("linalg.pinv")
    chosen = rtol if rtol is not None else rcond
    if chosen is None:
        chosen = max(a.shape[-2:]) * float(np.finfo(a.dtype).eps)
    return ops.pinv(a, rtol=float(chosen), hermitian=hermitian)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """The X with A X = B (or X A = B with ``left=False``); B holds vectors where it has A's shape
    without the last dimension, else matrices. Errors: LinAlgError where A is singular."""
    a = A._square("linalg.solve")
    vector = B.ndim == 1 or (B.ndim == a.ndim - 1 and B.shape == a.shape[:-1])
    b = B.unsqueeze(-1) if vector else B
    if not left:
        if vector:
            raise RuntimeError("linalg.solve: with left=False B must hold matrices, not vectors")
        return solve(a.mT, b.mT).mT
    _check_sides("linalg.solve", a, b)
    x = ops.solve(a, b)
    return x.squeeze(-1) if vector else x


def _check_sides(name: str, a: Tensor, b: Tensor) -> None:
    if a.dtype != b.dtype:
        raise RuntimeError(f"{name}: expected one dtype, but A is {a.dtype} and B is {b.dtype}")
    if b.ndim < 2 or a.shape[-2] != b.shape[-2]:
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation AX = B: {a.shape} and "
            f"{b.shape}"
        )


def solve_triangular(
    A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Tensor:
    """`solve` with one triangle of A only; ``unitriangular`` takes its diagonal for ones."""
    a = A._square("linalg.solve_triangular")
    if not left:
        return solve_triangular(a.mT, B.mT, upper=not upper, unitriangular=unitriangular).mT
    _check_sides("linalg.solve_triangular", a, B)
    offset = int(unitriangular)
    triangle = a.triu(offset) if upper else a.tril(-offset)
    if unitriangular:
        triangle = triangle + matrix_power(a, 0)
    # An LU factorisation of a triangle finds that triangle.
    return ops.solve(triangle, B)


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> LstSq:
    """The X for which ‖A X - B‖ is least, and the smallest such X. ``driver`` is PyTorch's choice
    of a method; here it is always the Moore-Penrose inverse."""
    a = A._floating("linalg.lstsq")
    vector = B.ndim == 1 or (B.ndim == a.ndim - 1 and B.shape == a.shape[:-1])
    b = B.unsqueeze(-1) if vector else B
    _check_sides("linalg.lstsq", a, b)
    x = pinv(a, rcond) @ b
    rank = matrix_rank(a, rtol=rcond)
    m, n = a.shape[-2:]
    residuals: Any = ((a @ x - b) ** 2).sum(-2)
    if m <= n or bool((rank < n).any()):
        residuals = residuals[..., :0].reshape(0)
    return LstSq(x.squeeze(-1) if vector else x, residuals, rank, a.detach().reshape(-1)[:0])


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangle L with L Lᵀ = A (or its transpose), for a symmetric, positive definite A.

    Errors: LinAlgError where A is not positive definite.
    """
    factor = ops.cholesky(A._square("linalg.cholesky"))
    return factor.mT if upper else factor


def qr(A: Tensor, mode: str = "reduced") -> QR:
    """A = Q R with orthonormal columns of Q and an upper triangle R. Mode "complete" gives a square
    Q, mode "r" an empty one."""
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"linalg.qr: expected mode to be one of 'reduced', 'complete' or 'r', got {mode!r}"
        )
    a = A._floating("linalg.qr")
    q, r = ops.split_qr(ops.qr(a, complete=mode == "complete"), a.shape[-2])
    return QR(a.detach().reshape(-1)[:0] if mode == "r" else q, r)


def svd(A: Tensor, full_matrices: bool = True, *, driver: str | None = None) -> SVD:
    """A = U diag(S) Vh with orthonormal columns of U and rows of Vh, and S falling.

    ``full_matrices`` fills U and Vh up to square matrices. The derivative exists where the singular
    values differ; that of S alone, see `svdvals`, always.
    """
    a = A._floating("linalg.svd")
    m, n = a.shape[-2:]
    u, s, v = ops.split_svd(ops.svd(a), m, n)
    if full_matrices:
        u, v = _filled_up(u), _filled_up(v)
    return SVD(u, s, v.mT)


def _filled_up(u: Tensor) -> Tensor:
    """Orthonormal columns, with further ones up to a square matrix."""
    m, k = u.shape[-2:]
    if m == k:
        return u
    whole, _ = qr(u.detach(), "complete")
    return cat([u, whole[..., k:]], -1)


def svdvals(A: Tensor, *, driver: str | None = None) -> Tensor:
    """The singular values of A, falling."""
    return ops.svdvals(A._floating("linalg.svdvals"))


def eigh(A: Tensor, UPLO: str = "L") -> Eigh:
    """A = V diag(w) Vᵀ for a symmetric A, of which only the triangle UPLO ("L" or "U") is read; the
    eigenvalues w rise. The derivative exists where the eigenvalues differ."""
    a = A._square("linalg.eigh")
    packed = ops.eigh(a, upper=_upper("linalg.eigh", UPLO))
    return Eigh(*ops.split_eigh(packed, a.shape[-1]))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of a symmetric A, rising."""
    return ops.eigvalsh(A._square("linalg.eigvalsh"), upper=_upper("linalg.eigvalsh", UPLO))


def _upper(name: str, uplo: str) -> bool:
    if uplo.upper() not in ("L", "U"):
        raise RuntimeError(f"{name}: Expected UPLO argument to be 'L' or 'U', but got {uplo}")
    return uplo.upper() == "U"


def matrix_rank(A: Tensor, *, rtol: float | None = None, hermitian: bool = False) -> Tensor:
    """The number of singular values above rtol times the greatest."""
    s = svdvals(A.detach())
    limit = max(A.shape[-2:]) * float(np.finfo(A.dtype).eps) if rtol is None else rtol
    return (s > s.amax(-1, keepdim=True) * limit).sum(-1)


def cond(A: Tensor, p: Any = None) -> Tensor:
    """‖A‖ ‖A⁻¹‖: by how much A can blow up a relative error. The norm is the 2-norm by default."""
    if p in (None, 2):
        s = svdvals(A)
        return s[..., 0] / s[..., -1]
    if p == -2:
        s = svdvals(A)
        return s[..., -1] / s[..., 0]
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of matrices (the first and the last may be vectors), in the cheapest order."""
    chain = list(tensors)
    if len(chain) < 2:
        raise RuntimeError(f"linalg.multi_dot: expected at least 2 tensors, got {len(chain)}")
    row, column = chain[0].ndim == 1, chain[-1].ndim == 1
    if row:
        chain[0] = chain[0].unsqueeze(0)
    if column:
        chain[-1] = chain[-1].unsqueeze(1)
    y = chain_matmul(*chain)
    y = y.squeeze(0) if row else y
    return y.squeeze(-1) if column else y


def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """x × y over ``dim`` of length 3"""
    return input.cross(other, dim)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """Σ xᵢ yᵢ over ``dim``"""
    if x.dtype.kind != "f" or y.dtype != x.dtype:
        raise RuntimeError(
            f"linalg.vecdot: expected one floating point type, got {x.dtype} and {y.dtype}"
        )
    return (x * y).sum(dim)


Dims = int | Sequence[int] | None


def norm(
    A: Tensor, ord: Any = None, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
) -> Tensor:
    """`vector_norm` for one dimension, `matrix_norm` for two; without ``ord`` the 2-norm of all
    numbers."""
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
    """(Σ |x|ᵖ)^(1/p) over ``dim``, p being ``ord``, any number or ±∞. The derivative at 0 is 0."""
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
    least of them, ±1 and ±∞ the greatest or least sum of magnitudes of a column or a row."""
    a: Any = A if dtype is None else A.to(dtype=dtype)
    if len(dim) != 2 or a._dim(dim[0]) == a._dim(dim[1]):
        raise RuntimeError(
            f"linalg.matrix_norm: dim must be a 2-tuple of two dimensions. Got {dim}"
        )
    rows, columns = a._dim(dim[0]), a._dim(dim[1])
    a._floating("linalg.matrix_norm")
    if ord == "fro":
        return _vector_norm(a, p=2.0, axis=tuple(sorted((rows, columns))), keepdim=keepdim)
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
