"""A tensor that a module owns and an optimizer changes."""

from __future__ import annotations

from types import MethodType
from typing import Any

from minigrad.creation import empty
from minigrad.recording import switch
from minigrad.tensor import Tensor


class Parameter(Tensor):
    """The numbers of ``data`` (shared, not copied) as a leaf that requires a gradient.

    Assigned to an attribute of a `Module`, it appears in ``module.parameters()``, which is what an
    optimizer is given.
    Errors: TypeError for what is no tensor, RuntimeError for integers that are to be trained.

    Example:
        >>> class Scale(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.factor = nn.Parameter(minigrad.tensor(2.0))
        ...
        ...     def forward(self, x):
        ...         return self.factor * x
        >>> model = Scale()
        >>> dict(model.named_parameters())
        {'factor': Parameter containing:
        tensor(2., requires_grad=True)}
        >>> model(minigrad.tensor([3.0])).backward()
        >>> model.factor.grad
        tensor(3.)
    """

    def __init__(self, data: Tensor | None = None, requires_grad: bool = True) -> None:
        """
        Args:
            data: the tensor; None is an empty one.
            requires_grad: whether it is trained; False freezes it.
        """
        if data is None:
            data = empty(0)
        if not isinstance(data, Tensor):
            raise TypeError(
                f"Parameter: expected a tensor, got {type(data).__name__}; make it one with "
                "minigrad.tensor(...)"
            )
        self.array, self.memory = data.array, data.history()
        self.requires_grad_(requires_grad)

    def _deepcopied_grad(self, memo: dict[int, Any]) -> Tensor | None:
        return None  # as in PyTorch: a copied module begins without gradients

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"

    def __format__(self, spec: str) -> str:
        return super().__format__(spec) if spec else repr(self)


def forget_gradient(param: Tensor, set_to_none: bool) -> None:
    """Set a tensor's gradient to None, or to zeros off the tape."""
    switch.recorder.forgets(param, set_to_none)
    if param.grad is None:
        return
    if set_to_none:
        param.grad = None
    else:
        if param.grad.tracked:
            param.grad = param.grad.detach()
        param.grad.zero_()


def instead_of(found: Any) -> str:
    """What to pass for something that is no parameters."""
    if callable(getattr(found, "parameters", None)):
        return "; pass its .parameters()"
    return f"; call it: {found.__name__}()" if isinstance(found, MethodType) else ""
