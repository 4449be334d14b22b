"""Keeping gradients from growing too large."""

from __future__ import annotations

import math
from collections.abc import Iterable

from minigrad.autograd import no_grad
from minigrad.creation import tensor
from minigrad.functions import stack
from minigrad.nn.parameter import instead_of
from minigrad.tensor import Tensor

__all__ = ["clip_grad_norm_", "clip_grad_value_", "get_total_norm"]


def _gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    if hint := instead_of(parameters):
        raise TypeError(f"clip_grad: expected parameters, got {type(parameters).__name__}{hint}")
    listed = [parameters] if isinstance(parameters, Tensor) else parameters
    return [p.grad for p in listed if p.grad is not None]


def get_total_norm(
    tensors: Tensor | Iterable[Tensor], norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """‖x‖ₚ of all numbers of all tensors, as if they were one vector.

    Args:
        tensors: the tensors, or one.
        norm_type: p; ∞ is the largest |x|.
        error_if_nonfinite: raise where the norm is inf or nan.

    Errors: RuntimeError for a norm that is not finite, if asked.
    """
    listed = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    if not listed:
        return tensor(0.0)
    home = listed[0].device
    norms = stack([t.detach().reshape(-1).norm(norm_type).to(device=home) for t in listed])
    total = norms.norm(norm_type)
    if error_if_nonfinite and not math.isfinite(total.item()):
        raise RuntimeError(
            f"clip_grad_norm_: The total norm of order {norm_type} for gradients from `parameters` "
            "is non-finite, so it cannot be clipped; set error_if_nonfinite=False to scale anyway"
        )
    return total


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """g ← g · min(1, max_norm / (‖g‖ + 10⁻⁶)) for all gradients together; returns ‖g‖ before.

    Between backward and step, where gradients explode. The direction stays.

    Args:
        parameters: whose gradients are scaled; those without one do not count.
        max_norm: the greatest length they may have together.
        norm_type: p of the norm; ∞ is the largest |g|.
        error_if_nonfinite: raise where the norm is inf or nan.

    Source: Pascanu et al., On the difficulty of training recurrent neural networks, 2013.

    Example:
        >>> p = minigrad.zeros(2, requires_grad=True)
        >>> p.grad = minigrad.tensor([3.0, 4.0])
        >>> nn.utils.clip_grad_norm_([p], max_norm=1.0)
        tensor(5.)
        >>> p.grad
        tensor([0.6000, 0.8000])
    """
    with no_grad():
        gradients = _gradients(parameters)
        total = get_total_norm(gradients, norm_type, error_if_nonfinite)
        # A product, also where nothing is to be clipped: the step then has no branch to record.
        factor = (max_norm / (total + 1e-6)).clamp(max=1.0)
        for g in gradients:
            g.mul_(factor.to(dtype=g.dtype, device=g.device))
    return total


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """g ← min(max(g, -clip_value), clip_value) for every number of every gradient.

    Args:
        parameters: whose gradients are cut; those without one do not count.
        clip_value: the bound.
    """
    with no_grad():
        for g in _gradients(parameters):
            g.clamp_(-clip_value, clip_value)
