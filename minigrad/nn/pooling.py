"""Layers that reduce each window of an image to one number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from minigrad.names import public
from minigrad.nn.functional import adaptive_pooling, pooling, unpooling
from minigrad.nn.functional.adaptive_pooling import Goal
from minigrad.nn.functional.windows import Lengths
from minigrad.nn.module import Module
from minigrad.tensor import Tensor

_Pool = Callable[..., Any]


class _MaxPool(Module):
    pool: ClassVar[_Pool]

    def __init__(
        self,
        kernel_size: Lengths,
        stride: Lengths | None = None,
        padding: Lengths = 0,
        dilation: Lengths = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        """
        Args:
            kernel_size: lengths of the window, one for all dimensions or one for each.
            stride: steps from window to window; None is the window's length.
            padding: the border on both sides, at most half a window; it counts as -inf, so that it
                never wins.
            dilation: steps between neighbours within a window.
            return_indices: give also where the numbers stand, counted through the image, for
                `MaxUnpool2d` and its like.
            ceil_mode: round the number of windows up, so that the last may reach over the end; it
                has to begin within the input or the border before it.
        """
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest number of each window. Its gradient goes to that number, of equals to the first.

    Shapes: input (N, C, L) or (C, L), result (N, C, OL),
    OL = ⌊(L + 2 padding - dilation (K - 1) - 1) / stride⌋ + 1.
    Errors: RuntimeError for a border of more than half a window, and where no window fits.

    Example:
        >>> nn.MaxPool1d(2)(minigrad.tensor([[1.0, 3.0, 2.0, 0.0, 9.0]]))
        tensor([[3., 2.]])
        >>> nn.MaxPool1d(2, ceil_mode=True)(minigrad.tensor([[1.0, 3.0, 2.0, 0.0, 9.0]]))
        tensor([[3., 2., 9.]])
    """

    pool = pooling.max_pool1d


class MaxPool2d(_MaxPool):
    """The largest number of each window. Its gradient goes to that number, of equals to the first.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, OH, OW),
    OH = ⌊(H + 2 padding - dilation (KH - 1) - 1) / stride⌋ + 1 and OW likewise.
    Errors: RuntimeError for a border of more than half a window, and where no window fits.

    Example:
        >>> image = minigrad.arange(16.0).reshape(1, 1, 4, 4).requires_grad_()
        >>> y = nn.MaxPool2d(2)(image)
        >>> y.tolist()
        [[[[5.0, 7.0], [13.0, 15.0]]]]
        >>> y.sum().backward()
        >>> image.grad
        tensor([[[[0., 0., 0., 0.],
                  [0., 1., 0., 1.],
                  [0., 0., 0., 0.],
                  [0., 1., 0., 1.]]]])
    """

    pool = pooling.max_pool2d


class MaxPool3d(_MaxPool):
    """The largest number of each window. Its gradient goes to that number, of equals to the first.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result (N, C, OD, OH, OW) with lengths as for
    `MaxPool2d`.
    Errors: RuntimeError for a border of more than half a window, and where no window fits.

    Example:
        >>> nn.MaxPool3d(2)(minigrad.zeros(1, 3, 4, 6, 9)).shape
        minigrad.Size([1, 3, 2, 3, 4])
    """

    pool = pooling.max_pool3d


class AvgPool1d(Module):
    """The mean of each window; each of its numbers gets an equal share of the gradient.

    Shapes: input (N, C, L) or (C, L), result (N, C, OL), OL = ⌊(L + 2 padding - K) / stride⌋ + 1.
    Errors: RuntimeError for a border of more than half a window, and where no window fits.

    Example:
        >>> nn.AvgPool1d(2)(minigrad.tensor([[1.0, 3.0, 2.0, 0.0]]))
        tensor([[2., 1.]])
        >>> nn.AvgPool1d(2, padding=1)(minigrad.tensor([[2.0, 4.0]]))
        tensor([[1., 2.]])
        >>> nn.AvgPool1d(2, padding=1, count_include_pad=False)(minigrad.tensor([[2.0, 4.0]]))
        tensor([[2., 4.]])
    """

    def __init__(
        self,
        kernel_size: Lengths,
        stride: Lengths | None = None,
        padding: Lengths = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        """
        Args:
            kernel_size: length of the window.
            stride: steps from window to window; None is the window's length.
            padding: zeros on both sides, at most half a window.
            ceil_mode: round the number of windows up, so that the last may reach over the end; it
                has to begin within the input or the border before it.
            count_include_pad: whether the border's zeros count in the mean; False divides by the
                numbers of the input alone.
        """
        super().__init__()
        self.kernel_size, self.stride, self.padding = (
            lengths if isinstance(lengths, tuple) else (lengths,)
            for lengths in (kernel_size, kernel_size if stride is None else stride, padding)
        )
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        return pooling.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPool(Module):
    pool: ClassVar[_Pool]

    def __init__(
        self,
        kernel_size: Lengths,
        stride: Lengths | None = None,
        padding: Lengths = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        """
        Args:
            kernel_size: lengths of the window, one for all dimensions or one for each.
            stride: steps from window to window; None is the window's length.
            padding: zeros on both sides, at most half a window.
            ceil_mode: round the number of windows up, so that the last may reach over the end; it
                has to begin within the input or the border before it.
            count_include_pad: whether the border's zeros count in the mean; False divides by the
                numbers of the input alone.
            divisor_override: divide every sum by this number in place of the window's.
        """
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_AvgPool):
    """The mean of each window; each of its numbers gets an equal share of the gradient.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, OH, OW),
    OH = ⌊(H + 2 padding - KH) / stride⌋ + 1 and OW likewise.
    Errors: RuntimeError for a border of more than half a window, and where no window fits.

    Example:
        >>> nn.AvgPool2d(2)(minigrad.arange(16.0).reshape(1, 1, 4, 4))
        tensor([[[[ 2.5000,  4.5000],
                  [10.5000, 12.5000]]]])
    """

    pool = pooling.avg_pool2d


class AvgPool3d(_AvgPool):
    """The mean of each window; each of its numbers gets an equal share of the gradient.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result (N, C, OD, OH, OW) with lengths as for
    `AvgPool2d`.
    Errors: RuntimeError for a border of more than half a window, and where no window fits.

    Example:
        >>> nn.AvgPool3d((1, 2, 2))(minigrad.ones(1, 1, 2, 2, 4)).flatten()
        tensor([1., 1., 1., 1.])
    """

    pool = pooling.avg_pool3d


class _LPPool(Module):
    pool: ClassVar[_Pool]

    def __init__(
        self,
        norm_type: float,
        kernel_size: Lengths,
        stride: Lengths | None = None,
        ceil_mode: bool = False,
    ) -> None:
        """
        Args:
            norm_type: p; 1 is the sum, ∞ the largest |x|. It is xᵖ, not |x|ᵖ: under an odd p above
                1 a negative sum has no root and gives nan, as in PyTorch.
            kernel_size: lengths of the window, one for all dimensions or one for each.
            stride: steps from window to window; None is the window's length.
            ceil_mode: round the number of windows up, so that the last may reach over the end; it
                has to begin within the input or the border before it.
        """
        super().__init__()
        self.norm_type, self.kernel_size, self.stride = norm_type, kernel_size, stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(
            input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode
        )

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPool):
    """(Σ xᵖ)^(1/p) over each window; where the sum is 0 the gradient is taken as 0.

    Shapes: input (N, C, L) or (C, L), result (N, C, OL), OL = ⌊(L - K) / stride⌋ + 1.
    Errors: ValueError for p = 0.

    Example:
        >>> nn.LPPool1d(2, kernel_size=2)(minigrad.tensor([[3.0, 4.0, 0.0, 2.0]]))
        tensor([[5., 2.]])
    """

    pool = pooling.lp_pool1d


class LPPool2d(_LPPool):
    """(Σ xᵖ)^(1/p) over each window; where the sum is 0 the gradient is taken as 0.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, OH, OW), OH = ⌊(H - KH) / stride⌋ + 1.
    Errors: ValueError for p = 0.

    Example:
        >>> nn.LPPool2d(2, kernel_size=2)(minigrad.ones(1, 1, 2, 4))
        tensor([[[[2., 2.]]]])
    """

    pool = pooling.lp_pool2d


class _AdaptiveAvgPool(Module):
    pool: ClassVar[_Pool]

    def __init__(self, output_size: Goal) -> None:
        """
        Args:
            output_size: lengths of the result, one for all dimensions or one for each; None keeps
                the input's.
        """
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Means of as many windows as asked for, whatever the input's length.

    Shapes: input (N, C, L) or (C, L), result (N, C, output_size). Window i of n reaches from ⌊i L /
    n⌋ to ⌈(i + 1) L / n⌉, so that windows may overlap by one.
    Errors: RuntimeError for another number of dimensions or of lengths.

    Example:
        >>> nn.AdaptiveAvgPool1d(2)(minigrad.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]]))
        tensor([[2., 4.]])
    """

    pool = adaptive_pooling.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Means of as many windows as asked for, whatever the image's size: what lets a classifier take
    images of any size. output_size 1 is the mean of each channel.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, *output_size). Window i of n reaches from
    ⌊i H / n⌋ to ⌈(i + 1) H / n⌉.
    Errors: RuntimeError for another number of dimensions or of lengths.

    Example:
        >>> nn.AdaptiveAvgPool2d((1, 2))(minigrad.arange(8.0).reshape(1, 1, 2, 4))
        tensor([[[[2.5000, 4.5000]]]])
        >>> nn.AdaptiveAvgPool2d((None, 5))(minigrad.zeros(1, 8, 3, 9)).shape
        minigrad.Size([1, 8, 3, 5])
    """

    pool = adaptive_pooling.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Means of as many windows as asked for, whatever the volume's size.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result (N, C, *output_size); the windows as for
    `AdaptiveAvgPool2d`.
    Errors: RuntimeError for another number of dimensions or of lengths.

    Example:
        >>> nn.AdaptiveAvgPool3d(2)(minigrad.zeros(1, 8, 5, 6, 7)).shape
        minigrad.Size([1, 8, 2, 2, 2])
    """

    pool = adaptive_pooling.adaptive_avg_pool3d


class _AdaptiveMaxPool(_AdaptiveAvgPool):
    def __init__(self, output_size: Goal, return_indices: bool = False) -> None:
        """
        Args:
            output_size: lengths of the result, one for all dimensions or one for each; None keeps
                the input's.
            return_indices: give also where the numbers stand, counted through the image.
        """
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest numbers of as many windows as asked for, whatever the input's length.

    Shapes: input (N, C, L) or (C, L), result (N, C, output_size); the windows as for
    `AdaptiveAvgPool1d`.
    Errors: RuntimeError for another number of dimensions or of lengths.

    Example:
        >>> nn.AdaptiveMaxPool1d(2)(minigrad.tensor([[1.0, 5.0, 3.0, 2.0, 4.0]]))
        tensor([[5., 4.]])
    """

    pool = adaptive_pooling.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest numbers of as many windows as asked for, whatever the image's size.

    Shapes: input (N, C, H, W) or (C, H, W), result (N, C, *output_size); the windows as for
    `AdaptiveAvgPool2d`.
    Errors: RuntimeError for another number of dimensions or of lengths.

    Example:
        >>> pool = nn.AdaptiveMaxPool2d(1, return_indices=True)
        >>> y, places = pool(minigrad.tensor([[[1.0, 2.0], [9.0, 4.0]]]))
        >>> y.flatten(), places.flatten()
        (tensor([9.]), tensor([2]))
    """

    pool = adaptive_pooling.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest numbers of as many windows as asked for, whatever the volume's size.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result (N, C, *output_size); the windows as for
    `AdaptiveAvgPool2d`.
    Errors: RuntimeError for another number of dimensions or of lengths.

    Example:
        >>> nn.AdaptiveMaxPool3d((1, 2, 3))(minigrad.zeros(1, 8, 5, 6, 7)).shape
        minigrad.Size([1, 8, 1, 2, 3])
    """

    pool = adaptive_pooling.adaptive_max_pool3d


class _MaxUnpool(Module):
    pool: ClassVar[_Pool]
    dims: ClassVar[int]

    def __init__(
        self, kernel_size: Lengths, stride: Lengths | None = None, padding: Lengths = 0
    ) -> None:
        """
        Args:
            kernel_size: lengths of the window of the pooling that is undone.
            stride: steps from window to window; None is the window's length.
            padding: the border of that pooling.
        """
        super().__init__()
        n = self.dims
        self.kernel_size, self.stride, self.padding = (
            (lengths,) * n if isinstance(lengths, int) else tuple(lengths)
            for lengths in (kernel_size, kernel_size if stride is None else stride, padding)
        )

    def forward(
        self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None
    ) -> Any:
        return type(self).pool(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(_MaxUnpool):
    """The numbers of `MaxPool1d` back where its indices say, zeros elsewhere.

    The call takes (input, indices, output_size): the last chooses among the lengths that give this
    result.

    Shapes: input and indices (N, C, L) or (C, L), result (N, C, (L - 1) stride - 2 padding + K).
    Errors: RuntimeError for indices of another shape or outside the result.

    Example:
        >>> pool = nn.MaxPool1d(2, return_indices=True)
        >>> y, places = pool(minigrad.tensor([[1.0, 3.0, 2.0, 0.0]]))
        >>> nn.MaxUnpool1d(2)(y, places)
        tensor([[0., 3., 2., 0.]])
    """

    dims, pool = 1, unpooling.max_unpool1d


class MaxUnpool2d(_MaxUnpool):
    """The numbers of `MaxPool2d` back where its indices say, zeros elsewhere.

    The call takes (input, indices, output_size): the last chooses among the sizes that give this
    result.

    Shapes: input and indices (N, C, H, W) or (C, H, W), result (N, C, OH, OW),
    OH = (H - 1) stride - 2 padding + KH.
    Errors: RuntimeError for indices of another shape or outside the result.

    Example:
        >>> y, places = nn.MaxPool2d(2, return_indices=True)(minigrad.arange(4.0).reshape(1, 2, 2))
        >>> nn.MaxUnpool2d(2)(y, places)
        tensor([[[0., 0.],
                 [0., 3.]]])
    """

    dims, pool = 2, unpooling.max_unpool2d


class MaxUnpool3d(_MaxUnpool):
    """The numbers of `MaxPool3d` back where its indices say, zeros elsewhere.

    Shapes: input and indices (N, C, D, H, W) or (C, D, H, W), result with lengths as for
    `MaxUnpool2d`.
    Errors: RuntimeError for indices of another shape or outside the result.

    Example:
        >>> y, places = nn.MaxPool3d(2, return_indices=True)(minigrad.ones(1, 2, 4, 6))
        >>> nn.MaxUnpool3d(2)(y, places).shape
        minigrad.Size([1, 2, 4, 6])
    """

    dims, pool = 3, unpooling.max_unpool3d


public(globals())
