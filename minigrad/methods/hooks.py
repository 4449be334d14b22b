"""What is called when a gradient is complete, and what keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minigrad import tape
from minigrad.ops.shape import clone

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


class Hooks:
    """register_hook and its like."""

    def register_hook(self: Tensor, hook: tape.Hook) -> Handle:
        """Call ``hook(gradient)`` when this tensor's gradient is complete; what it returns, if
        anything, takes the gradient's place. Returns a handle with ``remove()``.

        Errors: RuntimeError when it requires no gradient.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "register_hook: cannot register a hook on a tensor that doesn't require gradient"
            )
        holder: Any = self if self.node is None else self.node
        if holder.hooks is None:
            holder.hooks = []
        last = len(holder.hooks) - (self.retained in holder.hooks)  # the gradient is kept last
        holder.hooks.insert(last, hook)
        return Handle(holder.hooks, hook)

    def register_post_accumulate_grad_hook(self: Tensor, hook: Callable[[Tensor], None]) -> Handle:
        """Call ``hook(self)`` whenever backward has added to this leaf's ``.grad``. Returns a
        handle with ``remove()``.

        Errors: RuntimeError when it is no leaf or requires no gradient.
        """
        if not (self.requires_grad and self.is_leaf):
            raise RuntimeError(
                "register_post_accumulate_grad_hook: cannot be registered on what is no leaf or "
                "does not require gradient"
            )
        leaf = self
        if leaf.afterwards is None:
            leaf.afterwards = []
        leaf.afterwards.append(hook)
        return Handle(leaf.afterwards, hook)

    def retain_grad(self: Tensor) -> None:
        """Have backward fill ``.grad`` although this tensor is no leaf."""
        if not self.requires_grad:
            raise RuntimeError(
                "retain_grad: can't retain_grad on Tensor that has requires_grad=False"
            )
        inner = self
        if inner.node is not None and inner.retained is None:
            inner.retained = Retained()
            inner.node.hooks = [*(inner.node.hooks or ()), inner.retained]

    @property
    def retains_grad(self: Tensor) -> bool:
        """Whether `retain_grad` was asked of this tensor, which is no leaf."""
        return self.retained is not None


class Retained:
    """Keeps the gradient of a tensor that is no leaf: the last of its node's hooks."""

    grad: Tensor | None = None

    def __call__(self, g: Tensor) -> None:
        self.grad = clone(g) if self.grad is None else self.grad + g


class Handle:
    """Removes the hook that it stands for; as a block, at its end."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self.hooks, self.hook = hooks, hook

    def remove(self) -> None:
        """Remove the hook; a second time does nothing."""
        if self.hook in self.hooks:
            self.hooks.remove(self.hook)

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
