"""Leaving numbers out at random while training.

Which ones stay is computed from the position of the default generator, by `keep` in
`minigrad.ops.random`: a seed means the same masks everywhere, in eager and in recorded steps.
"""

from __future__ import annotations

from minigrad.arguments import number
from minigrad.names import public
from minigrad.ops.random import advance, keep
from minigrad.random import default_generator
from minigrad.tensor import Tensor

_SATURATION = -1.7580993408473766  # -λα of selu: where it goes for x → -∞


def _checked(caller: str, p: float) -> float:
    p = number(caller, "p", p)
    if not 0 <= p <= 1:
        raise ValueError(f"{caller}: dropout probability has to be between 0 and 1, but got {p}")
    return p


def _kept(x: Tensor, shape: tuple[int, ...], p: float, scale: float) -> Tensor:
    """0 with probability p, else ``scale``."""
    position = default_generator.position_on(x.device)
    mask = keep(position, shape=shape, p=p, scale=scale, dtype=x.dtype)
    advance(position, into=position)
    return mask


def _dropped(x: Tensor, shape: tuple[int, ...], p: float, inplace: bool) -> Tensor:
    mask = _kept(x, shape, p, 1 / (1 - p) if p < 1 else 0.0)
    return x.mul_(mask) if inplace else x * mask


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """y = x · m / (1 - p), each m being 0 with probability p and else 1; y = x unless training.

    Args:
        input: x, any shape.
        p: the probability with which a number (or a channel) is left out.
        training: whether to drop at all; False returns x.
        inplace: write the result over the input and return the input itself.

    Errors: ValueError for p outside [0, 1].
    Source: Srivastava et al., Dropout, 2014.
    """
    p = _checked("dropout", p)
    if not training or p == 0:
        return input
    return _dropped(input, tuple(input.shape), p, inplace)


def _channels(caller: str, x: Tensor, batched: tuple[int, ...], unbatched: int) -> tuple[int, ...]:
    """The shape of a mask with one number for each channel."""
    if x.ndim in batched:
        return (*x.shape[:2], *(1,) * (x.ndim - 2))
    if x.ndim == unbatched:
        return (x.shape[0], *(1,) * (x.ndim - 1))
    raise RuntimeError(
        f"{caller}: Expected {unbatched}D or {batched[-1]}D input, but received a {x.ndim}D input"
    )


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels of series.

    Args:
        input: (N, C, L) or (C, L).
        p: the probability with which a number (or a channel) is left out.
        training: whether to drop at all; False returns x.
        inplace: write the result over the input and return the input itself.

    Source: Tompson et al., Efficient Object Localization Using Convolutional Networks, 2015.
    """
    p = _checked("dropout1d", p)
    shape = _channels("dropout1d", input, (3,), 2)
    return _dropped(input, shape, p, inplace) if training and p else input


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels of images.

    Args:
        input: (N, C, H, W); as in PyTorch, (N, C, L) is taken too.
        p: the probability with which a number (or a channel) is left out.
        training: whether to drop at all; False returns x.
        inplace: write the result over the input and return the input itself.
    """
    p = _checked("dropout2d", p)
    shape = _channels("dropout2d", input, (3, 4), 4)
    return _dropped(input, shape, p, inplace) if training and p else input


def dropout3d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels of volumes.

    Args:
        input: (N, C, D, H, W) or (C, D, H, W).
        p: the probability with which a number (or a channel) is left out.
        training: whether to drop at all; False returns x.
        inplace: write the result over the input and return the input itself.
    """
    p = _checked("dropout3d", p)
    shape = _channels("dropout3d", input, (5,), 4)
    return _dropped(input, shape, p, inplace) if training and p else input


def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """y = a (x · m + s (1 - m)) + b: what is left out saturates at s = -λα, and a and b restore
    mean 0 and variance 1, for networks of selu.

    Args:
        input: x, any shape.
        p: the probability with which a number (or a channel) is left out.
        training: whether to drop at all; False returns x.
        inplace: write the result over the input and return the input itself.

    Source: Klambauer et al., Self-Normalizing Neural Networks, 2017.
    """
    p = _checked("alpha_dropout", p)
    return _saturated(input, tuple(input.shape), p, inplace) if training and p else input


def feature_alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """`alpha_dropout` of whole channels.

    Args:
        input: (N, C, *).
        p: the probability with which a number (or a channel) is left out.
        training: whether to drop at all; False returns x.
        inplace: write the result over the input and return the input itself.
    """
    p = _checked("feature_alpha_dropout", p)
    if input.ndim < 2:
        raise RuntimeError(
            f"feature_alpha_dropout: expected (N, C, ...), but received a {input.ndim}D input"
        )
    shape = (*input.shape[:2], *(1,) * (input.ndim - 2))
    return _saturated(input, shape, p, inplace) if training and p else input


def _saturated(x: Tensor, shape: tuple[int, ...], p: float, inplace: bool) -> Tensor:
    if p == 1:
        return _dropped(x, shape, p, inplace)
    mask = _kept(x, shape, p, 1.0)
    a = ((1 - p) * (1 + p * _SATURATION**2)) ** -0.5
    shift = (1 - mask) * (a * _SATURATION) - a * _SATURATION * p
    mask *= a
    return x.mul_(mask).add_(shift) if inplace else x * mask + shift


public(globals())
