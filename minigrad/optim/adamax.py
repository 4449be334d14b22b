"""Adamax."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.ops.bounds import maximum
from minigrad.ops.descent import descend, mix
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class Adamax(Optimizer):
    """m ← β₁ m + (1 - β₁) g,  u ← max(β₂ u, |g| + ε),  p ← p - lr / (1 - β₁ᵗ) · m / u.

    Source: Kingma and Ba, Adam, 2015, algorithm 2. Errors: ValueError for numbers out of range.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        self.require_nonnegative(lr=lr, eps=eps, weight_decay=weight_decay)
        self.require_fractions(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
            **self.hints(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        return {"exp_avg": zeros_like(p), "exp_inf": zeros_like(p)}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        beta1, beta2 = group["betas"]
        t = team[0].state["step"].double()
        rate = (lr / (1 - beta1**t)).to(dtype=team[0].param.dtype)
        for p, gradient, state in team:
            g = decayed(p, gradient, group["weight_decay"])
            m, u = state["exp_avg"], state["exp_inf"]
            mix(m, g, a=beta1, b=1 - beta1, into=m)
            maximum(u.mul_(beta2), g.abs().add_(group["eps"]), into=u)
            descend(p, m / u, rate, into=p)
