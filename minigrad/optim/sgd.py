"""Stochastic gradient descent."""

from __future__ import annotations

from minigrad.ops.descent import descend, mix
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class SGD(Optimizer):
    """p ← p - lr · b with b ← μ b + (1 - τ) g, or p ← p - lr (g + μ b) with ``nesterov``.

    μ is ``momentum``, τ ``dampening``; the first b is g. Without momentum p ← p - lr g. The
    learning rate stands outside of b, as in PyTorch: a lower rate takes effect at once. The state
    has b, as "momentum_buffer".

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning,
    2013, in the form in which the learning rate stands outside of b.
    Errors: ValueError for numbers out of range, and for nesterov without momentum.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.SGD([p], lr=0.1, momentum=0.9)
        >>> for _ in range(2):
        ...     optimizer.zero_grad()
        ...     (p * p).sum().backward()  # g = 2 p
        ...     optimizer.step()
        ...     print(round(p.item(), 4))
        0.8
        0.46
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
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate; a schedule changes it in ``param_groups``.
            momentum: μ, how much of the last step's b stays; 0.9 remembers about 10 steps, and
                makes steps up to 10 times as long.
            dampening: τ; the new gradient counts 1 - τ.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            nesterov: look ahead: add g to μ b, not to what b was.
            maximize: climb in place of descend, by -g for g.
            foreach, fused: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
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
