"""``python -m benchmarks gpu-check``: is the GPU side right, and how fast is it against PyTorch."""
