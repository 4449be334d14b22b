"""Adamax."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.ops.bounds import maximum
from minigrad.ops.descent import descend, mix
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class Adamax(Optimizer):
    """m ← β₁ m + (1 - β₁) g,  u ← max(β₂ u, |g| + ε),  p ← p - lr / (1 - β₁ᵗ) · m / u.

    `Adam` with the largest |g| of the recent past in the place of √v̂.

    Source: Kingma and Ba, Adam, 2015, algorithm 2. Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0, 1000.0], requires_grad=True)
        >>> optimizer = optim.Adamax([p], lr=0.5)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.tolist()
        [0.5, 999.5]
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
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate; a schedule changes it in ``param_groups``.
            betas: β₁, how much of the past stays in the mean of g, and β₂, how slowly u falls.
            eps: ε, added to |g|; keeps the division from 0.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            maximize: climb in place of descend, by -g for g.
            foreach, capturable: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
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
