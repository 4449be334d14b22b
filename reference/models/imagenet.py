"""The large networks: torchvision's own, with random weights.

torchvision takes a second to import, so it is imported when a network is built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn


def torchvisions(name: str, **settings: Any) -> Callable[..., nn.Module]:
    """The constructor of torchvision's network of that name; it takes ``num_classes``."""

    def build(**more: Any) -> nn.Module:
        from torchvision import models

        return getattr(models, name)(weights=None, **settings, **more)

    return build


alexnet = torchvisions("alexnet")
vgg16 = torchvisions("vgg16")
googlenet = torchvisions("googlenet", aux_logits=False, init_weights=True)
resnet34 = torchvisions("resnet34")
resnet50 = torchvisions("resnet50")
resnet152 = torchvisions("resnet152")


def googlenet_paper(**settings: Any) -> nn.Module:
    """torchvision's googlenet with the paper's 5x5 windows in place of its 3x3."""
    model = googlenet(**settings)
    for block in model.children():
        if hasattr(block, "branch3"):
            old = block.branch3[1].conv
            block.branch3[1].conv = nn.Conv2d(
                old.in_channels, old.out_channels, kernel_size=5, padding=2, bias=False
            )
            nn.init.trunc_normal_(block.branch3[1].conv.weight, std=0.01)
    return model
