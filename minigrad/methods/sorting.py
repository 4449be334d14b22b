"""Order: sorting, ranks, searching, counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad.device import place
from minigrad.methods.core import Core
from minigrad.methods.reduction import ValuesIndices
from minigrad.methods.spelling import number, numpy_names, whole
from minigrad.op import Op
from minigrad.ops import sorting as ops
from minigrad.ops.indexing import along
from minigrad.ops.shape import clone
from minigrad.recording import reads

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Sorting:
    """sort and its like."""

    # -- order along a dimension ----------------------------------------------------------------

    @numpy_names
    def argsort(
        self: Tensor, dim: int = -1, descending: bool = False, stable: bool = False
    ) -> Tensor:
        """The places that bring the numbers into order along ``dim``. Equals always keep theirs.

        Args:
            descending: the greatest first.
            stable: accepted; equals always keep their order.
        """
        i = self._dim(dim)
        x = self if self.ndim else self.reshape(1)
        y = ops.argsort(x, axis=i, descending=descending)
        return y if self.ndim else y.reshape(())

    @numpy_names
    def sort(
        self: Tensor, dim: int = -1, descending: bool = False, stable: bool = False
    ) -> ValuesIndices:
        """The numbers in order along ``dim``, and their places, as ``values`` and ``indices``.

        Args:
            descending: the greatest first.
            stable: accepted; equals always keep their order.
        """
        return self._with(self.argsort(self._dim(dim), descending), dim)

    def msort(self: Tensor) -> Tensor:
        """The numbers in order along the first dimension."""
        return self.sort(0).values

    @numpy_names
    def topk(
        self: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
    ) -> ValuesIndices:
        """The ``k`` greatest (or smallest) along ``dim``, in order, and their places.

        Args:
            largest: the greatest; False takes the smallest.
            sorted: accepted; they are always in order.

        Errors: RuntimeError when there are not so many.
        """
        n, k = self.shape[self._dim(dim)] if self.ndim else 1, whole(k)
        if not 0 <= k <= n:
            raise RuntimeError(f"topk: selected index k out of range: {k} of {n}")
        if not self.ndim:
            return self._with(self.argsort(dim), dim)
        return self._with(ops.topk_place(self, k=k, axis=self._dim(dim), largest=largest), dim)

    @numpy_names
    def kthvalue(self: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> ValuesIndices:
        """The k-th smallest along ``dim`` (k counts from 1), and its place.

        Args:
            k: which one, from 1 on.
            keepdim: keep what is reduced, with length 1.

        Errors: RuntimeError when there are not so many.
        """
        n, k = self.shape[self._dim(dim)] if self.ndim else 1, whole(k)
        if not n:
            self._selectable("kthvalue", dim)
        if not 1 <= k <= n:
            raise RuntimeError(
                f"kthvalue: selected number k out of range for dimension {dim}: {k} of {n}"
            )
        if not self.ndim:
            return self._picked(self.argsort(dim), dim, keepdim)
        order = self._ordered("kthvalue").argsort(dim)
        return self._picked(clone(order.narrow(dim, k - 1, 1)), dim, keepdim)

    def _with(self: Tensor, places: Tensor, dim: int) -> ValuesIndices:
        if not self.ndim:
            return ValuesIndices(self.clone(), places)
        return ValuesIndices(along(self, places, self._dim(dim)), places)

    # -- ranks ----------------------------------------------------------------------------------

    @numpy_names
    def median(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
        """The middle number, the lower of two; nan if there is one. With ``dim`` those along it
        and their places, as the fields ``values`` and ``indices``.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        self._ordered("median")
        if dim is None:
            return ops.median(self)
        if not self.ndim:
            return ValuesIndices(self.clone(), self.argmax(dim))
        axis = self._selectable("median", dim)._dim(dim)
        return self._picked(ops.median_place(self, axis=axis, keepdim=True), axis, keepdim)

    @numpy_names
    def nanmedian(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
        """`median` of the numbers that are not nan; nan where there are none.

        Args:
            dim: a dimension, or None for all.
            keepdim: keep what is reduced, with length 1.
        """
        self._ordered("nanmedian")
        if dim is None:
            known: Any = self
            return known[~known.isnan()].median()
        if not self.ndim:
            return ValuesIndices(self.clone(), self.argmax(dim))
        axis = self._selectable("nanmedian", dim)._dim(dim)
        counts = (~self.isnan()).sum(axis, keepdim=True)
        middle = ((counts - 1) // 2).clamp_min(0)  # nan stands last in order
        return self._picked(self.sort(axis).indices.gather(axis, middle), axis, keepdim)

    @numpy_names
    def mode(self: Tensor, dim: int = -1, keepdim: bool = False) -> ValuesIndices:
        """The most frequent number along ``dim``, the smallest of several, and its last place.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        if not self.ndim:
            return ValuesIndices(self.clone(), self.argsort(dim))
        axis = self._selectable("mode", dim)._dim(dim)
        return self._picked(ops.mode_place(self, axis=axis), axis, keepdim)

    @numpy_names
    def quantile(
        self: Tensor,
        q: float | Tensor,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """The number below which a part ``q`` of those along ``dim`` lies; nan if there is one.
        A vector ``q`` gives its results in a new first dimension.

        ``interpolation`` between two numbers: "linear", "lower", "higher", "midpoint", "nearest".
        Errors: RuntimeError for integers, halves, an empty tensor, or q outside [0, 1].

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        return self._quantile("quantile", q, dim, keepdim, interpolation)

    @numpy_names
    def nanquantile(
        self: Tensor,
        q: float | Tensor,
        dim: int | None = None,
        keepdim: bool = False,
        *,
        interpolation: str = "linear",
    ) -> Tensor:
        """`quantile` of the numbers that are not nan; nan where there are none.

        Args:
            q: the part, or several.
            dim: a dimension, or None for all.
            keepdim: keep what is reduced, with length 1.
            interpolation: as for `quantile`.
        """
        return self._quantile("nanquantile", q, dim, keepdim, interpolation)

    def _quantile(
        self: Tensor,
        caller: str,
        q: float | Tensor,
        dim: int | None,
        keepdim: bool,
        interpolation: str,
    ) -> Tensor:
        if self.dtype.char not in "fd" or not self.numel():
            raise RuntimeError(
                f"{caller}: expected a non-empty floating tensor, float32 or float64, got "
                f"shape {self.shape} and {self.dtype}"
            )
        if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
            raise RuntimeError(
                f"{caller}: interpolation must be one of linear, lower, higher, midpoint or "
                f"nearest, but got {interpolation}"
            )
        part: Any = q
        if not isinstance(q, Core):
            q = number(q)
            part = Op.fresh(self.device.call("asarray", q, self.dtype))
        if part.ndim > 1 or part.dtype != self.dtype:
            raise RuntimeError(
                f"{caller}: expected q of at most 1 dimension in {self.dtype}, got {part.ndim} and "
                f"{part.dtype}"
            )
        # On a GPU the look at a tensor would cost a transfer.
        given = part.array if isinstance(q, Core) else np.asarray(q)
        if isinstance(given, np.ndarray) and not ((given >= 0) & (given <= 1)).all():
            raise RuntimeError(
                f"{caller}: q values must be in the range [0, 1], got {given.min():g} to "
                f"{given.max():g}"
            )
        whole = dim is None or not self.ndim
        x = self.reshape(-1) if whole else self.movedim(self._dim(dim), -1)  # type: ignore[arg-type]
        gaps = x.isnan()
        known = (~gaps).sum(-1, keepdim=True)  # in order, nan stands after them
        rank = part.reshape(-1) * (known - 1).clamp_min(0).to(dtype=part.dtype)
        if caller == "quantile":  # a nan, which stands last, is then the result
            rank = rank.where(~gaps.any(-1, keepdim=True), x.shape[-1] - 1)
        y = _ranked(x.sort(-1).values, rank, interpolation)
        y = y.movedim(-1, 0)
        if keepdim:
            kept = [1] * self.ndim if whole else [*self.shape]
            if not whole:
                kept[self._dim(dim)] = 1  # type: ignore[arg-type]
            y = y.reshape([part.numel(), *kept])
        return y if part.ndim else y.squeeze(0)  # type: ignore[no-any-return]

    # -- counting -------------------------------------------------------------------------------

    def unique(
        self: Tensor,
        sorted: bool = True,
        return_inverse: bool = False,
        return_counts: bool = False,
        dim: int | None = None,
    ) -> Any:
        """The different numbers, in order, or the different slices along ``dim``.

        ``return_inverse`` adds where each number stands among them, ``return_counts`` how often
        each occurs.

        Args:
            sorted: accepted; they are always in order.
        """
        reads("unique()")
        axis = None if dim is None else self._dim(dim)
        values = ops.unique(self, axis=axis)
        if not return_inverse and not return_counts:
            return values
        places = ops.unique_place(self, axis=axis)
        n = values.numel() if axis is None else values.shape[axis]
        counts = ops.bincount(places.reshape(-1), minlength=n)
        return (values, *[places] * return_inverse, *[counts] * return_counts)

    def bincount(self: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
        """How often 0, 1, .. occur, or the sums of the weights of their places.

        Args:
            weights: a number for each, added in the place of 1.
            minlength: how many counts there are at least.

        Errors: RuntimeError when these are no numbers from 0 on in one dimension.
        """
        least = self.device.call("min", self.array).item() if self.numel() else 0
        if self.ndim != 1 or self.dtype.kind not in "iu" or least < 0:
            raise RuntimeError(
                "bincount: only supports 1-d non-negative integral inputs, got "
                f"shape {self.shape} and {self.dtype}"
            )
        minlength = whole(minlength)
        if minlength < 0:
            raise RuntimeError(f"bincount: minlength should be >= 0, got {minlength}")
        reads("bincount()")
        if weights is None:
            return ops.bincount(self, minlength=minlength)
        if weights.shape != self.shape:
            raise RuntimeError(
                f"bincount: weights should be 1-d and have the same length as input, got "
                f"{tuple(weights.shape)} for {self.shape}"
            )
        return ops.bincount(self, weights.detach(), minlength=minlength)

    def histc(self: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
        """How many numbers lie in each of so many equal parts of [min, max]; when these are equal,
        of the range of the numbers. Errors: RuntimeError for integers or an impossible range.

        Args:
            bins: how many parts.
            min, max: the ends of the range.
        """
        if self.dtype.kind != "f":
            raise RuntimeError(f"histc: not implemented for {self.dtype}; convert with .float()")
        bins, min, max = whole(bins), number(min), number(max)
        if bins <= 0 or min > max:
            raise RuntimeError(f"histc: expected bins > 0 and min <= max, got {bins}, {min}, {max}")
        low, high = float(min), float(max)
        if low == high and self.numel():
            reads("histc() without a range")
            low, high = (float(self.device.call(m, self.array).item()) for m in ("min", "max"))
        if low == high:
            low, high = low - 1, high + 1
        if not (abs(low) < float("inf") and abs(high) < float("inf")):
            raise RuntimeError(f"histc: range of [{low}, {high}] is not finite")
        return ops.histc(self.detach(), bins=bins, low=low, high=high)

    # -- places ---------------------------------------------------------------------------------

    def nonzero(self: Tensor, *, as_tuple: bool = False) -> Any:
        """The indices of the numbers that are not 0, one a row; or a tuple of the rows' columns,
        which can stand between brackets.

        Args:
            as_tuple: whether to give the columns.
        """
        reads("nonzero()")
        if not as_tuple:
            return ops.nonzero(self)
        x = self if self.ndim else self.reshape(1)
        return tuple(column.contiguous() for column in ops.nonzero(x).unbind(1))

    def argwhere(self: Tensor) -> Tensor:
        """The indices of the numbers that are not 0, one a row."""
        return self.nonzero()  # type: ignore[no-any-return]

    def repeat_interleave(
        self: Tensor,
        repeats: int | Tensor,
        dim: int | None = None,
        *,
        output_size: int | None = None,
    ) -> Tensor:
        """Each slice along ``dim`` so many times in a row; without ``dim`` each number of the
        flattened tensor. ``repeats`` may be a vector with a count for each, and ``output_size`` its
        sum, which PyTorch then need not compute."""
        x = self if dim is not None and self.ndim else self.reshape(-1)
        i = x._dim(dim or 0)
        n = x.shape[i]
        if not isinstance(repeats, Core):
            counts: Any = np.full(n, whole(repeats))
        else:
            reads("repeat_interleave()")
            counts = repeats.detach().cpu().array  # their sum is a length of the result
            counts = np.broadcast_to(counts, (n,)) if counts.size == 1 else counts
        if counts.shape != (n,) or counts.dtype.kind not in "iu" or (counts < 0).any():
            raise RuntimeError(
                f"repeat_interleave: expected repeats that are not negative, one for each of {n} "
                f"places along the dimension, got {repeats if isinstance(repeats, int) else counts}"
            )
        places = np.repeat(np.arange(n), counts)
        if output_size is not None and whole(output_size) != len(places):
            raise RuntimeError(
                f"repeat_interleave: allocated size does not match required size: output_size is "
                f"{output_size}, the counts add up to {len(places)}"
            )
        return x.index_select(i, Op.fresh(place(places, self.device)))


def _ranked(x: Any, rank: Any, interpolation: str) -> Any:
    """What stands at these ranks, which need not be whole, in the ordered last dimension of x."""
    below, above = rank.floor(), rank.ceil()
    match interpolation:
        case "lower":
            above = below
        case "higher":
            below = above
        case "nearest":
            below = above = rank.round()
    y = x.gather(-1, below.long())
    if interpolation in ("linear", "midpoint"):
        weight = 0.5 if interpolation == "midpoint" else rank - below
        y = y.lerp(x.gather(-1, above.long()), weight)
    return y
