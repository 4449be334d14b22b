"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from minigrad.functions import cat
from minigrad.tensor import Tensor

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """The numbers of all parameters in one row, on the tape.

    Args:
        parameters: the parameters, in the order of the row.
    """
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Cut a vector into pieces that become the numbers of the parameters.

    Args:
        vec: as many numbers as the parameters have together.
        parameters: what gets them, in their order.

    Errors: TypeError for what is no tensor, RuntimeError for a vector of another length.
    """
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters: expected a tensor, but got {type(vec).__name__}")
    listed = list(parameters)
    wanted = sum(p.numel() for p in listed)
    if vec.numel() != wanted:
        raise RuntimeError(
            f"vector_to_parameters: expected a vector of {wanted} numbers, got {vec.numel()}"
        )
    start = 0
    for p in listed:
        end = start + p.numel()
        p.data = vec[start:end].reshape(tuple(p.shape)).detach()
        start = end
