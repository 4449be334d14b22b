"""Products of several tensors over chosen dimensions, by way of matmul."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any, TypeAlias

from minigrad.names import public
from minigrad.ops.shape import apart
from minigrad.tensor import Tensor

Labels: TypeAlias = tuple[Any, ...]
"""A name for each dimension of a tensor: a letter or an integer; ("…", k) for the k-th dimension
from the right of those that an ellipsis stands for."""


def einsum(equation: Any, *operands: Any) -> Tensor:
    """Einstein's sum: ``einsum("ij,jk->ik", a, b)`` multiplies elements whose letters agree, and
    sums over the letters that the result lacks.

    ``...`` stands for any further dimensions, which are broadcast. Without ``->`` the result has
    the letters that occur once, in alphabetical order. Integers may name the dimensions as well:
    ``einsum(a, [0, 1], b, [1, 2], [0, 2])``. Three operands or more are multiplied in pairs, the
    pair with the smallest product first.
    Errors: RuntimeError for an equation that does not fit the operands.

    Args:
        equation: the letters, or the first operand where integers name the dimensions.
        operands: the tensors.
    """
    if isinstance(equation, str):
        tensors = list(operands[0]) if isinstance(operands[0], (list, tuple)) else list(operands)
        left, arrow, right = equation.replace(" ", "").partition("->")
        terms = [_letters(term, equation) for term in left.split(",")]
        goal = _letters(right, equation) if arrow else None
    else:
        listed = [equation, *operands]
        goal = _numbers(listed.pop()) if len(listed) % 2 else None
        tensors, terms = listed[::2], [_numbers(term) for term in listed[1::2]]
        equation = str(terms)
    if len(terms) != len(tensors):
        raise RuntimeError(
            f"einsum: the equation {equation!r} has {len(terms)} operands, {len(tensors)} were "
            "given"
        )
    parts = [
        _single(x, _spelled(term, x, equation)) for x, term in zip(tensors, terms, strict=True)
    ]
    sizes = _sizes(parts, equation)
    result = _result(goal, terms, parts, sizes, equation)
    sums = len(parts) == 1 and not {*parts[0][1]} <= {*result}
    parts = [_without_ones(x, labels, sizes) for x, labels in parts]
    while len(parts) > 1:
        i, j = min(combinations(range(len(parts)), 2), key=lambda pair: _cost(parts, pair, sizes))
        b, a = parts.pop(j), parts.pop(i)
        kept = {*result}.union(*(labels for _, labels in parts))
        parts.insert(0, _product(a, b, kept))
    x, labels = _summed(*parts[0], {*result})
    x = x.permute([labels.index(label) for label in result if label in labels])
    for i, label in enumerate(result):  # a label of length 1 everywhere was taken out above
        if label not in labels:
            x = x.unsqueeze(i)
    return apart(x, tensors[0]) if sums else x  # a sum of one number each is no view either


def _letters(term: str, equation: str) -> list[Any]:
    before, dots, behind = term.partition("...")
    if not (before + behind).isalpha() and before + behind:
        raise RuntimeError(
            f"einsum: invalid subscript in {equation!r}; expected letters, commas, '...' and '->'"
        )
    return [*before, *([Ellipsis] if dots else []), *behind]


def _numbers(term: Sequence[Any]) -> list[Any]:
    return [part if part is Ellipsis else int(part) for part in term]


def _spelled(term: list[Any], x: Tensor, equation: str) -> list[Any]:
    """The term with a label for every dimension of x."""
    free = x.ndim - len(term) + (Ellipsis in term)
    if free < 0 or (free and Ellipsis not in term):
        raise RuntimeError(
            f"einsum: the number of subscripts in the equation {equation!r} does not match the "
            f"number of dimensions of an operand of shape {tuple(x.shape)}"
        )
    rest: list[Any] = [("…", k) for k in reversed(range(free))]
    return [label for part in term for label in (rest if part is Ellipsis else [part])]


def _single(x: Tensor, labels: list[Any]) -> tuple[Tensor, Labels]:
    """Each label once: a repeated one stands for the diagonal."""
    for label, count in Counter(labels).items():
        for _ in range(count - 1):
            i = labels.index(label)
            j = labels.index(label, i + 1)
            if x.shape[i] != x.shape[j]:
                raise RuntimeError(
                    f"einsum: subscript {label} is repeated for an operand but the sizes don't "
                    f"match, {x.shape[j]} != {x.shape[i]}"
                )
            x = x.diagonal(0, i, j)
            labels = [other for k, other in enumerate(labels) if k not in (i, j)] + [label]
    return x, tuple(labels)


def _sizes(parts: list[tuple[Tensor, Labels]], equation: str) -> dict[Any, int]:
    """The length of every label; a dimension of length 1 is broadcast."""
    sizes: dict[Any, int] = {}
    for x, labels in parts:
        for label, n in zip(labels, x.shape, strict=True):
            if sizes.setdefault(label, n) == 1:
                sizes[label] = n
            elif n not in (1, sizes[label]):
                raise RuntimeError(
                    f"einsum: in {equation!r} the subscript {label} has size {n} for an operand of "
                    f"shape {tuple(x.shape)}, which does not broadcast with previously seen size "
                    f"{sizes[label]}"
                )
    return sizes


def _result(
    goal: list[Any] | None,
    terms: list[list[Any]],
    parts: list[tuple[Tensor, Labels]],
    sizes: dict[Any, int],
    equation: str,
) -> Labels:
    """The labels of the result."""
    dots = sorted((label for label in sizes if isinstance(label, tuple)), reverse=True)
    if goal is None:
        counts = Counter(part for term in terms for part in term if part is not Ellipsis)
        return (*dots, *sorted(label for label, count in counts.items() if count == 1))
    for label in goal:
        if goal.count(label) > 1 or (label is not Ellipsis and label not in sizes):
            raise RuntimeError(
                f"einsum: output subscript {label} of {equation!r} appears more than once or in no "
                "operand"
            )
    return tuple(label for part in goal for label in (dots if part is Ellipsis else [part]))


def _without_ones(x: Tensor, labels: Labels, sizes: dict[Any, int]) -> tuple[Tensor, Labels]:
    """Without the dimensions that are broadcast: a product repeats them by itself."""
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    kept = tuple(label for i, label in enumerate(labels) if i not in ones)
    return (x.reshape([n for n in x.shape if n != 1]), kept) if ones else (x, labels)


def _summed(x: Tensor, labels: Labels, kept: set[Any]) -> tuple[Tensor, Labels]:
    """Summed over the labels that nothing else has."""
    alone = tuple(i for i, label in enumerate(labels) if label not in kept)
    if not alone:
        return x, labels
    return x.sum(alone), tuple(label for label in labels if label in kept)


def _cost(parts: list[tuple[Tensor, Labels]], pair: tuple[int, int], sizes: dict[Any, int]) -> int:
    """The size of the product of two operands: the less, the sooner."""
    others = {label for k, (_, labels) in enumerate(parts) if k not in pair for label in labels}
    a, b = ({*parts[i][1]} for i in pair)
    kept = (a ^ b) | (a & b & others)
    return math.prod(sizes[label] for label in kept)


def _product(
    a: tuple[Tensor, Labels], b: tuple[Tensor, Labels], kept: set[Any]
) -> tuple[Tensor, Labels]:
    """The product of two operands, summed over the labels that are not kept."""
    x, left = _summed(*a, kept | {*b[1]})
    y, right = _summed(*b, kept | {*a[1]})
    shared = [label for label in left if label in right]
    batch = [label for label in shared if label in kept]
    inner = [label for label in shared if label not in kept]
    rows = [label for label in left if label not in shared]
    columns = [label for label in right if label not in shared]
    lengths = {**dict(zip(left, x.shape, strict=True)), **dict(zip(right, y.shape, strict=True))}

    def count(labels: list[Any]) -> int:
        return math.prod(lengths[label] for label in labels)

    x = x.permute([left.index(label) for label in (*batch, *rows, *inner)])
    y = y.permute([right.index(label) for label in (*batch, *inner, *columns)])
    x = x.reshape(count(batch), count(rows), count(inner))
    y = y.reshape(count(batch), count(inner), count(columns))
    if not inner:
        z = x * y
    elif batch:
        z = x.bmm(y)
    else:
        z = x[0].mm(y[0])
    labels = (*batch, *rows, *columns)
    return z.reshape([lengths[label] for label in labels]), labels


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """The sum over pairs of dimensions: the last ``dims`` of a with the first of b, or those of two
    lists ``dims=([of a], [of b])``; a length of 1 stands for as many as the other has. Errors:
    RuntimeError when their lengths differ otherwise.

    Args:
        a, b: the tensors.
    """
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0 or dims > min(a.ndim, b.ndim):
            raise RuntimeError(
                f"tensordot: expected dims from 0 to {min(a.ndim, b.ndim)}, got {dims}"
            )
        over = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        over = [a._dim(i) for i in _listed(dims[0])], [b._dim(i) for i in _listed(dims[1])]
    lengths = [a.shape[i] for i in over[0]], [b.shape[i] for i in over[1]]
    if len(over[0]) != len(over[1]) or any(
        m != n and 1 not in (m, n) for m, n in zip(*lengths, strict=True)
    ):
        raise RuntimeError(
            f"tensordot: contracted dimensions need to match, but over dimensions {over[0]} and "
            f"{over[1]} the lengths are {lengths[0]} and {lengths[1]}"
        )
    names: list[Any] = list(range(a.ndim))
    others: list[Any] = list(range(a.ndim, a.ndim + b.ndim))
    for i, j in zip(*over, strict=True):
        others[j] = names[i]
    free = [i for i in names + others if (i in names) != (i in others)]
    return einsum(a, names, b, others, free)


def _listed(dims: int | Sequence[int]) -> Sequence[int]:
    return [dims] if isinstance(dims, int) else dims


def chain_matmul(*matrices: Any) -> Tensor:
    """The product of several matrices, in the order of multiplication that costs least.

    Args:
        matrices: two or more.

    Source: Cormen et al., Introduction to Algorithms, matrix-chain multiplication.
    """
    given = matrices[0] if matrices and isinstance(matrices[0], (list, tuple)) else matrices
    chain: list[Tensor] = list(given)
    if not chain:
        raise RuntimeError("chain_matmul: Expected one or more matrices")
    for x in chain:
        if x.ndim != 2:
            raise RuntimeError(f"chain_matmul: expected matrices, got shape {tuple(x.shape)}")
    if len(chain) == 1:
        return apart(chain[0], chain[0])  # type: ignore[no-any-return]
    n = len(chain)
    lengths = [x.shape[0] for x in chain] + [x.shape[1] for x in chain[-1:]]
    cost = {(i, i): 0 for i in range(n)}
    cut: dict[tuple[int, int], int] = {}
    for width in range(1, n):
        for i in range(n - width):
            j = i + width
            cost[i, j], cut[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1], k)
                for k in range(i, j)
            )

    def product(i: int, j: int) -> Tensor:
        if i == j:
            return chain[i]
        return product(i, cut[i, j]).mm(product(cut[i, j] + 1, j))

    return product(0, n - 1)


public(globals())
