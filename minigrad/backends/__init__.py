"""PyTorch's switches for the libraries below it, so that a script may set them. NumPy and CuPy,
which are below here, have no such switches."""

from minigrad.backends import cudnn, mps

__all__ = ["cudnn", "mps"]
