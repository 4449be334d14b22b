"""Layers that change the size of images, and the columns behind a convolution."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.names import public
from minigrad.nn.functional import folding, vision
from minigrad.nn.functional.vision import Factors
from minigrad.nn.functional.windows import Lengths
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class Upsample(Module):
    """Images in another size, given as lengths or as factors.

    Shapes: input (N, C, *S), S of one to three lengths; result (N, C, *size), or each length
    ⌊S · scale_factor⌋.

    Errors: ValueError for both or none of size and factor, or align_corners in a mode that does not
    mix; NotImplementedError for a mode for another number of dimensions.

    Example:
        >>> image = minigrad.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        >>> nn.Upsample(scale_factor=2)(image)
        tensor([[[[1., 1., 2., 2.],
                  [1., 1., 2., 2.],
                  [3., 3., 4., 4.],
                  [3., 3., 4., 4.]]]])
        >>> nn.Upsample(size=(2, 3), mode="bilinear", align_corners=True)(image)
        tensor([[[[1.0000, 1.5000, 2.0000],
                  [3.0000, 3.5000, 4.0000]]]])
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: Factors | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        """
        Args:
            size: the new lengths, one for all or one for each dimension of S.
            scale_factor: factors instead of lengths.
            mode: "nearest" and "nearest-exact" repeat numbers ("exact" looks from the middle of a
                pixel), "linear", "bilinear" and "trilinear" mix neighbours of one, two and three
                dimensions by their distance, "area" takes means.
            align_corners: in the modes that mix, let the middles of the corner pixels meet, not
                their outer edges; None is False.
            recompute_scale_factor: use the ratio of the lengths, which are whole numbers, in place
                of the factor that was given.
        """
        super().__init__()
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.recompute_scale_factor = recompute_scale_factor
        self.scale_factor: Factors | None = (
            scale_factor
            if scale_factor is None
            else tuple(float(f) for f in scale_factor)
            if isinstance(scale_factor, (tuple, list))
            else float(scale_factor)  # type: ignore[arg-type]
        )

    def forward(self, input: Tensor) -> Tensor:
        return vision.interpolate(
            input,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def extra_repr(self) -> str:
        if self.scale_factor is not None:
            return f"scale_factor={self.scale_factor!r}, mode={self.mode!r}"
        return f"size={self.size!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """`Upsample` of images that repeats pixels.

    Shapes: input (N, C, H, W), result (N, C, OH, OW).
    Errors: ValueError for both or none of size and factor.

    Example:
        >>> nn.UpsamplingNearest2d(scale_factor=2)(minigrad.tensor([[[[1.0, 2.0]]]]))
        tensor([[[[1., 1., 2., 2.],
                  [1., 1., 2., 2.]]]])
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: Factors | None = None,
    ) -> None:
        """
        Args:
            size: the new height and width, or one length for both.
            scale_factor: factors instead of lengths.
        """
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """`Upsample` of images that mixes pixels, the middles of the corners staying in place
    (align_corners=True).

    Shapes: input (N, C, H, W), result (N, C, OH, OW).
    Errors: ValueError for both or none of size and factor; NotImplementedError for another
    number of dimensions.

    Example:
        >>> nn.UpsamplingBilinear2d(size=(1, 5))(minigrad.tensor([[[[0.0, 1.0]]]]))
        tensor([[[[0.0000, 0.2500, 0.5000, 0.7500, 1.0000]]]])
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: Factors | None = None,
    ) -> None:
        """
        Args:
            size: the new height and width, or one length for both.
            scale_factor: factors instead of lengths.
        """
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)


class PixelShuffle(Module):
    """Channels become neighbouring pixels: the r² channels of a pixel make a square of r by r.

    Shapes: input (*, C · r², H, W), result (*, C, H · r, W · r).
    Errors: RuntimeError for fewer than 3 dimensions or channels that r² does not divide.
    Source: Shi et al., Real-Time Super-Resolution by Sub-Pixel Convolution, 2016.

    Example:
        >>> nn.PixelShuffle(2)(minigrad.arange(4.0).reshape(1, 4, 1, 1))
        tensor([[[[0., 1.],
                  [2., 3.]]]])
    """

    def __init__(self, upscale_factor: int) -> None:
        """
        Args:
            upscale_factor: r.
        """
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        return vision.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Neighbouring pixels become channels: the inverse of `PixelShuffle`.

    Shapes: input (*, C, H · r, W · r), result (*, C · r², H, W).
    Errors: RuntimeError for fewer than 3 dimensions or lengths that r does not divide.

    Example:
        >>> nn.PixelUnshuffle(2)(minigrad.arange(4.0).reshape(1, 1, 2, 2)).flatten()
        tensor([0., 1., 2., 3.])
    """

    def __init__(self, downscale_factor: int) -> None:
        """
        Args:
            downscale_factor: r.
        """
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        return vision.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class Unfold(Module):
    """The windows of images as columns (im2col): a convolution is a product of matrices with them.

    Shapes: input (N, C, H, W), result (N, C · KH · KW, L), with L = OH · OW windows,
    OH = ⌊(H + 2 padding - dilation (KH - 1) - 1) / stride⌋ + 1.
    Errors: RuntimeError for other shapes or a window that does not fit.

    Example:
        >>> image = minigrad.arange(6.0).reshape(1, 1, 2, 3)
        >>> nn.Unfold(kernel_size=2)(image)
        tensor([[[0., 1.],
                 [1., 2.],
                 [3., 4.],
                 [4., 5.]]])
    """

    def __init__(
        self,
        kernel_size: Lengths,
        dilation: Lengths = 1,
        padding: Lengths = 0,
        stride: Lengths = 1,
    ) -> None:
        """
        Args:
            kernel_size: height and width of the window, or one number for both.
            dilation: steps between neighbours within a window.
            padding: zeros around the image, on all sides.
            stride: steps between windows.
        """
        super().__init__()
        self.kernel_size, self.dilation = kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, input: Tensor) -> Tensor:
        return folding.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Module):
    """Columns summed up in images: the adjoint of `Unfold`, and so its gradient.

    It is no inverse: a pixel in several windows gets the sum of them.

    Shapes: input (N, C · KH · KW, L), result (N, C, *output_size), L as for `Unfold`.
    Errors: RuntimeError for columns whose number or length does not fit the window.

    Example:
        >>> columns = nn.Unfold(2)(minigrad.ones(1, 1, 2, 3))
        >>> nn.Fold((2, 3), 2)(columns)
        tensor([[[[1., 2., 1.],
                  [1., 2., 1.]]]])
    """

    def __init__(
        self,
        output_size: Lengths,
        kernel_size: Lengths,
        dilation: Lengths = 1,
        padding: Lengths = 0,
        stride: Lengths = 1,
    ) -> None:
        """
        Args:
            output_size: height and width of the images.
            kernel_size: height and width of the window, or one number for both.
            dilation: steps between neighbours within a window.
            padding: the border that `Unfold` had added, which is cut off again.
            stride: steps between windows.
        """
        super().__init__()
        self.output_size, self.kernel_size, self.dilation = output_size, kernel_size, dilation
        self.padding, self.stride = padding, stride

    def forward(self, input: Tensor) -> Tensor:
        return folding.fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def extra_repr(self) -> str:
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, "
            f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        )


public(globals())
