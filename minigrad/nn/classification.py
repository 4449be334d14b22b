"""Losses of classes as modules; see `minigrad.nn.functional.classification`."""

from __future__ import annotations

from minigrad.names import public
from minigrad.nn.functional import binary, classification, ctc
from minigrad.nn.functional.reduction import legacy_reduction
from minigrad.nn.loss import Loss, WeightedLoss
from minigrad.tensor import Tensor


class CrossEntropyLoss(WeightedLoss):
    """-log softmax(x)[y], from logits x: what a classifier without Softmax at its end learns by.

    The gradient of a row is (p - y) / N, p its softmax and y its one-hot row. `CrossEntropy` takes
    what Softmax gave; given to this loss, probabilities are softmaxed twice and learn slowly.

    Shapes: input (N, C) or (N, C, *) or (C); target the class of each row, integers (N), (N, *) or
    (), or probabilities in the input's shape; result (), or the target's without C for "none".
    Errors: IndexError for a label outside [0, C); ValueError for sizes that do not match and for
    NaN in probabilities as target; RuntimeError for labels of a wrong type or smoothing outside [0,
    1].

    Example:
        >>> logits = minigrad.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
        >>> loss = nn.CrossEntropyLoss()(logits, minigrad.tensor([0, 2]))
        >>> loss.backward()
        >>> round(loss.item(), 4)
        0.6691
        >>> logits.grad
        tensor([[-0.1065,  0.0533,  0.0533],
                [ 0.1667,  0.1667, -0.3333]])
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
        """
        Args:
            weight: a factor for each class (C), for classes that are rare; of class indices the
                mean is then over the weights.
            ignore_index: rows with this label do not count, neither in the sum nor in the mean.
            reduction: "mean" over the rows, "sum", or "none" for one loss a row.
            label_smoothing: s in [0, 1]; y becomes (1 - s) y + s / C, so that no logit has to grow
                without end.
        """
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
    underflow count as a small floor, see `functional.probability_cross_entropy`).
    `CrossEntropyLoss` takes logits. PyTorch has no such layer.

    Shapes: input (N, C) or (N, C, *) or (C); target the class of each row, integers (N), (N, *) or
    (), or probabilities in the input's shape; result (), or one loss a row for "none".
    Errors: RuntimeError for an input outside [0, 1], such as logits; IndexError for a label outside
    [0, C); ValueError for sizes that do not match.

    Example:
        >>> logits = minigrad.tensor([[0.0, 0.0]], requires_grad=True)
        >>> loss = nn.CrossEntropy()(nn.Softmax(dim=1)(logits), minigrad.tensor([1]))
        >>> loss.backward()
        >>> round(loss.item(), 4), logits.grad.tolist()
        (0.6931, [[0.5, -0.5]])
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.probability_cross_entropy(input, target, reduction=self.reduction)


class NLLLoss(WeightedLoss):
    """-x[y], from log-probabilities x, such as `LogSoftmax` gives; the two are `CrossEntropyLoss`.

    Shapes: input (N, C) or (N, C, *) or (C); target integers (N), (N, *) or (); result (), or the
    target's for "none".
    Errors: as for `CrossEntropyLoss`.

    Example:
        >>> x = minigrad.tensor([[0.25, 0.75]]).log()
        >>> nn.NLLLoss()(x, minigrad.tensor([1]))
        tensor(0.2877)
    """

    @legacy_reduction
    def __init__(
        self, weight: Tensor | None = None, *, ignore_index: int = -100, reduction: str = "mean"
    ) -> None:
        """
        Args:
            weight: a factor for each class (C); the mean is then over the weights.
            ignore_index: rows with this label do not count.
            reduction: "mean" over the rows, "sum", or "none" for one loss a row.
        """
        super().__init__(weight, reduction=reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.nll_loss(
            input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction
        )


class BCELoss(WeightedLoss):
    """-(y log p + (1 - y) log(1 - p)), of probabilities p such as `Sigmoid` gives.

    Logarithms below -100 count as -100, so that a confident error stays finite, as in PyTorch.
    `BCEWithLogitsLoss` needs no such bound.

    Shapes: input p and target y (*), of one shape; result (), or (*) with reduction "none".
    Errors: RuntimeError for p or y outside [0, 1]; ValueError for differing shapes.

    Example:
        >>> nn.BCELoss()(minigrad.tensor([0.5, 0.9]), minigrad.tensor([0.0, 1.0]))
        tensor(0.3993)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(WeightedLoss):
    """`BCELoss` of σ(x), exact for logits x of any size; the gradient is (σ(x) - y) / n.

    Shapes: input x and target y (*), of one shape; result (), or (*) with reduction "none".
    Errors: ValueError for differing shapes.

    Example:
        >>> loss = nn.BCEWithLogitsLoss(reduction="none")
        >>> loss(minigrad.tensor([0.0, -500.0]), minigrad.tensor([1.0, 1.0]))
        tensor([  0.6931, 500.0000])
    """

    pos_weight: Tensor | None

    @legacy_reduction
    def __init__(
        self,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ) -> None:
        """
        Args:
            weight: a factor for each loss, broadcast; a buffer, not trained.
            reduction: "mean" over all numbers, "sum", or "none" for one loss each.
            pos_weight: a factor for the part y log p alone, one for each label: above 1 where ones
                are rare.
        """
        super().__init__(weight, reduction=reduction)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class MultiMarginLoss(WeightedLoss):
    """Σ max(0, margin - x[y] + x[i])ᵖ / C over the classes i ≠ y: the right class ahead of all
    others.

    Shapes: input (N, C) or (C), target integers (N) or (); result (), or (N) with reduction "none".
    Errors: ValueError for p other than 1 and 2.
    Source: Crammer and Singer, On the Algorithmic Implementation of Multiclass Kernel-based Vector
    Machines, 2001.

    Example:
        >>> nn.MultiMarginLoss()(minigrad.tensor([[0.0, 0.5, 0.0, 0.0]]), minigrad.tensor([1]))
        tensor(0.3750)
    """

    @legacy_reduction
    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Tensor | None = None,
        *,
        reduction: str = "mean",
    ) -> None:
        """
        Args:
            p: the exponent, 1 or 2.
            margin: how far ahead.
            weight: a factor for each class (C), by the row's label.
            reduction: "mean" over the rows, "sum", or "none" for one loss a row.
        """
        super().__init__(weight, reduction=reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: only p == 1 and p == 2 supported, got {p}")
        self.p, self.margin = p, margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(Loss):
    """Σ max(0, 1 - x[y] + x[i]) / C over the listed classes y and the others i.

    Shapes: input (N, C) or (C); target integers of the same shape: a row lists its classes and ends
    at the first -1; result (), or (N) with reduction "none".
    Errors: IndexError for a class that is not there; RuntimeError for differing shapes.

    Example:
        >>> x = minigrad.tensor([[0.5, 0.0, 1.0]])
        >>> nn.MultiLabelMarginLoss()(x, minigrad.tensor([[2, 0, -1]]))
        tensor(0.1667)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return classification.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(WeightedLoss):
    """The mean over the classes of `BCEWithLogitsLoss`: each label a yes or no of its own.

    Shapes: input and target (N, C); result (), or (N) with reduction "none".
    Errors: RuntimeError for differing shapes.

    Example:
        >>> x, y = minigrad.zeros(1, 3), minigrad.tensor([[1.0, 0.0, 1.0]])
        >>> nn.MultiLabelSoftMarginLoss()(x, y)
        tensor(0.6931)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return binary.multilabel_soft_margin_loss(
            input, target, self.weight, reduction=self.reduction
        )


class CTCLoss(Loss):
    """-log of the probability of a sequence of labels, over all its alignments to the input.

    Every label in order, each held for one step or more, with blanks between where one likes, and
    always between equal labels. The call takes (log_probs, targets, input_lengths, target_lengths).

    Shapes: log_probs (T, N, C) or (T, C); targets (N, S), or those of the batch one after the
    other; lengths (N) or (); result (), or (N) with reduction "none".
    Errors: RuntimeError for lengths that do not fit, IndexError for labels out of range.
    Source: Graves et al., Connectionist Temporal Classification, 2006, section 4.1.

    Example:
        >>> logs = minigrad.full((2, 1, 2), 0.5).log()  # two steps, of "blank" or 1
        >>> loss = nn.CTCLoss()(logs, minigrad.tensor([[1]]), (2,), (1,))
        >>> round((-loss).exp().item(), 4)  # 3 of 4 paths say 1: 1-, -1 and 11
        0.75
    """

    def __init__(
        self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False
    ) -> None:
        """
        Args:
            blank: the class that stands for no label.
            reduction: "mean" (each loss divided by its target's length, then averaged), "sum" or
                "none".
            zero_infinity: count 0, with gradient 0, for a target that is too long for its input, in
                place of inf.
        """
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
