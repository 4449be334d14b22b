"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from minigrad import dtypes
from minigrad.creation import ones, zeros_like
from minigrad.ops.descent import mix, mix_square
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed_all
from minigrad.tensor import Tensor


class NAdam(Optimizer):
    """μₜ = β₁ (1 - 0.96^(t ψ) / 2),  m and v as in `Adam`,
    p ← p - lr [(1 - μₜ) / (1 - Πμ) · g + μₜ₊₁ / (1 - Πμ · μₜ₊₁) · m] / (√v̂ + ε).

    Πμ is the product of all μ up to t, ψ is ``momentum_decay``.

    Source: Dozat, Incorporating Nesterov Momentum into Adam, 2016, algorithm 2.
    Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.NAdam([p], lr=0.1)
        >>> for _ in range(50):
        ...     optimizer.zero_grad()
        ...     (p * p).sum().backward()
        ...     optimizer.step()
        >>> abs(p.item()) < 0.1
        True
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
            momentum_decay: ψ, how soon μ grows from β₁ / 2 to β₁.
            decoupled_weight_decay: shrink p by lr λ p instead, as in `AdamW`.
            maximize: climb in place of descend, by -g for g.
            foreach, capturable: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
        self.require_nonnegative(
            lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay
        )
        self.require_fractions(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
            **self.hints(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        return {
            "mu_product": ones((), dtype=dtypes.float32, device=p.device),
            "exp_avg": zeros_like(p),
            "exp_avg_sq": zeros_like(p),
        }

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        beta1, beta2 = group["betas"]
        dtype = team[0].param.dtype
        t = team[0].state["step"].double()
        psi = group["momentum_decay"]
        mu = beta1 * (1 - 0.5 * 0.96 ** (t * psi))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * psi))
        correction = (1 - beta2**t).to(dtype=dtype)
        for p, g, state in decayed_all(group, team, lr):
            m, v = state["exp_avg"], state["exp_avg_sq"]
            mix(m, g, a=beta1, b=1 - beta1, into=m)
            mix_square(v, g, a=beta2, b=1 - beta2, into=v)
            product = state["mu_product"].mul_(mu.float()).double()
            of_g = (lr * (1 - mu) / (1 - product)).to(dtype=dtype)
            of_m = (lr * mu_next / (1 - product * mu_next)).to(dtype=dtype)
            root = (v / correction).sqrt().add_(group["eps"])
            p.sub_((g * of_g).add_(m * of_m).div_(root))
