"""Shapes: tuples that know how many numbers they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, SupportsIndex, overload

from minigrad.methods.spelling import whole

_tuple_new = tuple.__new__


class Size(tuple[int, ...]):
    """The lengths of a tensor's dimensions. What is cut out of one, or joined with one, is a Size.

    Args:
        lengths: whole numbers, one for each dimension.

    Errors: TypeError for lengths that are no integers.
    """

    __slots__ = ()

    def __new__(cls, lengths: Iterable[SupportsIndex] = ()) -> Self:
        try:
            return _tuple_new(cls, map(whole, lengths))
        except TypeError as error:
            raise TypeError(f"Size: expected integers, got {lengths!r:.60}") from error

    def numel(self) -> int:
        """How many numbers a tensor of this shape holds."""
        n = 1
        for length in self:
            n *= length
        return n

    def __repr__(self) -> str:
        return f"minigrad.Size({list(self)})"

    def __format__(self, spec: str) -> str:
        """In a sentence a shape reads as a tuple: ``expected shape (2, 3)``."""
        return format(str(tuple(self)), spec)

    @overload
    def __getitem__(self, key: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, key: slice) -> Size: ...
    def __getitem__(self, key: Any) -> Any:
        part = tuple.__getitem__(self, key)
        return _tuple_new(Size, part) if part.__class__ is tuple else part

    def __add__(self, other: Any) -> Any:
        joined = tuple.__add__(self, other)
        return joined if joined is NotImplemented else _tuple_new(Size, joined)

    def __radd__(self, other: tuple[int, ...]) -> Size:
        return _tuple_new(Size, other + tuple(self))

    def __mul__(self, times: SupportsIndex) -> Size:
        return _tuple_new(Size, tuple.__mul__(self, times))

    __rmul__ = __mul__


def size(shape: tuple[int, ...]) -> Size:
    """A shape of NumPy's, which holds nothing but integers, as a Size."""
    return _tuple_new(Size, shape)
