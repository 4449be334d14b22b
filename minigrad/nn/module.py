"""Module: a function with parameters.

The parts stand in `registry` (attributes and the tree), `hooks` (the call) and `state`
(state_dict); here is what is done to a whole tree of modules.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Self

import numpy as np

from minigrad import dtypes
from minigrad.autograd import no_grad
from minigrad.content import PLAIN, content
from minigrad.creation import empty_like
from minigrad.methods.conversion import type_and_place
from minigrad.nn.parameter import Parameter, forget_gradient
from minigrad.nn.registry import Registry
from minigrad.nn.state import Stateful
from minigrad.recording import switch
from minigrad.tensor import Tensor

__all__ = ["Module", "Parameter"]


class Module(Stateful):
    """A function with parameters: subclass it, assign parameters and modules in ``__init__``,
    and write ``forward``. Calling the module calls forward, with the hooks around it.

    Attributes:
        training: whether dropout drops and batch normalisation counts; set by `train` and `eval`.

    Example:
        >>> class Net(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.inner = nn.Linear(784, 10)
        ...
        ...     def forward(self, x):
        ...         return self.inner(x.flatten(1))
        >>> net = Net()
        >>> net
        Net(
          (inner): Linear(in_features=784, out_features=10, bias=True)
        )
        >>> net(minigrad.zeros(32, 1, 28, 28)).shape
        minigrad.Size([32, 10])
        >>> sum(p.numel() for p in net.parameters())
        7850
    """

    def train(self, mode: bool = True) -> Self:
        """Set training mode, here and below. Errors: ValueError for what is no truth value.

        Args:
            mode: True for training, False for evaluation.
        """
        if not isinstance(mode, bool):
            raise ValueError(f"train: training mode is expected to be boolean, got {mode!r}")
        switch.recorder.modes(self, mode)
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Set evaluation mode, here and below."""
        return self.train(False)

    def settings(self) -> dict[Any, Hashable]:
        """What a recording of a call takes for granted: the mode, all other plain attributes (a
        dropout's ``p``, a normalisation's ``eps``, an activation that is a function), which tensors
        and modules are its own, and its hooks."""
        members = [*self._parameters.values(), *self._buffers.values(), *self._modules.values()]
        plain: dict[Any, Hashable] = {k: content(v) for k, v in self.__dict__.items() if _plain(v)}
        hooks = map(content, (self._hooks or {}).values())
        return {**plain, 0: tuple(plain), 1: tuple(map(id, members)), 2: tuple(hooks)}

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch the tracking of every parameter, for instance to freeze a part of a model.

        Args:
            requires_grad: whether they are tracked.
        """
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; with ``set_to_none=False`` fill them with zeros."""
        for param in self.parameters():
            forget_gradient(param, set_to_none)

    def apply(self, fn: Callable[[Module], object]) -> Self:
        """Call ``fn`` on every module, the children before their parent."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    # -- type and device ------------------------------------------------------------------------

    def _apply(self, fn: Callable[[Tensor], Tensor]) -> Self:
        """Put every parameter, gradient and buffer through ``fn``. Parameters stay the same
        objects, so an optimizer that was made before goes on working."""
        Registry.clock += 1
        with no_grad():
            for module in self.modules():
                for param in module._parameters.values():
                    if param is not None:
                        param.data = fn(param.data)
                        if param.grad is not None:
                            param.grad = fn(param.grad)
                for name, buffer in module._buffers.items():
                    if buffer is not None:
                        module._buffers[name] = fn(buffer)
        return self

    def to(
        self,
        *targets: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: bool = False,
    ) -> Self:
        """Move to another device, to another floating type, or both, in place; integer buffers keep
        their type. Errors: TypeError for a type that is not floating.

        Args:
            targets: a floating type, a device, or a tensor whose type and device are taken.
            dtype, device: the same by name.
            non_blocking: accepted, and changes nothing.
        """
        kind, place = type_and_place(targets, dtype, device)
        if kind is not None and dtypes.as_dtype(kind).kind != "f":
            raise TypeError(
                f"to: nn.Module.to only accepts floating point dtypes, but got desired dtype={kind}"
            )
        return self._apply(
            lambda t: t.to(dtype=kind if t.is_floating_point() else None, device=place)
        )

    def cpu(self) -> Self:
        """Move to host memory."""
        return self._apply(lambda t: t.cpu())

    def cuda(self, device: Any = None) -> Self:
        """Move to a GPU, by default the first.

        Args:
            device: which one.
        """
        return self._apply(lambda t: t.cuda("cuda" if device is None else device))

    def to_empty(self, *, device: Any, recurse: bool = True) -> Self:
        """Move to another device and leave the numbers behind: they are whatever was there.

        Args:
            device: where to.
            recurse: also what lies below.
        """
        modules = self.modules() if recurse else [self]
        Registry.clock += 1
        with no_grad():
            for module in modules:
                for param in module._parameters.values():
                    if param is not None:
                        param.data = empty_like(param, device=device)
                for name, buffer in module._buffers.items():
                    if buffer is not None:
                        module._buffers[name] = empty_like(buffer, device=device)
        return self

    def share_memory(self) -> Self:
        """Accepted for PyTorch's sake: threads share memory anyway."""
        return self

    def type(self, dst_type: Any) -> Self:
        """Cast every parameter and buffer, integers as well.

        Args:
            dst_type: the type.
        """
        return self._apply(lambda t: t.to(dtype=dst_type))

    def float(self) -> Self:
        """Cast floating parameters and buffers to float32."""
        return self.to(dtypes.float32)

    def double(self) -> Self:
        """Cast floating parameters and buffers to float64."""
        return self.to(dtypes.float64)

    def half(self) -> Self:
        """Cast floating parameters and buffers to float16."""
        return self.to(dtypes.float16)

    # -- the look of it -------------------------------------------------------------------------

    def _get_name(self) -> str:
        return self.__class__.__name__

    def extra_repr(self) -> str:
        """What stands between the brackets of ``repr``, besides the children."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        own = extra.split("\n") if extra else []
        children = [f"({name}): {_indented(repr(m))}" for name, m in self._modules.items()]
        if children or len(own) > 1:
            inner = "\n  " + "\n  ".join([*own, *children]) + "\n"
        else:
            inner = extra
        return f"{self._get_name()}({inner})"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _plain(value: Any) -> bool:
    if value.__class__ is tuple:
        return all(map(_plain, value))
    return value.__class__ in PLAIN or callable(value) or isinstance(value, np.dtype)
