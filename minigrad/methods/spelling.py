"""The ways in which PyTorch lets arguments be spelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def listed(
    values: tuple[int | Sequence[int], ...], named: Sequence[int] | None = None
) -> tuple[int, ...]:
    """A shape from ``f(2, 3)``, ``f((2, 3))``, ``f([2, 3])``, or ``f(size=(2, 3))``, the named."""
    if named is not None:
        values = (*values, named)
    if len(values) == 1 and not isinstance(values[0], int) and hasattr(values[0], "__iter__"):
        return tuple(map(int, values[0]))
    return tuple(map(int, values))  # type: ignore[arg-type]


def numpy_names(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """Accept NumPy's ``axis`` and ``keepdims`` for ``dim`` and ``keepdim``, as PyTorch does."""

    @wraps(method)
    def accepting(self: Any, *args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs.get("out", ...) is None:
            del kwargs["out"]  # np.sum(tensor) passes it
        if "axis" in kwargs:
            kwargs["dim"] = kwargs.pop("axis")
        if "keepdims" in kwargs:
            kwargs["keepdim"] = kwargs.pop("keepdims")
        return method(self, *args, **kwargs)

    return accepting  # type: ignore[return-value]  # self is given by name only as a function
