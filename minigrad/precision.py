"""How precisely a GPU multiplies float32: PyTorch's settings, with PyTorch's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from minigrad.backends import cudnn

__all__ = ["get_float32_matmul_precision", "set_float32_matmul_precision"]

Precision = Literal["highest", "high", "medium"]

_matmul: Precision = "highest"


@dataclass(frozen=True)
class Policy:
    """Where the factors of a product of float32 may be rounded to TF32 (10 bits of mantissa).

    Attributes:
        matmul: in products of matrices.
        convolution: in convolutions and their derivatives.
    """

    matmul: bool
    convolution: bool


def policy() -> Policy:
    """What is set now. A compiled step is made for one policy."""
    return Policy(matmul=_matmul != "highest", convolution=bool(cudnn.allow_tf32))


def set_float32_matmul_precision(precision: Precision) -> None:
    """How matrices of float32 are multiplied on a GPU: "highest", all bits of the factors count;
    "high" or "medium", they may be rounded to TF32. Sums are made in float32 in any case. Only
    compiled steps round: eagerly all bits count.

    Args:
        precision: one of the three words.

    Errors: ValueError for another word (PyTorch warns, and changes nothing).
    """
    global _matmul
    if precision not in ("highest", "high", "medium"):
        raise ValueError(
            "set_float32_matmul_precision: expected 'highest', 'high' or 'medium', "
            f"got {precision!r}"
        )
    _matmul = precision


def get_float32_matmul_precision() -> Precision:
    """What `set_float32_matmul_precision` has set; "highest" at first."""
    return _matmul
