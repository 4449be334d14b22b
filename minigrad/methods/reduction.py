"""Many numbers become one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar

from minigrad.methods.shape import Shape
from minigrad.ops.reduction import sum

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

P = ParamSpec("P")
R = TypeVar("R")
Dims: TypeAlias = int | Sequence[int] | None


def numpy_names(method: Callable[P, R]) -> Callable[P, R]:
    """Accept NumPy's ``axis`` and ``keepdims`` for ``dim`` and ``keepdim``, as PyTorch does."""

    @wraps(method)
    def accepting(*args: P.args, **kwargs: P.kwargs) -> R:
        if "axis" in kwargs:
            kwargs["dim"] = kwargs.pop("axis")
        if "keepdims" in kwargs:
            kwargs["keepdim"] = kwargs.pop("keepdims")
        return method(*args, **kwargs)

    return accepting


class Reduction(Shape):
    """sum and its like. ``dim`` is a dimension, several, or None for all."""

    def _axes(self, dim: Dims) -> tuple[int, ...]:
        """The dimensions counted from the front, in order. Errors: IndexError, RuntimeError."""
        if dim is None or dim == () or dim == []:
            return tuple(range(self.ndim))
        dims = [dim] if isinstance(dim, int) else list(dim)
        if not self.ndim:
            for d in dims:
                self._dim(d)
            return ()
        axes = [self._dim(d) for d in dims]
        if len(set(axes)) != len(axes):
            raise RuntimeError(f"dim {dims} appears multiple times in the list of dims")
        return tuple(sorted(axes))

    @numpy_names
    def sum(self, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
        """Σ self over ``dim``; integers are summed in int64."""
        x = self if dtype is None else self.to(dtype=dtype)
        return sum(x, axis=self._axes(dim), keepdim=keepdim)

    @numpy_names
    def mean(self, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
        """Σ self / n over ``dim``. Errors: RuntimeError for integers."""
        x = self if dtype is None else self.to(dtype=dtype)
        if x.dtype.kind != "f":
            raise RuntimeError(
                f"mean: could not infer output dtype. Input dtype must be a floating point type, "
                f"got {self.dtype}; convert with .float() first"
            )
        axes = self._axes(dim)
        n = math.prod(self.shape[i] for i in axes)
        return sum(x, axis=axes, keepdim=keepdim) / n if n else sum(x, axis=axes) * math.nan
