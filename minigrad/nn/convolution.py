"""Layers that slide filters over images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad.arguments import whole
from minigrad.creation import empty
from minigrad.names import public
from minigrad.nn import init
from minigrad.nn.functional import convolution as F
from minigrad.nn.functional.padding import pad
from minigrad.nn.functional.windows import Lengths, each
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor

_MODES = ("zeros", "reflect", "replicate", "circular")


class _Filters(Module):
    """What all convolutions share: the settings, the parameters, their start and the repr."""

    dims: ClassVar[int]
    transposed: ClassVar[bool] = False
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Lengths,
        stride: Lengths,
        padding: Lengths | str,
        dilation: Lengths,
        output_padding: Lengths,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        super().__init__()
        name, n = type(self).__name__, self.dims
        in_channels = whole(name, "in_channels", in_channels)
        out_channels = whole(name, "out_channels", out_channels)
        groups = whole(name, "groups", groups)
        if groups < 1:
            raise ValueError(f"{name}: groups must be a positive integer, got {groups}")
        for kind, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(
                    f"{name}: {kind} must be divisible by groups, got {channels} and {groups}"
                )
        if padding_mode not in _MODES:
            raise ValueError(f"{name}: padding_mode must be one of {_MODES}, got {padding_mode!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = each(name, "kernel_size", kernel_size, n)
        self.stride = each(name, "stride", stride, n)
        self.dilation = each(name, "dilation", dilation, n)
        self.output_padding = each(name, "output_padding", output_padding, n, least=0)
        self.padding_mode = padding_mode
        if isinstance(padding, str):
            if padding not in ("same", "valid"):
                raise ValueError(
                    f"{name}: Invalid padding string {padding!r}, should be one of 'same', 'valid'"
                )
            if padding == "same" and any(s != 1 for s in self.stride):
                raise ValueError(
                    f"{name}: padding='same' is not supported for strided convolutions; the stride "
                    f"is {self.stride}"
                )
            self.padding: tuple[int, ...] | str = padding
        else:
            self.padding = each(name, "padding", padding, n, least=0)
        first, second = (
            (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        )
        shape = (first, second // groups, *self.kernel_size)
        self.weight = Parameter(empty(shape, device=device, dtype=dtype))
        self.bias = Parameter(empty(out_channels, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again from random numbers, uniform in ±1/√fan_in."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init.fan_in_and_out(self.weight)
            bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        n = self.dims
        parts = [f"{self.in_channels}, {self.out_channels}", f"kernel_size={self.kernel_size}"]
        parts.append(f"stride={self.stride}")
        if self.padding != (0,) * n:
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * n:
            parts.append(f"dilation={self.dilation}")
        if self.output_padding != (0,) * n:
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class _Conv(_Filters):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Lengths,
        stride: Lengths = 1,
        padding: Lengths | str = 0,
        dilation: Lengths = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            in_channels: channels of the input, 3 for colours.
            out_channels: channels of the result, each with filters of its own.
            kernel_size: lengths of a filter, one for all dimensions or one for each.
            stride: steps from place to place; 2 halves the image.
            padding: the border on both sides of each dimension, one width or one for each; "valid"
                is none, "same" keeps the lengths (stride 1 only; of an odd border the end gets one
                more).
            dilation: steps between neighbours within a filter, which then sees further.
            groups: cut the channels into this many groups that do not see each other; with
                groups = in_channels each channel has filters of its own (depthwise).
            bias: whether there is a b.
            padding_mode: what the border holds: "zeros", "reflect" (the image mirrored without its
                edge), "replicate" (the edge again) or "circular" (the other side).
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            0,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor) -> Tensor:
        convolve = (F.conv1d, F.conv2d, F.conv3d)[self.dims - 1]
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input = pad(input, self._margins(), mode=self.padding_mode)
            padding = 0
        return convolve(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )

    def _margins(self) -> list[int]:
        """The border's widths in the order of `pad`: the last dimension first."""
        if isinstance(self.padding, tuple):
            return [p for p in reversed(self.padding) for _ in range(2)]
        margins = []
        for k, d in zip(reversed(self.kernel_size), reversed(self.dilation), strict=True):
            total = d * (k - 1) if self.padding == "same" else 0
            margins += [total // 2, total - total // 2]
        return margins


class Conv1d(_Conv):
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o], over c and k

    The filter is not turned around: it is the cross-correlation that is called convolution.

    Shapes: input (N, in_channels, L) or (in_channels, L), result (N, out_channels, OL),
    OL = ⌊(L + 2 padding - dilation (K - 1) - 1) / stride⌋ + 1; weight (out_channels,
    in_channels / groups, K), bias (out_channels). Both start uniform in ±1/√fan_in.

    Errors: ValueError for settings that do not fit; RuntimeError for another number of channels, or
    a filter longer than the input with its border.

    Example:
        >>> difference = nn.Conv1d(1, 1, kernel_size=2, bias=False)
        >>> with minigrad.no_grad():
        ...     _ = difference.weight.copy_(minigrad.tensor([[[-1.0, 1.0]]]))
        >>> difference(minigrad.tensor([[0.0, 1.0, 4.0, 9.0]]))
        tensor([[1., 3., 5.]], grad_fn=<ReshapeBackward>)
    """

    dims = 1


class Conv2d(_Conv):
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o], over c and k

    The places p and k have two coordinates. The filter is not turned around: it is the
    cross-correlation that is called convolution. Backwards, the gradient of the input is
    `ConvTranspose2d` of the result's, and the weight's sums over all images and places.

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W), result (N, out_channels, OH, OW),
    OH = ⌊(H + 2 padding - dilation (KH - 1) - 1) / stride⌋ + 1 and OW likewise; weight
    (out_channels, in_channels / groups, KH, KW), bias (out_channels). Both start uniform in
    ±1/√fan_in, fan_in = in_channels / groups · KH · KW.

    Errors: ValueError for settings that do not fit; RuntimeError for another number of channels, or
    a filter larger than the image with its border.

    Example:
        >>> layer = nn.Conv2d(3, 16, kernel_size=5, stride=2, padding=2)
        >>> layer(minigrad.zeros(8, 3, 32, 32)).shape
        minigrad.Size([8, 16, 16, 16])
        >>> layer.weight.shape
        minigrad.Size([16, 3, 5, 5])
        >>> nn.Conv2d(3, 3, 3, padding="same", groups=3)(minigrad.zeros(3, 7, 7)).shape
        minigrad.Size([3, 7, 7])
    """

    dims = 2


class Conv3d(_Conv):
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o], over c and k

    The places p and k have three coordinates.

    Shapes: input (N, in_channels, D, H, W) or (in_channels, D, H, W), result (N, out_channels, OD,
    OH, OW), OD = ⌊(D + 2 padding - dilation (KD - 1) - 1) / stride⌋ + 1 and so on; weight
    (out_channels, in_channels / groups, KD, KH, KW), bias (out_channels). Both start uniform in
    ±1/√fan_in.

    Errors: as for `Conv2d`.

    Example:
        >>> nn.Conv3d(1, 4, kernel_size=3, padding=1)(minigrad.zeros(2, 1, 5, 8, 8)).shape
        minigrad.Size([2, 4, 5, 8, 8])
    """

    dims = 3


class _ConvTranspose(_Filters):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Lengths,
        stride: Lengths = 1,
        padding: Lengths = 0,
        output_padding: Lengths = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Lengths = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            in_channels: channels of the input.
            out_channels: channels of the result.
            kernel_size: lengths of a filter, one for all dimensions or one for each.
            stride: steps between places of the result; 2 doubles the image.
            padding: what is cut off on both sides of the result: the border of the convolution that
                this is the adjoint of.
            output_padding: how much longer than the least the result is. Several lengths shrink to
                one under a strided convolution; this says which one to return to.
            groups: cut the channels into this many groups that do not see each other.
            bias: whether there is a b.
            dilation: steps between neighbours within a filter.
            padding_mode: only "zeros".
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        if padding_mode != "zeros":
            raise ValueError(
                f'{type(self).__name__}: Only "zeros" padding mode is supported, got '
                f"{padding_mode!r}"
            )
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        transpose = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.dims - 1]
        padding: Any = self.padding
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        return transpose(
            input, self.weight, self.bias, self.stride, padding, extra, self.groups, self.dilation
        )

    def _extra(self, input: Tensor, output_size: Sequence[int]) -> tuple[int, ...]:
        """The output padding that gives this size. Errors: ValueError for an impossible size."""
        n, name = self.dims, type(self).__name__
        goal = tuple(output_size)[-n:]
        padding: Any = self.padding
        if len(output_size) not in (n, input.ndim):
            raise ValueError(
                f"{name}: output_size must have {n} or {input.ndim} elements "
                f"(got {len(output_size)})"
            )
        least = tuple(
            (m - 1) * s - 2 * p + d * (k - 1) + 1
            for m, s, p, d, k in zip(
                input.shape[-n:],
                self.stride,
                padding,
                self.dilation,
                self.kernel_size,
                strict=True,
            )
        )
        most = tuple(a + s - 1 for a, s in zip(least, self.stride, strict=True))
        if any(not a <= g <= b for a, g, b in zip(least, goal, most, strict=True)):
            raise ValueError(
                f"{name}: requested an output size of {goal}, but valid sizes range from {least} "
                f"to {most} (for an input of {tuple(input.shape[-n:])})"
            )
        return tuple(g - a for g, a in zip(goal, least, strict=True))


class ConvTranspose1d(_ConvTranspose):
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    The adjoint of `Conv1d` of the same settings: its gradient with respect to the input.

    Shapes: input (N, in_channels, L) or (in_channels, L), result (N, out_channels, OL),
    OL = (L - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1; weight (in_channels,
    out_channels / groups, K), bias (out_channels). Both start uniform in ±1/√fan_in, where fan_in
    is counted over the weight's second dimension, as PyTorch does.

    Errors: as for `ConvTranspose2d`.

    Example:
        >>> spread = nn.ConvTranspose1d(1, 1, kernel_size=2, stride=2, bias=False)
        >>> _ = nn.init.ones_(spread.weight)
        >>> spread(minigrad.tensor([[1.0, 2.0]])).detach()
        tensor([[1., 1., 2., 2.]])
    """

    dims = 1


class ConvTranspose2d(_ConvTranspose):
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    The adjoint of `Conv2d` of the same settings, its gradient with respect to the input: each
    number of the input lays down a filter, and what overlaps is added. The call takes
    ``output_size`` in place of output_padding.

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W), result (N, out_channels, OH, OW),
    OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1; weight (in_channels,
    out_channels / groups, KH, KW), bias (out_channels).

    Errors: ValueError for settings that do not fit, and for an ``output_size`` that no output
    padding gives; RuntimeError for another number of channels, or an output padding that is smaller
    neither than the stride nor than the dilation.

    Example:
        >>> up = nn.ConvTranspose2d(16, 8, kernel_size=3, stride=2, padding=1)
        >>> up(minigrad.zeros(1, 16, 7, 7)).shape
        minigrad.Size([1, 8, 13, 13])
        >>> up(minigrad.zeros(1, 16, 7, 7), output_size=(14, 14)).shape
        minigrad.Size([1, 8, 14, 14])
    """

    dims = 2


class ConvTranspose3d(_ConvTranspose):
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    Shapes: input (N, in_channels, D, H, W) or (in_channels, D, H, W), result (N, out_channels, OD,
    OH, OW) with lengths as for `ConvTranspose2d`; weight (in_channels, out_channels / groups, KD,
    KH, KW), bias (out_channels).

    Errors: as for `ConvTranspose2d`.

    Example:
        >>> nn.ConvTranspose3d(2, 1, kernel_size=2, stride=2)(minigrad.zeros(2, 3, 4, 5)).shape
        minigrad.Size([1, 6, 8, 10])
    """

    dims = 3


public(globals())
