"""Layers that leave numbers out while training; see `minigrad.nn.functional.dropout`."""

from __future__ import annotations

from minigrad.names import public
from minigrad.nn.functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from minigrad.nn.module import Module
from minigrad.tensor import Tensor


class Dropout(Module):
    """y = x · m / (1 - p) in training, each m being 0 with probability p and else 1; y = x in
    evaluation.

    The division keeps the mean of each number, so that evaluation needs no correction. A gradient
    passes through the same m. ``model.train()`` and ``model.eval()`` switch.

    Shapes: input (*), result (*). Errors: ValueError for p outside [0, 1].
    Source: Srivastava et al., Dropout, 2014.

    Example:
        >>> drop = nn.Dropout(0.5)
        >>> drop(minigrad.ones(8))
        tensor([0., 0., 2., 0., 0., 0., 0., 2.])
        >>> drop.eval()(minigrad.ones(3))
        tensor([1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        """
        Args:
            p: the probability with which a number (or a channel) becomes 0.
            inplace: write the result over the input and return the input itself. It saves memory;
                a leaf that requires a gradient cannot be overwritten (RuntimeError).
        """
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(
                f"{type(self).__name__}: dropout probability has to be between 0 and 1, but got {p}"
            )
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Tensor:
        return dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(Dropout):
    """`Dropout` of whole channels of series: neighbours are alike, so that single numbers are no
    loss.

    Shapes: input (N, C, L) or (C, L), result the same.
    Errors: RuntimeError for another number of dimensions.
    Source: Tompson et al., Efficient Object Localization Using Convolutional Networks, 2015.

    Example:
        >>> nn.Dropout1d(0.5)(minigrad.ones(1, 4, 2))
        tensor([[[0., 0.],
                 [0., 0.],
                 [2., 2.],
                 [0., 0.]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        return dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(Dropout):
    """`Dropout` of whole channels of images.

    Shapes: input (N, C, H, W), result the same; as in PyTorch, (N, C, L) is taken too.
    Errors: RuntimeError for another number of dimensions.
    Source: Tompson et al., Efficient Object Localization Using Convolutional Networks, 2015.

    Example:
        >>> nn.Dropout2d(0.5)(minigrad.ones(1, 4, 2, 2)).sum(dim=(2, 3))
        tensor([[0., 0., 8., 0.]])
    """

    def forward(self, input: Tensor) -> Tensor:
        return dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(Dropout):
    """`Dropout` of whole channels of volumes.

    Shapes: input (N, C, D, H, W) or (C, D, H, W), result the same.
    Errors: RuntimeError for another number of dimensions.
    Source: Tompson et al., Efficient Object Localization Using Convolutional Networks, 2015.

    Example:
        >>> nn.Dropout3d(0.5)(minigrad.ones(1, 4, 1, 1, 1)).flatten()
        tensor([0., 0., 2., 0.])
    """

    def forward(self, input: Tensor) -> Tensor:
        return dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(Dropout):
    """Dropout that keeps mean 0 and variance 1 in networks of `SELU`.

    What is left out becomes -1.7581, where selu saturates, and all is then scaled and shifted.

    Shapes: input (*), result (*).
    Source: Klambauer et al., Self-Normalizing Neural Networks, 2017.

    Example:
        >>> x = minigrad.randn(100_000)
        >>> y = nn.AlphaDropout(0.2)(x)
        >>> abs(y.mean().item()) < 0.02, abs(y.std().item() - 1) < 0.02
        (True, True)
    """

    def forward(self, input: Tensor) -> Tensor:
        return alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(Dropout):
    """`AlphaDropout` of whole channels.

    Shapes: input (N, C, *), result the same.
    Errors: RuntimeError for another number of dimensions.

    Example:
        >>> nn.FeatureAlphaDropout(0.5)(minigrad.zeros(1, 4, 2))
        tensor([[[-0.7792, -0.7792],
                 [-0.7792, -0.7792],
                 [ 0.7792,  0.7792],
                 [-0.7792, -0.7792]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        return feature_alpha_dropout(input, self.p, self.training, self.inplace)


public(globals())
