"""The doctor's catalogue of scripts."""
