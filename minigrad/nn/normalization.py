"""Layers that bring numbers to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad import dtypes
from minigrad.arguments import wholes
from minigrad.creation import empty, ones, tensor, zeros
from minigrad.names import public
from minigrad.nn import init
from minigrad.nn.functional import normalization as F
from minigrad.nn.module import Module, Parameter
from minigrad.tensor import Tensor


class _Affine(Module):
    """A scale and a shift of what is normalised, None where there is none."""

    weight: Parameter | None
    bias: Parameter | None

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class _Running(_Affine):
    """Normalisation of channels that may keep running statistics for evaluation.

    Attributes:
        running_mean, running_var, num_batches_tracked: buffers, None where nothing is kept.
    """

    ranks: ClassVar[tuple[int, ...]]
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Any,
        dtype: Any,
        bias: bool,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        made = {"device": device, "dtype": dtype}
        self.weight = Parameter(empty(num_features, **made)) if affine else None
        self.bias = Parameter(empty(num_features, **made)) if affine and bias else None
        kept = track_running_stats
        self.register_buffer("running_mean", zeros(num_features, **made) if kept else None)
        self.register_buffer("running_var", ones(num_features, **made) if kept else None)
        count = tensor(0, dtype=dtypes.int64, device=device) if kept else None
        self.register_buffer("num_batches_tracked", count)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Mean 0, variance 1, no batch counted."""
        for name, start in (("running_mean", 0), ("running_var", 1), ("num_batches_tracked", 0)):
            buffer = getattr(self, name)
            if buffer is not None:
                init.constant_(buffer, start)

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, and the statistics as `reset_running_stats` leaves them."""
        self.reset_running_stats()
        super().reset_parameters()

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _check(self, input: Tensor) -> None:
        if input.ndim not in self.ranks:
            expected = " or ".join(f"{rank}D" for rank in self.ranks)
            raise ValueError(
                f"{type(self).__name__}: expected {expected} input (got {input.ndim}D input)"
            )


class _BatchNorm(_Running):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """
        Args:
            num_features: C, the number of channels.
            eps: added to the variance under the root; it bounds y where a channel hardly varies.
            momentum: how far the running statistics move with each batch:
                r ← (1 - momentum) · r + momentum · new, PyTorch's convention (Keras' is 1 -
                momentum). None takes the plain mean of all batches.
            affine: whether there are w and b.
            track_running_stats: whether running statistics are kept. Without them evaluation goes
                by the batch as well.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
            bias: with ``affine``, whether there is a b.
        """
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        )

    def forward(self, input: Tensor) -> Tensor:
        self._check(input)
        rate: float | Tensor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the plain mean of all batches so far
                rate = self.num_batches_tracked.double().reciprocal()
        of_batch = self.training or (self.running_mean is None and self.running_var is None)
        keeps = not self.training or self.track_running_stats
        return F.batch_norm(
            input,
            self.running_mean if keeps else None,
            self.running_var if keeps else None,
            self.weight,
            self.bias,
            of_batch,
            rate,
            self.eps,
        )


class BatchNorm1d(_BatchNorm):
    """y = (x - mean) / √(var + eps) · w + b for each channel, over the batch (and the series)

    As `BatchNorm2d`, with its attributes.

    Shapes: input (N, C) or (N, C, L), result the same.
    Errors: ValueError for another number of dimensions, or a single value a channel in training.

    Example:
        >>> layer = nn.BatchNorm1d(2)
        >>> layer(minigrad.tensor([[1.0, 10.0], [3.0, 30.0]])).detach()
        tensor([[-1.0000, -1.0000],
                [ 1.0000,  1.0000]])
        >>> layer.running_mean, layer.running_var
        (tensor([0.2000, 2.0000]), tensor([ 1.1000, 20.9000]))
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """y = (x - mean) / √(var + eps) · w + b for each channel, over the batch and the image

    In training mean and variance are the batch's (var divides by the count n), and gradients pass
    through both. The running statistics follow (the variance that they take divides by n - 1) and
    count in evaluation: forgetting ``model.eval()`` is the classic fault.

    Shapes: input (N, C, H, W), result the same; weight and bias (C), starting at 1 and 0.
    Errors: ValueError for another number of dimensions, or a single value a channel in training.
    Source: Ioffe and Szegedy, Batch Normalization, 2015, algorithms 1 and 2.

    Attributes:
        running_mean, running_var: buffers (C), starting at 0 and 1; None where nothing is kept.
        num_batches_tracked: how many batches they have seen.

    Example:
        >>> layer = nn.BatchNorm2d(3)
        >>> y = layer(minigrad.randn(8, 3, 4, 4) * 5 + 2)
        >>> y.mean(dim=(0, 2, 3)).detach().abs().max().item() < 1e-5
        True
        >>> layer.eval()(minigrad.zeros(1, 3, 2, 2)).shape
        minigrad.Size([1, 3, 2, 2])
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """y = (x - mean) / √(var + eps) · w + b for each channel, over the batch and the volume

    As `BatchNorm2d`, with its attributes.

    Shapes: input (N, C, D, H, W), result the same.
    Errors: ValueError for another number of dimensions, or a single value a channel in training.

    Example:
        >>> nn.BatchNorm3d(2)(minigrad.randn(4, 2, 3, 3, 3)).shape
        minigrad.Size([4, 2, 3, 3, 3])
    """

    ranks = (5,)


class _InstanceNorm(_Running):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """
        Args:
            num_features: C, the number of channels.
            eps: added to the variance under the root; it bounds y where a channel hardly varies.
            momentum: how far the running statistics, if they are kept, move with each batch.
            affine: whether there are w and b; by default not, as in PyTorch.
            track_running_stats: keep the mean of the samples' statistics and use them in
                evaluation; by default evaluation does as training.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
            bias: with ``affine``, whether there is a b.
        """
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        )

    def forward(self, input: Tensor) -> Tensor:
        self._check(input)
        single = input.ndim == self.ranks[0]  # one sample, without the batch's dimension
        y = F.instance_norm(
            input.unsqueeze(0) if single else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return y.squeeze(0) if single else y


class InstanceNorm1d(_InstanceNorm):
    """y = (x - mean) / √(var + eps) · w + b for each channel of each sample by itself

    Shapes: input (N, C, L) or (C, L), result the same.
    Errors: ValueError for another number of dimensions, or a single value in each channel.

    Example:
        >>> nn.InstanceNorm1d(1)(minigrad.tensor([[1.0, 2.0, 3.0]]))
        tensor([[-1.2247,  0.0000,  1.2247]])
    """

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """y = (x - mean) / √(var + eps) · w + b for each channel of each image by itself

    It takes contrast and brightness out of an image, whatever the rest of the batch: style transfer
    uses it.

    Shapes: input (N, C, H, W) or (C, H, W), result the same.
    Errors: ValueError for another number of dimensions, or a single value in each channel.
    Source: Ulyanov et al., Instance Normalization, 2016.

    Example:
        >>> nn.InstanceNorm2d(1)(minigrad.tensor([[[[0.0, 2.0], [0.0, 2.0]]]]))
        tensor([[[[-1.0000,  1.0000],
                  [-1.0000,  1.0000]]]])
    """

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """y = (x - mean) / √(var + eps) · w + b for each channel of each volume by itself

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result the same.
    Errors: ValueError for another number of dimensions, or a single value in each channel.

    Example:
        >>> nn.InstanceNorm3d(2, affine=True)(minigrad.randn(1, 2, 3, 3, 3)).shape
        minigrad.Size([1, 2, 3, 3, 3])
    """

    ranks = (4, 5)


class LayerNorm(_Affine):
    """y = (x - mean) / √(var + eps) · w + b over the last dimensions, of ``normalized_shape``

    Each sample (each word of each sample) by itself, so that training and evaluation are alike and
    the batch may be 1. var divides by the count.

    Shapes: input (*, *normalized_shape), result the same; weight and bias (*normalized_shape),
    starting at 1 and 0. Errors: RuntimeError for other last dimensions.
    Source: Ba et al., Layer Normalization, 2016.

    Example:
        >>> nn.LayerNorm(3)(minigrad.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])).detach()
        tensor([[-1.2247,  0.0000,  1.2247],
                [-1.2247,  0.0000,  1.2247]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            normalized_shape: the last dimensions that are normalised together; an integer is one.
            eps: added to the variance under the root.
            elementwise_affine: whether there are w and b, a number of each for each place.
            bias: with them, whether there is a b.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        self.normalized_shape = _shape("LayerNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        made = {"device": device, "dtype": dtype}
        shape = self.normalized_shape
        self.weight = Parameter(empty(shape, **made)) if elementwise_affine else None
        self.bias = Parameter(empty(shape, **made)) if elementwise_affine and bias else None
        self.reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """y = x / √(mean x² + eps) · w over the last dimensions, of ``normalized_shape``

    `LayerNorm` without taking the mean away, and without b.

    Shapes: input (*, *normalized_shape), result the same; weight (*normalized_shape), starting at
    1.
    Errors: RuntimeError for other last dimensions.
    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019.

    Example:
        >>> nn.RMSNorm(2)(minigrad.tensor([3.0, 4.0])).detach()
        tensor([0.8485, 1.1314])
    """

    weight: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """
        Args:
            normalized_shape: the last dimensions that are normalised together; an integer is one.
            eps: added under the root; None is the type's precision (1.2e-7 in float32).
            elementwise_affine: whether there is a w, a number for each place.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
        """
        super().__init__()
        self.normalized_shape = _shape("RMSNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        shape = self.normalized_shape
        self.weight = (
            Parameter(empty(shape, device=device, dtype=dtype)) if elementwise_affine else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Affine):
    """y = (x - mean) / √(var + eps) · w + b, mean and variance over a group of the channels of a
    sample

    One group is a `LayerNorm` over the whole sample, as many groups as channels an
    `InstanceNorm2d`. The batch does not matter. w and b stand for each channel.

    Shapes: input (N, num_channels, *), result the same; weight and bias (num_channels), starting at
    1 and 0. Errors: ValueError where the groups do not divide the channels, and for one value a
    group.
    Source: Wu and He, Group Normalization, 2018.

    Example:
        >>> nn.GroupNorm(2, 4)(minigrad.tensor([[1.0, 3.0, 10.0, 30.0]])).detach()
        tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        """
        Args:
            num_groups: into how many groups the channels are cut, in their order.
            num_channels: C, the number of channels.
            eps: added to the variance under the root.
            affine: whether there are w and b.
            device: where the parameters stand; None is the CPU.
            dtype: the floating type of the parameters; None is float32.
            bias: with ``affine``, whether there is a b.
        """
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels ({num_channels}) must be divisible by num_groups "
                f"({num_groups})"
            )
        self.num_groups, self.num_channels = num_groups, num_channels
        self.eps, self.affine = eps, affine
        made = {"device": device, "dtype": dtype}
        self.weight = Parameter(empty(num_channels, **made)) if affine else None
        self.bias = Parameter(empty(num_channels, **made)) if affine and bias else None
        self.reset_parameters()

    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """y = x / (k + alpha / size · Σ x²)^beta, the sum over ``size`` neighbouring channels

    Channels before the first and behind the last count as 0. AlexNet has it; it has no parameters.

    Shapes: input (N, C, *), result the same. Errors: ValueError for fewer than 3 dimensions.
    Source: Krizhevsky et al., ImageNet Classification with Deep CNNs, 2012, section 3.3.

    Example:
        >>> nn.LocalResponseNorm(2, alpha=2.0, beta=0.5, k=0.0)(minigrad.tensor([[[3.0], [4.0]]]))
        tensor([[[1.0000],
                 [0.8000]]])
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        """
        Args:
            size: channels that are summed over, half of them before the channel.
            alpha: how strongly they dampen.
            beta: the exponent.
            k: keeps the denominator from 0.
        """
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Tensor) -> Tensor:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def _shape(caller: str, shape: int | Sequence[int]) -> tuple[int, ...]:
    given = shape if isinstance(shape, (tuple, list)) else (shape,)
    return wholes(caller, "normalized_shape", given)


public(globals())
