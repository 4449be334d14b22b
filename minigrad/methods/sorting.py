"""Order: sorting, searching, counting."""

from __future__ import annotations

from minigrad.methods.scatter import Scatter


class Sorting(Scatter):
    """sort and its like."""
