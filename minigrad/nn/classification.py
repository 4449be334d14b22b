"""Losses of classes as modules; see `minigrad.nn.functional.classification`."""

from __future__ import annotations

from minigrad.names import public
from minigrad.nn.functional import binary, classification, ctc
from minigrad.nn.functional.reduction import legacy_reduction
from minigrad.nn.loss import Loss, WeightedLoss
from minigrad.tensor import Tensor


class CrossEntropyLoss(WeightedLoss):
    """-log softmax(x)[y], from logits against class indices or probabilities.

    Errors: see `functional.classification.cross_entropy`.
    """

    @legacy_reduction
    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class CrossEntropy(Loss):
    """-log p[y], from the probabilities that `Softmax` gave, against class indices or one-hot rows.

    So a network that ends in Softmax can be read step by step: the gradient of this layer is
    -y / p, and after Softmax's own rule it is p - y, for logits of any size (probabilities that
    underflow count as a small floor, see `functional.classification.probability_cross_entropy`).
    `CrossEntropyLoss` takes logits.
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.probability_cross_entropy(input, target, reduction=self.reduction)


class NLLLoss(WeightedLoss):
    """-x[y], from log-probabilities"""

    @legacy_reduction
    def __init__(
        self, weight: Tensor | None = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class BCELoss(WeightedLoss):
    """-(y log p + (1 - y) log(1 - p))"""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """`BCELoss` of sigmoid(x), exact for logits of any size"""

    pos_weight: Tensor | None

    @legacy_reduction
    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        super().__init__(weight, reduction=reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class MultiMarginLoss(WeightedLoss):
    """Σ max(0, margin - x[y] + x[i])ᵖ / C over i ≠ y"""

    @legacy_reduction
    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
    ) -> None:
        super().__init__(weight, reduction=reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: only p == 1 and p == 2 supported, got {p}")
        self.p, self.margin = p, margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(Loss):
    """Σ max(0, 1 - x[y] + x[i]) / C over the listed classes y and the others i"""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(WeightedLoss):
    """The mean over the classes of `BCEWithLogitsLoss`"""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary.multilabel_soft_margin_loss(
            input, target, self.weight, reduction=self.reduction
        )


class CTCLoss(Loss):
    """-log of the probability of a sequence of labels, over all its alignments to the input"""

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(
        self,
        log_probs: Tensor,
        targets: Tensor,
        input_lengths: ctc.Lengths,
        target_lengths: ctc.Lengths,
    ) -> Tensor:
        return ctc.ctc_loss(
            log_probs,
            targets,
            input_lengths,
            target_lengths,
            self.blank,
            self.reduction,
            self.zero_infinity,
        )


public(globals())
