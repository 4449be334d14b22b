"""Rprop: only the sign of the gradient counts."""

from __future__ import annotations

from minigrad.creation import ones_like, zeros_like
from minigrad.functions import where
from minigrad.optim.optimizer import Group, Member, Optimizer, Params
from minigrad.tensor import Tensor


class Rprop(Optimizer):
    """s ← clamp(η s) with η = η⁺ where g has kept its sign, η⁻ where it has changed, else 1;
    p ← p - s sign(g), but where the sign has changed p stays and g counts as 0.

    For whole batches: the step sizes s make no sense where gradients are noisy.

    Source: Riedmiller and Braun, A direct adaptive method for faster backpropagation learning: the
    RPROP algorithm, 1993. Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.Rprop([p], lr=0.1)
        >>> for _ in range(3):
        ...     p.grad = minigrad.tensor([2.0])
        ...     optimizer.step()
        ...     print(round(p.item(), 3))  # steps of 0.1, 0.12, 0.144
        0.9
        0.78
        0.636
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the first step size.
            etas: η⁻ and η⁺, the factors that shorten and lengthen a step.
            step_sizes: the least and the greatest s.
            maximize: climb in place of descend, by -g for g.
            foreach, capturable: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
        self.require_nonnegative(lr=lr)
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(
                f"Rprop: Invalid eta values: {etas[0]}, {etas[1]}; expected 0 < η⁻ < 1 < η⁺"
            )
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "maximize": maximize,
            **self.hints(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        return {"prev": zeros_like(p), "step_size": zeros_like(p).add_(float(group["lr"]))}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        (shorter, longer), (low, high) = group["etas"], group["step_sizes"]
        for p, g, state in team:
            before, size = state["prev"], state["step_size"]
            agreement = g * before
            turned = agreement < 0
            factor = where(turned, shorter, where(agreement > 0, longer, ones_like(p)))
            size.mul_(factor).clamp_(low, high)
            before.copy_(where(turned, 0.0, g))
            p.sub_(before.sign().mul_(size))
