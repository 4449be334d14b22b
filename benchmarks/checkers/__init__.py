"""Gradient checkers against a catalogue of wrong and of right gradients."""
