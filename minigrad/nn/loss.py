"""Losses as modules; what each computes stands in `minigrad.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable

from minigrad.nn.functional import distance
from minigrad.nn.functional import loss as F
from minigrad.nn.functional.reduction import legacy_reduction
from minigrad.nn.module import Module
from minigrad.tensor import Tensor

__all__ = [
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "PairwiseDistance",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class Loss(Module):
    """A loss; ``reduction`` is "mean", "sum" or "none"."""

    @legacy_reduction
    def __init__(self, *, reduction: str = "mean") -> None:
        """
        Args:
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        """
        super().__init__()
        self.reduction = reduction


class WeightedLoss(Loss):
    """A loss with a weight for each class or element, which is a buffer."""

    weight: Tensor | None

    @legacy_reduction
    def __init__(self, weight: Tensor | None = None, *, reduction: str = "mean") -> None:
        """
        Args:
            weight: a factor for each loss (or each class, the last dimension); a buffer, not
                trained.
            reduction: "mean", "sum", or "none" for one loss each.
        """
        super().__init__(reduction=reduction)
        self.register_buffer("weight", weight)


class MSELoss(Loss):
    """(x - y)², the squared error; its mean is the mean squared error.

    The gradient of the mean over n numbers is 2 (x - y) / n.

    Shapes: input x and target y (*), of one shape; result (), or (*) with reduction "none".
    Errors: RuntimeError for differing shapes, which would be broadcast to pairs that nobody meant
    (PyTorch only warns); ValueError for a NaN in the target.

    Example:
        >>> x = minigrad.tensor([1.0, 2.0], requires_grad=True)
        >>> loss = nn.MSELoss()(x, minigrad.tensor([0.0, 5.0]))
        >>> loss.backward()
        >>> loss.item(), x.grad
        (5.0, tensor([ 1., -3.]))
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(Loss):
    """|x - y|, the absolute error. The slope is ±1, and 0 where x = y.

    Far outliers pull no harder than near ones.

    Shapes: input x and target y (*), of one shape; result (), or (*) with reduction "none".
    Errors: RuntimeError for differing shapes.

    Example:
        >>> nn.L1Loss()(minigrad.tensor([1.0, 2.0]), minigrad.tensor([0.0, 5.0]))
        tensor(2.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(Loss):
    """(x - y)² / 2β where |x - y| < β, else |x - y| - β/2: a parabola between lines of slope ±1.

    Shapes: input x and target y (*), of one shape; result (), or (*) with reduction "none".
    Errors: RuntimeError for β < 0, in the call, and for differing shapes.
    Source: Girshick, Fast R-CNN, 2015, equation 3.

    Example:
        >>> loss = nn.SmoothL1Loss(reduction="none")
        >>> loss(minigrad.tensor([0.5, 3.0]), minigrad.zeros(2))
        tensor([0.1250, 2.5000])
    """

    @legacy_reduction
    def __init__(self, *, reduction: str = "mean", beta: float = 1.0) -> None:
        """
        Args:
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
            beta: β, where the parabola ends; 0 is `L1Loss`.
        """
        super().__init__(reduction=reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(Loss):
    """(x - y)² / 2 where |x - y| < δ, else δ (|x - y| - δ/2): `MSELoss` near, `L1Loss` far.

    It is δ times `SmoothL1Loss` with β = δ.

    Shapes: input x and target y (*), of one shape; result (), or (*) with reduction "none".
    Errors: RuntimeError for δ ≤ 0, in the call, and for differing shapes.
    Source: Huber, Robust Estimation of a Location Parameter, 1964.

    Example:
        >>> loss = nn.HuberLoss(reduction="none", delta=2.0)
        >>> loss(minigrad.tensor([0.5, 3.0]), minigrad.zeros(2))
        tensor([0.1250, 4.0000])
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        """
        Args:
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
            delta: δ, where the parabola ends, and the slope behind.
        """
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(input, target, self.reduction, self.delta)


class KLDivLoss(Loss):
    """y (log y - x), x being log-probabilities: how far the distribution x is from y.

    "mean" divides by the number of elements; "batchmean" divides the sum by the first dimension,
    which is the divergence as it is defined. Where y is 0 the loss is 0.

    Shapes: input x and target y (*), of one shape; result (), or (*) with reduction "none".
    Errors: RuntimeError for differing shapes.

    Example:
        >>> x = minigrad.tensor([[0.5, 0.5]]).log()
        >>> nn.KLDivLoss(reduction="batchmean")(x, minigrad.tensor([[1.0, 0.0]]))
        tensor(0.6931)
    """

    @legacy_reduction
    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        """
        Args:
            reduction: "batchmean" (sum / N), "mean" over all numbers, "sum", or "none".
            log_target: whether the target holds logarithms as well.
        """
        super().__init__(reduction=reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """exp(x) - y x: the negative log-likelihood of counts y whose rate is exp(x), but for log y!.

    Shapes: input x and target y (*); result (), or (*) with reduction "none".
    Errors: RuntimeError for differing shapes.

    Example:
        >>> nn.PoissonNLLLoss()(minigrad.tensor([0.0]), minigrad.tensor([3.0]))
        tensor(1.)
        >>> nn.PoissonNLLLoss(log_input=False)(minigrad.tensor([1.0]), minigrad.tensor([3.0]))
        tensor(1.)
    """

    @legacy_reduction
    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        *,
        eps: float = 1e-8,
        reduction: str = "mean",
    ) -> None:
        """
        Args:
            log_input: whether x is the logarithm of the rate; without, the loss is x - y log(x +
                eps).
            full: add Stirling's formula for log y! where y > 1.
            eps: keeps log(x + eps) finite where ``log_input`` is False.
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        """
        super().__init__(reduction=reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        return F.poisson_nll_loss(
            log_input,
            target,
            self.log_input,
            self.full,
            eps=self.eps,
            reduction=self.reduction,
        )


class GaussianNLLLoss(Loss):
    """(log v + (x - y)² / v) / 2: the negative log-likelihood of y under a normal distribution with
    mean x and variance v, which are both predicted.

    The call takes (input, target, var). Where v is raised to eps it still gets its gradient.

    Shapes: input x and target y (*); var like them, or without the last dimension, or of length 1
    there, or a number; result (), or (*) with reduction "none".
    Errors: ValueError for another shape or a negative variance.
    Source: Nix and Weigend, Estimating the mean and variance of the target distribution, 1994.

    Example:
        >>> x, y, v = minigrad.zeros(1), minigrad.tensor([2.0]), minigrad.tensor([4.0])
        >>> nn.GaussianNLLLoss()(x, y, v)
        tensor(1.1931)
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        """
        Args:
            full: add the constant log(2π) / 2.
            eps: the least variance; keeps the division from 0.
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        """
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


class SoftMarginLoss(Loss):
    """log(1 + exp(-y x)), the logistic loss of labels y in {-1, 1}.

    Shapes: input x and target y (*); result (), or (*) with reduction "none".
    Errors: RuntimeError for differing shapes.

    Example:
        >>> nn.SoftMarginLoss()(minigrad.tensor([0.0, 0.0]), minigrad.tensor([1.0, -1.0]))
        tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class MarginLoss(Loss):
    """A loss with a margin."""

    @legacy_reduction
    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        """
        Args:
            margin: what has to lie between the two before the loss is 0.
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        """
        super().__init__(reduction=reduction)
        self.margin = margin


class HingeEmbeddingLoss(MarginLoss):
    """x where y is 1, max(0, margin - x) where y is -1: x is a distance, small for pairs that
    belong together.

    Shapes: input x and target y (*); result (), or (*) with reduction "none".
    Errors: RuntimeError for differing shapes.

    Example:
        >>> loss = nn.HingeEmbeddingLoss(reduction="none")
        >>> loss(minigrad.tensor([0.3, 0.3, 2.0]), minigrad.tensor([1.0, -1.0, -1.0]))
        tensor([0.3000, 0.7000, 0.0000])
    """

    @legacy_reduction
    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        """
        Args:
            margin: how far apart a pair labelled -1 has to be.
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        """
        super().__init__(margin, reduction=reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class MarginRankingLoss(MarginLoss):
    """max(0, -y (x₁ - x₂) + margin): y = 1 says that x₁ should be the greater, -1 that x₂ should.

    The call takes (input1, input2, target).

    Shapes: all (*); result (), or (*) with reduction "none".
    Errors: RuntimeError for shapes that do not fit.

    Example:
        >>> loss = nn.MarginRankingLoss(margin=0.5)
        >>> loss(minigrad.tensor([1.0]), minigrad.tensor([0.8]), minigrad.tensor([1.0]))
        tensor(0.3000)
    """

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(MarginLoss):
    """1 - cos(x₁, x₂) where y is 1, max(0, cos(x₁, x₂) - margin) where y is -1.

    The call takes (input1, input2, target).

    Shapes: inputs (N, D) or (D), target (N) or (); result (), or (N) with reduction "none".
    Errors: RuntimeError for other shapes.

    Example:
        >>> a, b = minigrad.tensor([[1.0, 0.0]]), minigrad.tensor([[1.0, 1.0]])
        >>> nn.CosineEmbeddingLoss()(a, b, minigrad.tensor([1]))
        tensor(0.2929)
    """

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.cosine_embedding_loss(
            input1, input2, target, self.margin, reduction=self.reduction
        )


class TripletMarginLoss(Loss):
    """max(0, ‖a - p‖ - ‖a - n‖ + margin): the anchor nearer to the positive than to the negative.

    The call takes (anchor, positive, negative).

    Shapes: all (N, D) or (D); result (), or (N) with reduction "none".
    Errors: ValueError for a margin ≤ 0.
    Source: Balntas et al., Learning local feature descriptors with triplets, 2016 (``swap``).

    Example:
        >>> a, p, n = minigrad.zeros(1, 2), minigrad.zeros(1, 2), minigrad.tensor([[0.6, 0.0]])
        >>> round(nn.TripletMarginLoss()(a, p, n).item(), 3)
        0.4
    """

    @legacy_reduction
    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        *,
        reduction: str = "mean",
    ) -> None:
        """
        Args:
            margin: how much nearer the positive has to be.
            p: the norm's exponent.
            eps: added to each difference, so that the norm is differentiable where two are equal.
            swap: take ‖p - n‖ in place of ‖a - n‖ where it is less: the harder of the two.
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        """
        super().__init__(reduction=reduction)
        _check_margin("TripletMarginLoss", margin)
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            reduction=self.reduction,
        )


class TripletMarginWithDistanceLoss(Loss):
    """max(0, d(a, p) - d(a, n) + margin) with a distance d of one's own.

    The call takes (anchor, positive, negative).

    Shapes: all (N, *), as d takes them; result (), or d's with reduction "none".
    Errors: ValueError for a margin ≤ 0.

    Example:
        >>> loss = nn.TripletMarginWithDistanceLoss(distance_function=nn.PairwiseDistance(p=1))
        >>> a, n = minigrad.zeros(1, 2), minigrad.tensor([[0.25, 0.25]])
        >>> round(loss(a, a, n).item(), 3)
        0.5
    """

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        """
        Args:
            distance_function: d, a function or module of two tensors; None is `PairwiseDistance()`.
            margin: how much nearer the positive has to be.
            swap: take d(p, n) in place of d(a, n) where it is less.
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
        """
        super().__init__(reduction=reduction)
        _check_margin("TripletMarginWithDistanceLoss", margin)
        given = distance_function
        self.distance_function = PairwiseDistance() if given is None else given
        self.margin, self.swap = margin, swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )


def _check_margin(name: str, margin: float) -> None:
    if margin <= 0:
        raise ValueError(f"{name}: expected margin to be greater than 0, got {margin} instead")


class CosineSimilarity(Module):
    """x·y / (max(‖x‖, ε) max(‖y‖, ε)) over ``dim``: 1 for one direction, 0 for a right angle. No
    loss.

    The call takes (x1, x2), which are broadcast.

    Shapes: x1 and x2 (*, D, *), result without ``dim``.
    Errors: RuntimeError for shapes that do not broadcast.

    Example:
        >>> nn.CosineSimilarity(dim=0)(minigrad.tensor([1.0, 0.0]), minigrad.tensor([3.0, 4.0]))
        tensor(0.6000)
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        """
        Args:
            dim: the dimension of the vectors, which the result lacks.
            eps: ε, the least length; keeps the division from 0.
        """
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return distance.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """‖x - y + ε‖ₚ over the last dimension. No loss.

    The call takes (x1, x2), which are broadcast.

    Shapes: x1 and x2 (N, D) or (D), result (N) or ().
    Errors: RuntimeError for shapes that do not broadcast.

    Example:
        >>> d = nn.PairwiseDistance()(minigrad.zeros(1, 2), minigrad.tensor([[3.0, 4.0]]))
        >>> round(d.item(), 3)
        5.0
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        """
        Args:
            p: the norm's exponent.
            eps: ε; keeps the derivative finite where x = y.
            keepdim: keep the last dimension, with length 1.
        """
        super().__init__()
        self.norm, self.eps, self.keepdim = p, eps, keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return distance.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
