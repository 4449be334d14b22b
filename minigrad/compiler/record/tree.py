"""Tensors in lists, tuples and dictionaries: what a step takes and returns."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import copysign
from typing import Any

from minigrad.tensor import Tensor


@dataclass(frozen=True)
class Hole:
    """Where a tensor stands, and what is known of it."""

    shape: tuple[int, ...]
    dtype: Any
    device: Any
    tracked: bool


def flattened(tree: Any) -> tuple[list[Tensor], Hashable]:
    """The tensors of a tree in order, and the rest of it with a `Hole` for each.

    Errors: TypeError for what is neither a tensor nor a plain value.
    """
    tensors: list[Tensor] = []
    return tensors, _taken(tree, tensors)


def _taken(tree: Any, tensors: list[Tensor]) -> Hashable:
    if isinstance(tree, Tensor):
        tensors.append(tree)
        return Hole(tree.array.shape, tree.array.dtype, tree.device, tree.tracked)
    if isinstance(tree, (list, tuple)):
        return (type(tree), *[_taken(each, tensors) for each in tree])
    if isinstance(tree, Mapping):
        return (dict, *[(key, _taken(each, tensors)) for key, each in tree.items()])
    if isinstance(tree, float):
        return (type(tree), tree, copysign(1, tree))  # 0.0 and -0.0 are equal, but not the same
    if tree is None or isinstance(tree, (bool, int, str, bytes)):
        return (type(tree), tree)
    raise TypeError(
        f"compile: a step takes and returns tensors and plain values, got {type(tree).__name__}; "
        "make it a tensor, or let the step close over it"
    )


def rebuilt(shape: Any, tensors: list[Any]) -> Any:
    """The tree again, with these tensors in its holes."""
    return _put(shape, iter(tensors))


def _put(shape: Any, tensors: Any) -> Any:
    if isinstance(shape, Hole):
        return next(tensors)
    kind, *rest = shape
    if kind is dict:
        return {key: _put(each, tensors) for key, each in rest}
    if issubclass(kind, (list, tuple)):
        parts = [_put(each, tensors) for each in rest]
        return kind(*parts) if hasattr(kind, "_fields") else kind(parts)  # a named tuple
    return rest[0]
