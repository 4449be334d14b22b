"""Rows of matrices: inverses, determinants, factorisations and their norms.

A function that reads one triangle of a symmetric matrix is tried on a symmetric function of the
operand; where signs of vectors are free, PyTorch may choose others: `tests/methods/test_linalg.py`
compares what does not depend on them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import linalg
from minigrad.device import Array
from minigrad.ops.factorization import cofactor, log_abs_det, sign_det
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _regular(d: Draw, *batch: int, n: int = 3) -> Array:
    """Matrices far from singular: an orthogonal one with its columns stretched by up to 2."""
    q, _ = np.linalg.qr(d.normal(*batch, n, n))
    return q * d.positive(n)


def _squares(d: Draw) -> list[Sample]:
    return [Sample(_regular(d)), Sample(_regular(d, 2)), Sample(_regular(d, n=1))]


def _shapes(d: Draw) -> list[Sample]:
    """Square, tall and wide."""
    return [Sample(d.normal(3, 3)), Sample(d.normal(2, 4, 2)), Sample(d.normal(2, 4))]


def _symmetric(a: Any) -> Any:
    return (a + a.mT) * 0.5


ROWS = [
    Row("trace", Tensor.trace, lambda d: [Sample(d.normal(3, 3)), Sample(d.normal(2, 3))], "Σ aᵢᵢ"),
    Row("linalg.inv", linalg.inv, _squares),
    Row("inverse", Tensor.inverse, _squares, "Y = A⁻¹", ops=()),
    Row(
        "linalg.solve",
        linalg.solve,
        lambda d: [
            Sample(_regular(d), d.normal(3, 2)),
            Sample(_regular(d), d.normal(3)),
            Sample(_regular(d, 2), d.normal(2, 3, 1)),
            Sample(_regular(d, 2), d.normal(3, 2)),
            Sample(_regular(d), d.normal(2, 3), left=False),
        ],
    ),
    Row(
        "linalg.solve_triangular",
        linalg.solve_triangular,
        lambda d: [
            Sample(_regular(d) + 3 * np.eye(3), d.normal(3, 2), upper=True),
            Sample(_regular(d) + 3 * np.eye(3), d.normal(3, 2), upper=False),
            Sample(_regular(d, 2), d.normal(2, 3, 2), upper=True, unitriangular=True),
            Sample(_regular(d) + 3 * np.eye(3), d.normal(2, 3), upper=True, left=False),
        ],
        "X = A⁻¹ B for a triangle A",
    ),
    Row("linalg.pinv", linalg.pinv, _shapes),
    Row("pinverse", Tensor.pinverse, _shapes, "Y = A⁺", ops=()),
    Row(
        "linalg.lstsq",
        lambda a, b: linalg.lstsq(a, b).solution,
        lambda d: [Sample(d.normal(4, 2), d.normal(4, 3)), Sample(d.normal(2, 4), d.normal(2, 1))],
        "the X for which ‖A X - B‖ is least",
        torch_call=lambda a, b: a.pinverse() @ b,
    ),
    Row("det", Tensor.det, _squares),
    Row(
        "cofactor",
        cofactor,
        _squares,
        torch="",
        torch_call=lambda a: a.det().unsqueeze(-1).unsqueeze(-1) * a.inverse().mT,
        types_differ="PyTorch has no determinant of integers, this op looks at no types",
    ),
    Row(
        "slogdet",
        lambda a: a.slogdet().logabsdet,
        _squares,
        "(sign det A, log |det A|)",
        ops=(),
        torch_call=lambda a: a.slogdet()[1],
    ),
    Row(
        "sign_det",
        sign_det,
        _squares,
        numpy=lambda a: np.sign(np.linalg.det(a)),
        differentiable=False,
        torch="",
    ),
    Row("log_abs_det", log_abs_det, _squares, torch=""),
    Row(
        "logdet",
        Tensor.logdet,
        lambda d: [Sample(np.eye(3) + 0.1 * d.normal(3, 3))],
        "y = log det A",
    ),
    Row(
        "matrix_power",
        Tensor.matrix_power,
        lambda d: [Sample(_regular(d), n) for n in (0, 1, 2, 3, 5, -1, -2)],
        "Aⁿ",
    ),
    Row("linalg.cholesky", lambda a: linalg.cholesky(a @ a.mT), _squares, "L Lᵀ = A", torch=""),
    Row(
        "linalg.qr",
        lambda a, **params: tuple(linalg.qr(a, **params)),
        lambda d: [*_shapes(d), Sample(_regular(d), mode="complete")],
        "Q R = A",
    ),
    Row(
        "linalg.svd",
        lambda a: tuple(linalg.svd(a, full_matrices=False)),
        _shapes,
        "U diag(S) Vᵀ = A",
        torch="",
    ),
    Row("linalg.svdvals", linalg.svdvals, _shapes),
    Row(
        "linalg.eigh",
        lambda a, **params: tuple(linalg.eigh(_symmetric(a), **params)),
        lambda d: [Sample(d.normal(3, 3)), Sample(d.normal(2, 3, 3), UPLO="U")],
        "V diag(w) Vᵀ = A",
        torch="",
    ),
    Row(
        "linalg.eigvalsh",
        lambda a, **params: linalg.eigvalsh(_symmetric(a), **params),
        lambda d: [Sample(d.normal(3, 3)), Sample(d.normal(2, 3, 3), UPLO="U")],
        "w, the eigenvalues of A",
        torch="",
    ),
    Row(
        "linalg.norm",
        linalg.norm,
        lambda d: [
            Sample(d.normal(3, 4)),
            Sample(d.normal(3), 3),
            Sample(d.normal(3, 3), "nuc"),
            Sample(d.normal(2, 3, 4), 2, dim=(0, 2), keepdim=True),
            Sample(d.normal(2, 3), dim=1),
        ],
        "a norm of vectors or matrices",
    ),
    Row(
        "linalg.vector_norm",
        linalg.vector_norm,
        lambda d: [
            Sample(d.normal(3, 4)),
            Sample(d.normal(3, 4), 1, dim=0),
            Sample(d.normal(3, 4), 3.5, dim=(0, 1), keepdim=True),
            Sample(d.distinct(3, 4) + 2, math.inf, dim=1),
            Sample(d.distinct(3, 4) + 2, -math.inf),
        ],
        "(Σ |x|ᵖ)^(1/p)",
        ops=(),
    ),
    Row(
        "linalg.matrix_norm",
        linalg.matrix_norm,
        lambda d: [
            *(Sample(d.normal(2, 3, 4), word) for word in ("fro", "nuc")),
            *(Sample(d.normal(3, 4), p) for p in (1, -1, 2, -2, math.inf, -math.inf)),
            Sample(d.normal(3, 2, 4), math.inf, dim=(2, 0)),
            Sample(d.normal(3, 2, 4), "nuc", dim=(0, 2), keepdim=True),
        ],
        "a norm of matrices",
    ),
    Row(
        "linalg.cond",
        linalg.cond,
        # PyTorch's own backward fails for the other norms.
        lambda d: [Sample(_regular(d)), *(Sample(_regular(d), p) for p in (2, -2))],
        "‖A‖ ‖A⁻¹‖",
    ),
    Row(
        "linalg.matrix_rank",
        linalg.matrix_rank,
        lambda d: [Sample(np.ones((3, 3))), Sample(_regular(d, 2))],
        "the number of singular values that are not 0",
        differentiable=False,
    ),
    Row(
        "linalg.multi_dot",
        linalg.multi_dot,
        lambda d: [
            Sample([d.normal(2, 3), d.normal(3, 1), d.normal(1, 4)]),
            Sample([d.normal(3), d.normal(3, 2), d.normal(2)]),
        ],
        "A B C ..., in the cheapest order",
    ),
    Row(
        "linalg.cross",
        linalg.cross,
        lambda d: [Sample(d.normal(2, 3), d.normal(2, 3)), Sample(d.normal(3), d.normal(3), dim=0)],
        "z = x × y",
        ops=(),
    ),
    Row(
        "linalg.vecdot",
        linalg.vecdot,
        lambda d: [Sample(d.normal(2, 3), d.normal(2, 3)), Sample(d.normal(2, 3), d.normal(2, 1))],
        "z = Σ x y",
    ),
]
