"""A group's learning rate, which is a number or a 0-d tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd import no_grad
from minigrad.tensor import Tensor


def plain(value: Any) -> Any:
    """NumPy's numbers and 0-d tensors as plain ones, alone or in a pair."""
    if isinstance(value, (tuple, list)):
        return tuple(map(plain, value))
    return value.item() if isinstance(value, (Tensor, np.generic)) and not value.ndim else value


def set_rate(group: dict[str, Any], lr: Any) -> None:
    """Give a group another rate; a tensor stays the same one and gets another number, as in
    PyTorch, so that a recorded step sees it."""
    given = group["lr"]
    if isinstance(given, Tensor):
        with no_grad():
            given.fill_(plain(lr))
    else:
        group["lr"] = lr
