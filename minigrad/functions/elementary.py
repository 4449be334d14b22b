"""The functions of `minigrad.methods.elementary`, and those of several tensors."""

from __future__ import annotations

__all__ = []
