"""An op of one's own, as PyTorch writes it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial, wraps
from itertools import accumulate
from typing import Any

import numpy as np

from minigrad.autograd.switches import no_grad
from minigrad.marking import inference_refused
from minigrad.op import Op
from minigrad.ops.shape import cat, clone
from minigrad.recording import following, switch
from minigrad.tape import Node, Source, mark, source_of
from minigrad.tensor import Tensor, fresh, wrap
from minigrad.writing import leaf_refused

__all__ = ["Function", "once_differentiable"]


class Context:
    """What a `Function` carries from its forward to its backward."""

    def __init__(self, args: tuple[Any, ...]) -> None:
        self.needs_input_grad = tuple(isinstance(x, Tensor) and x.requires_grad for x in args)
        self.saved: tuple[Tensor | None, ...] = ()
        self.dirty: tuple[Tensor, ...] = ()
        self.non_differentiable: tuple[Tensor, ...] = ()
        self.materialize = True

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors (operands or results) for backward. Errors: TypeError for anything else."""
        for x in tensors:
            if x is not None and not isinstance(x, Tensor):
                raise TypeError(
                    f"save_for_backward: can only save tensors, got {type(x).__name__}; set other "
                    "things as attributes of ctx"
                )
        self.saved = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """The arguments that forward writes into; it must return them."""
        self.dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Results that have no gradient."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros for a result that no gradient came to, or None."""
        self.materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given."""
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
        """The gradient of every argument of forward, given that of every result.

        Args:
            ctx: what forward left there.
            grads: the gradient of each result.
        """
        raise NotImplementedError("Function: backward is missing; write it as a static method")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """In the form without ``ctx`` in forward: keep what backward needs.

        Args:
            inputs: the arguments of forward.
            output: what it returned.
        """
        raise NotImplementedError("Function: setup_context is missing")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Compute forward off the tape, and leave one mark for all of it.

        Args:
            args, kwargs: those of forward, without ``ctx``.

        Errors: TypeError for a result that is a NumPy array where a gradient is wanted: it would
        be lost; RuntimeError for what `mark_dirty` was told and forward did not return.
        """
        own_context = cls.setup_context is Function.setup_context
        if not own_context:  # backward then answers for every argument, those left out too
            bound = inspect.signature(cls.forward).bind(*args, **kwargs)
            bound.apply_defaults()
            args, kwargs = bound.args, {}
        ctx = Context(args)
        with no_grad():
            if own_context:
                results = cls.forward(ctx, *args, **kwargs)
            else:
                results = cls.forward(*args)
                cls.setup_context(ctx, args, results)
        outputs = list(results) if isinstance(results, tuple) else [results]
        wanted = switch.recording and any(ctx.needs_input_grad)
        if wanted and any(isinstance(y, np.ndarray) for y in outputs):
            raise TypeError(
                f"{cls.__name__}: forward returned a NumPy array, through which no gradient goes; "
                "return minigrad.from_numpy(...) of it"
            )
        if any(all(y is not x for y in outputs) for x in ctx.dirty):
            raise RuntimeError(
                f"{cls.__name__}: Some elements marked as dirty during the forward method were not "
                "returned as output. The inputs that are modified inplace must all be outputs of "
                "the Function."
            )
        live = [
            i
            for i, y in enumerate(outputs)
            if isinstance(y, Tensor)
            and y.is_floating_point()
            and not any(y is z for z in ctx.non_differentiable)
        ]
        if wanted and live:
            marked = _marked(cls, ctx, args, outputs, live)
            for i, y in zip(live, marked, strict=True):
                outputs[i] = y
        if following:
            switch.recorder.applied(cls, args, outputs)
        return tuple(outputs) if isinstance(results, tuple) else outputs[0]


def _marked(
    function: type[Function],
    ctx: Context,
    args: tuple[Any, ...],
    outputs: list[Any],
    live: list[int],
) -> list[Tensor]:
    """The differentiable results, on the tape. An op has one result: several travel as one flat
    tensor, of which each is a view."""
    sources = tuple(source_of(x) if isinstance(x, Tensor) else None for x in args)
    first = outputs[live[0]]
    dirty = any(first is x for x in ctx.dirty)
    inference_refused(function.__name__, ctx.saved)
    own = _Own(function, ctx, args, outputs, live)
    if dirty:
        if len(live) > 1:
            raise RuntimeError(f"{own.name}: mark_dirty is for a function of one result")
        leaf_refused(own.name, first)
        first.history().written(own.name)
        result = first
    elif len(live) > 1:
        with no_grad():
            result = cat(*(outputs[i].reshape(-1) for i in live), dim=0)
    elif any(first is x for x in args):
        with no_grad():
            result = clone(first)
    else:
        result = wrap(first.array)
        result.memory = first.history()
    kept = (result.array, result.history()) if own.keeps_result else None
    node = mark(own, sources, own.kept_tensors, (), {}, result.array, kept)
    if following:
        switch.recorder.opaque(node, args, result)
    if result is first:
        result.rebase(node)
        return [result]
    result.node, result.tracked = node, True
    marked = own.unpacked(result)
    if not own.ctx.materialize and len(live) > 1:
        for i, y in zip(live, marked, strict=True):
            y.register_hook(partial(own.note, i))
    return marked


class _Own(Op):
    """The op behind one application of a `Function`."""

    def __init__(
        self,
        function: type[Function],
        ctx: Context,
        args: tuple[Any, ...],
        outputs: list[Any],
        live: list[int],
    ) -> None:
        self.name, self.family = function.__name__, "function"
        self.operands, self.variadic, self.params = [], "args", {}
        self.function, self.ctx = function, ctx
        self.shapes = [outputs[i].shape for i in live]
        self.dtypes = [outputs[i].dtype for i in live]
        self.live = live
        self.tensors = [isinstance(x, Tensor) for x in args]
        self.reached: set[int] = set()  # the results that a gradient came to in this walk
        self.zeros = [(y.shape, y.dtype) if isinstance(y, Tensor) else None for y in outputs]
        # A saved result must come back on the tape (for derivatives of higher order), but to hold
        # it on the tape would tie a cycle: hold its position, and take it from the node.
        self.positions = [
            next((k for k, i in enumerate(live) if outputs[i] is saved), None)
            for saved in ctx.saved
        ]
        self.given = [saved is not None for saved in ctx.saved]
        self.kept_tensors = tuple(
            saved if k is None else None for saved, k in zip(ctx.saved, self.positions, strict=True)
        )
        self.keeps_result = any(k is not None for k in self.positions)
        ctx.saved = ctx.dirty = ctx.non_differentiable = ()

    def unpacked(self, flat: Tensor) -> list[Tensor]:
        """The results, out of the one that stands for all."""
        if len(self.live) == 1:
            return [flat]
        ends = list(accumulate(math.prod(shape) for shape in self.shapes))
        starts = [0, *ends[:-1]]
        return [
            flat[start:end].reshape(shape).to(dtype=dtype)
            for start, end, shape, dtype in zip(starts, ends, self.shapes, self.dtypes, strict=True)
        ]

    def note(self, i: int, g: Tensor) -> None:
        """A hook of the i-th result: a gradient came to it."""
        self.reached.add(i)

    def pull(
        self, node: Node, g: Tensor, sources: Sequence[Source | None]
    ) -> list[tuple[Source, Tensor | None]]:
        results = self.unpacked(node.result()) if self.keeps_result else []
        ctx = copy(self.ctx)
        ctx.saved = tuple(
            None if not given else node.operand(j) if k is None else results[k]
            for j, (given, k) in enumerate(zip(self.given, self.positions, strict=True))
        )
        grads = [
            None if kind is None or not ctx.materialize else fresh(g.device.call("zeros", *kind))
            for kind in self.zeros
        ]
        for i, gy in zip(self.live, self.unpacked(g), strict=True):
            if ctx.materialize or len(self.live) == 1 or i in self.reached:
                grads[i] = gy
        self.reached.clear()
        found = self.function.backward(ctx, *grads)
        listed = list(found) if isinstance(found, tuple) else [found]
        n = len(sources)
        if len(listed) < n or any(x is not None for x in listed[n:]):
            raise RuntimeError(
                f"{self.name}: backward returned an incorrect number of gradients (expected {n}, "
                f"got {len(listed)})"
            )
        for i, gx in enumerate(listed):
            if gx is not None and not isinstance(gx, Tensor):
                raise RuntimeError(
                    f"{self.name}: backward: expected Variable or None (got {type(gx).__name__}) "
                    f"as gradient {i}; make it a tensor with minigrad.from_numpy(...)"
                )
            if gx is not None and not self.tensors[i]:
                raise RuntimeError(
                    f"{self.name}: backward returned a gradient different than None at position "
                    f"{i + 1}, but the corresponding forward input was not a Variable"
                )
        # None is no gradient at all, not zeros: nothing goes on from here.
        return [
            (s, gx)
            for s, gx in zip(sources, listed, strict=False)
            if s is not None and gx is not None
        ]


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a `Function`'s backward that cannot be differentiated again: it runs off the tape,
    and a second derivative is an error instead of a wrong number."""

    @wraps(backward)
    def once(ctx: Any, *grads: Tensor) -> Any:
        with no_grad():
            found = backward(ctx, *grads)
        behind = [x for x in (*grads, *ctx.saved_tensors) if isinstance(x, Tensor) and x.tracked]
        if not (switch.recording and behind):
            return found
        if not isinstance(found, tuple):
            return _Once.apply(found, *behind)
        return tuple(x if x is None else _Once.apply(x, *behind) for x in found)

    return once


class _Once(Function):
    """The identity, without a derivative."""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        return wrap(args[0].array)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise RuntimeError(
            "backward: trying to differentiate twice a function that was marked with "
            "@once_differentiable"
        )
