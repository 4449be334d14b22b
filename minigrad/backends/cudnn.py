"""The switches of convolutions. cuDNN itself is not used here: only `allow_tf32` has an effect."""

from __future__ import annotations

__all__ = ["allow_tf32", "benchmark", "deterministic", "enabled", "is_available"]

allow_tf32 = True
"""Whether the factors of a convolution of float32 may be rounded to TF32 on a GPU."""

benchmark = False
deterministic = True
enabled = False


def is_available() -> bool:
    """Whether the library is used: never here."""
    return False
