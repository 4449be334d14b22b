"""The same numbers in another shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias

import numpy as np

from minigrad.methods.reinterpretation import reinterpreted
from minigrad.methods.spelling import listed, nothing, numpy_names, public_caller, several
from minigrad.ops.shape import clone, expand, permute, reshape, sum_to

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

Dims: TypeAlias = int | Sequence[int] | None
P = ParamSpec("P")


def reshaping(
    method: Callable[Concatenate[Any, P], Tensor],
) -> Callable[Concatenate[Any, P], Tensor]:
    """The twin of a method that gives a view: the tensor itself takes that shape; no number moves.

    Errors: RuntimeError for a leaf that requires a gradient.
    """
    name = method.__name__ + "_"

    @wraps(method)
    def twin(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> Tensor:
        return self.become(method(self, *args, **kwargs), name)  # type: ignore[no-any-return]

    twin.__name__ = name
    twin.__doc__ = f"`{method.__name__}`, in place."
    return twin


class Shape:
    """reshape and its like."""

    def _axes(self: Tensor, dim: Dims) -> tuple[int, ...]:
        """The dimensions counted from the front, in order; all of them for None or nothing.

        Errors: IndexError, RuntimeError for one that comes twice.
        """
        if dim is None or (isinstance(dim, (tuple, list)) and not dim):
            return tuple(range(self.ndim))
        dims: list[Any] = list(dim) if isinstance(dim, (tuple, list)) else [dim]
        axes = [self._dim(d) for d in dims]
        if len(set(axes)) != len(axes):
            raise RuntimeError(
                f"{public_caller()}: dim {dims} appears multiple times in the list of dims"
            )
        return tuple(sorted(axes)) if self.ndim else ()

    def clone(self: Tensor) -> Tensor:
        """A copy in memory of its own; the gradient flows through."""
        return clone(self)

    def contiguous(self: Tensor) -> Tensor:
        """The numbers in memory in the order of their indices: itself, or a copy."""
        return self if self.is_contiguous() else clone(self)

    # -- lengths --------------------------------------------------------------------------------

    def reshape(
        self: Tensor, *sizes: int | Sequence[int], shape: Sequence[int] | None = None
    ) -> Tensor:
        """The numbers in another shape, one length of which may be -1. A view where it can be.

        Args:
            sizes: the lengths, ``(2, -1)`` or one by one.
            shape: the lengths, by that name.

        Errors: RuntimeError when the number of elements differs.
        """
        return reshape(self, shape=_resolved("reshape", listed(sizes, shape), self.array.shape))

    def reshape_as(self: Tensor, other: Tensor) -> Tensor:
        """`reshape` to the shape of another tensor.

        Args:
            other: the other tensor.
        """
        return self.reshape(other.shape)

    def view(
        self: Tensor, *sizes: Any, size: Sequence[int] | None = None, dtype: Any = None
    ) -> Tensor:
        """`reshape` that never copies; ``view(dtype)`` is the memory read as another type, see
        `reinterpreted`.

        Args:
            sizes: the lengths, ``(2, -1)`` or one by one; or a type.
            size, dtype: the same by name.

        Errors: RuntimeError when the number of elements differs, or the memory has another order;
        TypeError for lengths beside a type.
        """
        if dtype is None and len(sizes) == 1 and isinstance(sizes[0], (np.dtype, type)):
            sizes, dtype = (), sizes[0]
        if dtype is not None:
            if sizes or size is not None:
                raise TypeError("view: expected lengths or a dtype, got both")
            return reinterpreted(self, dtype)
        shape = listed(sizes, size)
        y = reshape(self, shape=_resolved("view", shape, self.array.shape))
        if y.base is None and y.numel():
            raise RuntimeError(
                f"view: size {shape} is not compatible with the input tensor's size "
                f"{self.shape} and stride {self.stride()}; use .reshape(...) instead"
            )
        return y

    def view_as(self: Tensor, other: Tensor) -> Tensor:
        """`view` in the shape of another tensor.

        Args:
            other: the other tensor.
        """
        return self.view(other.shape)

    def flatten(self: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """The dimensions from start to end, both included, as one.

        Args:
            start_dim, end_dim: the first and the last of them.

        Errors: RuntimeError when the start comes after the end.
        """
        start, end = self._dim(start_dim), self._dim(end_dim)
        if start > end:
            raise RuntimeError(
                f"flatten: start_dim cannot come after end_dim, got {start_dim} and {end_dim}"
            )
        if start == end and self.ndim:
            return self
        joined = math.prod(self.array.shape[start : end + 1])
        return reshape(
            self, shape=(*self.array.shape[:start], joined, *self.array.shape[end + 1 :])
        )

    def ravel(self: Tensor) -> Tensor:
        """All numbers in one dimension, a view of what is contiguous."""
        return self.contiguous().flatten()

    def unflatten(self: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
        """One dimension as several, one length of which may be -1.

        Args:
            dim: the dimension.
            sizes: its lengths.

        Errors: RuntimeError when the lengths do not multiply to that of the dimension.
        """
        i = self._dim(dim)
        if not sizes:
            raise RuntimeError("unflatten: sizes must be non-empty")
        parts = _resolved("unflatten", listed((sizes,)), self.array.shape[i : i + 1])
        return reshape(self, shape=(*self.array.shape[:i], *parts, *self.array.shape[i + 1 :]))

    @numpy_names
    def squeeze(self: Tensor, dim: Dims = None) -> Tensor:
        """A view without the dimensions of length 1, or without those of ``dim`` that are."""
        axes = self._axes(dim)
        if nothing(dim):
            axes = ()
        shape = tuple(n for i, n in enumerate(self.array.shape) if n != 1 or i not in axes)
        return reshape(self, shape=shape)

    @numpy_names
    def unsqueeze(self: Tensor, dim: int) -> Tensor:
        """A view with one more dimension of length 1 at ``dim``."""
        i = self._dim(dim, extra=1)
        return reshape(self, shape=(*self.array.shape[:i], 1, *self.array.shape[i:]))

    squeeze_ = reshaping(squeeze)
    unsqueeze_ = reshaping(unsqueeze)

    # -- order ----------------------------------------------------------------------------------

    def permute(
        self: Tensor, *order: int | Sequence[int], dims: Sequence[int] | None = None
    ) -> Tensor:
        """The dimensions in another order, a view.

        Args:
            order: where each dimension of the result comes from, as a tuple or one by one.
            dims: the same by name.
        """
        axes = tuple(self._dim(dim) for dim in listed(order, dims))
        if sorted(axes) != list(range(self.ndim)):
            raise RuntimeError(
                f"permute: expected an order of {self.ndim} dimensions, got {listed(order, dims)}"
            )
        return permute(self, dims=axes)

    def transpose(self: Tensor, dim0: int, dim1: int) -> Tensor:
        """Two dimensions swapped, a view.

        Args:
            dim0, dim1: the two.
        """
        order = list(range(self.ndim))
        i, j = self._dim(dim0), self._dim(dim1)
        if self.ndim:
            order[i], order[j] = j, i
        return permute(self, dims=tuple(order))

    def swapaxes(self: Tensor, axis0: int, axis1: int) -> Tensor:
        """`transpose`, whose arguments NumPy calls axes.

        Args:
            axis0, axis1: the two.
        """
        return self.transpose(axis0, axis1)

    swapdims = transpose
    transpose_ = swapdims_ = reshaping(transpose)
    swapaxes_ = reshaping(swapaxes)

    def t(self: Tensor) -> Tensor:
        """A matrix transposed, a view; a vector as it is. Errors: RuntimeError for 3 dimensions."""
        if self.ndim > 2:
            raise RuntimeError(
                f"t: expects a tensor with <= 2 dimensions, but self is {self.ndim}D; use .mT"
            )
        return permute(self, dims=tuple(reversed(range(self.ndim))))

    t_ = reshaping(t)

    @property
    def T(self: Tensor) -> Tensor:
        """The dimensions in reverse order, a view."""
        return permute(self, dims=tuple(reversed(range(self.ndim))))

    @property
    def mT(self: Tensor) -> Tensor:
        """The last two dimensions swapped, a view."""
        if self.ndim < 2:
            raise RuntimeError(f"mT: expected 2 dimensions or more, got shape {self.shape}")
        return self.transpose(-2, -1)

    def movedim(
        self: Tensor, source: int | Sequence[int], destination: int | Sequence[int]
    ) -> Tensor:
        """Dimensions moved to other places, the rest in their order, a view.

        Args:
            source: the dimension, or several.
            destination: where they go.

        Errors: RuntimeError when the two differ in number or one of them names a dimension twice.
        """
        starts, ends = [[self._dim(d) for d in several(dims)] for dims in (source, destination)]
        if len(starts) != len(ends):
            raise RuntimeError(
                "movedim: Invalid source or destination dims: source has "
                f"{len(starts)} dims, destination {len(ends)}"
            )
        if len(set(starts)) != len(starts) or len(set(ends)) != len(ends):
            raise RuntimeError(
                f"movedim: repeated dim in source ({source}) or destination ({destination})"
            )
        order = [i for i in range(self.ndim) if i not in starts]
        for end, start in sorted(zip(ends, starts, strict=True)):
            order.insert(end, start)
        return permute(self, dims=tuple(order[: self.ndim]))

    moveaxis = movedim

    # -- repetition -----------------------------------------------------------------------------

    def expand(
        self: Tensor, *sizes: int | Sequence[int], size: Sequence[int] | None = None
    ) -> Tensor:
        """A view in which dimensions of length 1 are repeated; -1 leaves a length as it is.

        Args:
            sizes: the lengths, as a tuple or one by one; further ones in front add dimensions.
            size: the same by name.
        """
        goal = list(listed(sizes, size))
        lead = len(goal) - self.ndim
        for i, n in enumerate(goal):
            own = self.array.shape[i - lead] if i >= lead else None
            if n == -1 and own is not None:
                goal[i] = own
            elif lead < 0 or n < 0 or (own is not None and own not in (1, n)):
                raise RuntimeError(
                    f"expand: the tensor has shape {self.shape}, which does not expand to {goal}"
                )
        if lead < 0:
            raise RuntimeError(
                f"expand: the tensor has shape {self.shape}, which has more dimensions than {goal}"
            )
        return expand(self, shape=tuple(goal))

    broadcast_to = expand

    def expand_as(self: Tensor, other: Tensor) -> Tensor:
        """`expand` to the shape of another tensor.

        Args:
            other: the other tensor.
        """
        return self.expand(other.shape)

    def sum_to_size(
        self: Tensor, *sizes: int | Sequence[int], size: Sequence[int] | None = None
    ) -> Tensor:
        """The sum over the dimensions along which ``size`` would be expanded to this shape.

        Args:
            sizes: the lengths, as a tuple or one by one.
        """
        goal = listed(sizes, size)
        if goal == self.shape and goal:
            return self
        lead = self.ndim - len(goal)
        own = self.array.shape[max(lead, 0) :]
        if own != goal and (
            lead < 0 or any(n not in (1, m) for n, m in zip(goal, own, strict=True))
        ):
            raise RuntimeError(
                f"sum_to_size: the tensor has shape {self.shape}, which does not sum to {goal}"
            )
        return sum_to(self, shape=goal)

    def repeat(
        self: Tensor, *times: int | Sequence[int], repeats: Sequence[int] | None = None
    ) -> Tensor:
        """Copies side by side, so many along each dimension; more counts than dimensions add
        dimensions in front. Errors: RuntimeError for fewer, or for a negative one.

        Args:
            times: how many copies along each dimension, as a tuple or one by one.
            repeats: the same by name.
        """
        counts = listed(times, repeats)
        lead = len(counts) - self.ndim
        if lead < 0 or any(n < 0 for n in counts):
            raise RuntimeError(
                f"repeat: Number of dimensions of repeat dims can not be smaller than number of "
                f"dimensions of tensor, and none negative; got {counts} for shape {self.shape}"
            )
        shape = (1,) * lead + self.array.shape
        apart = self.reshape([m for n in shape for m in (1, n)])
        spread = apart.expand([m for k, n in zip(counts, shape, strict=True) for m in (k, n)])
        y = spread.reshape([k * n for k, n in zip(counts, shape, strict=True)])
        return clone(y) if y.base is not None else y  # PyTorch's is never a view

    def tile(
        self: Tensor, *counts: int | Sequence[int], dims: Sequence[int] | None = None
    ) -> Tensor:
        """`repeat`, in which missing counts in front are 1.

        Args:
            counts: how many copies along each dimension, as a tuple or one by one.
            dims: the same by name.
        """
        times = listed(counts, dims)
        return self.repeat((1,) * (self.ndim - len(times)) + times)


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
