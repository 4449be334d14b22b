"""PyTorch's tensors, taken as arrays without importing PyTorch: whoever has one has imported it."""

from __future__ import annotations

import sys
from typing import Any

from minigrad.device import Array
from minigrad.device import device as as_device

_WIDER = ("torch.bfloat16", "torch.float8")
"""Types that NumPy has not, and that float32 holds to the last bit."""


def is_foreign(data: Any) -> bool:
    """Whether it is a tensor of PyTorch."""
    torch = sys.modules.get("torch")
    kind = getattr(torch, "Tensor", None)
    return isinstance(kind, type) and isinstance(data, kind)


def array_of(caller: str, data: Any, detach: bool = True, move: bool = False) -> Array:
    """The numbers of a tensor of PyTorch, sharing its memory where that is possible; of a type that
    NumPy has not (bfloat16), as float32.

    ``detach`` False refuses one that requires a gradient, which would end here unseen. ``move``
    brings those of any device to the CPU; else a CUDA device's stay there.
    Errors: RuntimeError for such a one; TypeError for what has no dense numbers here.
    """
    if data.requires_grad and not detach:
        raise RuntimeError(
            f"{caller}: the tensor is PyTorch's and requires a gradient, which would end here; "
            "pass x.detach()"
        )
    kind = str(data.layout).removeprefix("torch.")
    if kind != "strided" or data.device.type == "meta":
        what = "without numbers (meta)" if data.device.type == "meta" else f"of layout {kind}"
        raise TypeError(
            f"{caller}: expected a dense tensor of numbers, got one of PyTorch's {what}"
        )
    data = data.detach().resolve_conj().resolve_neg()
    if str(data.dtype).startswith(_WIDER):
        data = data.float()
    if move:
        data = data.cpu()
    if data.device.type == "cpu":
        return data.numpy()
    if data.device.type != "cuda":
        raise TypeError(
            f"{caller}: expected a tensor of PyTorch's on 'cpu' or 'cuda', got one on "
            f"{str(data.device)!r}; pass x.cpu()"
        )
    return as_device(str(data.device)).call("from_dlpack", data)
