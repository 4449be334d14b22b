"""What to train: data, not code."""

from __future__ import annotations

import difflib

from minigrad.recipes.recipe import Recipe
from minigrad.recipes.table import RECIPES

__all__ = ["RECIPES", "Recipe", "find"]


def find(name: str) -> Recipe:
    """The recipe of this name, in any case. Errors: KeyError that names the close matches."""
    names = {recipe.lower(): recipe for recipe in RECIPES}
    if name.lower() in names:
        return RECIPES[names[name.lower()]]
    close = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.4)
    meant = f"did you mean {' or '.join(names[c] for c in close)}? " if close else ""
    raise KeyError(f"no recipe named {name!r}; {meant}there are {', '.join(RECIPES)}")
