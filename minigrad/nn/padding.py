"""Layers that put a margin around images."""

from __future__ import annotations

from typing import ClassVar

from minigrad.names import public
from minigrad.nn.functional.arguments import whole
from minigrad.nn.functional.padding import pad
from minigrad.nn.functional.windows import Lengths
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class _Pad(Module):
    """``padding`` is one width for all sides, or (left, right, top, bottom, front, back)."""

    dims: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Lengths) -> None:
        super().__init__()
        name, listed = type(self).__name__, isinstance(padding, (tuple, list))
        given = tuple(padding) if listed else (padding,) * (2 * self.dims)  # type: ignore[arg-type]
        widths = tuple(whole(name, "padding", width) for width in given)
        if len(widths) != 2 * self.dims and self.mode != "constant":  # fewer are the last sides
            raise ValueError(f"{name}: expected one width or {2 * self.dims}, got {padding}")
        self.padding = widths

    def forward(self, input: Tensor) -> Tensor:
        return pad(input, self.padding, mode=self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: Lengths, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return pad(input, self.padding, mode=self.mode, value=self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A margin of ``value`` around (..., L)"""

    dims = 1


class ConstantPad2d(_ConstantPad):
    """A margin of ``value`` around (..., H, W)"""

    dims = 2


class ConstantPad3d(_ConstantPad):
    """A margin of ``value`` around (..., D, H, W)"""

    dims = 3


class ZeroPad1d(_Pad):
    """A margin of zeros around (..., L)"""

    dims, mode = 1, "constant"


class ZeroPad2d(_Pad):
    """A margin of zeros around (..., H, W)"""

    dims, mode = 2, "constant"


class ZeroPad3d(_Pad):
    """A margin of zeros around (..., D, H, W)"""

    dims, mode = 3, "constant"


class ReflectionPad1d(_Pad):
    """A margin that mirrors (..., L) without its edge"""

    dims, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """A margin that mirrors (..., H, W) without its edge"""

    dims, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """A margin that mirrors (..., D, H, W) without its edge"""

    dims, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """A margin that repeats the edge of (..., L)"""

    dims, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """A margin that repeats the edge of (..., H, W)"""

    dims, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """A margin that repeats the edge of (..., D, H, W)"""

    dims, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """A margin that goes on at the other side of (..., L)"""

    dims, mode = 1, "circular"


class CircularPad2d(_Pad):
    """A margin that goes on at the other side of (..., H, W)"""

    dims, mode = 2, "circular"


class CircularPad3d(_Pad):
    """A margin that goes on at the other side of (..., D, H, W)"""

    dims, mode = 3, "circular"


public(globals())
