"""Factors, inverses and determinants of matrices, batched over leading dimensions.

A factorisation with several results packs them in one array, of which each result is a slice, so
its rule sees all their cotangents at once. In rules ``gX`` is the cotangent of X.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import numpy as np

from minigrad.device import Array, raising
from minigrad.errors import LinAlgError
from minigrad.op import Forward, op
from minigrad.ops.linalg import matmul
from minigrad.ops.shape import cat


def explained(forward: Forward) -> Forward:
    """The forward with NumPy's LinAlgError as minigrad's, which names the op and the matrix.
    Errors: RuntimeError for halves, as in PyTorch: a factor of eleven bits is worth little."""

    @wraps(forward)
    def compute(xp: Any, a: Array, *operands: Array, **params: Any) -> Array:
        if a.dtype == np.float16:
            raise RuntimeError(
                f"{forward.__name__}: Low precision dtypes not supported. Got float16; use "
                "x.float()"
            )
        try:
            with raising(xp):
                return forward(xp, a, *operands, **params)
        except np.linalg.LinAlgError as error:
            raise LinAlgError(
                f"{forward.__name__}: {_ADVICE.get(forward.__name__, error)} (a matrix of shape "
                f"{a.shape}; {error})"
            ) from error

    return compute


_ADVICE = {
    "inv": "the matrix is singular and has no inverse; pinv always exists",
    "solve": "the matrix is singular, so there is no single solution; lstsq finds the nearest one",
    "cholesky": "the matrix is not positive definite; add a small multiple of the unit matrix",
}


@op("a @ out == identity(a)")
@explained
def inv(xp: Any, a: Array, *, lenient: bool = False) -> Array:
    """y = a⁻¹; ``lenient`` gives nan for a singular matrix, as gradients want it"""
    return _each(xp, xp.linalg.inv, lenient, a)


def _each(xp: Any, compute: Callable[..., Array], lenient: bool, a: Array, *b: Array) -> Array:
    """The function of all matrices at once; where one is singular, of each, and nan for those."""
    try:
        return compute(a, *b)
    except np.linalg.LinAlgError:
        if not lenient:
            raise
    lead = np.broadcast_shapes(a.shape[:-2], *(y.shape[:-2] for y in b))
    given = [xp.broadcast_to(x, (*lead, *x.shape[-2:])) for x in (a, *b)]
    y = xp.full(given[-1].shape, math.nan, a.dtype)
    for place in np.ndindex(*lead):
        with suppress(np.linalg.LinAlgError):
            y[place] = compute(*(x[place] for x in given))
    return y


inv.derivatives(a=lambda g, out: -(out.mT @ g @ out.mT))


@op("a @ out == b")
@explained
def solve(xp: Any, a: Array, b: Array, *, lenient: bool = False) -> Array:
    """x = a⁻¹ b, for matrices b; ``lenient`` gives nan for a singular matrix"""
    return _each(xp, xp.linalg.solve, lenient, a, b)


solve.derivatives(
    a=lambda g, a, out: -matmul(solve(a.mT, g), out.mT),
    b=lambda g, a: solve(a.mT, g),
)
solve.mathematics(a="-(inv(a.mT) @ g @ out.mT)", b="inv(a.mT) @ g")


@op("a @ out @ a == a")
@explained
def pinv(xp: Any, a: Array, *, rtol: float, hermitian: bool) -> Array:
    """p = a⁺, singular values below rtol times the greatest counting as 0"""
    if xp is np:
        return np.linalg.pinv(a, rcond=rtol, hermitian=hermitian)
    return xp.linalg.pinv(a, rcond=rtol)


def _pinv_a(g: Any, a: Any, out: Any) -> Any:
    # Golub and Pereyra, The Differentiation of Pseudo-Inverses (1973), for constant rank.
    p, pt, gt = out, out.mT, g.mT
    left = gt @ p @ pt
    right = pt @ p @ gt
    return (left - a @ (p @ left)) + (right - (right @ p) @ a) - pt @ g @ pt


pinv.derivatives(a=_pinv_a)


@op("det(a)")
@explained
def det(xp: Any, a: Array) -> Array:
    """y = det a"""
    return xp.asarray(xp.linalg.det(a))


@op("det(a) * inv(a).mT")
@explained
def cofactor(xp: Any, a: Array) -> Array:
    """c = the matrix of cofactors of a, which is det a · a⁻ᵀ where a has an inverse"""
    try:
        u, s, vt = xp.linalg.svd(a)
    except np.linalg.LinAlgError:  # of nan and inf
        return xp.full(a.shape, math.nan, a.dtype)
    n = a.shape[-1]
    others = xp.where(xp.eye(n, dtype=bool), s.dtype.type(1), s[..., None, :])
    middle = xp.prod(others, axis=-1)  # of each singular value, the product of the others
    sign = xp.linalg.det(u) * xp.linalg.det(vt)
    return xp.matmul(u * (sign[..., None] * middle)[..., None, :], vt)


def _cofactor_a(g: Any, a: Any, out: Any) -> Any:
    inverse = inv(a).mT
    return (g * out).sum((-2, -1), keepdim=True) * inverse - out @ g.mT @ inverse


det.derivatives(a=lambda g, a: g.unsqueeze(-1).unsqueeze(-1) * cofactor(a))
det.mathematics(a="g * det(a) * inv(a).mT")
cofactor.derivatives(a=_cofactor_a)
cofactor.mathematics(a="sum[...](g * out) * inv(a).mT - out @ g.mT @ inv(a).mT")


@op("sign(det(a))")
@explained
def sign_det(xp: Any, a: Array) -> Array:
    """s = the sign of det a"""
    return xp.asarray(xp.linalg.slogdet(a)[0])


@op("log(abs(det(a)))")
@explained
def log_abs_det(xp: Any, a: Array) -> Array:
    """y = log |det a|, without overflow"""
    return xp.asarray(xp.linalg.slogdet(a)[1])


log_abs_det.derivatives(a=lambda g, a: g.unsqueeze(-1).unsqueeze(-1) * inv(a, lenient=True).mT)
log_abs_det.mathematics(a="g * inv(a).mT")


@op("out @ out.mT == a")
@explained
def cholesky(xp: Any, a: Array) -> Array:
    """l = the lower triangle with l lᵀ = a; only the lower triangle of a is read"""
    return xp.linalg.cholesky(a)


def _cholesky_a(g: Any, out: Any) -> Any:
    # Murray, Differentiation of the Cholesky Decomposition (2016), section 3.1.
    inner = halved_tril(out.mT @ g)
    half = solve(out.mT, solve(out.mT, inner.mT).mT)
    return (half + half.mT) * 0.5


def halved_tril(x: Any) -> Any:
    """The lower triangle with half of the diagonal: Φ of the Cholesky rule."""
    return (x.tril() + x.tril(-1)) * 0.5


cholesky.derivatives(a=_cholesky_a)
cholesky.mathematics(
    a=(
        "p = out.mT @ g; h = (tril(p) + tril(p, -1)) / 2; s = inv(out.mT) @ h @ "
        "inv(out); (s + s.mT) / 2"
    )
)


@op("'Q above Rᵀ, with Q R = A, orthonormal columns of Q and a triangular R'")
@explained
def qr(xp: Any, a: Array, *, complete: bool) -> Array:
    """[q; rᵀ], one above the other: a = q r with orthonormal columns of q and a triangular r"""
    q, r = xp.linalg.qr(a, mode="complete" if complete else "reduced")
    return xp.concatenate([q, xp.swapaxes(r, -1, -2)], axis=-2)


def split_qr(packed: Any, m: int) -> tuple[Any, Any]:
    """q and r, out of one array."""
    return packed[..., :m, :], packed[..., m:, :].mT


def _qr_a(g: Any, out: Any, a_shape: tuple[int, ...], complete: bool) -> Any:
    # Walter and Lehmann, Algorithmic Differentiation of Linear Algebra Functions (2012).
    m, n = a_shape[-2:]
    if complete and m > n:
        raise RuntimeError(
            "qr: the derivative of mode 'complete' does not exist for a matrix with more rows than "
            f"columns, here {a_shape}; use mode 'reduced'"
        )
    q, r = split_qr(out, m)
    gq, gr = split_qr(g, m)
    if m >= n:
        return _qr_tall(gq, gr, q, r)
    # A wide matrix is [x y], and r is [u v]: x = q u, and y = q v.
    u, v, gv = r[..., :m], r[..., m:], gr[..., m:]
    y = q @ v
    left = _qr_tall(gq + y @ gv.mT, gr[..., :m], q, u)
    return cat(left, q @ gv, dim=len(a_shape) - 1)


def _qr_tall(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    m = r @ gr.mT - gq.mT @ q
    copied = m.tril() + m.tril(-1).mT
    return solve(r, (gq + q @ copied).mT, lenient=True).mT


qr.derivatives(a=_qr_a)
qr.mathematics(a="'(Gq + Q copyltu(R Grᵀ - Gqᵀ Q)) R⁻ᵀ (Walter and Lehmann)'")


@op("'U above V above S, with U diag(S) Vᵀ = A'")
@explained
def svd(xp: Any, a: Array) -> Array:
    """[u; v; s], one above the other: a = u diag(s) vᵀ, with the singular values s falling"""
    u, s, vt = xp.linalg.svd(a, full_matrices=False)
    return xp.concatenate([u, xp.swapaxes(vt, -1, -2), s[..., None, :]], axis=-2)


def split_svd(packed: Any, m: int, n: int) -> tuple[Any, Any, Any]:
    """u, s and v, out of one array."""
    return packed[..., :m, :], packed[..., m + n, :], packed[..., m : m + n, :]


def _svd_a(g: Any, out: Any, a_shape: tuple[int, ...]) -> Any:
    # Townsend, Differentiating the Singular Value Decomposition (2016), for values that differ.
    m, n = a_shape[-2:]
    u, s, v = split_svd(out, m, n)
    gu, gs, gv = split_svd(g, m, n)
    row, column = s.unsqueeze(-2), s.unsqueeze(-1)
    gaps = (row - column) * (row + column)
    utgu, vtgv = u.mT @ gu, v.mT @ gv
    left, right = over(utgu - utgu.mT, gaps), over(vtgv - vtgv.mT, gaps)
    result = u @ (left * row + column * right + diagonal_of(gs)) @ v.mT
    if m > n:
        result = result + over(gu - u @ utgu, row) @ v.mT
    if n > m:
        result = result + u @ over(gv - v @ vtgv, row).mT
    return result


svd.derivatives(a=_svd_a)
svd.mathematics(
    a=(
        "'U ((F ∘ (Uᵀ Gu - Guᵀ U)) S + S (F ∘ (Vᵀ Gv - Gvᵀ V)) + diag(Gs)) Vᵀ, with Fᵢⱼ "
        "= 1 / (Sⱼ² - Sᵢ²), and what lies outside of U and V (Townsend)'"
    )
)


@op("'the singular values of A, falling'")
@explained
def svdvals(xp: Any, a: Array) -> Array:
    """s = the singular values of a, falling"""
    return xp.linalg.svd(a, compute_uv=False)


def _svdvals_a(g: Any, a: Any) -> Any:
    # Exists also where two singular values are equal, unlike the derivative of the vectors.
    u, _, v = split_svd(svd(a), *a.shape[-2:])
    return (u * g.unsqueeze(-2)) @ v.mT


svdvals.derivatives(a=_svdvals_a)
svdvals.mathematics(a="'U diag(G) Vᵀ'")


@op("'V above w, with V diag(w) Vᵀ = A'")
@explained
def eigh(xp: Any, a: Array, *, upper: bool) -> Array:
    """[v; w], one above the other: a = v diag(w) vᵀ with the eigenvalues w rising; only one
    triangle of a is read"""
    w, v = xp.linalg.eigh(a, UPLO="U" if upper else "L")
    return xp.concatenate([v, w[..., None, :]], axis=-2)


def split_eigh(packed: Any, n: int) -> tuple[Any, Any]:
    """w and v, out of one array."""
    return packed[..., n, :], packed[..., :n, :]


def _eigh_a(g: Any, out: Any, a_shape: tuple[int, ...]) -> Any:
    # Giles, Collected Matrix Derivative Results (2008), section 3.1; eigenvalues must differ.
    w, v = split_eigh(out, a_shape[-1])
    gw, gv = split_eigh(g, a_shape[-1])
    turned = v.mT @ gv
    turned = (turned - turned.mT) * 0.5  # of a symmetric matrix, a symmetric gradient
    return v @ (over(turned, w.unsqueeze(-2) - w.unsqueeze(-1)) + diagonal_of(gw)) @ v.mT


eigh.derivatives(a=_eigh_a)
eigh.mathematics(a="'V (skew(Vᵀ Gv) / (wⱼ - wᵢ) + diag(Gw)) Vᵀ (Giles)'")


@op("'the eigenvalues of A, rising'")
@explained
def eigvalsh(xp: Any, a: Array, *, upper: bool) -> Array:
    """w = the eigenvalues of the symmetric a, rising; only one triangle of a is read"""
    return xp.linalg.eigvalsh(a, UPLO="U" if upper else "L")


def _eigvalsh_a(g: Any, a: Any, upper: bool) -> Any:
    # Exists also where two eigenvalues are equal, unlike the derivative of the vectors.
    _, v = split_eigh(eigh(a, upper=upper), a.shape[-1])
    return (v * g.unsqueeze(-2)) @ v.mT


eigvalsh.derivatives(a=_eigvalsh_a)
eigvalsh.mathematics(a="'V diag(G) Vᵀ'")


def diagonal_of(x: Any) -> Any:
    """The matrices with x on the diagonal."""
    return x.diag_embed()


def over(x: Any, y: Any) -> Any:
    """x / y, with 0 / 0 = 0: what does not flow is not divided by a gap that is not there."""
    return x / y.masked_fill((y == 0) & (x == 0), 1)
