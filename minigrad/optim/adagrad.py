"""Adagrad."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.ops.descent import descend_scaled, mix_square
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class Adagrad(Optimizer):
    """s ← s + g²,  p ← p - lr / (1 + (t - 1) η) · g / (√s + ε), η being ``lr_decay``.

    Source: Duchi et al., Adaptive Subgradient Methods for Online Learning, 2011.
    Errors: ValueError for numbers out of range.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        self.require_nonnegative(lr=lr, lr_decay=lr_decay, weight_decay=weight_decay, eps=eps)
        self.require_nonnegative(initial_accumulator_value=initial_accumulator_value)
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
            **self.hints(foreach=foreach, differentiable=differentiable, fused=fused),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        return {"sum": zeros_like(p).add_(group["initial_accumulator_value"])}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        t = team[0].state["step"].double()
        rate = (lr / (1 + (t - 1) * group["lr_decay"])).to(dtype=team[0].param.dtype)
        for p, gradient, state in team:
            g = decayed(p, gradient, group["weight_decay"])
            s = state["sum"]
            mix_square(s, g, a=1, b=1, into=s)
            descend_scaled(p, g, s, rate, group["eps"], into=p)
