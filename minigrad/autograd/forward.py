"""Forward mode without rules of its own: the tape's backward is linear in the cotangent, so its
transpose, backward of backward, is the derivative along a tangent."""

from __future__ import annotations

from collections.abc import Sequence

from minigrad.gradients import grad
from minigrad.tensor import Tensor


def pushed(
    outputs: Sequence[Tensor],
    inputs: Sequence[Tensor],
    tangents: Sequence[Tensor],
    create_graph: bool = False,
) -> tuple[Tensor, ...]:
    """J v for the Jacobian of ``outputs`` by ``inputs`` and the tangents v of the inputs, exactly:
    g ↦ Jᵀ g is differentiated by g, in which it is linear."""
    used = [y for y in outputs if y.requires_grad]
    zeros = [y.new_zeros(y.shape).requires_grad_() for y in used]
    found: dict[int, Tensor] = {}
    if used:
        pulled = grad(used, inputs, zeros, create_graph=True, allow_unused=True)
        pairs = [
            (g, v)
            for g, v in zip(pulled, tangents, strict=True)
            if g is not None and g.requires_grad
        ]
        if pairs:
            made = grad(
                [g for g, _ in pairs],
                zeros,
                [v for _, v in pairs],
                create_graph=create_graph,
                retain_graph=True,
                allow_unused=True,
            )
            found = {id(y): t for y, t in zip(used, made, strict=True) if t is not None}
    return tuple(found.get(id(y), y.new_zeros(y.shape)) for y in outputs)
