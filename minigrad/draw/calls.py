"""The calls of modules while a network runs once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from minigrad.nn import Module
from minigrad.tape import serial
from minigrad.tensor import Tensor


@dataclass
class Call:
    """One call of a module: what has a serial number from ``start`` to ``end`` happened in it."""

    name: str
    module: Module
    inputs: list[Tensor]
    start: int
    end: int = 0
    results: Sequence[Tensor] = ()


@contextmanager
def watched(model: Module, wanted: Callable[[str, Module], bool]) -> Iterator[list[Call]]:
    """While this lasts, ``model`` is in evaluation mode, and the calls of those of its modules that
    are ``wanted(name, module)`` are written down, in the order in which they begin."""
    modes = [(module, module.training) for module in model.modules()]
    calls: list[Call] = []
    running: list[Call] = []
    handles = []

    def watch(name: str, module: Module) -> None:
        def before(module: Module, args: Any, kwargs: Any) -> None:
            calls.append(Call(name, module, tensors_in([args, kwargs]), next(serial)))
            running.append(calls[-1])

        def after(module: Module, args: Any, result: Any) -> Any:
            call = running.pop()
            if any(result is x for x in call.inputs):
                result = result.clone()  # a layer that changes nothing leaves a mark as well
            call.end, call.results = next(serial), tensors_in(result)
            return result

        handles.append(module.register_forward_pre_hook(before, with_kwargs=True))
        handles.append(module.register_forward_hook(after))

    for name, module in model.named_modules():
        if wanted(name, module):
            watch(name, module)
    try:
        model.eval()
        yield calls
    finally:
        for module, mode in modes:
            module.training = mode
        for handle in handles:
            handle.remove()


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors of a value and of the lists, tuples and dicts that it is made of, in order."""
    if isinstance(value, Tensor):
        return [value]
    if not isinstance(value, (list, tuple, dict)):
        return []
    parts = value.values() if isinstance(value, dict) else value
    return [x for part in parts for x in tensors_in(part)]
