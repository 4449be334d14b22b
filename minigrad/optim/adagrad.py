"""Adagrad."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.ops.descent import descend_scaled, mix_square
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class Adagrad(Optimizer):
    """s ← s + g²,  p ← p - lr / (1 + (t - 1) η) · g / (√s + ε), η being ``lr_decay``.

    Rare parameters make long steps. s only grows, so that steps shrink like 1/√t.

    Source: Duchi et al., Adaptive Subgradient Methods for Online Learning, 2011.
    Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.Adagrad([p], lr=1.0)
        >>> for _ in range(3):
        ...     before = p.item()
        ...     p.grad = minigrad.ones(1)
        ...     optimizer.step()
        ...     print(round(before - p.item(), 3))  # 1, 1/√2, 1/√3
        1.0
        0.707
        0.577
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
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate; a schedule changes it in ``param_groups``.
            lr_decay: η; lr shrinks like 1 / (1 + η t) besides.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            initial_accumulator_value: where s begins; above 0 the first steps are shorter.
            eps: ε, added to the root; keeps the division from 0.
            maximize: climb in place of descend, by -g for g.
            foreach, fused: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
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
