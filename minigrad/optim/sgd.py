"""Stochastic gradient descent."""

from __future__ import annotations

from minigrad.ops.descent import descend, mix
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class SGD(Optimizer):
    """p ← p - lr · b with b ← μ b + (1 - τ) g, or p ← p - lr (g + μ b) with ``nesterov``.

    μ is ``momentum``, τ ``dampening``; the first b is g. Without momentum p ← p - lr g. With
    ``weight_decay`` λ, g stands for g + λ p; with ``maximize`` for -g.

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning,
    2013, in the form in which the learning rate stands outside of b.
    Errors: ValueError for numbers out of range, and for nesterov without momentum.
    """

    counted = False

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        self.require_nonnegative(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(
                "SGD: Nesterov momentum requires a momentum and zero dampening, got momentum="
                f"{momentum} and dampening={dampening}"
            )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
            **self.hints(foreach=foreach, differentiable=differentiable, fused=fused),
        }
        super().__init__(params, defaults)

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        momentum, kept = group["momentum"], 1 - group["dampening"]
        rate = lr.to(dtype=team[0].param.dtype)
        for p, gradient, state in team:
            g = decayed(p, gradient, group["weight_decay"])
            if momentum:
                buffer = state.get("momentum_buffer")
                if buffer is None:
                    buffer = state["momentum_buffer"] = g.clone()
                else:
                    mix(buffer, g, a=momentum, b=kept, into=buffer)
                g = mix(g, buffer, a=1, b=momentum) if group["nesterov"] else buffer
            descend(p, g, rate, into=p)
