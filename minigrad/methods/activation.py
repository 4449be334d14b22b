"""Activations that PyTorch has as methods of tensors."""

from __future__ import annotations

from minigrad.methods.linalg import Linalg


class Activation(Linalg):
    """relu and its like."""
