"""Many numbers become one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from minigrad.dtypes import float16, float32
from minigrad.methods.core import Core
from minigrad.methods.halves import rounded_once
from minigrad.methods.shape import Dims
from minigrad.methods.spelling import nothing, number, numpy_names
from minigrad.ops import reduction as ops
from minigrad.ops.indexing import along

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class ValuesIndices(NamedTuple):
    """Numbers and the places that they come from."""

    values: Tensor
    indices: Tensor


class MinMax(NamedTuple):
    """The smallest and the greatest number."""

    min: Tensor
    max: Tensor


class Reduction:
    """sum and its like. ``dim`` is a dimension, several, or None for all."""

    @numpy_names
    def sum(self: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
        """Σ self over ``dim``; integers are summed in int64.

        Args:
            keepdim: keep what is reduced, with length 1.
            dtype: the type that the numbers are brought to first, and the result's.
        """
        x = self if dtype is None else self.to(dtype=dtype)
        return narrowed(ops.sum(x, axis=self._axes(dim), keepdim=keepdim), dtype)

    @numpy_names
    def nansum(
        self: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
    ) -> Tensor:
        """`sum` that counts nan as 0.

        Args:
            dim: a dimension, several, or None for all.
            keepdim: keep what is reduced, with length 1.
            dtype: the type that the numbers are brought to first, and the result's.
        """
        x: Any = self if dtype is None else self.to(dtype=dtype)
        known = x.where(~x.isnan(), 0.0) if x.dtype.kind == "f" else x
        return narrowed(ops.sum(known, axis=self._axes(dim), keepdim=keepdim), dtype)

    @numpy_names
    def mean(self: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
        """Σ self / n over ``dim``. Errors: RuntimeError for integers.

        Args:
            keepdim: keep what is reduced, with length 1.
            dtype: the type that the numbers are brought to first, and the result's.
        """
        x = self if dtype is None else self.to(dtype=dtype)
        _floating("mean", x)
        axes = self._axes(dim)
        n = math.prod(self.array.shape[i] for i in axes) or math.nan
        if x.dtype == float16:  # its sum may overflow
            y: Any = ops.sum(x.to(dtype=float32), axis=axes, keepdim=keepdim) / n
            return y.to(dtype=float16)  # type: ignore[no-any-return]
        return ops.sum(x, axis=axes, keepdim=keepdim) / n

    @numpy_names
    @rounded_once
    def nanmean(
        self: Tensor, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None
    ) -> Tensor:
        """`mean` of the numbers that are not nan.

        Args:
            dim: a dimension, several, or None for all.
            keepdim: keep what is reduced, with length 1.
            dtype: the type that the numbers are brought to first, and the result's.
        """
        x: Any = self if dtype is None else self.to(dtype=dtype)
        _floating("nanmean", x)
        known = (~x.isnan()).sum(dim, keepdim=keepdim)
        return x.nansum(dim, keepdim=keepdim) / known  # type: ignore[no-any-return]

    @numpy_names
    def prod(
        self: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None
    ) -> Tensor:
        """Π self along ``dim``; integers are multiplied in int64.

        Args:
            keepdim: keep what is reduced, with length 1.
            dtype: the type that the numbers are brought to first, and the result's.
        """
        x = self if dtype is None else self.to(dtype=dtype)
        if dim is None:
            return narrowed(ops.prod(x.reshape(-1), axis=0), dtype)
        if not self.ndim:
            self._dim(dim)
            return narrowed(ops.prod(x.reshape(1), axis=0), dtype)
        return narrowed(ops.prod(x, axis=self._dim(dim), keepdim=keepdim), dtype)

    # -- the greatest and the smallest ----------------------------------------------------------

    @numpy_names
    def amax(self: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
        """max self over ``dim``; equals share the gradient evenly.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        x = self._some("amax") if nothing(dim) else self._selectable("amax", dim)
        return ops.amax(x, axis=self._axes(dim), keepdim=keepdim)

    @numpy_names
    def amin(self: Tensor, dim: Dims = (), keepdim: bool = False) -> Tensor:
        """min self over ``dim``; equals share the gradient evenly.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        x = self._some("amin") if nothing(dim) else self._selectable("amin", dim)
        return ops.amin(x, axis=self._axes(dim), keepdim=keepdim)

    @numpy_names
    def aminmax(self: Tensor, *, dim: int | None = None, keepdim: bool = False) -> MinMax:
        """`amin` and `amax`, as the fields ``min`` and ``max``.

        Args:
            dim: a dimension, or None for all.
            keepdim: keep what is reduced, with length 1.
        """
        return MinMax(self.amin(dim, keepdim), self.amax(dim, keepdim))

    @numpy_names
    def max(self: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
        """max self, of which equals share the gradient evenly. With ``dim`` the values along it and
        their (first) places, as the fields ``values`` and ``indices``; with a tensor `maximum`.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        if dim is None:
            return ops.amax(self._some("max"), axis=self._axes(None), nan=True)
        if isinstance(dim, Core):
            other: Any = dim
            return self.maximum(other)
        return self._picked(self._place("max", ops.argmax, dim, True), dim, keepdim)

    @numpy_names
    def min(self: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
        """min self, of which equals share the gradient evenly. With ``dim`` the values along it and
        their (first) places, as the fields ``values`` and ``indices``; with a tensor `minimum`.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        if dim is None:
            return ops.amin(self._some("min"), axis=self._axes(None), nan=True)
        if isinstance(dim, Core):
            other: Any = dim
            return self.minimum(other)
        return self._picked(self._place("min", ops.argmin, dim, True), dim, keepdim)

    @numpy_names
    def argmax(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """The first place of the greatest along ``dim``, or in the flattened tensor.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        return self._ordered("argmax")._place("argmax", ops.argmax, dim, keepdim)

    @numpy_names
    def argmin(self: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """The first place of the smallest along ``dim``, or in the flattened tensor.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        return self._ordered("argmin")._place("argmin", ops.argmin, dim, keepdim)

    def _place(self: Tensor, caller: str, op: Any, dim: int | None, keepdim: bool) -> Tensor:
        self._selectable(caller, dim)
        if dim is None or not self.ndim:
            if dim is not None:
                self._dim(dim)
            place: Tensor = op(self.reshape(-1), axis=0)
            return place.reshape((1,) * self.ndim) if keepdim else place
        return op(self, axis=self._dim(dim), keepdim=keepdim)  # type: ignore[no-any-return]

    def _ordered(self: Tensor, caller: str) -> Tensor:
        """Itself. Errors: RuntimeError for truth values, as in PyTorch."""
        if self.dtype.kind == "b":
            raise RuntimeError(
                f"{caller}(): does not support bool input; convert with .long() first"
            )
        return self

    def _some(self: Tensor, caller: str) -> Tensor:
        """Itself. Errors: RuntimeError when there is no number at all."""
        if not self.numel():
            raise RuntimeError(
                f"{caller}: Expected reduction dim to be specified for input.numel() == 0. Specify "
                f"the reduction dim with the 'dim' argument. The tensor has shape {self.shape}"
            )
        return self

    def _selectable(self: Tensor, caller: str, dim: Dims) -> Tensor:
        """Itself. Errors: IndexError when there is nothing to choose from."""
        if not self.numel():
            for i in self._axes(dim):
                if not self.array.shape[i]:
                    raise IndexError(
                        f"{caller}: Expected reduction dim {i} to have non-zero size; the tensor "
                        f"has shape {self.shape}"
                    )
        return self

    def _picked(self: Tensor, places: Tensor, dim: int, keepdim: bool) -> ValuesIndices:
        """The numbers at these places along ``dim``, and the places."""
        if not self.ndim:
            return ValuesIndices(self.clone(), places)
        i = self._dim(dim)
        values = along(self, places, i)
        if keepdim:
            return ValuesIndices(values, places)
        return ValuesIndices(values.squeeze(i), places.squeeze(i))

    # -- truth ----------------------------------------------------------------------------------

    @numpy_names
    def all(self: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
        """Whether no number over ``dim`` is 0.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        return self._truth(ops.all, dim, keepdim)

    @numpy_names
    def any(self: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
        """Whether some number over ``dim`` is not 0.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        return self._truth(ops.any, dim, keepdim)

    def _truth(self: Tensor, op: Any, dim: Dims, keepdim: bool) -> Tensor:
        # unlike in `sum`, () is over nothing
        none = isinstance(dim, tuple | list) and not dim
        axes = () if none else self._axes(dim)
        y: Tensor = op(self, axis=axes, keepdim=keepdim)
        return y.to(dtype=self.dtype) if self.dtype.kind == "u" else y  # uint8 are truth values too

    def count_nonzero(self: Tensor, dim: Dims = None) -> Tensor:
        """How many numbers over ``dim`` are not 0, in int64."""
        return self.bool().sum(dim)

    # -- how far the numbers are spread ---------------------------------------------------------

    @numpy_names
    def var(
        self: Tensor,
        dim: Dims | bool = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Tensor:
        """Σ (self - mean)² / (n - correction) over ``dim``; the correction is 1 unless said
        otherwise (``unbiased=False`` says 0). Errors: RuntimeError for integers.

        Args:
            keepdim: keep what is reduced, with length 1.
            correction: what is taken off n.
        """
        return self._spread(ops.var, dim, unbiased, keepdim, correction)

    @numpy_names
    def std(
        self: Tensor,
        dim: Dims | bool = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> Tensor:
        """The root of `var`.

        Args:
            dim: a dimension, several, or None for all.
            unbiased: False is ``correction=0``, True ``correction=1``.
            keepdim: keep what is reduced, with length 1.
            correction: what is taken off n in the variance; 1 unless said otherwise.
        """
        return self._spread(ops.std, dim, unbiased, keepdim, correction)

    @numpy_names
    def var_mean(
        self: Tensor,
        dim: Dims | bool = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`var` and `mean`.

        Args:
            dim: a dimension, several, or None for all.
            unbiased: False is ``correction=0``, True ``correction=1``.
            keepdim: keep what is reduced, with length 1.
            correction: what is taken off n in the variance; 1 unless said otherwise.
        """
        axes = None if isinstance(dim, bool) else dim
        return self.var(dim, unbiased, keepdim, correction=correction), self.mean(axes, keepdim)

    @numpy_names
    def std_mean(
        self: Tensor,
        dim: Dims | bool = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float | None = None,
    ) -> tuple[Tensor, Tensor]:
        """`std` and `mean`.

        Args:
            dim: a dimension, several, or None for all.
            unbiased: False is ``correction=0``, True ``correction=1``.
            keepdim: keep what is reduced, with length 1.
            correction: what is taken off n in the variance; 1 unless said otherwise.
        """
        axes = None if isinstance(dim, bool) else dim
        return self.std(dim, unbiased, keepdim, correction=correction), self.mean(axes, keepdim)

    def _spread(
        self: Tensor,
        op: Any,
        dim: Dims | bool,
        unbiased: bool | None,
        keepdim: bool,
        correction: float | None,
    ) -> Tensor:
        _floating(op.name, self)
        if isinstance(dim, bool):  # var(False)
            dim, unbiased = None, dim
        if correction is None:
            correction = 1 if unbiased is None or unbiased else 0
        correction = number(correction)
        y: Tensor = op(self, axis=self._axes(dim), correction=correction, keepdim=keepdim)
        return y

    # -- size -----------------------------------------------------------------------------------

    @numpy_names
    def logsumexp(self: Tensor, dim: Dims = None, keepdim: bool = False) -> Tensor:
        """ln Σ e^self over ``dim``, without overflow.

        Args:
            keepdim: keep what is reduced, with length 1.
        """
        return ops.logsumexp(self, axis=self._axes(dim), keepdim=keepdim)

    @numpy_names
    def norm(
        self: Tensor,
        p: float | str | None = "fro",
        dim: Dims = None,
        keepdim: bool = False,
        dtype: Any = None,
    ) -> Tensor:
        """(Σ |self|^p)^(1/p) over ``dim``; "fro" is p = 2. The gradient at 0 is 0.

        Args:
            p: the exponent; ∞ is the largest |x|.
            keepdim: keep what is reduced, with length 1.
            dtype: the type that the numbers are brought to first, and the result's.

        Errors: RuntimeError for integers, or for the norm of nothing with p < 0 or p = ∞.
        """
        x = self if dtype is None else self.to(dtype=dtype)
        _floating("norm", x)
        if isinstance(p, str) and p != "fro":
            raise RuntimeError(
                f"norm: Order {p} not supported: expected p to be a number or 'fro', got {p!r}; "
                "minigrad.linalg.matrix_norm has those of matrices"
            )
        power = 2.0 if p is None or isinstance(p, str) else float(number(p))
        axes = self._axes(dim)
        least = power < 0 or math.isinf(power)  # there is none of nothing
        if least and not self.numel() and 0 in [self.array.shape[i] for i in axes]:
            raise RuntimeError(
                f"norm: cannot compute the {p} norm on an empty dimension: shape {self.shape}"
            )
        return ops.vector_norm(x, p=power, axis=axes, keepdim=keepdim)

    @rounded_once
    def dist(self: Tensor, other: Tensor, p: float = 2) -> Tensor:
        """The `norm` of self - other.

        Args:
            other: a tensor that is broadcast with this one, or a number.
            p: the norm's exponent.
        """
        return (self - other).norm(p)


def narrowed(total: Tensor, dtype: Any) -> Tensor:
    """What was summed or multiplied in int64 in the type that was asked for: modulo its range, as
    if each step had been done in it."""
    return total if dtype is None else total.to(dtype=dtype)


def _floating(caller: str, x: Any) -> None:
    if x.dtype.kind != "f":
        raise RuntimeError(
            f"{caller}: could not infer output dtype. Input dtype must be a floating point type, "
            f"got {x.dtype}; convert with .float() first"
        )
