"""Layers that put a margin around images."""

from __future__ import annotations

from typing import ClassVar

from minigrad.arguments import whole
from minigrad.names import public
from minigrad.nn.functional.padding import pad
from minigrad.nn.functional.windows import Lengths
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class _Pad(Module):
    """``padding`` is one width for all sides, or (left, right, top, bottom, front, back)."""

    dims: ClassVar[int]
    mode: ClassVar[str]

    def __init__(self, padding: Lengths) -> None:
        """
        Args:
            padding: one width for all sides, or (left, right), (left, right, top, bottom) or (left,
                right, top, bottom, front, back). Negative widths cut off.
        """
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
        """
        Args:
            padding: one width for all sides, or (left, right), (left, right, top, bottom) or (left,
                right, top, bottom, front, back). Negative widths cut off.
            value: what the margin is filled with.
        """
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return pad(input, self.padding, mode=self.mode, value=self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A margin of ``value``, which gets no gradient.

    Shapes: input (*, L), result (*, left + L + right).
    Errors: RuntimeError for widths that the input has no dimensions for.

    Example:
        >>> nn.ConstantPad1d((1, 2), 9.0)(minigrad.tensor([1.0, 2.0]))
        tensor([9., 1., 2., 9., 9.])
    """

    dims = 1


class ConstantPad2d(_ConstantPad):
    """A margin of ``value``, which gets no gradient.

    Shapes: input (*, H, W), result (*, top + H + bottom, left + W + right).
    Errors: RuntimeError for widths that the input has no dimensions for.

    Example:
        >>> nn.ConstantPad2d((1, 0, 0, 1), 9.0)(minigrad.tensor([[1.0, 2.0]]))
        tensor([[9., 1., 2.],
                [9., 9., 9.]])
    """

    dims = 2


class ConstantPad3d(_ConstantPad):
    """A margin of ``value``, which gets no gradient.

    Shapes: input (*, D, H, W), result with each length longer by its two widths.
    Errors: RuntimeError for widths that the input has no dimensions for.

    Example:
        >>> nn.ConstantPad3d(1, 0.5)(minigrad.zeros(1, 2, 3, 4)).shape
        minigrad.Size([1, 4, 5, 6])
    """

    dims = 3


class ZeroPad1d(_Pad):
    """A margin of zeros.

    Shapes: input (*, L), result (*, left + L + right).
    Errors: RuntimeError for widths that the input has no dimensions for.

    Example:
        >>> nn.ZeroPad1d(1)(minigrad.tensor([1.0, 2.0]))
        tensor([0., 1., 2., 0.])
    """

    dims, mode = 1, "constant"


class ZeroPad2d(_Pad):
    """A margin of zeros.

    Shapes: input (*, H, W), result (*, top + H + bottom, left + W + right).
    Errors: RuntimeError for widths that the input has no dimensions for.

    Example:
        >>> nn.ZeroPad2d((1, 0, 0, 1))(minigrad.tensor([[1.0, 2.0]]))
        tensor([[0., 1., 2.],
                [0., 0., 0.]])
        >>> nn.ZeroPad2d(-1)(minigrad.arange(9.0).reshape(3, 3))
        tensor([[4.]])
    """

    dims, mode = 2, "constant"


class ZeroPad3d(_Pad):
    """A margin of zeros.

    Shapes: input (*, D, H, W), result with each length longer by its two widths.
    Errors: RuntimeError for widths that the input has no dimensions for.

    Example:
        >>> nn.ZeroPad3d((0, 0, 0, 0, 1, 1))(minigrad.ones(1, 1, 1, 1)).flatten()
        tensor([0., 1., 0.])
    """

    dims, mode = 3, "constant"


class ReflectionPad1d(_Pad):
    """A margin that mirrors the input without its edge; what is mirrored gets the sum of its
    gradients.

    Shapes: input (N, C, L) or (C, L), result (N, C, left + L + right).
    Errors: RuntimeError for a width of L or more.

    Example:
        >>> nn.ReflectionPad1d(2)(minigrad.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 2., 1., 2., 3., 2., 1.]])
    """

    dims, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """A margin that mirrors the image without its edge: no seam, and no dark border.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, top + H + bottom, left + W + right).
    Errors: RuntimeError for a width of the length or more.

    Example:
        >>> nn.ReflectionPad2d((1, 0, 1, 0))(minigrad.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        tensor([[[4., 3., 4.],
                 [2., 1., 2.],
                 [4., 3., 4.]]])
    """

    dims, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """A margin that mirrors the volume without its edge.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result with each length longer by its two widths.
    Errors: RuntimeError for a width of the length or more.

    Example:
        >>> nn.ReflectionPad3d(1)(minigrad.zeros(1, 2, 2, 2)).shape
        minigrad.Size([1, 4, 4, 4])
    """

    dims, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """A margin that repeats the edge.

    Shapes: input (N, C, L) or (C, L), result (N, C, left + L + right).
    Errors: ValueError for another number of widths; NotImplementedError for another number of
    dimensions.

    Example:
        >>> nn.ReplicationPad1d(2)(minigrad.tensor([[1.0, 2.0, 3.0]]))
        tensor([[1., 1., 1., 2., 3., 3., 3.]])
    """

    dims, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """A margin that repeats the edge, corners included.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, top + H + bottom, left + W + right).
    Errors: ValueError for another number of widths; NotImplementedError for another number of
    dimensions.

    Example:
        >>> nn.ReplicationPad2d((1, 0, 1, 0))(minigrad.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        tensor([[[1., 1., 2.],
                 [1., 1., 2.],
                 [3., 3., 4.]]])
    """

    dims, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """A margin that repeats the edge.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result with each length longer by its two widths.
    Errors: ValueError for another number of widths; NotImplementedError for another number of
    dimensions.

    Example:
        >>> nn.ReplicationPad3d(1)(minigrad.ones(1, 1, 1, 1)).sum()
        tensor(27.)
    """

    dims, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """A margin that goes on at the other side, as if the input were a ring.

    Shapes: input (N, C, L) or (C, L), result (N, C, left + L + right).
    Errors: RuntimeError for a width of more than L.

    Example:
        >>> nn.CircularPad1d((1, 2))(minigrad.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 1., 2., 3., 1., 2.]])
    """

    dims, mode = 1, "circular"


class CircularPad2d(_Pad):
    """A margin that goes on at the other side, as if the image covered a torus.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, top + H + bottom, left + W + right).
    Errors: RuntimeError for a width of more than the length.

    Example:
        >>> nn.CircularPad2d((1, 0, 1, 0))(minigrad.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
        tensor([[[4., 3., 4.],
                 [2., 1., 2.],
                 [4., 3., 4.]]])
    """

    dims, mode = 2, "circular"


class CircularPad3d(_Pad):
    """A margin that goes on at the other side.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result with each length longer by its two widths.
    Errors: RuntimeError for a width of more than the length.

    Example:
        >>> nn.CircularPad3d(1)(minigrad.ones(1, 2, 2, 2)).shape
        minigrad.Size([1, 4, 4, 4])
    """

    dims, mode = 3, "circular"


public(globals())
