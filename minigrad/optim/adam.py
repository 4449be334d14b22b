"""Adam and AdamW."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.ops.bounds import maximum
from minigrad.ops.descent import descend_scaled, mix, mix_square
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed_all
from minigrad.tensor import Tensor


class Adam(Optimizer):
    """m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,
    p ← p - lr · m̂ / (√v̂ + ε)  with  m̂ = m / (1 - β₁ᵗ),  v̂ = v / (1 - β₂ᵗ).

    With ``amsgrad`` the largest v so far stands in the place of v. With ``weight_decay`` λ, g
    stands for g + λ p; ``decoupled_weight_decay`` makes it p ← p - lr λ p instead (AdamW).

    Source: Kingma and Ba, Adam, 2015, algorithm 1; Reddi et al., On the Convergence of Adam and
    Beyond, 2018. Errors: ValueError for numbers out of range.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        self.require_nonnegative(lr=lr, eps=eps, weight_decay=weight_decay)
        self.require_fractions(betas)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
            **self.hints(
                foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused
            ),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        names = ["exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])]
        return {name: zeros_like(p) for name in names}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        beta1, beta2 = group["betas"]
        dtype = team[0].param.dtype
        t = team[0].state["step"].double()
        # m̂ / (√v̂ + ε) with both corrections taken out of the sums over elements.
        root = (1 - beta2**t).sqrt()
        rate = (lr * root / (1 - beta1**t)).to(dtype=dtype)
        eps = (root * group["eps"]).to(dtype=dtype)
        for p, g, state in decayed_all(group, team, lr):
            m, v = state["exp_avg"], state["exp_avg_sq"]
            mix(m, g, a=beta1, b=1 - beta1, into=m)
            mix_square(v, g, a=beta2, b=1 - beta2, into=v)
            if group["amsgrad"]:
                highest = state["max_exp_avg_sq"]
                v = maximum(highest, v, into=highest)
            descend_scaled(p, m, v, rate, eps, into=p)


class AdamW(Adam):
    """`Adam` with p ← p - lr λ p in the place of g + λ p: the decay is not divided by √v̂.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019, algorithm 2.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )
