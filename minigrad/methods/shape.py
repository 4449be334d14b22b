"""The same numbers in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from minigrad.methods.comparison import Comparison
from minigrad.ops.shape import clone, expand, permute, reshape, sum_to

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def listed(values: tuple[int | Sequence[int], ...]) -> tuple[int, ...]:
    """A shape from ``f(2, 3)``, ``f((2, 3))`` or ``f([2, 3])``."""
    if len(values) == 1 and not isinstance(values[0], int) and hasattr(values[0], "__iter__"):
        return tuple(int(n) for n in values[0])
    return tuple(int(n) for n in values)  # type: ignore[arg-type]


class Shape(Comparison):
    """reshape and its like."""

    def clone(self) -> Tensor:
        """A copy in memory of its own; the gradient flows through."""
        return clone(self)

    def reshape(self, *shape: int | Sequence[int]) -> Tensor:
        """The numbers in another shape, one length of which may be -1. A view where it can be.

        Errors: RuntimeError when the number of elements differs.
        """
        return reshape(self, shape=_resolved("reshape", listed(shape), self.shape))

    def permute(self, *dims: int | Sequence[int]) -> Tensor:
        """The dimensions in another order, a view."""
        order = tuple(self._dim(dim) for dim in listed(dims))
        if sorted(order) != list(range(self.ndim)):
            raise RuntimeError(f"permute: expected an order of {self.ndim} dimensions, got {dims}")
        return permute(self, dims=order)

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Two dimensions swapped, a view."""
        order = list(range(self.ndim))
        i, j = self._dim(dim0), self._dim(dim1)
        if self.ndim:
            order[i], order[j] = j, i
        return permute(self, dims=tuple(order))

    @property
    def T(self) -> Tensor:
        """The dimensions in reverse order, a view."""
        return permute(self, dims=tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Tensor:
        """The last two dimensions swapped, a view."""
        if self.ndim < 2:
            raise RuntimeError(f"mT: expected 2 dimensions or more, got shape {self.shape}")
        return self.transpose(-2, -1)

    def expand(self, *sizes: int | Sequence[int]) -> Tensor:
        """A view in which dimensions of length 1 are repeated; -1 leaves a length as it is."""
        goal = list(listed(sizes))
        lead = len(goal) - self.ndim
        for i, n in enumerate(goal):
            own = self.shape[i - lead] if i >= lead else None
            if n == -1 and own is not None:
                goal[i] = own
            elif lead < 0 or n < 0 or (own is not None and own not in (1, n)):
                raise RuntimeError(
                    f"expand: the tensor has shape {self.shape}, which does not expand to {goal}"
                )
        return expand(self, shape=tuple(goal))

    def sum_to_size(self, *size: int | Sequence[int]) -> Tensor:
        """The sum over the dimensions along which ``size`` would be expanded to this shape."""
        goal = listed(size)
        lead = self.ndim - len(goal)
        if lead < 0 or any(n not in (1, m) for n, m in zip(goal, self.shape[lead:], strict=True)):
            raise RuntimeError(
                f"sum_to_size: the tensor has shape {self.shape}, which does not sum to {goal}"
            )
        return sum_to(self, shape=goal)


def _resolved(caller: str, shape: tuple[int, ...], old: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with its -1 filled in. Errors: RuntimeError, as in PyTorch."""
    count, known = math.prod(old), math.prod(n for n in shape if n != -1)
    free = shape.count(-1)
    if free > 1 or any(n < -1 for n in shape):
        raise RuntimeError(f"{caller}: only one length can be inferred, got {shape}")
    if (free == 0 and known != count) or (free == 1 and (known == 0 or count % known)):
        raise RuntimeError(
            f"{caller}: shape '{list(shape)}' is invalid for input of size {count} "
            f"(a tensor of shape {tuple(old)})"
        )
    return tuple(count // known if n == -1 else n for n in shape)
