"""The functions of `minigrad.methods.activation`, and those of several tensors."""

from __future__ import annotations

__all__ = []
