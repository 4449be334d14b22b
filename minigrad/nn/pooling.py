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
    """The largest number of each window of (N, C, L). See `functional.max_pool2d`."""

    pool = pooling.max_pool1d


class MaxPool2d(_MaxPool):
    """The largest number of each window of (N, C, H, W). See `functional.max_pool2d`."""

    pool = pooling.max_pool2d


class MaxPool3d(_MaxPool):
    """The largest number of each window of (N, C, D, H, W). See `functional.max_pool2d`."""

    pool = pooling.max_pool3d


class AvgPool1d(Module):
    """The mean of each window of (N, C, L). See `functional.avg_pool2d`."""

    def __init__(
        self,
        kernel_size: Lengths,
        stride: Lengths | None = None,
        padding: Lengths = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
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
    """The mean of each window of (N, C, H, W). See `functional.avg_pool2d`."""

    pool = pooling.avg_pool2d


class AvgPool3d(_AvgPool):
    """The mean of each window of (N, C, D, H, W). See `functional.avg_pool2d`."""

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
    """(Σ x^p)^(1/p) over each window of (N, C, L)"""

    pool = pooling.lp_pool1d


class LPPool2d(_LPPool):
    """(Σ x^p)^(1/p) over each window of (N, C, H, W)"""

    pool = pooling.lp_pool2d


class _AdaptiveAvgPool(Module):
    pool: ClassVar[_Pool]

    def __init__(self, output_size: Goal) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """(N, C, L) to (N, C, output_size). See `functional.adaptive_avg_pool2d`."""

    pool = adaptive_pooling.adaptive_avg_pool1d


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """(N, C, H, W) to (N, C, *output_size). See `functional.adaptive_avg_pool2d`."""

    pool = adaptive_pooling.adaptive_avg_pool2d


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """(N, C, D, H, W) to (N, C, *output_size). See `functional.adaptive_avg_pool2d`."""

    pool = adaptive_pooling.adaptive_avg_pool3d


class _AdaptiveMaxPool(_AdaptiveAvgPool):
    def __init__(self, output_size: Goal, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Tensor) -> Any:
        return type(self).pool(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """(N, C, L) to (N, C, output_size). See `functional.adaptive_max_pool2d`."""

    pool = adaptive_pooling.adaptive_max_pool1d


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """(N, C, H, W) to (N, C, *output_size). See `functional.adaptive_max_pool2d`."""

    pool = adaptive_pooling.adaptive_max_pool2d


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """(N, C, D, H, W) to (N, C, *output_size). See `functional.adaptive_max_pool2d`."""

    pool = adaptive_pooling.adaptive_max_pool3d


class _MaxUnpool(Module):
    pool: ClassVar[_Pool]
    dims: ClassVar[int]

    def __init__(
        self, kernel_size: Lengths, stride: Lengths | None = None, padding: Lengths = 0
    ) -> None:
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
    """The numbers of `MaxPool1d` back in their places. See `functional.max_unpool2d`."""

    dims, pool = 1, unpooling.max_unpool1d


class MaxUnpool2d(_MaxUnpool):
    """The numbers of `MaxPool2d` back in their places. See `functional.max_unpool2d`."""

    dims, pool = 2, unpooling.max_unpool2d


class MaxUnpool3d(_MaxUnpool):
    """The numbers of `MaxPool3d` back in their places. See `functional.max_unpool2d`."""

    dims, pool = 3, unpooling.max_unpool3d


public(globals())
