"""Calling a module, and what may watch or change the values on the way in, out and back."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from minigrad.autograd import Function, is_grad_enabled
from minigrad.methods.hooks import Handle
from minigrad.nn.registry import Registry
from minigrad.recording import following, switch
from minigrad.strangers import FAILURES, tell
from minigrad.tensor import Tensor

_KINDS = "pre", "forward", "backward", "backward_pre", "save_pre", "save", "load_pre", "load"


def _instead_of_forward(module: Any) -> str:
    """What may have been meant by a module that has none."""
    if hasattr(module, "append"):
        return "; it only holds modules: call them one by one, or put them into an nn.Sequential"
    own = sorted({*dir(type(module))} - {*dir(Hooked)})
    close = difflib.get_close_matches("forward", own, n=1, cutoff=0.7)
    return f"; did you mean it by {close[0]!r}?" if close else ""


def _unimplemented(self: Any, *args: Any, **kwargs: Any) -> Any:
    raise NotImplementedError(
        f'Module [{type(self).__name__}] is missing the required "forward" function'
        + _instead_of_forward(self)
    )


class Hooked(Registry):
    """``module(x)`` is ``module.forward(x)`` with the hooks around it."""

    forward: Callable[..., Any] = _unimplemented

    # None until the first hook: most modules have none, and then a call costs one look.
    _hooks: dict[str, list[Any]] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if following:
            return self._followed(*args, **kwargs)
        if self._hooks is None:
            try:
                return self.forward(*args, **kwargs)
            except FAILURES:
                tell(type(self).__name__, self.forward, *args, **kwargs)
                raise
        return self._between_hooks(self._hooks, args, kwargs)

    def _followed(self, *args: Any, **kwargs: Any) -> Any:
        """The call, of which somebody is told."""
        recorder = switch.recorder
        recorder.depends(self)
        recorder.enters(self, args)
        if self._hooks is None:
            result = self.forward(*args, **kwargs)
        else:
            result = self._between_hooks(self._hooks, args, kwargs)
        recorder.exits(self, result)
        return result

    def _between_hooks(
        self, hooks: dict[str, list[Any]], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        for hook, with_kwargs in list(hooks["pre"]):
            if with_kwargs:
                changed = hook(self, args, kwargs)
                if changed is not None:
                    args, kwargs = changed
            else:
                changed = hook(self, args)
                if changed is not None:
                    args = changed if isinstance(changed, tuple) else (changed,)
        watch = None
        if (hooks["backward"] or hooks["backward_pre"]) and is_grad_enabled():
            watch = _Watch(self, hooks)
            args = watch.at_inputs(args)
        result, waiting = None, list(hooks["forward"])
        try:
            result = self.forward(*args, **kwargs)
            while waiting:
                hook, with_kwargs, _ = waiting.pop(0)
                given = (args, kwargs) if with_kwargs else (args,)
                changed = hook(self, *given, result)
                if changed is not None:
                    result = changed
        except Exception:
            for hook, with_kwargs, always in waiting:
                if always:
                    hook(self, *((args, kwargs) if with_kwargs else (args,)), result)
            raise
        return result if watch is None else watch.at_outputs(result)

    def _hang(self, kind: str, entry: Any, prepend: bool) -> Handle:
        if self._hooks is None:
            self._hooks = {kind: [] for kind in _KINDS}
        hooks = self._hooks[kind]
        hooks.insert(0 if prepend else len(hooks), entry)
        return Handle(hooks, entry)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> Handle:
        """Call ``hook(module, args)`` before forward; what it returns takes the arguments' place.
        With ``with_kwargs`` it is ``hook(module, args, kwargs)`` and returns both."""
        return self._hang("pre", (hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable[..., Any],
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> Handle:
        """Call ``hook(module, args, result)`` after forward; what it returns, if anything, takes
        the result's place. With ``with_kwargs`` it is ``hook(module, args, kwargs, result)``. With
        ``always_call`` also after a forward that raised, for which the result is None."""
        return self._hang("forward", (hook, with_kwargs, always_call), prepend)

    def register_full_backward_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> Handle:
        """Call ``hook(module, grad_input, grad_output)`` when both are known; what it returns, if
        anything, takes the place of grad_input. Both are tuples; no gradient is a None."""
        return self._hang("backward", hook, prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable[..., Any], prepend: bool = False
    ) -> Handle:
        """Call ``hook(module, grad_output)`` before the gradients flow through the module; what it
        returns, if anything, takes the place of grad_output."""
        return self._hang("backward_pre", hook, prepend)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call ``hook(module, prefix, keep_vars)`` before this module's part of `state_dict`."""
        return self._hang("save_pre", hook, False)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after this module's part of
        `state_dict` and those below it, to change the dictionary in place."""
        return self._hang("save", hook, False)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call ``hook(module, state_dict, prefix, local_metadata, strict, missing_keys,
        unexpected_keys, error_msgs)`` before a state is looked at, to change a copy of it."""
        return self._hang("load_pre", hook, False)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> Handle:
        """Call ``hook(module, incompatible_keys)`` after a state was loaded; it may change the two
        lists of names in place."""
        return self._hang("load", hook, False)


class _Gate(Function):
    """y = x, for several tensors at once, so that their gradients pass together."""

    @staticmethod
    def forward(ctx: Any, passing: Callable[..., Any], *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.passing = passing
        return tensors

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return (None, *ctx.passing(grads))


class _Watch:
    """One call of a module with backward hooks: a gate at its inputs and one at its outputs."""

    def __init__(self, module: Hooked, hooks: dict[str, list[Any]]) -> None:
        self.module, self.hooks = module, hooks
        self.inputs: list[int] = []  # the places of the arguments that take a gradient
        self.outputs: list[int] = []
        self.n_inputs = self.n_outputs = 0
        self.grad_outputs: tuple[Any, ...] = ()

    def at_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.n_inputs, self.inputs = len(args), _tracked(args)
        return _gated(args, self.inputs, self._leaving)

    def at_outputs(self, result: Any) -> Any:
        results = result if isinstance(result, tuple) else (result,)
        self.n_outputs, self.outputs = len(results), _tracked(results)
        results = _gated(results, self.outputs, self._entering)
        return results if isinstance(result, tuple) else results[0]

    def _entering(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """The gradients arrive at the outputs."""
        grads = _spread(grads, self.outputs, self.n_outputs)
        for hook in list(self.hooks["backward_pre"]):
            grads = _changed("backward pre hook", grads, hook(self.module, grads))
        self.grad_outputs = grads
        if not self.inputs:  # no gradient will leave, so this is the moment
            for hook in list(self.hooks["backward"]):
                hook(self.module, (None,) * self.n_inputs, grads)
        return tuple(grads[i] for i in self.outputs)

    def _leaving(self, grads: tuple[Any, ...]) -> tuple[Any, ...]:
        """The gradients leave at the inputs."""
        grads = _spread(grads, self.inputs, self.n_inputs)
        for hook in list(self.hooks["backward"]):
            grads = _changed("backward hook", grads, hook(self.module, grads, self.grad_outputs))
        return tuple(grads[i] for i in self.inputs)


def _tracked(values: tuple[Any, ...]) -> list[int]:
    return [i for i, x in enumerate(values) if isinstance(x, Tensor) and x.requires_grad]


def _gated(values: tuple[Any, ...], places: list[int], passing: Any) -> tuple[Any, ...]:
    if not places:
        return values
    passed = _Gate.apply(passing, *(values[i] for i in places))
    through = dict(zip(places, passed, strict=True))
    return tuple(through.get(i, x) for i, x in enumerate(values))


def _spread(grads: tuple[Any, ...], places: list[int], n: int) -> tuple[Any, ...]:
    at = dict(zip(places, grads, strict=True))
    return tuple(at.get(i) for i in range(n))


def _changed(who: str, grads: tuple[Any, ...], new: Any) -> tuple[Any, ...]:
    if new is None:
        return grads
    given = new if isinstance(new, tuple) else (new,)
    if len(given) != len(grads):
        raise RuntimeError(
            f"{who}: it returned an incorrect number of values: expected {len(grads)}, "
            f"got {len(given)}"
        )
    return given
