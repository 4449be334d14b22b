"""RMSprop."""

from __future__ import annotations

from minigrad.creation import zeros_like
from minigrad.ops.descent import descend, descend_scaled, mix, mix_square
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class RMSprop(Optimizer):
    """v ← α v + (1 - α) g²,  p ← p - lr · g / (√v + ε).

    With ``centered``, v - a² stands under the root, a ← α a + (1 - α) g; with ``momentum`` μ,
    b ← μ b + g / (√v + ε) and p ← p - lr b. ε stands outside of the root, as in PyTorch.

    Source: Tieleman and Hinton, Lecture 6.5, 2012; centered: Graves, Generating Sequences With
    Recurrent Neural Networks, 2013. Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.RMSprop([p], lr=0.01)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> round(1 - p.item(), 4)  # lr / √(1 - α): v starts at 0, and nothing corrects that
        0.1
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate; a schedule changes it in ``param_groups``.
            alpha: α, how much of the past stays in the mean of g².
            eps: ε, added to the root; keeps the division from 0.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            momentum: μ, how much of the last step stays; 0 is none.
            centered: divide by the deviation of g, not by its size.
            maximize: climb in place of descend, by -g for g.
            foreach, capturable: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
        self.require_nonnegative(
            lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha
        )
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "maximize": maximize,
            **self.hints(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        names = ["square_avg"]
        names += ["momentum_buffer"] if group["momentum"] > 0 else []
        names += ["grad_avg"] if group["centered"] else []
        return {name: zeros_like(p) for name in names}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        alpha, momentum = group["alpha"], group["momentum"]
        rate = lr.to(dtype=team[0].param.dtype)
        for p, gradient, state in team:
            g = decayed(p, gradient, group["weight_decay"])
            v = state["square_avg"]
            mix_square(v, g, a=alpha, b=1 - alpha, into=v)
            if group["centered"]:
                a = state["grad_avg"]
                mix(a, g, a=alpha, b=1 - alpha, into=a)
                # A variance is not below 0, and rounding would make it so: nan, and for good.
                v = mix_square(v, a, a=1, b=-1).clamp_min_(0)
            if momentum:
                buffer, u = state["momentum_buffer"], g / v.sqrt().add_(group["eps"])
                descend(p, mix(buffer, u, a=momentum, b=1, into=buffer), rate, into=p)
            else:
                descend_scaled(p, g, v, rate, group["eps"], into=p)
