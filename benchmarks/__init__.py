"""How long a training step takes, here and in PyTorch: the two take turns in one run."""
