"""Factors of matrices, and solutions of linear equations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minigrad.arguments import number
from minigrad.functions import cat
from minigrad.linalg.norm import matrix_rank
from minigrad.ops import factorization as ops
from minigrad.tensor import Tensor


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
    """The matrix X with A X = 1. Errors: LinAlgError where there is none.

    Args:
        A: square matrices (*, n, n).
    """
    return ops.inv(A._square("linalg.inv"))


def pinv(
    A: Tensor, rtol: float | None = None, hermitian: bool = False, *, rcond: float | None = None
) -> Tensor:
    """The Moore-Penrose inverse. Singular values below rtol times the greatest count as 0; rtol is
    by default the greater length of A times the spacing of its type at 1.

    Args:
        A: matrices (*, n, m).
        rtol: the part of the greatest singular value.
        hermitian: whether A is symmetric, which is taken at its word.
        rcond: the old name of rtol.
    """
    a = A._floating("linalg.pinv")
    chosen = rtol if rtol is not None else rcond
    if chosen is None:
        chosen = max(a.shape[-2:]) * float(np.finfo(a.dtype).eps)
    return ops.pinv(a, rtol=float(number("linalg.pinv", "rtol", chosen)), hermitian=hermitian)


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """The X with A X = B (or X A = B with ``left=False``); B holds vectors where it has A's shape
    without the last dimension, else matrices. Errors: LinAlgError where A is singular.

    Args:
        A: square matrices (*, n, n).
        B: vectors or matrices.
    """
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
    """`solve` with one triangle of A only; ``unitriangular`` takes its diagonal for ones.

    Args:
        A: square matrices (*, n, n).
        B: matrices (*, n, k).
        upper: which triangle.
        left: whether A stands on the left of X.
    """
    a = A._square("linalg.solve_triangular")
    if not left:
        return solve_triangular(a.mT, B.mT, upper=not upper, unitriangular=unitriangular).mT
    _check_sides("linalg.solve_triangular", a, B)
    offset = int(unitriangular)
    triangle = a.triu(offset) if upper else a.tril(-offset)
    if unitriangular:
        triangle = triangle + a.matrix_power(0)
    # An LU factorisation of a triangle finds that triangle.
    return ops.solve(triangle, B)


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> LstSq:
    """The X for which ‖A X - B‖ is least, and the smallest such X. ``driver`` is PyTorch's choice
    of a method; here it is always the Moore-Penrose inverse.

    Args:
        A: matrices (*, n, m).
        B: matrices (*, n, k).
        rcond: the part of the greatest singular value below which others count as 0.
    """
    a = A._floating("linalg.lstsq")
    vector = B.ndim == 1 or (B.ndim == a.ndim - 1 and B.shape == a.shape[:-1])
    b = B.unsqueeze(-1) if vector else B
    _check_sides("linalg.lstsq", a, b)
    x = pinv(a, rcond) @ b
    rank = matrix_rank(a, rtol=rcond)
    m, n = a.shape[-2:]
    residuals: Any = ((a @ x - b) ** 2).sum(-2)
    if m <= n or (rank < n).any().item():
        residuals = residuals[..., :0].reshape(0)
    return LstSq(x.squeeze(-1) if vector else x, residuals, rank, a.detach().reshape(-1)[:0])


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangle L with L Lᵀ = A (or its transpose), for a symmetric, positive definite A.

    Args:
        A: square matrices (*, n, n).
        upper: give the transpose of L.

    Errors: LinAlgError where A is not positive definite.
    """
    factor = ops.cholesky(A._square("linalg.cholesky"))
    return factor.mT if upper else factor


def qr(A: Tensor, mode: str = "reduced") -> QR:
    """A = Q R with orthonormal columns of Q and an upper triangle R. Mode "complete" gives a square
    Q, mode "r" an empty one.

    Args:
        A: matrices (*, n, m).
        mode: "reduced", "complete" or "r".
    """
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

    Args:
        A: matrices (*, n, m).
        driver: accepted, and changes nothing.
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
    """The singular values of A, falling.

    Args:
        A: matrices (*, n, m).
        driver: accepted, and changes nothing.
    """
    return ops.svdvals(A._floating("linalg.svdvals"))


def eigh(A: Tensor, UPLO: str = "L") -> Eigh:
    """A = V diag(w) Vᵀ for a symmetric A, of which only the triangle UPLO ("L" or "U") is read; the
    eigenvalues w rise. The derivative exists where the eigenvalues differ.

    Args:
        A: square matrices (*, n, n).
        UPLO: the triangle.
    """
    a = A._square("linalg.eigh")
    packed = ops.eigh(a, upper=_upper("linalg.eigh", UPLO))
    return Eigh(*ops.split_eigh(packed, a.shape[-1]))


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues of a symmetric A, rising.

    Args:
        A: square matrices (*, n, n).
        UPLO: the triangle that is read, "L" or "U".
    """
    return ops.eigvalsh(A._square("linalg.eigvalsh"), upper=_upper("linalg.eigvalsh", UPLO))


def _upper(name: str, uplo: str) -> bool:
    if uplo.upper() not in ("L", "U"):
        raise RuntimeError(f"{name}: Expected UPLO argument to be 'L' or 'U', but got {uplo}")
    return uplo.upper() == "U"
