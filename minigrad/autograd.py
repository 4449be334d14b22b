"""Switching the tape on and off, gradients on demand, and ops of one's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from functools import wraps
from itertools import accumulate
from types import TracebackType
from typing import Any, TypeVar

from minigrad.op import Op
from minigrad.tape import Node, source_of, switch
from minigrad.tensor import Tensor, wrap
from minigrad.walk import backward, grad

__all__ = [
    "Function",
    "backward",
    "enable_grad",
    "grad",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_grad_enabled",
]

F = TypeVar("F", bound=Callable[..., Any])


class set_grad_enabled:
    """Set recording at once, and until the end of the block when used with ``with``."""

    def __init__(self, mode: bool) -> None:
        self.before = switch.recording
        self.mode = mode
        switch.recording = mode

    def __enter__(self) -> None:
        switch.recording = self.mode

    def __exit__(self, *_: object) -> None:
        switch.recording = self.before


class _Mode:
    """A block, or a decorated function, in which recording is on or off."""

    mode: bool

    def __init__(self) -> None:
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(switch.recording)
        switch.recording = self.mode

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        switch.recording = self.before.pop()

    def __call__(self, function: F) -> F:
        @wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with type(self)():
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]


class no_grad(_Mode):
    """Nothing is recorded: for evaluation and for parameter updates. A block or a decorator."""

    mode = False


class enable_grad(_Mode):
    """Recording, also inside `no_grad`."""

    mode = True


class inference_mode(no_grad):
    """PyTorch's name for a stricter `no_grad`; here they are the same."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.mode = not mode


def is_grad_enabled() -> bool:
    """Whether ops are being recorded."""
    return switch.recording


class Context:
    """What a `Function` carries from its forward to its backward."""

    def __init__(self) -> None:
        self.saved: tuple[Tensor | None, ...] = ()
        self.needs_input_grad: tuple[bool, ...] = ()
        self.non_differentiable: tuple[Tensor, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors (operands or results) for backward."""
        self.saved = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Results that have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Accepted for PyTorch's sake: missing gradients are always given as zeros."""

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given. Errors: RuntimeError once it was freed."""
        return self.saved


class Function:
    """An op of one's own: subclass it with two static methods, and call ``apply``::

        class Exp(Function):
            @staticmethod
            def forward(ctx, x):
                y = x.exp()
                ctx.save_for_backward(y)
                return y

            @staticmethod
            def backward(ctx, g):
                (y,) = ctx.saved_tensors
                return g * y

        y = Exp.apply(x)

    ``backward`` returns a gradient (or None) for each argument of ``forward``. Written with tensor
    methods, it can be differentiated again.
    """

    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the results; what backward needs goes to ``ctx.save_for_backward``."""
        raise NotImplementedError("Function: forward is missing; write it as a static method")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """The gradient of every argument of forward, given that of every result."""
        raise NotImplementedError("Function: backward is missing; write it as a static method")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Compute forward off the tape, and leave one mark for all of it."""
        ctx = Context()
        ctx.needs_input_grad = tuple(isinstance(x, Tensor) and x.tracked for x in args)
        with no_grad():
            results = cls.forward(ctx, *args)
        if not (switch.recording and any(ctx.needs_input_grad)):
            return results
        several = isinstance(results, tuple)
        outputs = list(results) if several else [results]
        live = [
            i
            for i, y in enumerate(outputs)
            if isinstance(y, Tensor)
            and y.is_floating_point()
            and not any(y is z for z in ctx.non_differentiable)
        ]
        # An op has one result. Several travel as one flat tensor, of which each is a view.
        packed = outputs[live[0]] if len(live) == 1 else _packed([outputs[i] for i in live])
        if len(live) == 1 and any(packed is x for x in args):
            packed = wrap(packed.array.copy())
        own = _Own(cls, ctx, outputs, live)
        result = wrap(packed.array)
        node = Node(
            own,
            tuple(source_of(x) if isinstance(x, Tensor) else None for x in args),
            (None,) * len(args),
            (),
            {},
            packed.array,
            (packed.array, result.history()),
        )
        result.node, result.tracked = node, True
        for i, y in zip(live, own.unpacked(result), strict=True):
            outputs[i] = y
        return tuple(outputs) if several else outputs[0]


def _packed(tensors: list[Tensor]) -> Tensor:
    xp = tensors[0].device.xp
    return wrap(xp.concatenate([t.array.reshape(-1) for t in tensors]))


class _Own(Op):
    """The op behind one application of a `Function`."""

    def __init__(
        self, function: type[Function], ctx: Context, outputs: list[Any], live: list[int]
    ) -> None:
        self.name = function.__name__
        self.operands, self.variadic, self.params = [], "args", []
        self.function, self.ctx = function, ctx
        self.shapes = [outputs[i].shape for i in live]
        self.live, self.count = live, len(outputs)
        # A saved result must come back on the tape (for derivatives of higher order), but to hold
        # it on the tape would tie a cycle: hold its position, and take it from the node.
        self.saved = [
            next((k for k, i in enumerate(live) if outputs[i] is saved), saved)
            for saved in ctx.saved
        ]
        ctx.saved = ()

    def unpacked(self, flat: Tensor) -> list[Tensor]:
        """The results, out of the one that stands for all."""
        if len(self.live) == 1:
            return [flat]
        ends = list(accumulate(math.prod(shape) for shape in self.shapes))
        starts = [0, *ends[:-1]]
        return [
            flat[start:end].reshape(shape)
            for start, end, shape in zip(starts, ends, self.shapes, strict=True)
        ]

    def pull(self, node: Node, g: Tensor) -> list[Tensor | None]:
        results = self.unpacked(node.result())
        grads: list[Any] = [
            Op.wrap(node.result().device.xp.zeros(())) for _ in range(self.count)
        ]
        for i, gy in zip(self.live, self.unpacked(g), strict=True):
            grads[i] = gy
        ctx = copy(self.ctx)
        ctx.saved = tuple(results[s] if isinstance(s, int) else s for s in self.saved)
        given = self.function.backward(ctx, *grads)
        listed = list(given) if isinstance(given, tuple) else [given]
        n = len(node.inputs)
        if len(listed) < n or any(x is not None for x in listed[n:]):
            raise RuntimeError(
                f"{self.name}: backward returned an incorrect number of gradients (expected {n}, "
                f"got {len(listed)})"
            )
        return listed[:n]
