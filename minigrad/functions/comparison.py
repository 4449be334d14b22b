"""The functions of `minigrad.methods.comparison`, and those of several tensors."""

from __future__ import annotations

__all__ = []
