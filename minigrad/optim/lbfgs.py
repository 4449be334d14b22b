"""L-BFGS: Newton's direction from the last few gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.arguments import whole
from minigrad.autograd import enable_grad, no_grad
from minigrad.creation import zeros_like
from minigrad.functions import cat
from minigrad.optim.line_search import Point, strong_wolfe
from minigrad.optim.optimizer import Optimizer, Params
from minigrad.tensor import Tensor


class LBFGS(Optimizer):
    """p ← p + t d,  d = -H g, where H approximates the inverse Hessian from the last
    ``history_size`` pairs of s = Δp and y = Δg.

    One `step` makes up to ``max_iter`` iterations and needs the closure, which clears the
    gradients, computes the loss, calls backward and returns the loss. For full batches: noise in g
    ruins H.

    Source: Nocedal and Wright, Numerical Optimization, 2006, algorithms 7.4 and 7.5.
    Errors: ValueError for several groups or numbers out of range, RuntimeError for another search,
    TypeError for a step without closure.

    Example:
        >>> p = minigrad.tensor([-1.0, 2.0], requires_grad=True)
        >>> optimizer = optim.LBFGS([p], line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2  # Rosenbrock's valley
        ...     loss.backward()
        ...     return loss
        >>> for _ in range(3):
        ...     _ = optimizer.step(closure)
        >>> [round(x, 2) for x in p.tolist()]
        [1.0, 1.0]
    """

    counted = False

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        *,
        maximize: bool = False,
    ) -> None:
        """
        Args:
            params: the parameters, in one group.
            lr: the length t where there is no search, else the first guess.
            max_iter: iterations of one step.
            max_eval: evaluations of one step; None is 5/4 of max_iter.
            tolerance_grad: stop when no gradient is larger.
            tolerance_change: stop when the loss, or every parameter, changes by less.
            history_size: pairs of s and y that are kept; each is as long as all parameters.
            line_search_fn: "strong_wolfe" searches t, None takes lr.
            maximize: climb in place of descend, by -g for g.
        """
        self.require_nonnegative(lr=lr)
        if line_search_fn not in (None, "strong_wolfe"):
            raise RuntimeError(f"LBFGS: only 'strong_wolfe' is supported, got {line_search_fn!r}")
        if whole("LBFGS", "history_size", history_size) < 1:
            raise ValueError(f"LBFGS: history_size must be at least 1, got {history_size}")
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
            "maximize": maximize,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError(
                "LBFGS doesn't support per-parameter options (parameter groups), got "
                f"{len(self.param_groups)} groups"
            )

    def _step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to ``max_iter`` iterations; returns the loss before them."""
        if closure is None:
            raise TypeError(
                "LBFGS: step() needs a closure that computes the loss and its gradients"
            )
        with no_grad():
            return self._iterate(closure)

    def _iterate(self, closure: Callable[[], Any]) -> Any:
        group = self.param_groups[0]
        # The state concerns all parameters; it is kept with the first, where PyTorch keeps it.
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first, loss, gradient = self._evaluate(closure)
        evaluations = 1
        state["func_evals"] += 1
        iterations = 0
        while _largest(gradient) > group["tolerance_grad"] and iterations < group["max_iter"]:
            iterations += 1
            state["n_iter"] += 1
            d = self._direction(state, gradient, group["history_size"])
            state["prev_flat_grad"], state["d"] = gradient, d
            before, t = loss, float(group["lr"])
            if state["n_iter"] == 1:
                t *= min(1.0, 1.0 / gradient.abs().sum().item())
            slope = gradient.dot(d).item()
            state["t"] = t
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if group["line_search_fn"] is None:
                self._move(t, d)
                if iterations < group["max_iter"]:  # after the last one nobody would use it
                    _, loss, gradient = self._evaluate(closure)
                    used = 1
            else:
                point, used = strong_wolfe(
                    lambda t, d=d: self._look(closure, t, d),  # type: ignore[misc]
                    Point(0.0, loss, gradient, slope),
                    t,
                    _largest(d),
                    most=group["max_eval"] - evaluations,
                )
                t, loss, gradient = point.t, point.loss, point.gradient
                self._move(t, d)
            state["t"], state["prev_loss"] = t, before
            evaluations += used
            state["func_evals"] += used
            if (
                evaluations >= group["max_eval"]
                or _largest(d) * abs(t) <= group["tolerance_change"]
                or abs(loss - before) < group["tolerance_change"]
            ):
                break
        return first

    def _direction(self, state: dict[str, Any], gradient: Tensor, history: int) -> Tensor:
        """-H g, by two loops over the pairs. A pair is kept where it shows positive curvature."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -gradient
        ys, ss, ro = state["old_dirs"], state["old_stps"], state["ro"]
        y, s = gradient - state["prev_flat_grad"], state["d"] * state["t"]
        curvature = y.dot(s).item()
        if curvature > 1e-10:
            if len(ys) == history:
                del ys[0], ss[0], ro[0]
            ys.append(y)
            ss.append(s)
            ro.append(1.0 / curvature)
            state["H_diag"] = curvature / y.dot(y).item()
        d = -gradient
        weights = []
        for y, s, r in zip(reversed(ys), reversed(ss), reversed(ro), strict=True):
            weights.append(s.dot(d).item() * r)
            d.sub_(y * weights[-1])
        d.mul_(state["H_diag"])
        for y, s, r, weight in zip(ys, ss, ro, reversed(weights), strict=True):
            d.add_(s * (weight - y.dot(d).item() * r))
        return d

    def _evaluate(self, closure: Callable[[], Any]) -> tuple[Any, float, Tensor]:
        """The loss, what is to be made small, and its gradients as one vector."""
        with enable_grad():
            loss = closure()
        group = self.param_groups[0]
        gradients = [zeros_like(p) if p.grad is None else p.grad for p in group["params"]]
        whole = cat([g.reshape(-1) for g in gradients])
        return (loss, -float(loss), -whole) if group["maximize"] else (loss, float(loss), whole)

    def _look(self, closure: Callable[[], Any], t: float, d: Tensor) -> Point:
        """The point at the step length t; the parameters are put back to the bit."""
        params = self.param_groups[0]["params"]
        kept = [p.detach().clone() for p in params]
        self._move(t, d)
        _, loss, gradient = self._evaluate(closure)
        for p, old in zip(params, kept, strict=True):
            p.copy_(old)
        return Point(t, loss, gradient, gradient.dot(d).item())

    def _move(self, t: float, d: Tensor) -> None:
        start = 0
        for p in self.param_groups[0]["params"]:
            end = start + p.numel()
            p.add_(d[start:end].reshape(tuple(p.shape)) * t)
            start = end


def _largest(x: Tensor) -> float:
    return x.abs().max().item()  # type: ignore[no-any-return]
