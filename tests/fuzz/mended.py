"""PyTorch, where it is wrong: memory that nobody wrote to, and a slope that is float32's 1/6."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch


def _of_a_copy(of: Any) -> Any:
    """Of a tensor whose rows are one in memory `median` reads memory that was never written."""

    def mended(x: Any, *args: Any, **kwargs: Any) -> Any:
        return of(x.clone(memory_format=torch.contiguous_format), *args, **kwargs)

    return mended


def _hardsigmoid(input: Any, inplace: bool = False) -> Any:
    y = torch.where((input > -3) & (input < 3), input / 6 + 0.5, (input >= 3).to(input.dtype))
    y = torch.where(input.isnan(), input, y)
    return input.copy_(y) if inplace else y


@contextmanager
def mended() -> Iterator[None]:
    """Within it `median`, `nanmedian` and `hardsigmoid` are right."""
    places = [(owner, name) for owner in (torch, torch.Tensor) for name in ("median", "nanmedian")]
    patches = [patch.object(o, n, _of_a_copy(getattr(o, n))) for o, n in places]
    patches.append(patch.object(torch.nn.functional, "hardsigmoid", _hardsigmoid))
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()
