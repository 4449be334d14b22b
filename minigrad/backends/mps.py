"""The GPUs of Apple's machines: there is no array library for them here."""

from __future__ import annotations

__all__ = ["is_available", "is_built"]


def is_available() -> bool:
    """Whether tensors can be put there: never."""
    return False


def is_built() -> bool:
    """Whether minigrad has been made for it: no."""
    return False
