"""A model's layers with their output shapes and parameter counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minigrad.autograd import no_grad
from minigrad.creation import zeros
from minigrad.nn import Module


@dataclass(frozen=True)
class Layer:
    """One call of one layer."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


def summary(model: Module, sample: tuple[int, ...]) -> list[Layer]:
    """The layers in the order in which a batch of one sample of this shape passes them.

    A layer that is called twice stands there twice, its parameters with the first call.
    """
    layers: list[Layer] = []
    seen: set[Module] = set()

    def watch(name: str) -> Any:
        def hook(module: Module, args: Any, result: Any) -> None:
            count = 0 if module in seen else sum(p.numel() for p in module.parameters())
            seen.add(module)
            layers.append(Layer(name, type(module).__name__, tuple(result.shape), count))

        return hook

    handles = [
        module.register_forward_hook(watch(name))
        for name, module in model.named_modules()
        if not module._modules
    ]
    training = model.training
    first = next(model.parameters(), None)
    try:
        with no_grad():
            model.eval()(
                zeros(1, *sample)
                if first is None
                else zeros(1, *sample, dtype=first.dtype, device=first.device)
            )
    finally:
        model.train(training)
        for handle in handles:
            handle.remove()
    return layers
