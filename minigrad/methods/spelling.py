"""The ways in which PyTorch lets arguments be spelled."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from minigrad.arguments import as_number, as_whole, described

P = ParamSpec("P")
R = TypeVar("R")


def listed(
    values: tuple[int | Sequence[int], ...], named: Sequence[int] | None = None
) -> tuple[int, ...]:
    """A shape from ``f(2, 3)``, ``f((2, 3))``, ``f([2, 3])``, or ``f(size=(2, 3))``, the named.

    Errors: TypeError for lengths that are no integers, and where none is given.
    """
    if named is not None:
        values = (*values, named)
    if len(values) == 1 and isinstance(values[0], (tuple, list)):
        values = tuple(values[0])
    elif not values:
        raise TypeError(f"{public_caller()}: missing the integers; for none of them pass ()")
    for n in values:
        if n.__class__ is not int:  # PyTorch asks only the first whether it is a truth value
            return (
                whole(values[0]),
                *(int(n) if n.__class__ is bool else whole(n) for n in values[1:]),
            )
    return values  # type: ignore[return-value]


def lengths(
    values: tuple[int | Sequence[int], ...], named: Sequence[int] | None = None
) -> tuple[int, ...]:
    """The shape of a new tensor, spelled as in `listed`. Errors: RuntimeError for a negative
    length, TypeError as there."""
    shape = listed(values, named)
    if any(n < 0 for n in shape):
        raise RuntimeError(
            f"{public_caller()}: Trying to create tensor with negative dimension: {shape}"
        )
    return shape


def whole(n: Any) -> int:
    """An integer that NumPy or a tensor may hold. Errors: TypeError for truth values, fractions
    and everything else: rounding them would hide a mistake."""
    if n.__class__ is int:
        return n
    found = as_whole(n)
    if found is None:
        raise TypeError(f"{public_caller()}: expected int, got {described(n)}: {n!r:.40}")
    return found


def number(n: Any) -> float:
    """A number that NumPy or a tensor may hold, as a plain one. Errors: TypeError for everything
    else, a tensor that requires grad among it."""
    if n.__class__ is int or n.__class__ is float:
        return n
    found = as_number(n)
    if found is None:
        raise TypeError(f"{public_caller()}: expected a number, got {described(n)}")
    return found


def nothing(dims: Any) -> bool:
    """Whether it is an empty list. (NumPy's numbers do not compare with one.)"""
    return isinstance(dims, (list, tuple)) and not dims


def several(dims: Any) -> Sequence[Any]:
    """The entries of a list, or the one thing that stands in its place."""
    return dims if isinstance(dims, (list, tuple)) else (dims,)


def common_shape(caller: str, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """What tensors of these shapes are broadcast to. Errors: RuntimeError where there is none."""
    common: list[int] = []
    for shape in shapes:
        common = [1] * (len(shape) - len(common)) + common
        for k, n in enumerate(reversed(shape), 1):
            if n not in (1, common[-k]) and common[-k] != 1:
                raise RuntimeError(
                    f"{caller}: shapes do not broadcast: {', '.join(map(str, shapes))}"
                )
            common[-k] = common[-k] if n == 1 else n
    return tuple(common)


def public_caller() -> str:
    """The name of the method that the user called: errors name the op, and only errors ask."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (
        frame.f_code.co_filename == __file__ or frame.f_code.co_name.startswith(("_", "<"))
    ):
        frame = frame.f_back
    return frame.f_code.co_name


def numpy_names(method: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """Accept NumPy's ``axis`` and ``keepdims`` for ``dim`` and ``keepdim``, as PyTorch does.

    Errors: TypeError for a ``keepdim`` that is no truth value: a second dimension, most likely.
    """
    names = list(inspect.signature(method).parameters)
    place = names.index("keepdim") - 1 if "keepdim" in names else sys.maxsize

    @wraps(method)
    def accepting(self: Any, *args: P.args, **kwargs: P.kwargs) -> R:
        if len(args) > place and args[place].__class__ is not bool:
            raise TypeError(
                f"{method.__name__}: argument keepdim must be bool, not "
                f"{type(args[place]).__name__}; several dimensions go as a tuple"
            )
        if kwargs.get("out", ...) is None:
            del kwargs["out"]  # np.sum(tensor) passes it
        if "axis" in kwargs:
            kwargs["dim"] = kwargs.pop("axis")
        if "keepdims" in kwargs:
            kwargs["keepdim"] = kwargs.pop("keepdims")
        if kwargs.get("keepdim", False).__class__ is not bool:
            raise TypeError(f"{method.__name__}: argument keepdim must be bool")
        return method(self, *args, **kwargs)

    return accepting  # type: ignore[return-value]  # self is given by name only as a function
