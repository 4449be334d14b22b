"""Layers that slide filters over images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad.creation import empty
from minigrad.names import public
from minigrad.nn import init
from minigrad.nn.functional import convolution as F
from minigrad.nn.functional.arguments import whole
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
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]

    Shapes: input (N, in_channels, L) or (in_channels, L); the rest as for `Conv2d`.
    """

    dims = 1


class Conv2d(_Conv):
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W), weight (out_channels,
    in_channels / groups, KH, KW), bias (out_channels). Both start uniform in ±1/√fan_in.
    ``padding`` is a number, one for each dimension, "same" or "valid"; ``padding_mode`` says what
    it holds: "zeros", "reflect", "replicate" or "circular".
    Errors: ValueError for settings that do not fit.
    """

    dims = 2


class Conv3d(_Conv):
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]

    Shapes: input (N, in_channels, D, H, W) or (in_channels, D, H, W); the rest as for `Conv2d`.
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

    Shapes: input (N, in_channels, L) or (in_channels, L); the rest as for `ConvTranspose2d`.
    """

    dims = 1


class ConvTranspose2d(_ConvTranspose):
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    Shapes: input (N, in_channels, H, W) or (in_channels, H, W), weight (in_channels,
    out_channels / groups, KH, KW), bias (out_channels). Several image sizes shrink to one under a
    strided convolution; ``output_padding``, or ``output_size`` in the call, says which one to
    return to.
    """

    dims = 2


class ConvTranspose3d(_ConvTranspose):
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    Shapes: input (N, in_channels, D, H, W) or (in_channels, D, H, W); the rest as for
    `ConvTranspose2d`.
    """

    dims = 3


public(globals())
