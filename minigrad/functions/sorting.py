"""The functions of `minigrad.methods.sorting`, and those of several tensors."""

from __future__ import annotations

__all__ = []
