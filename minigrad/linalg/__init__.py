"""PyTorch's ``torch.linalg``: factorisations, solutions and norms of matrices.

A matrix is what the last two dimensions hold; the dimensions before them are a batch. Matrices that
are not square, symmetric or regular where they must be are errors: RuntimeError, or LinAlgError (a
RuntimeError) where only the numbers tell.
"""

from minigrad.errors import LinAlgError
from minigrad.functions.method import function
from minigrad.linalg.factorization import (
    cholesky,
    eigh,
    eigvalsh,
    inv,
    lstsq,
    pinv,
    qr,
    solve,
    solve_triangular,
    svd,
    svdvals,
)
from minigrad.linalg.norm import cond, matrix_norm, matrix_rank, norm, vector_norm
from minigrad.linalg.product import cross, multi_dot, vecdot
from minigrad.strangers import all_telling as _all_telling
from minigrad.strangers import asks_for_tensors as _asks
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

det = function(Tensor.det, first="A")
slogdet = function(Tensor.slogdet, first="A")
matmul = function(Tensor.matmul)
matrix_power = function(Tensor.matrix_power, first="A")

_all_telling(globals(), _asks)
