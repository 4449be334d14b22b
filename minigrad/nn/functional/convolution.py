"""Convolution and its transpose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from minigrad.arguments import whole
from minigrad.nn.functional.windows import Lengths, batched, each, require_places
from minigrad.ops.convolution import conv, conv_input
from minigrad.ops.padding import pad
from minigrad.ops.patches import Sizes, Window
from minigrad.tensor import Tensor

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]

Padding: TypeAlias = Lengths | str


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Lengths = 1,
    padding: Padding = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> Tensor:
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]

    Args:
        input: x, (N, C, L) or (C, L).
        weight: w, (O, C / groups, K).
        bias: b, (O), or None.
        stride: steps from place to place, one number or one for each dimension.
        padding: zeros on both sides, one width or one for each dimension; "valid" is none, "same"
            keeps the lengths (where the border is odd, the end gets one more).
        dilation: steps between neighbours within a filter.
        groups: the channels are cut into this many groups that do not see each other.

    Shapes: result (N, O, OL), OL = ⌊(L + 2P - D(K - 1) - 1) / S⌋ + 1.
    Errors: as for `conv2d`.
    """
    return _conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Lengths = 1,
    padding: Padding = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> Tensor:
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]

    This is the cross-correlation that every framework calls convolution: the kernel is not flipped.

    Args:
        input: x, (N, C, H, W) or (C, H, W).
        weight: w, (O, C / groups, KH, KW).
        bias: b, (O), or None.
        stride: steps from place to place, one number or one for each dimension.
        padding: zeros on both sides, one width or one for each dimension; "valid" is none, "same"
            keeps the lengths (where the border is odd, the end gets one more).
        dilation: steps between neighbours within a filter.
        groups: the channels are cut into this many groups that do not see each other.

    Shapes: result (N, O, OH, OW), OH = ⌊(H + 2P - D(KH - 1) - 1) / S⌋ + 1 and OW likewise.
    Errors: RuntimeError for shapes, groups or types that do not fit, or a kernel larger than the
    padded input.
    """
    return _conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Lengths = 1,
    padding: Padding = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> Tensor:
    """y[n, o, p] = Σ w[o, c, k] · x[n, c, p · stride + k · dilation - padding] + b[o]

    Args:
        input: x, (N, C, D, H, W) or (C, D, H, W).
        weight: w, (O, C / groups, KD, KH, KW).
        bias: b, (O), or None.
        stride: steps from place to place, one number or one for each dimension.
        padding: zeros on both sides, one width or one for each dimension; "valid" is none, "same"
            keeps the lengths (where the border is odd, the end gets one more).
        dilation: steps between neighbours within a filter.
        groups: the channels are cut into this many groups that do not see each other.

    Shapes: result (N, O, OD, OH, OW), lengths as for `conv2d`.
    Errors: as for `conv2d`.
    """
    return _conv("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Lengths = 1,
    padding: Lengths = 0,
    output_padding: Lengths = 0,
    groups: int = 1,
    dilation: Lengths = 1,
) -> Tensor:
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    Args:
        input: x, (N, O, L) or (O, L).
        weight: w, (O, C / groups, K).
        bias: b, (C), or None.
        stride: steps between places of the result, one number or one for each dimension.
        padding: what is cut off on both sides of the result.
        output_padding: how much longer than the least the result is.
        groups: the channels are cut into this many groups that do not see each other.
        dilation: steps between neighbours within a filter.

    Shapes: result (N, C, (L - 1) S - 2P + D(K - 1) + output_padding + 1).
    Errors: as for `conv_transpose2d`.
    """
    return _transposed(
        "conv_transpose1d",
        1,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Lengths = 1,
    padding: Lengths = 0,
    output_padding: Lengths = 0,
    groups: int = 1,
    dilation: Lengths = 1,
) -> Tensor:
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    The gradient of `conv2d` with respect to its input, as a function of its own.

    Args:
        input: x, (N, O, H, W) or (O, H, W).
        weight: w, (O, C / groups, KH, KW).
        bias: b, (C), or None.
        stride: steps between places of the result, one number or one for each dimension.
        padding: what is cut off on both sides of the result.
        output_padding: how much longer than the least the result is.
        groups: the channels are cut into this many groups that do not see each other.
        dilation: steps between neighbours within a filter.

    Shapes: result (N, C, OH, OW), OH = (H - 1) S - 2P + D(KH - 1) + output_padding + 1.
    Errors: RuntimeError for shapes, groups or types that do not fit, and for an output padding
    that is smaller neither than the stride nor than the dilation.
    """
    return _transposed(
        "conv_transpose2d",
        2,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Lengths = 1,
    padding: Lengths = 0,
    output_padding: Lengths = 0,
    groups: int = 1,
    dilation: Lengths = 1,
) -> Tensor:
    """y[n, c, s] = Σ x[n, o, p] · w[o, c, k] over p · stride + k · dilation - padding = s, + b[c]

    Args:
        input: x, (N, O, D, H, W) or (O, D, H, W).
        weight: w, (O, C / groups, KD, KH, KW).
        bias: b, (C), or None.
        stride: steps between places of the result, one number or one for each dimension.
        padding: what is cut off on both sides of the result.
        output_padding: how much longer than the least the result is.
        groups: the channels are cut into this many groups that do not see each other.
        dilation: steps between neighbours within a filter.

    Shapes: result (N, C, OD, OH, OW), lengths as for `conv_transpose2d`.
    Errors: as for `conv_transpose2d`.
    """
    return _transposed(
        "conv_transpose3d",
        3,
        input,
        weight,
        bias,
        stride,
        padding,
        output_padding,
        groups,
        dilation,
    )


def _conv(
    caller: str,
    n: int,
    x: Tensor,
    w: Tensor,
    bias: Tensor | None,
    stride: Lengths,
    padding: Padding,
    dilation: Lengths,
    groups: int,
) -> Tensor:
    groups = whole(caller, "groups", groups)
    _check(caller, n, x, w, bias, groups)
    steps = each(caller, "stride", stride, n)
    spread = each(caller, "dilation", dilation, n)
    kernel = w.shape[2:]
    window = Window(kernel, steps, spread, _borders(caller, padding, kernel, steps, spread))

    def compute(x: Tensor) -> Tensor:
        if x.shape[1] != w.shape[1] * groups:
            raise RuntimeError(
                f"{caller}: Given groups={groups}, weight of size {list(w.shape)}, expected input"
                f"{list(x.shape)} to have {w.shape[1] * groups} channels, but got {x.shape[1]} "
                f"channels instead{_meant(x.shape, w.shape[1] * groups)}"
            )
        if w.shape[0] % groups:
            raise RuntimeError(
                f"{caller}: Given groups={groups}, expected weight to be divisible by {groups} at "
                f"dimension 0, but got weight of size {list(w.shape)} instead"
            )
        _check_bias(caller, w, bias, w.shape[0])
        require_places(caller, x.shape[2:], window)
        return conv(x, w, *(() if bias is None else (bias,)), window=window, groups=groups)

    return batched(caller, x, n, compute)


def _transposed(
    caller: str,
    n: int,
    x: Tensor,
    w: Tensor,
    bias: Tensor | None,
    stride: Lengths,
    padding: Lengths,
    output_padding: Lengths,
    groups: int,
    dilation: Lengths,
) -> Tensor:
    groups = whole(caller, "groups", groups)
    _check(caller, n, x, w, bias, groups)
    steps = each(caller, "stride", stride, n)
    spread = each(caller, "dilation", dilation, n)
    borders = each(caller, "padding", padding, n, least=0)
    extra = each(caller, "output_padding", output_padding, n, least=0)
    if any(e >= max(s, d) for e, s, d in zip(extra, steps, spread, strict=True)):
        raise RuntimeError(
            f"{caller}: output padding must be smaller than either stride or dilation, but got "
            f"output_padding: {extra}, stride: {steps}, dilation: {spread}"
        )
    window = Window(w.shape[2:], steps, spread, tuple((p, p) for p in borders))
    # Less than a stride is lost in the rounding; for a whole stride there is one place more.
    more = tuple((0, e // s) for e, s in zip(extra, steps, strict=True))

    def compute(x: Tensor) -> Tensor:
        if x.shape[1] != w.shape[0] or w.shape[0] % groups:
            raise RuntimeError(
                f"{caller}: Given transposed=1, groups={groups}, weight of size {list(w.shape)}, "
                f"expected input{list(x.shape)} to have {w.shape[0]} channels (divisible by "
                f"groups), but got {x.shape[1]} channels instead"
            )
        channels = w.shape[1] * groups
        _check_bias(caller, w, bias, channels)
        size: Sizes = tuple(
            (m - 1) * s + span - 2 * p + e
            for m, s, span, p, e in zip(
                x.shape[2:], steps, window.spans, borders, extra, strict=True
            )
        )
        if any(m < 1 for m in size):
            raise RuntimeError(
                f"{caller}: Given input size per channel: {x.shape[2:]}. Calculated output size "
                f"per channel: {size}. Output size is too small"
            )
        if any(e for _, e in more):
            x = pad(x, widths=((0, 0), (0, 0), *more), value=0.0)
        y = conv_input(x, w, window=window, size=size, groups=groups)
        return y if bias is None else y + bias.reshape(-1, *(1,) * n)

    return batched(caller, x, n, compute)


def _borders(
    caller: str, padding: Padding, kernel: Sizes, stride: Sizes, dilation: Sizes
) -> tuple[tuple[int, int], ...]:
    if not isinstance(padding, str):
        return tuple((p, p) for p in each(caller, "padding", padding, len(kernel), least=0))
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding != "same":
        raise ValueError(
            f"{caller}: padding must be an int, a tuple, 'valid' or 'same', got {padding!r}"
        )
    if any(s != 1 for s in stride):
        raise RuntimeError(f"{caller}: padding='same' is not supported for strided convolutions")
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((t // 2, t - t // 2) for t in total)


def _meant(shape: Sequence[int], channels: int) -> str:
    """What to do with an image whose channels stand last, as in files of pictures."""
    if shape[-1] != channels:
        return ""
    return (
        f"; channels come before sizes: x.permute{(0, len(shape) - 1, *range(1, len(shape) - 1))}"
    )


def _check(caller: str, n: int, x: Tensor, w: Tensor, bias: Tensor | None, groups: int) -> None:
    if groups < 1:
        raise RuntimeError(f"{caller}: non-positive groups is not supported, got {groups}")
    if w.ndim != n + 2 or 0 in w.shape:
        raise RuntimeError(
            f"{caller}: Expected weight of {n + 2} dimensions without empty ones, but got weight "
            f"of size {list(w.shape)}"
        )
    if any(t is not None and t.dtype != x.dtype for t in (w, bias)):
        found = ", ".join(str(t.dtype) for t in (x, w, bias) if t is not None)
        raise RuntimeError(
            f"{caller}: Input type, weight type and bias type should be the same; they are {found}"
            f"; give it the input as x.to({w.dtype})"
            + (f", or the layer as layer.to({x.dtype})" if x.dtype.kind == "f" else "")
        )


def _check_bias(caller: str, w: Tensor, bias: Tensor | None, channels: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise RuntimeError(
            f"{caller}: Given weight of size {list(w.shape)}, expected bias to be 1-dimensional "
            f"with {channels} elements, but got bias of size {list(bias.shape)} instead"
        )
