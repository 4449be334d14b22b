"""A tensor's parts: ranges, pieces, diagonals, windows; and its elements in another order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.methods.shape import reshaping
from minigrad.methods.spelling import listed, nothing, numpy_names, public_caller, several, whole
from minigrad.methods.twins import in_place
from minigrad.ops.diagonal import diagonal, tril, triu, undiagonal
from minigrad.ops.indexing import slice
from minigrad.ops.shape import flip, roll
from minigrad.ops.window import as_strided, windows

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

_WHOLE = np.s_[:]


class Parts:
    """narrow and its like."""

    # -- ranges and pieces ----------------------------------------------------------------------

    def narrow(self: Tensor, dim: int, start: int | Tensor, length: int) -> Tensor:
        """``length`` places from ``start`` along ``dim``, a view.

        Errors: IndexError, RuntimeError when they are not all there.
        """
        if not self.ndim:
            raise RuntimeError("narrow: cannot be applied to a 0-dim tensor")
        i, first, length = self._dim(dim), whole(start), whole(length)
        n = self.shape[i]
        if not -n <= first <= n:
            raise IndexError(
                f"narrow: start out of range (expected to be in range of [{-n}, {n}], got {first})"
            )
        first += n if first < 0 else 0
        if length < 0 or first + length > n:
            raise RuntimeError(
                f"narrow: start ({first}) + length ({length}) exceeds dimension size ({n}), or the "
                "length is negative"
            )
        return self._range(i, first, first + length)

    def _range(self: Tensor, i: int, start: int, end: int) -> Tensor:
        return slice(self, key=(_WHOLE,) * i + (np.s_[start:end],))

    def select(self: Tensor, dim: int, index: int) -> Tensor:
        """What is at one place along ``dim``, without that dimension; a view.

        Args:
            index: the place; negative ones count from the end.
        """
        if not self.ndim:
            raise IndexError("select: cannot be applied to a 0-dim tensor")
        i = self._dim(dim)
        n, place = self.shape[i], whole(index)
        if not -n <= place < n:
            raise IndexError(
                f"select: index {place} out of range for tensor of size {list(self.shape)} at "
                f"dimension {i}"
            )
        return slice(self, key=(_WHOLE,) * i + (place,))

    @numpy_names
    def unbind(self: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
        """The views at every place along ``dim``."""
        if not self.ndim:
            raise IndexError("unbind: Dimension specified as 0 but tensor has no dimensions")
        i = self._dim(dim)
        places = range(self.array.shape[i])
        return tuple(slice(self, key=(_WHOLE,) * i + (k,)).one_of_several() for k in places)

    def split(self: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
        """Views along ``dim`` of that length (the last may be shorter), or of those lengths.

        Args:
            split_size: one length for all parts, or a list of lengths.
            dim: the dimension that is cut.

        Errors: RuntimeError when given lengths do not add up to that of the dimension.
        """
        if not self.ndim:
            raise RuntimeError("split: expects at least a 1-dimensional tensor")
        i = self._dim(dim)
        n = self.shape[i]
        if not isinstance(split_size, (list, tuple)):
            split_size = whole(split_size)
            if split_size < 0 or (split_size == 0 and n):
                raise RuntimeError(
                    f"split: expects split_size be non-negative (and 0 only for an empty "
                    f"dimension), but got split_size={split_size}"
                )
            starts = list(range(0, n, split_size)) if n else [0]
            return tuple(self._range(i, k, min(k + split_size, n)).one_of_several() for k in starts)
        sizes = listed((split_size,))
        if sum(sizes) != n or any(size < 0 for size in sizes):
            raise RuntimeError(
                f"split: expects split_sizes to sum exactly to {n} (the size at dimension {dim}), "
                f"none negative, but got {list(sizes)}"
            )
        edges = pairwise([0, *accumulate(sizes)])
        return tuple(self._range(i, a, b).one_of_several() for a, b in edges)

    @numpy_names
    def chunk(self: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
        """At most so many views of equal length along ``dim``; the last may be shorter.

        Args:
            chunks: how many parts at most.
        """
        if not self.ndim:
            raise RuntimeError("chunk: expects at least a 1-dimensional tensor")
        chunks = whole(chunks)
        if chunks <= 0:
            raise RuntimeError(f"chunk: expects chunks to be greater than 0, got: {chunks}")
        n = self.shape[self._dim(dim)]
        if n == 0:  # so many empty pieces, as in PyTorch
            return self.split([0] * chunks, dim)
        return self.split(-(-n // chunks), dim)

    def tensor_split(
        self: Tensor, indices_or_sections: int | Sequence[int] | Tensor, dim: int = 0
    ) -> tuple[Tensor, ...]:
        """So many views along ``dim``, whose lengths differ by 1 at most, or views that start at
        these places.

        Args:
            indices_or_sections: how many parts, or the places where a part begins.
        """
        if not self.ndim:
            raise RuntimeError("tensor_split: expected at least a 1-dimensional tensor")
        i = self._dim(dim)
        n = self.shape[i]
        cuts = _cuts(indices_or_sections)
        if isinstance(cuts, int):
            if cuts <= 0:
                raise RuntimeError(f"tensor_split: number of sections must be > 0, got {cuts}")
            small, longer = divmod(n, cuts)
            ends = list(accumulate(small + (k < longer) for k in range(cuts)))
            return tuple(self._range(i, a, b) for a, b in pairwise([0, *ends]))
        starts = [k if k >= 0 else k + n for k in cuts]
        edges = [min(max(k, 0), n) for k in starts]
        return tuple(self._range(i, a, max(a, b)) for a, b in pairwise([0, *edges, n]))

    def hsplit(self: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
        """`tensor_split` into equal parts or at places, left to right: along the second dimension,
        of a vector along its only one. Errors: RuntimeError for parts that are not equal.

        Args:
            indices_or_sections: how many equal parts, or the places where a part begins.
        """
        return self._pieces("hsplit", indices_or_sections, 1, 0 if self.ndim == 1 else 1)

    def vsplit(self: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
        """`hsplit` from top to bottom: along the first dimension.

        Args:
            indices_or_sections: how many equal parts, or the places where a part begins.
        """
        return self._pieces("vsplit", indices_or_sections, 2, 0)

    def dsplit(self: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
        """`hsplit` from front to back: along the third dimension.

        Args:
            indices_or_sections: how many equal parts, or the places where a part begins.
        """
        return self._pieces("dsplit", indices_or_sections, 3, 2)

    def _pieces(self: Tensor, caller: str, cuts: Any, least: int, dim: int) -> tuple[Tensor, ...]:
        if self.ndim < least:
            raise RuntimeError(
                f"{caller}: requires a tensor with at least {least} dimension(s), but got a tensor "
                f"with {self.ndim} dimensions"
            )
        cuts = _cuts(cuts)
        if isinstance(cuts, int) and (cuts <= 0 or self.shape[dim] % cuts):
            raise RuntimeError(
                f"{caller}: attempted to split along dimension {dim}, but the size of the "
                f"dimension {self.shape[dim]} is not divisible by the split_size {cuts}"
            )
        return self.tensor_split(cuts, dim)

    # -- diagonals and windows ------------------------------------------------------------------

    def diagonal(self: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
        """The diagonal of two dimensions, above the main one by ``offset``, as the last dimension
        of a view.

        Args:
            dim1, dim2: the two dimensions.
        """
        i, j = self._dim(dim1), self._dim(dim2)
        if i == j or self.ndim < 2:
            raise RuntimeError(f"diagonal: diagonal dimensions cannot be identical {dim1}, {dim2}")
        return diagonal(self, offset=whole(offset), dim1=i, dim2=j)

    def diag_embed(self: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
        """Matrices in two new dimensions, the last dimension on their diagonals, 0 elsewhere.

        Args:
            offset: how far above the main diagonal.
            dim1, dim2: where the new dimensions stand in the result.
        """
        n, offset, dim1, dim2 = self.ndim + 1, whole(offset), whole(dim1), whole(dim2)
        for dim in (dim1, dim2):
            if not -n <= dim < n:
                raise IndexError(
                    f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got "
                    f"{dim})"
                )
        i, j = dim1 % n, dim2 % n
        if i == j or not self.ndim:
            raise RuntimeError(
                f"diag_embed: diagonal dimensions cannot be identical {dim1}, {dim2}"
            )
        shape = list(self.shape[:-1])
        for dim in sorted((i, j)):
            shape.insert(dim, self.shape[-1] + abs(offset))
        return undiagonal(self, shape=tuple(shape), offset=offset, dim1=i, dim2=j)

    def diag(self: Tensor, diagonal: int = 0) -> Tensor:
        """The diagonal of a matrix (a copy), or a matrix with this vector on its diagonal.

        Args:
            diagonal: how far above the main one.
        """
        if self.ndim not in (1, 2):
            raise RuntimeError(f"diag: Supports 1D or 2D tensors. Got {self.ndim}D")
        return self.diag_embed(diagonal) if self.ndim == 1 else self.diagonal(diagonal).clone()

    def tril(self: Tensor, diagonal: int = 0) -> Tensor:
        """The lower triangle of the last two dimensions, 0 elsewhere.

        Args:
            diagonal: up to which diagonal above the main one; negative ones lie below.
        """
        k = whole(diagonal)
        return tril(self._matrices("tril"), diagonal=k)

    def triu(self: Tensor, diagonal: int = 0) -> Tensor:
        """The upper triangle of the last two dimensions, 0 elsewhere.

        Args:
            diagonal: from which diagonal above the main one; negative ones lie below.
        """
        k = whole(diagonal)
        return triu(self._matrices("triu"), diagonal=k)

    def _matrices(self: Tensor, caller: str) -> Parts:
        if self.ndim < 2:
            raise RuntimeError(
                f"{caller}: input tensor must have at least 2 dimensions, got shape {self.shape}"
            )
        return self

    tril_ = in_place(tril)
    triu_ = in_place(triu)

    def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
        """All windows of that size along a dimension, ``step`` apart, a view with the place within
        the window as its last dimension.

        Args:
            dimension: which one.
            size: the length of each piece.
        """
        if not self.ndim:
            return self.reshape(1).unfold(0, size, step)[0]
        i, size, step = self._dim(dimension), whole(size), whole(step)
        if not 0 <= size <= self.shape[i]:
            raise RuntimeError(
                f"unfold: maximum size for tensor at dimension {i} is {self.shape[i]} but size is "
                f"{size}"
            )
        if step <= 0:
            raise RuntimeError(f"unfold: step is {step} but must be > 0")
        return windows(self, dim=i, size=size, step=step)

    def as_strided(
        self: Tensor, size: Sequence[int], stride: Sequence[int], storage_offset: int = 0
    ) -> Tensor:
        """y[i] = the number at place storage_offset + Σ i · stride of this tensor's memory, a view.

        The offset counts from this tensor's first element.
        Errors: RuntimeError for a place outside, or a tensor that is not contiguous.

        Args:
            size, stride: length and step of each dimension.
            storage_offset: where the first number stands.
        """
        if not self.is_contiguous():
            raise RuntimeError("as_strided: expected a contiguous tensor; call .contiguous() first")
        size, stride = listed((size,)), listed((stride,))
        storage_offset = whole(storage_offset)
        if len(size) != len(stride):
            raise RuntimeError(
                f"as_strided: mismatch in length of strides and shape: {stride} and {size}"
            )
        if storage_offset < 0 or any(step < 0 for step in stride) or any(n < 0 for n in size):
            raise RuntimeError("as_strided: sizes, strides and the offset must not be negative")
        last = storage_offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if all(size) and last >= self.numel():
            raise RuntimeError(
                f"as_strided: size {list(size)} with stride {list(stride)} and offset "
                f"{storage_offset} is out of bounds for a tensor of {self.numel()} elements"
            )
        return as_strided(self, size=size, stride=stride, offset=storage_offset)

    as_strided_ = reshaping(as_strided)

    # -- another order of elements --------------------------------------------------------------

    def flip(self: Tensor, *axes: int | Sequence[int], dims: Sequence[int] | None = None) -> Tensor:
        """The numbers in reverse order along the dimensions, a copy.

        Args:
            axes: the dimensions, one by one or as a list.
            dims: the same by name.
        """
        turned = listed(axes, dims)
        return flip(self, dims=self._axes(turned) if turned else ())

    def fliplr(self: Tensor) -> Tensor:
        """Left to right: reversed along the second dimension."""
        if self.ndim < 2:
            raise RuntimeError("fliplr: Input must be >= 2-d.")
        return self.flip(1)

    def flipud(self: Tensor) -> Tensor:
        """Upside down: reversed along the first dimension."""
        if not self.ndim:
            raise RuntimeError("flipud: Input must be >= 1-d.")
        return self.flip(0)

    def rot90(self: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
        """Turned by ``k`` right angles, from the first of ``dims`` towards the second."""
        if len(dims) != 2 or self.ndim < 2 or self._dim(dims[0]) == self._dim(dims[1]):
            raise RuntimeError(
                f"rot90: expected two different rotation dims of a tensor of 2 dimensions or more, "
                f"got dims {list(dims)} for shape {self.shape}"
            )
        i, j = dims
        match whole(k) % 4:
            case 1:
                return self.flip(j).transpose(i, j)
            case 2:
                return self.flip(i, j)
            case 3:
                return self.flip(i).transpose(i, j)
            case _:
                return self.clone()

    def roll(
        self: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None
    ) -> Tensor:
        """The numbers shifted along the dimensions, the last re-entering in front; without
        ``dims`` along the flattened tensor.

        Args:
            shifts: by how many places, a number or one for each of ``dims``.
        """
        steps = tuple(map(whole, several(shifts)))
        if dims is None or nothing(dims):
            if len(steps) != 1:
                raise RuntimeError(
                    f"roll: shifts and dimensions must align. shifts: {len(steps)}, dims: 0"
                )
            return roll(self, shifts=steps, dims=None)
        axes = tuple(self._dim(dim) for dim in several(dims))
        if len(axes) != len(steps):
            raise RuntimeError(
                f"roll: shifts and dimensions must align. shifts: {len(steps)}, dims: {len(axes)}"
            )
        return roll(self, shifts=steps, dims=axes)


def _cuts(given: Any) -> int | list[int]:
    """How many parts, or the places where a part begins. Errors: RuntimeError for a tensor of
    fractions or of several dimensions, TypeError for what is no integer."""
    if hasattr(given, "tolist"):
        if given.dtype.kind not in "iu" or given.ndim > 1:
            raise RuntimeError(
                f"{public_caller()}: expected integers in a vector, got shape "
                f"{tuple(given.shape)} of {given.dtype}"
            )
        return given.tolist()  # type: ignore[no-any-return]
    return [*map(whole, given)] if isinstance(given, (list, tuple)) else whole(given)
