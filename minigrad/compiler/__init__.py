"""Compiled steps: a step is recorded at the door as a flat program, improved, and replayed."""
