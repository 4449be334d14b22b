"""Passes for a GPU, where starting a kernel costs as much as a million numbers."""
