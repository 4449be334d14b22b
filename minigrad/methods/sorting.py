"""Order: sorting, searching, counting."""

from __future__ import annotations

from minigrad.methods.indexing import Indexing


class Sorting(Indexing):
    """sort and its like."""
