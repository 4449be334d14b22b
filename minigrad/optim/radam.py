"""RAdam: Adam that waits until its variance can be trusted."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.functions import where
from minigrad.ops.descent import descend, mix, mix_square
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed_all
from minigrad.tensor import Tensor


class RAdam(Optimizer):
    """m, v, m̂ as in `Adam`;  ρ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ)  with  ρ∞ = 2 / (1 - β₂) - 1,
    p ← p - lr m̂ r √(1 - β₂ᵗ) / (√v + ε)  where ρ > 5, else  p ← p - lr m̂,
    r = √((ρ - 4) (ρ - 2) ρ∞ / ((ρ∞ - 4) (ρ∞ - 2) ρ)).

    In the first steps v rests on few gradients; they go without it, and r lets it in little by
    little: a warm-up that needs no setting.

    Source: Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020, algorithm 2.
    Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.RAdam([p], lr=0.1)
        >>> (p * p).sum().backward()
        >>> optimizer.step()  # the first step: p - lr g
        >>> p.detach()
        tensor([0.8000])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate; a schedule changes it in ``param_groups``.
            betas: β₁ and β₂, how much of the past stays in the mean of g and of g²; 0.999 remembers
                about 1,000 steps.
            eps: ε, added to the root; keeps the division from 0.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            decoupled_weight_decay: shrink p by lr λ p instead, as in `AdamW`.
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
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            **self.hints(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        return {"exp_avg": zeros_like(p), "exp_avg_sq": zeros_like(p)}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        beta1, beta2 = group["betas"]
        dtype = team[0].param.dtype
        t = team[0].state["step"].double()
        correction = 1 - beta2**t
        limit = 2 / (1 - beta2) - 1
        rho = limit - 2 * t * beta2**t / correction
        # Both cases by one formula, so that a recorded step has no branch.
        trusted = rho > 5
        r = (rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho)
        factor = where(trusted, (r * correction).abs().sqrt(), 1)
        rate = (lr / (1 - beta1**t) * factor).to(dtype=dtype)
        for p, g, state in decayed_all(group, team, lr):
            m, v = state["exp_avg"], state["exp_avg_sq"]
            mix(m, g, a=beta1, b=1 - beta1, into=m)
            mix_square(v, g, a=beta2, b=1 - beta2, into=v)
            u = m / where(trusted, v.sqrt().add_(group["eps"]), 1)
            descend(p, u, rate, into=p)
