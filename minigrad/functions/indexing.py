"""The functions of `minigrad.methods.indexing`, and those of several tensors."""

from __future__ import annotations

__all__ = []
