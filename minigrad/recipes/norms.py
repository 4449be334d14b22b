"""Means and standard deviations that images are normalised with."""

from __future__ import annotations

MNIST_NORM = (0.1307, 0.3081)
"""Of MNIST's training pixels, scaled to 0..1."""

IMAGENET_NORM = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Of ImageNet's red, green and blue: what torchvision's networks expect of their input."""
