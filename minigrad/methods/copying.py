"""Copies of a tensor, and what programs that pickle are given of it."""

from __future__ import annotations

import warnings
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.device import Array
from minigrad.ops.shape import clone
from minigrad.recording import being_recorded, reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Copying:
    """Copying and pickling, as PyTorch's tensors do it."""

    def __copy__(self: Any) -> Tensor:
        """A leaf of the same class on the same memory, without the gradient, as PyTorch's."""
        twin: Any = restored(type(self), self.array, self.requires_grad, self._extra())
        twin.memory = self.history()
        return twin  # type: ignore[no-any-return]

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> Tensor:
        """A leaf of the same class with memory of its own; tensors that share memory do so again
        where they are copied together. Errors: RuntimeError for an op's result."""
        if not self.is_leaf:
            raise RuntimeError(
                "deepcopy: Only Tensors created explicitly by the user (graph leaves) support the "
                "deepcopy protocol at the moment; use detach().clone()"
            )
        if id(self) not in memo:
            extra = deepcopy(self._extra(), memo)
            if not being_recorded():
                array = deepcopied(self.array, memo)
            else:  # an op of the step that is recorded
                array = clone(self.detach()).array
            twin = memo[id(self)] = restored(type(self), array, self.tracked, extra)
            twin.grad = self._deepcopied_grad(memo)
        return memo[id(self)]  # type: ignore[no-any-return]

    def _deepcopied_grad(self: Any, memo: dict[int, Any]) -> Tensor | None:
        grad: Tensor | None = deepcopy(self.grad, memo)
        return grad

    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        """For programs that pickle: the numbers, whether a gradient is required, and attributes of
        the user's own. Not the tape nor the gradient: what comes back is a leaf, as in PyTorch."""
        reads("pickle.dumps()")
        if self.hooks or self.afterwards:
            told = "pickle: the hooks of a tensor are not pickled; register them again"
            warnings.warn(told, UserWarning, stacklevel=3)
        return restored, (type(self), self.array, self.requires_grad, self._extra())

    def _extra(self: Any) -> dict[str, Any]:
        """The attributes that are not minigrad's."""
        own = [vars(kind) for kind in type(self).__mro__ if _ours(kind)]
        return {
            name: value
            for name, value in self.__dict__.items()
            if name != "array" and not any(name in each for each in own)
        }


def _ours(kind: type) -> bool:
    return kind.__module__.startswith("minigrad.")


def restored(kind: type, array: Array, requires_grad: bool, extra: dict[str, Any]) -> Any:
    """A leaf of this class around the array."""
    twin: Any = object.__new__(kind)
    twin.array = np.asarray(array) if isinstance(array, np.ndarray) else array
    if requires_grad:
        twin.tracked = True
    twin.__dict__.update(extra)
    return twin


def deepcopied(array: Array, memo: dict[Any, Any]) -> Array:
    """A copy of the array, at the same place in a copy of all memory that it looks into, which
    ``memo`` keeps for the next one. Not where arrays of several types lie in that memory, as in
    that of a compiled step."""
    if not isinstance(array, np.ndarray):
        return array.copy()
    root: Any = array
    while isinstance(root.base, np.ndarray):
        root = root.base
    if root.base is not None or root.dtype != array.dtype:
        return array.copy()
    key = ("memory", id(root))
    if key not in memo:
        memo[key] = root.ravel(order="K").view(np.uint8).copy()
        memo.setdefault(id(memo), []).append(root)  # alive, and so its id its own, until the end
    offset = array.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    return np.ndarray(array.shape, array.dtype, memo[key], offset, array.strides)
