"""What a walk back is asked for: checked, and as places on the tape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.device import beside
from minigrad.op import Op
from minigrad.tape import Source, source_of

if TYPE_CHECKING:
    from minigrad.tensor import Tensor


def tensors_of(caller: str, tensors: Any) -> list[Any]:
    """One tensor, or any number of them. Errors: TypeError for what is none."""
    if hasattr(tensors, "catch_up"):
        return [tensors]
    if not hasattr(tensors, "__iter__"):
        raise TypeError(f"{caller}: expected a tensor or several, got {type(tensors).__name__}")
    return list(tensors)


def place_of(caller: str, x: Any) -> Source | None:
    """Where the tensor's gradient belongs. Errors: TypeError for what is no tensor."""
    if not hasattr(x, "catch_up"):
        raise TypeError(f"{caller}: expected tensors, got {type(x).__name__}")
    x.catch_up()
    return source_of(x)


def goal_of(caller: str, x: Tensor) -> Source:
    """The same for what a gradient is asked for. Errors: RuntimeError for what takes none."""
    source = place_of(caller, x)
    if source is None:
        raise RuntimeError(
            f"{caller}: One of the input tensors does not require grad: one of shape "
            f"{tuple(x.shape)}"
        )
    return source


def roots_of(caller: str, tensors: list[Tensor], seeds: Any) -> list[tuple[Source, Tensor]]:
    """The places to start from, each with its cotangent."""
    given = [None] * len(tensors) if seeds is None else tensors_of(caller, seeds)
    for seed in given:
        if seed is not None and not hasattr(seed, "catch_up"):
            raise TypeError(
                f"{caller}: gradients can be either Tensors or None, but got {type(seed).__name__}"
            )
    if len(given) != len(tensors):
        raise RuntimeError(f"{caller}: got {len(tensors)} tensors and {len(given)} gradients")
    roots = []
    for i, (y, seed) in enumerate(zip(tensors, given, strict=True)):
        source = place_of(caller, y)
        if source is None:
            raise RuntimeError(
                f"{caller}: element {i} of tensors does not require grad and does not have a "
                "grad_fn: nothing that requires grad went into it"
            )
        if seed is None:
            if y.numel() != 1:
                raise RuntimeError(
                    f"{caller}: grad can be implicitly created only for scalar outputs; this one "
                    f"has shape {tuple(y.shape)}, so pass a gradient of that shape"
                )
            seed = Op.fresh(y.device.call("ones_like", y.array))
        elif tuple(seed.shape) != tuple(y.shape):
            raise RuntimeError(
                f"{caller}: Mismatch in shape: the gradient has shape {tuple(seed.shape)} and the "
                f"output {tuple(y.shape)}"
            )
        else:
            beside(caller, y.device, seed.device)
            seed = seed.to(y.dtype)
        roots.append((source, seed))
    return roots
