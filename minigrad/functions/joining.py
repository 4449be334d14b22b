"""Several tensors in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.methods.spelling import common_shape, listed
from minigrad.names import public
from minigrad.ops.shape import cat as cat_op
from minigrad.tensor import Tensor


def _check(name: str, tensors: Any) -> None:
    """That they are several, and not the rows of one. Errors: TypeError."""
    if isinstance(tensors, Tensor) or not hasattr(tensors, "__len__"):
        raise TypeError(
            f"{name}: argument 'tensors' must be a list or tuple of Tensors, not "
            f"{type(tensors).__name__}; pass several as {name}([a, b])"
        )


def cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """The tensors one after the other along ``dim`` (or NumPy's ``axis``), in their common type. As
    in PyTorch, empty tensors of one dimension fit everywhere.

    Args:
        tensors: a list or tuple.

    Errors: ValueError for none, RuntimeError when other lengths differ or one is 0-d.
    """
    _check("cat", tensors)
    if not len(tensors):
        raise ValueError("cat: expected a non-empty list of Tensors")
    shapes = [x.array.shape for x in tensors]
    if () in shapes:
        raise RuntimeError(
            f"cat: zero-dimensional tensor (at position {shapes.index(())}) cannot be concatenated"
        )
    dim = dim if axis is None else axis
    first = next((shape for shape in shapes if shape != (0,)), (0,))
    i = tensors[shapes.index(first)]._dim(dim)
    rest = (first[:i], first[i + 1 :])
    for k, shape in enumerate(shapes):
        if (shape[:i], shape[i + 1 :]) != rest and shape != (0,):
            raise RuntimeError(
                f"cat: Sizes of tensors must match except in dimension {i}. Expected {first} but "
                f"got {shape} for tensor number {k} in the list"
            )
    if (0,) in shapes and first != (0,):  # what is left out still counts for the type
        none = (*first[:i], 0, *first[i + 1 :])
        tensors = [x.reshape(none) if x.array.shape == (0,) else x for x in tensors]
    return cat_op(*tensors, dim=i)


concat = concatenate = cat


def stack(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Tensors of one shape along a new dimension, ``dim`` or NumPy's ``axis``.

    Args:
        tensors: a list or tuple.

    Errors: RuntimeError for none, or when the shapes differ.
    """
    _check("stack", tensors)
    if not len(tensors):
        raise RuntimeError("stack: expects a non-empty TensorList")
    for k, x in enumerate(tensors):
        if x.shape != tensors[0].shape:
            raise RuntimeError(
                f"stack: expects each tensor to be equal size, but got {tuple(tensors[0].shape)} "
                f"at entry 0 and {tuple(x.shape)} at entry {k}"
            )
    i = tensors[0]._dim(dim if axis is None else axis, extra=1)
    return cat_op(*(x.unsqueeze(i) for x in tensors), dim=i)


def _each(change: Any, tensors: tuple[Any, ...]) -> Any:
    """Change one tensor, or each of several given one by one or as a list."""
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return change(tensors[0])
    listed = tensors[0] if len(tensors) == 1 else tensors
    return tuple(change(x) for x in listed)


def atleast_1d(*tensors: Any) -> Any:
    """A tensor (or each of several) with at least one dimension.

    Args:
        tensors: one, several, or a list of them.
    """
    return _each(lambda x: x if x.ndim else x.reshape(1), tensors)


def atleast_2d(*tensors: Any) -> Any:
    """A tensor (or each of several) with at least two dimensions; a vector becomes a row.

    Args:
        tensors: one, several, or a list of them.
    """
    return _each(lambda x: x if x.ndim > 1 else x.reshape(1, -1), tensors)


def atleast_3d(*tensors: Any) -> Any:
    """A tensor (or each of several) with at least three dimensions: (n) becomes (1, n, 1), and
    (m, n) becomes (m, n, 1).

    Args:
        tensors: one, several, or a list of them.
    """
    return _each(
        lambda x: x if x.ndim > 2 else x.unsqueeze(-1) if x.ndim == 2 else x.reshape(1, -1, 1),
        tensors,
    )


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Side by side: vectors along their only dimension, others along the second.

    Args:
        tensors: a list or tuple.
    """
    _check("hstack", tensors)
    parts = atleast_1d(list(tensors))
    return cat(parts, 0 if parts and parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """One below the other, vectors as rows.

    Args:
        tensors: a list or tuple.
    """
    _check("vstack", tensors)
    return cat(atleast_2d(list(tensors)), 0)


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """One behind the other along the third dimension.

    Args:
        tensors: a list or tuple.
    """
    _check("dstack", tensors)
    return cat(atleast_3d(list(tensors)), 2)


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """Side by side, vectors as columns.

    Args:
        tensors: a list or tuple.
    """
    _check("column_stack", tensors)
    return cat([x if x.ndim > 1 else x.reshape(-1, 1) for x in tensors], 1)


def broadcast_shapes(*shapes: int | Sequence[int]) -> tuple[int, ...]:
    """The common shape of tensors of these shapes. Errors: RuntimeError when there is none.

    Args:
        shapes: tuples, or numbers for one dimension.
    """
    return common_shape("broadcast_shapes", [listed((shape,)) for shape in shapes])


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors in their common shape: views of those of another one. Errors: RuntimeError when
    there is none.

    Args:
        tensors: one by one.
    """
    shape = common_shape("broadcast_tensors", [x.shape for x in tensors])
    return tuple(x if x.shape == shape else x.expand(shape) for x in tensors)


def block_diag(*tensors: Tensor) -> Tensor:
    """A matrix with these on its diagonal, one after the other, and 0 elsewhere; a vector is a row.

    Args:
        tensors: one by one.

    Errors: RuntimeError for more than two dimensions.
    """
    blocks = [atleast_2d(x) for x in tensors]
    for k, x in enumerate(blocks):
        if x.ndim > 2:
            raise RuntimeError(
                f"block_diag: Input tensors must have 2 or fewer dimensions. Input {k} has {x.ndim}"
            )
    width = sum(x.shape[1] for x in blocks)
    rows, left = [], 0
    for x in blocks:
        gaps = [x.new_zeros(len(x), n) for n in (left, width - left - x.shape[1])]
        rows.append(cat([gaps[0], x, gaps[1]], 1))
        left += x.shape[1]
    return cat(rows, 0)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """For vectors x, y, .. the grids X[i, j, ..] = x[i], Y[i, j, ..] = y[j], .. as views;
    ``indexing="xy"`` swaps the first two dimensions.

    Args:
        tensors: vectors, one by one or as a list.
    """
    vectors = list(
        tensors[0] if len(tensors) == 1 and not isinstance(tensors[0], Tensor) else tensors
    )
    if not vectors or any(x.ndim > 1 for x in vectors):
        raise RuntimeError("meshgrid: expects at least one tensor, each 0D or 1D")
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            f'meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    swap = indexing == "xy" and len(vectors) > 1
    if swap:
        vectors[:2] = vectors[1::-1]
    shape = [x.numel() for x in vectors]
    grids = [
        x.reshape([-1 if j == i else 1 for j in range(len(vectors))]).expand(shape)
        for i, x in enumerate(vectors)
    ]
    if swap:
        grids[:2] = grids[1::-1]
    return tuple(grids)


public(globals())
