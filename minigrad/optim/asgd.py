"""ASGD: stochastic gradient descent that averages where it has been."""

from __future__ import annotations

from minigrad import dtypes
from minigrad.creation import ones, zeros, zeros_like
from minigrad.optim.optimizer import Group, Member, Optimizer, Params, decayed
from minigrad.tensor import Tensor


class ASGD(Optimizer):
    """p ← (1 - λ η) p - η g,  a ← a + μ (p - a),  η ← lr / (1 + λ lr t)^α,  μ ← 1 / max(1, t - t₀).

    The average a is in the state, as "ax"; it is for use after the training, p itself is trained.

    Source: Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992.
    Errors: ValueError for numbers out of range.

    Example:
        >>> p = minigrad.tensor([1.0], requires_grad=True)
        >>> optimizer = optim.ASGD([p], lr=0.1, lambd=0.0, t0=0)
        >>> for _ in range(4):
        ...     optimizer.zero_grad()
        ...     (p * p).sum().backward()
        ...     optimizer.step()
        >>> round(p.item(), 4), round(optimizer.state[p]["ax"].item(), 4)
        (0.4096, 0.5205)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        """
        Args:
            params: the parameters, as ``model.parameters()`` gives; or (name, tensor) pairs; or
                dictionaries with "params" and options of that group's own, such as another lr.
            lr: the learning rate at first; η is what it becomes.
            lambd: λ, a decay of p and of the rate.
            alpha: α, how fast the rate falls.
            t0: the step from which on p is averaged; before, a is p.
            weight_decay: λ; g stands for g + λ p, the gradient of a penalty λ ‖p‖² / 2.
            maximize: climb in place of descend, by -g for g.
            foreach, capturable: PyTorch's words on how to compute; accepted, and change nothing.
            differentiable: only False; a step here cannot be differentiated.
        """
        self.require_nonnegative(lr=lr, lambd=lambd, alpha=alpha, weight_decay=weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
            **self.hints(foreach=foreach, capturable=capturable, differentiable=differentiable),
        }
        super().__init__(params, defaults)

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        eta = zeros((), dtype=dtypes.float32, device=p.device).add_(float(group["lr"]))
        mu = ones((), dtype=dtypes.float32, device=p.device)
        return {"eta": eta, "mu": mu, "ax": zeros_like(p)}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        lambd, dtype = group["lambd"], team[0].param.dtype
        t = team[0].state["step"].double()
        next_eta = lr / (1 + lambd * lr * t) ** group["alpha"]
        next_mu = 1 / (t - group["t0"]).clamp(min=1)
        for p, gradient, state in team:
            g = decayed(p, gradient, group["weight_decay"])
            eta, mu, ax = state["eta"], state["mu"], state["ax"]
            p.mul_((1 - lambd * eta.double()).to(dtype=dtype)).sub_(g * eta.to(dtype=dtype))
            ax.add_((p - ax).mul_(mu.to(dtype=dtype)))
            eta.copy_(next_eta)
            mu.copy_(next_mu)
