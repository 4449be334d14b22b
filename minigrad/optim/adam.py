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

    Each parameter moves by about lr, whatever the size of its gradients. The state has m and v, as
    "exp_avg" and "exp_avg_sq", and t, as "step".

    Source: Kingma and Ba, Adam, 2015, algorithm 1; Reddi et al., On the Convergence of Adam and
    Beyond, 2018. Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0, 1000.0], requires_grad=True)
        >>> optimizer = optim.Adam([p], lr=0.5)
        >>> (p * p).sum().backward()  # g is 2 and 2,000
        >>> optimizer.step()
        >>> p.tolist()
        [0.5, 999.5]
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
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate; a schedule changes it in ``param_groups``.
            betas: β₁ and β₂, how much of the past stays in the mean of g and of g²; 0.999 remembers
                about 1,000 steps.
            eps: ε, added to the root; keeps the division from 0, and steps from growing where
                gradients are tiny.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            amsgrad: put the largest v so far in the place of v, so that steps never lengthen.
            maximize: climb in place of descend, by -g for g.
            decoupled_weight_decay: shrink p by lr λ p instead, as in `AdamW`.
            foreach, fused, capturable: PyTorch's words on how to compute; accepted, and change
                nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
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

    So all parameters shrink alike, not the less the larger their gradients are.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019, algorithm 2.
    Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.AdamW([p], lr=0.1, weight_decay=0.5)
        >>> p.grad = minigrad.zeros(1)
        >>> optimizer.step()  # the decay alone: 1 - 0.1 · 0.5
        >>> p.detach()
        tensor([0.9500])
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
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate; a schedule changes it in ``param_groups``.
            betas: β₁ and β₂, how much of the past stays in the mean of g and of g²; 0.999 remembers
                about 1,000 steps.
            eps: ε, added to the root; keeps the division from 0.
            weight_decay: λ; p shrinks by lr λ p at each step.
            amsgrad: put the largest v so far in the place of v.
            maximize: climb in place of descend, by -g for g.
            foreach, fused, capturable: PyTorch's words on how to compute; accepted, and change
                nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
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
