"""What gradcheck is given to check, and what it refuses, so that nothing passes unchecked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.tensor import Tensor


def offered(caller: str, **wishes: bool | None) -> None:
    """Errors: NotImplementedError for a check of PyTorch's that is wished for and not there."""
    for name, wish in wishes.items():
        if wish:
            raise NotImplementedError(
                f"{caller}: {name} is not there: derivatives are taken backward, one at a time"
            )


def as_list(inputs: Any) -> list[Any]:
    """The inputs, of which a single one may stand alone."""
    return [inputs] if isinstance(inputs, Tensor) else list(inputs)


def to_vary(caller: str, listed: list[Any]) -> list[Tensor]:
    """The inputs to differentiate by. Errors: ValueError where numbers cannot decide, and for
    inputs inside of others, which would not be varied."""
    for i, x in enumerate(listed):
        if isinstance(x, (tuple, list, dict)) and any(t.requires_grad for t in _inside(x)):
            raise ValueError(
                f"{caller}: input {i} is a {type(x).__name__} that holds tensors that require a "
                "gradient, which would not be checked; pass them one by one"
            )
    found = [(i, x) for i, x in enumerate(listed) if isinstance(x, Tensor) and x.requires_grad]
    if not found:
        raise ValueError(f"{caller}: expected at least one input that requires a gradient")
    for i, x in found:
        if x.dtype != np.float64:
            raise ValueError(
                f"{caller}: input {i} is {x.dtype}; differences of width 1e-6 need float64, "
                "convert it with .double()"
            )
        if x.numel() > 1 and any(n > 1 and not s for n, s in zip(x.shape, x.stride(), strict=True)):
            raise ValueError(
                f"{caller}: several elements of input {i} share one place in memory (an expanded "
                "view), so they cannot be varied one by one; clone() it"
            )
    return [x for _, x in found]


def _inside(x: Any) -> Iterator[Tensor]:
    """The tensors in lists, tuples and dicts of any depth."""
    if isinstance(x, Tensor):
        yield x
    elif isinstance(x, (tuple, list, dict)):
        for item in x.values() if isinstance(x, dict) else x:
            yield from _inside(item)


def floating(results: Any) -> list[Tensor]:
    """The results that have derivatives. Errors: TypeError for what is no tensor, ValueError when
    there is none: a check of nothing must not pass."""
    given = results if isinstance(results, (tuple, list)) else [results]
    for k, y in enumerate(given):
        if not isinstance(y, Tensor):
            place = f"a {type(y).__name__} as output {k} of" if given is results else "a"
            kind = type(results).__name__
            raise TypeError(
                f"gradcheck: expected func to return a tensor or a tuple of tensors, got {place} "
                f"{kind}; what is no tensor cannot be checked"
            )
    found = [y for y in given if y.is_floating_point()]
    if not found:
        kinds = ", ".join(str(y.dtype) for y in given) or "nothing"
        raise ValueError(
            f"gradcheck: expected func to return floating-point tensors, got {kinds}: there is no "
            "derivative to check"
        )
    return found


def tracked(results: Any) -> list[Tensor]:
    """Those of `floating` that the tape leads to."""
    return [y for y in floating(results) if y.requires_grad]
