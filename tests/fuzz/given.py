"""What a program asks of its side: numbers in a layout, modules with fixed weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

LAYOUTS = ("dense", "turned", "gaps", "offset", "negative", "repeated", "overlapping")
"""How numbers lie in memory. PyTorch has no negative steps: there they are dense."""


def laid(array: np.ndarray, layout: str) -> np.ndarray:
    """The same numbers in another layout.

    ``repeated`` takes a first dimension along which all is equal, ``overlapping`` a matrix of which
    each row is the one before moved on by one number. Errors: ValueError where they are not.
    """
    if not array.ndim:
        return np.array(array)
    if layout == "turned":
        return np.array(array.T, order="C").T
    if layout == "gaps":
        wide = np.zeros([2 * n + 1 for n in array.shape], array.dtype)
        part = wide[tuple(slice(1, None, 2) for _ in array.shape)]
    elif layout == "offset":
        part = np.zeros(array.size + 3, array.dtype)[3:].reshape(array.shape)
    elif layout == "negative":
        part = np.zeros(array.shape, array.dtype)[(slice(None, None, -1),) * array.ndim]
    elif layout == "repeated":
        one = np.array(array[:1])
        part = as_strided(one, array.shape, (0, *one.strides[1:]))
        return _checked(part, array, layout)
    elif layout == "overlapping":
        rows, columns = array.shape
        line = np.concatenate([array[0], array[1:, -1]])
        part = as_strided(line, (rows, columns), (line.itemsize, line.itemsize))
        return _checked(part, array, layout)
    else:
        return np.array(array, order="C")
    part[...] = array
    return part


def _checked(part: np.ndarray, array: np.ndarray, layout: str) -> np.ndarray:
    if not np.array_equal(part, array, equal_nan=array.dtype.kind == "f"):
        raise ValueError(f"these numbers are not {layout}: {array.tolist()}")
    return part


class Given:
    """Called, it makes a tensor of the side out of a type, a shape, its numbers and a layout."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.negative = torch.__name__ != "torch"

    def __call__(
        self, dtype: str, shape: tuple[int, ...], numbers: list[Any], layout: str = "dense"
    ) -> Any:
        array = np.array(numbers, dtype).reshape(shape)
        if layout == "negative" and not self.negative:
            layout = "dense"
        return self.torch.from_numpy(laid(array, layout))

    def module(self, module: Any, seed: int, dtype: str = "float64") -> Any:
        """The module with weights (and running means) that only depend on their names."""
        module = module.to(getattr(self.torch, dtype))
        named = [*module.named_parameters(), *module.named_buffers()]
        with self.torch.no_grad():
            for i, (_, x) in enumerate(sorted(named, key=lambda pair: pair[0])):
                if x.is_floating_point():
                    rng = np.random.default_rng((seed, i))
                    numbers = np.round(rng.uniform(0.1, 0.9, tuple(x.shape)), 3)
                    if x.requires_grad:
                        numbers = numbers - np.round(rng.uniform(0, 1, tuple(x.shape)), 3)
                    x.copy_(self.torch.from_numpy(np.asarray(numbers)).to(x.dtype))
        return module
