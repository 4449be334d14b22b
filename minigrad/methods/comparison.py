"""Comparisons and logic."""

from __future__ import annotations

from minigrad.methods.elementary import Elementary


class Comparison(Elementary):
    """eq and its like."""
