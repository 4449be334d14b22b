"""What a VGG sees in an image: the outputs of its ReLUs, in minigrad or in PyTorch."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.errors import FileFormatError
from minigrad.models import style
from minigrad.nn import Module
from minigrad.recipes.norms import IMAGENET_NORM
from minigrad.serialization import load
from minigrad.training.metrics import NumpyArray

OWN = Path(style.__file__).with_name("style-features.safetensors")
"""The weights where none are given: what ``train G3-features`` saves as model.safetensors."""

EPS = 1e-5
"""What PyTorch's batch normalisation adds to a variance."""


@dataclass(frozen=True)
class Convolution:
    """A 3x3 convolution with its ReLU, maybe after a pooling.

    Attributes:
        name: "relu2_1" is the first one of the second stage.
        weight, bias: float32; a batch normalisation is in them.
    """

    name: str
    pooled: bool
    weight: NumpyArray
    bias: NumpyArray


def read(path: str | os.PathLike[str] = OWN) -> list[Convolution]:
    """The convolutions of a VGG, torchvision's vgg16 or any of its family, from a safetensors file
    with its state_dict.

    The numbers in the names tell the layers: where "features.2" is the next convolution after
    "features.0", a ReLU is between; a batch normalisation adds one, and a pooling one more.
    Errors: FileNotFoundError; FileFormatError for a file that is no such VGG's.
    """
    saved = load(path)
    state = saved.state_dict() if isinstance(saved, Module) else saved
    entries = _entries(state)
    layers: list[Convolution] = []
    stage, number, channels, following = 1, 0, 3, 0
    for place, entry in sorted(entries.items()):
        weight = entry.get("weight", np.empty(0))
        if weight.ndim == 1 and "running_var" in entry:
            continue  # its convolution has taken it in
        if weight.shape[1:] != (channels, 3, 3) or place - following not in (0, 1):
            raise FileFormatError(
                f"{path}: expected the 3x3 convolutions of a VGG, found features.{place} with a "
                f"weight of shape {weight.shape} after {channels} channels"
            )
        channels = len(weight)
        bias = entry.get("bias", np.zeros(channels))
        norm = entries.get(place + 1, {})
        if "running_var" in norm:
            factor = norm["weight"] / np.sqrt(norm["running_var"] + EPS)
            weight = weight * factor.reshape(-1, 1, 1, 1)
            bias = (bias - norm["running_mean"]) * factor + norm["bias"]
        pooled = place > following
        stage, number = (stage + 1, 1) if pooled else (stage, number + 1)
        layers.append(
            Convolution(
                f"relu{stage}_{number}",
                pooled,
                weight.astype(np.float32),
                bias.astype(np.float32),
            )
        )
        following = place + (3 if norm else 2)
    if not layers:
        raise FileFormatError(
            f"{path}: expected a VGG's state_dict, which has features.0.weight, found "
            f"{', '.join(list(state)[:3]) or 'nothing'}"
        )
    return layers


def _entries(state: Any) -> dict[int, dict[str, NumpyArray]]:
    """What stands under each "features.number"."""
    found: dict[int, dict[str, NumpyArray]] = {}
    for name, tensor in state.items():
        match str(name).split("."):
            case ["features", number, kind] if number.isdecimal():
                found.setdefault(int(number), {})[kind] = tensor.numpy()
    return found


class Features:
    """Images (N, 3, H, W) in 0..1 to the outputs of the wanted ReLUs, by name.

    ``side`` is the module ``minigrad`` or ``torch``; what is computed has the device and the type
    of ``like``. Two things differ from a VGG that classifies: pooling takes means, as Gatys et al.
    found better for pictures, and the border repeats the last pixels, for zeros would be seen.
    Errors: ValueError for a ReLU that is not there.
    """

    def __init__(
        self, side: Any, layers: Sequence[Convolution], wanted: Sequence[str], like: Any
    ) -> None:
        names = [layer.name for layer in layers]
        strange = [name for name in wanted if name not in names]
        if strange:
            raise ValueError(f"features: no {', '.join(strange)}; there are {', '.join(names)}")

        def placed(array: NumpyArray) -> Any:
            return side.from_numpy(array).to(device=like.device, dtype=like.dtype)

        self.side, self.wanted = side, set(wanted)
        deepest = max(names.index(name) for name in wanted)
        self.layers = [
            (layer.name, layer.pooled, placed(layer.weight), placed(layer.bias))
            for layer in layers[: deepest + 1]
        ]
        self.mean, self.std = (
            placed(np.array(of_channels, np.float32).reshape(-1, 1, 1))
            for of_channels in IMAGENET_NORM
        )

    def __call__(self, images: Any) -> Mapping[str, Any]:
        F = self.side.nn.functional
        x = (images - self.mean) / self.std
        found = {}
        for name, pooled, weight, bias in self.layers:
            if pooled:
                x = F.avg_pool2d(x, 2)
            x = F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), weight, bias))
            if name in self.wanted:
                found[name] = x
        return found
