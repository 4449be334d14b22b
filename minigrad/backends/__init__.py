"""PyTorch's switches for what is below it: those of TF32 count, the others may be set so that a
script runs."""

from minigrad.backends import cuda, cudnn, mps

__all__ = ["cuda", "cudnn", "mps"]
