"""PyTorch's name for the place of `utils.data`: datasets, samplers and the DataLoader."""
