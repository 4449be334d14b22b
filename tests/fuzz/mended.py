"""PyTorch, where what it gives is not its own: memory that nobody wrote to."""

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


@contextmanager
def mended() -> Iterator[None]:
    """Within it `median` and `nanmedian` are right."""
    places = [(owner, name) for owner in (torch, torch.Tensor) for name in ("median", "nanmedian")]
    patches = [patch.object(o, n, _of_a_copy(getattr(o, n))) for o, n in places]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()
