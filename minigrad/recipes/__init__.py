"""What to train: data, not code."""

from __future__ import annotations

from minigrad.recipes.recipe import Recipe
from minigrad.recipes.table import RECIPES

__all__ = ["RECIPES", "Recipe"]
