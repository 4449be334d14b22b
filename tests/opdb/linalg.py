"""Rows of products of matrices and vectors."""

from __future__ import annotations

import numpy as np

from minigrad import functions as f
from minigrad.ops.linalg import linear
from minigrad.tensor import Tensor

from .row import Draw, Row, Sample


def _equations(d: Draw) -> list[Sample]:
    return [
        Sample("ij,jk->ik", d.normal(2, 3), d.normal(3, 4)),
        Sample("ij,jk", d.normal(2, 3), d.normal(3, 4)),
        Sample("ij,ij->ij", d.normal(2, 3), d.normal(1, 3)),
        Sample("i,j->ij", d.normal(3), d.normal(2)),
        Sample("bij,bjk->bik", d.normal(2, 3, 2), d.normal(2, 2, 3)),
        Sample("...ij,...jk->...ik", d.normal(2, 2, 3), d.normal(3, 2)),
        Sample("i...->...", d.normal(2, 3)),
        Sample("ii->i", d.normal(3, 3)),
        Sample("iij->j", d.normal(3, 3, 2)),
        Sample("ij->", d.normal(2, 3)),
        Sample("ba", d.normal(2, 3)),
        Sample("ab,bc,cd->ad", d.normal(2, 3), d.normal(3, 2), d.normal(2, 3)),
        Sample("i,i->", d.normal(3), d.normal(3)),
        Sample("ij,jk->ik", d.normal(2, 0), d.normal(0, 3)),
    ]


ROWS = [
    Row(
        "matmul",
        Tensor.matmul,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(3, 4)),
            Sample(d.normal(3), d.normal(3)),
            Sample(d.normal(2, 3), d.normal(3)),
            Sample(d.normal(3), d.normal(2, 3, 4)),
            Sample(d.normal(2, 2, 3), d.normal(3, 2)),
            Sample(d.normal(2, 1, 2, 3), d.normal(3, 3, 2)),
            Sample(d.normal(2, 0), d.normal(0, 3)),
            Sample(d.normal(0, 3), d.normal(3, 2)),
        ],
        numpy=np.matmul,
        types_differ="PyTorch refuses truth values, but not where there are none to multiply",
    ),
    Row(
        "linear",
        linear,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(4, 3), d.normal(4)),
            Sample(d.normal(2, 3), d.normal(4, 3)),
            Sample(d.normal(2, 2, 3), d.normal(4, 3), d.normal(4)),
            Sample(d.normal(0, 3), d.normal(4, 3), d.normal(4)),
        ],
        torch="nn.functional.linear",
        types_differ="the function nn.functional.linear looks at types, this op does not",
    ),
    Row(
        "mm",
        Tensor.mm,
        lambda d: [Sample(d.normal(2, 3), d.normal(3, 4)), Sample(d.normal(1, 3), d.normal(3, 2))],
        "Y = A B",
    ),
    Row("bmm", Tensor.bmm, lambda d: [Sample(d.normal(2, 2, 3), d.normal(2, 3, 2))], "Yᵦ = Aᵦ Bᵦ"),
    Row("mv", Tensor.mv, lambda d: [Sample(d.normal(2, 3), d.normal(3))], "y = A x"),
    Row("dot", Tensor.dot, lambda d: [Sample(d.normal(3), d.normal(3))], "z = Σ xᵢ yᵢ"),
    Row("vdot", Tensor.vdot, lambda d: [Sample(d.normal(3), d.normal(3))], "z = Σ xᵢ yᵢ"),
    Row(
        "inner",
        Tensor.inner,
        lambda d: [
            Sample(d.normal(3), d.normal(3)),
            Sample(d.normal(2, 3), d.normal(4, 3)),
            Sample(d.normal(2, 3), d.normal(3)),
            Sample(d.normal(2, 3), d.normal()),
        ],
        "z = Σ x y over the last dimension of both",
        numpy=np.inner,
    ),
    Row(
        "outer",
        Tensor.outer,
        lambda d: [Sample(d.normal(3), d.normal(2)), Sample(d.normal(0), d.normal(2))],
        "zᵢⱼ = xᵢ yⱼ",
        numpy=np.outer,
    ),
    Row("ger", Tensor.ger, lambda d: [Sample(d.normal(3), d.normal(2))], "zᵢⱼ = xᵢ yⱼ"),
    Row(
        "addmm",
        Tensor.addmm,
        lambda d: [
            Sample(d.normal(2, 4), d.normal(2, 3), d.normal(3, 4)),
            Sample(d.normal(4), d.normal(2, 3), d.normal(3, 4), beta=2, alpha=3),
            Sample(d.normal(2, 1), d.normal(2, 3), d.normal(3, 4), beta=0),
        ],
        "Y = β M + α A B",
    ),
    Row(
        "addmv",
        Tensor.addmv,
        lambda d: [
            Sample(d.normal(2), d.normal(2, 3), d.normal(3)),
            Sample(d.normal(2), d.normal(2, 3), d.normal(3), beta=2, alpha=3),
        ],
        "y = β v + α A x",
    ),
    Row(
        "addr",
        Tensor.addr,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(2), d.normal(3)),
            Sample(d.normal(2, 3), d.normal(2), d.normal(3), beta=2, alpha=3),
        ],
        "Y = β M + α x yᵀ",
    ),
    Row(
        "baddbmm",
        Tensor.baddbmm,
        lambda d: [
            Sample(d.normal(2, 2, 4), d.normal(2, 2, 3), d.normal(2, 3, 4)),
            Sample(d.normal(2, 4), d.normal(2, 2, 3), d.normal(2, 3, 4), beta=2, alpha=3),
        ],
        "Yᵦ = β Mᵦ + α Aᵦ Bᵦ",
    ),
    Row(
        "addbmm",
        Tensor.addbmm,
        lambda d: [
            Sample(d.normal(2, 4), d.normal(2, 2, 3), d.normal(2, 3, 4)),
            Sample(d.normal(2, 4), d.normal(2, 2, 3), d.normal(2, 3, 4), beta=2, alpha=3),
        ],
        "Y = β M + α Σ Aᵦ Bᵦ",
    ),
    Row(
        "einsum",
        f.einsum,
        _equations,
        "products of elements whose letters agree, summed",
        types_differ="as of matmul",
    ),
    Row(
        "tensordot",
        f.tensordot,
        lambda d: [
            Sample(d.normal(2, 3, 2), d.normal(3, 2, 2)),
            Sample(d.normal(2, 3), d.normal(3, 2), dims=1),
            Sample(d.normal(2), d.normal(3), dims=0),
            Sample(d.normal(2, 3, 2), d.normal(2, 3), dims=([1, 0], [1, 0])),
        ],
        "sums of products over pairs of dimensions",
        types_differ="as of matmul",
    ),
    Row(
        "chain_matmul",
        f.chain_matmul,
        lambda d: [Sample(d.normal(2, 3), d.normal(3, 1), d.normal(1, 4), d.normal(4, 2))],
        "Y = A B C ..., in the cheapest order",
        torch="linalg.multi_dot",
        torch_call=lambda a, b, c, e: a @ b @ c @ e,
    ),
    Row(
        "kron",
        Tensor.kron,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(3, 2)),
            Sample(d.normal(2), d.normal(2, 3)),
            Sample(d.normal(), d.normal(2)),
        ],
        "every element of x times the whole of y",
        numpy=np.kron,
    ),
    Row(
        "cross",
        Tensor.cross,
        lambda d: [
            Sample(d.normal(2, 3), d.normal(2, 3), dim=1),
            Sample(d.normal(3, 2), d.normal(3, 2), dim=0),
            Sample(d.normal(2, 1, 3), d.normal(1, 2, 3), dim=-1),
        ],
        "z = x × y",
    ),
]
