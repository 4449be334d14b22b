"""The columns behind a convolution, and their way back into images."""

from __future__ import annotations

import math

from minigrad.nn.functional.windows import Lengths, batched, each, require_places, require_type
from minigrad.ops.patches import Window, col2im, im2col
from minigrad.tensor import Tensor

__all__ = ["fold", "unfold"]


def unfold(
    input: Tensor,
    kernel_size: Lengths,
    dilation: Lengths = 1,
    padding: Lengths = 0,
    stride: Lengths = 1,
) -> Tensor:
    """The column matrix of images: a column for each of the L places of the window.

    Args:
        input: (N, C, H, W).
        kernel_size: height and width of the window, or one number for both.
        dilation: steps between neighbours within a window.
        padding: zeros around the image.
        stride: steps between windows.

    Shapes: result (N, C · KH · KW, L).
    Errors: RuntimeError for other shapes or a window that does not fit.
    """
    require_type("unfold", input, "bool")
    window = _window("unfold", kernel_size, dilation, padding, stride)

    def columns(x: Tensor) -> Tensor:
        places = require_places("unfold", x.shape[2:], window)
        c = im2col(x, window=window)
        return c.reshape(len(x), x.shape[1] * window.volume, math.prod(places))

    return batched("unfold", input, 2, columns)


def fold(
    input: Tensor,
    output_size: Lengths,
    kernel_size: Lengths,
    dilation: Lengths = 1,
    padding: Lengths = 0,
    stride: Lengths = 1,
) -> Tensor:
    """The adjoint of `unfold`: columns summed up in images.

    Args:
        input: (N, C · KH · KW, L).
        output_size: height and width of the images.
        kernel_size: height and width of the window, or one number for both.
        dilation: steps between neighbours within a window.
        padding: the border that `unfold` had added, which is cut off again.
        stride: steps between windows.

    Shapes: result (N, C, H, W).
    Errors: RuntimeError for columns whose number or length does not fit the window.
    """
    require_type("fold", input, "bool")
    size = each("fold", "output_size", output_size, 2)
    window = _window("fold", kernel_size, dilation, padding, stride)

    def images(c: Tensor) -> Tensor:
        places = require_places("fold", size, window)
        rows, length = c.shape[1:]
        if rows % window.volume or length != math.prod(places):
            raise RuntimeError(
                f"fold: Given output_size={size} and kernel_size={window.kernel}, expected columns "
                f"of shape (N, C · {window.volume}, {math.prod(places)}), but got {tuple(c.shape)}"
            )
        patches = c.reshape(len(c), rows // window.volume, *window.kernel, *places)
        return col2im(patches, window=window, size=size)

    if input.ndim not in (2, 3):
        raise RuntimeError(
            f"fold: Expected 2D or 3D (batch mode) tensor for input, but got {tuple(input.shape)}"
        )
    return batched("fold", input, 1, images)


def _window(
    caller: str, kernel: Lengths, dilation: Lengths, padding: Lengths, stride: Lengths
) -> Window:
    return Window(
        each(caller, "kernel_size", kernel, 2),
        each(caller, "stride", stride, 2),
        each(caller, "dilation", dilation, 2),
        tuple((p, p) for p in each(caller, "padding", padding, 2, least=0)),
    )
