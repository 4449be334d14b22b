"""Methods that only hand their tensor to an op, and methods in place."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from minigrad import dtypes
from minigrad.dtypes import Number
from minigrad.op import Op
from minigrad.ops.shape import clone
from minigrad.ops.update import copy
from minigrad.recording import switch

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])
P = ParamSpec("P")


def unary(op: Op) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
    """The method of an op of one operand, and its twin in place: ``exp, exp_ = unary(ops.exp)``."""

    def method(self: Tensor) -> Tensor:
        return op(self)

    def twin(self: Tensor) -> Tensor:
        return op(self, into=self)

    return _named(method, op.name, op.__doc__), _named(twin, f"{op.name}_", _in_place(op.name))


def _other(self: Tensor, other: Tensor | Number) -> Tensor:
    """What the methods of `binary` are like, for type checkers."""
    raise NotImplementedError


def _like(signature: F) -> Callable[[Op], tuple[F, F]]:
    def binary(op: Op) -> Any:
        """The method of an op of two operands, and its twin in place; the second operand is a
        tensor or a number by the name of ``other``."""

        def method(self: Tensor, other: Tensor | Number) -> Tensor:
            return op(self, other)

        def twin(self: Tensor, other: Tensor | Number) -> Tensor:
            return op(self, other, into=self)

        told = f"{op.__doc__}, where x is this tensor and y ``other``, a tensor or a number"
        return _named(method, op.name, told), _named(twin, f"{op.name}_", _in_place(op.name))

    return binary


binary = _like(_other)


def _in_place(name: str) -> str:
    return f"`{name}`, in place."


def _named(method: F, name: str, doc: str | None) -> F:
    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    return method


def in_place(
    method: Callable[Concatenate[Any, P], Tensor],
) -> Callable[Concatenate[Any, P], Tensor]:
    """The twin of any method: its result is copied into the tensor.

    Errors: RuntimeError, as in PyTorch, when the result has another shape or a type of a higher
    category.
    """
    name = method.__name__ + "_"

    @wraps(method)
    def twin(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> Tensor:
        # What the rules of the ops inside keep must survive the write.
        kept = switch.recording and any(getattr(x, "tracked", False) for x in (self, *args))
        result = method(clone(self) if kept else self, *args, **kwargs)
        if dtypes.category(result.dtype) > dtypes.category(self.dtype):
            raise RuntimeError(
                f"{name}: result type {result.dtype} can't be cast to the desired output type "
                f"{self.dtype}"
            )
        if result.shape != self.shape:
            raise RuntimeError(
                f"{name}: output with shape {list(self.shape)} doesn't match the broadcast shape "
                f"{list(result.shape)}"
            )
        return copy(self, result, into=self)

    return _named(twin, name, _in_place(method.__name__))
