"""Adadelta."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.ops.descent import descend, mix_square
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class Adadelta(Optimizer):
    """v ← ρ v + (1 - ρ) g²,  d = g √(u + ε) / √(v + ε),  u ← ρ u + (1 - ρ) d²,  p ← p - lr d.

    The last steps say how long the next one is, so that lr is 1; the first ones are tiny, of √ε.

    Source: Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012, algorithm 1.
    Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.Adadelta([p])
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> round(1 - p.item(), 4)  # √(ε / (1 - ρ))
        0.0032
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: a factor of the step.
            rho: ρ, how much of the past stays in u and v.
            eps: ε, where steps begin from.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            maximize: climb in place of descend, by -g for g.
            foreach, capturable: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
        self.require_nonnegative(lr=lr, eps=eps, weight_decay=weight_decay)
        if not 0 <= rho <= 1:
            raise ValueError(f"Adadelta: Invalid rho value: {rho}; expected a number from 0 to 1")
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            **self.hints(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        return {"square_avg": zeros_like(p), "acc_delta": zeros_like(p)}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        rho, eps = group["rho"], group["eps"]
        rate = lr.to(dtype=team[0].param.dtype)
        for p, gradient, state in team:
            g = decayed(p, gradient, group["weight_decay"])
            v, u = state["square_avg"], state["acc_delta"]
            mix_square(v, g, a=rho, b=1 - rho, into=v)
            d = (u + eps).div_(v + eps).sqrt().mul_(g)
            mix_square(u, d, a=rho, b=1 - rho, into=u)
            descend(p, d, rate, into=p)
