"""Transforms of functions, with PyTorch's names: ``minigrad.func``."""

from minigrad.func.batched import vmap
from minigrad.func.module import functional_call
from minigrad.func.transforms import (
    grad,
    grad_and_value,
    hessian,
    jacfwd,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "value_and_grad",
    "vjp",
    "vmap",
]
