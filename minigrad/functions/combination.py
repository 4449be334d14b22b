"""Numbers that are combined with each other: pairs, products, triangles, distances."""

from __future__ import annotations

import math
from itertools import combinations as chosen
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.arguments import number, whole, wholes
from minigrad.creation import made
from minigrad.functions.joining import meshgrid, stack
from minigrad.names import public
from minigrad.tensor import Tensor


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """Every choice of one number from each vector, a row for each; of a single vector itself.

    Args:
        tensors: vectors.

    Errors: RuntimeError for more than one dimension.
    """
    for x in tensors:
        if x.ndim != 1:
            raise RuntimeError(f"cartesian_prod: expects 1D vectors, but got shape {x.shape}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([grid.reshape(-1) for grid in meshgrid(*tensors)], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """Every choice of ``r`` numbers of a vector, in the order of their places, a row for each.

    Args:
        input: the vector.
        with_replacement: whether a number may be chosen again.

    Errors: RuntimeError for more than one dimension.
    """
    if not isinstance(input, Tensor):
        raise TypeError(f"combinations: input must be Tensor, not {type(input).__name__}")
    if input.ndim != 1:
        raise RuntimeError(f"combinations: expects a 1D vector, but got shape {input.shape}")
    r = whole("combinations", "r", r)
    choose = combinations_with_replacement if with_replacement else chosen
    places = np.array(list(choose(range(len(input)), r)), dtype=np.int64).reshape(-1, r)
    return input[made(places, input.device)]


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Tensor:
    """The places of the lower triangle of a row × col matrix, as one row of rows and one of
    columns; ``offset`` shifts its diagonal to the right.

    Args:
        row, col: how many rows and columns.
        dtype: the type of the places; None is int64.
        device: where they stand; None is the CPU.
    """
    rows, columns, k = wholes("tril_indices", "row, col and offset", (row, col, offset))
    return _places(np.tril_indices(rows, k, columns), dtype, device)


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Any = None, device: Any = None
) -> Tensor:
    """The places of the upper triangle of a row × col matrix, as `tril_indices` gives them.

    Args:
        row, col: how many rows and columns.
        offset: shifts the diagonal to the right.
        dtype: the type of the places; None is int64.
        device: where they stand; None is the CPU.
    """
    rows, columns, k = wholes("triu_indices", "row, col and offset", (row, col, offset))
    return _places(np.triu_indices(rows, k, columns), dtype, device)


def _places(found: Any, dtype: Any, device: Any) -> Tensor:
    kind = dtypes.int64 if dtype is None else dtypes.as_dtype(dtype)
    return made(np.stack(found).astype(kind), device)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0) -> Tensor:
    """z[i, j] = the p-norm of x1[i] - x2[j]; the gradient at distance 0 is 0.

    Args:
        x1, x2: the points, in rows.
        p: the norm's exponent.

    Shapes: (.., N, D) and (.., M, D) give (.., N, M). Errors: RuntimeError when D differs.
    """
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"cdist: X1 and X2 must have 2 dimensions or more and the same number of columns, got "
            f"{x1.shape} and {x2.shape}"
        )
    p = number("cdist", "p", p)
    apart = x1.unsqueeze(-2) - x2.unsqueeze(-3)
    if not apart.shape[-1]:
        return apart.sum(-1)
    distance = apart.norm(p, -1)
    return distance.masked_fill(apart.isnan().any(-1), math.nan) if p == 0 else distance


public(globals())
