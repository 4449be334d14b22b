"""The two sides under one face, so that a case is written once."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np


class Engine:
    """A library with PyTorch's names.

    Attributes:
        lib, nn, optim: the library and two of its modules.
        path: what computes, for the report.
    """

    name: str
    path: str

    def __init__(self, device: str) -> None:
        self.device = device
        self.lib: Any = importlib.import_module(self.name)
        self.nn: Any = importlib.import_module(f"{self.name}.nn")
        self.optim: Any = importlib.import_module(f"{self.name}.optim")

    def tensor(self, array: np.ndarray[Any, Any]) -> Any:
        """A tensor of these numbers on the device."""
        return self.lib.from_numpy(array).to(self.device)

    def model(self, network: Callable[[Any], Any]) -> Any:
        """The network with weights that are the same on every side."""
        model = network(self.nn)
        rng = np.random.default_rng(1)
        with self.lib.no_grad():
            for p in model.parameters():
                shape = tuple(p.shape)
                fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else shape[0]
                values = rng.uniform(-1, 1, shape) / np.sqrt(fan_in)
                p.copy_(self.lib.from_numpy(values.astype(np.float32)))
        return model.to(self.device)

    def function(self, name: str) -> Callable[..., Any]:
        """A single op by name."""
        functional = importlib.import_module(f"{self.name}.nn.functional")
        if name == "softmax":
            return lambda x: functional.softmax(x, dim=-1)
        if name == "max_pool2d":
            return lambda x: functional.max_pool2d(x, 2)
        found = getattr(self.lib, name, None) or getattr(functional, name)
        return found  # type: ignore[no-any-return]

    def mnist_loader(self, batch: int) -> Iterable[Any]:
        """Batches of normalised training images of MNIST and their labels."""
        raise NotImplementedError

    def synchronize(self) -> None:
        """Wait until the device has done all it was given."""
        if self.device != "cpu":
            self.lib.cuda.synchronize()

    def version(self) -> str:
        """The library's version."""
        return str(self.lib.__version__)


class Minigrad(Engine):
    """minigrad as it stands, op by op."""

    name = "minigrad"
    path = "eager"

    def mnist_loader(self, batch: int) -> Iterable[Any]:
        from minigrad.datasets import MNIST, transforms
        from minigrad.utils.data import DataLoader

        steps = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
        data = MNIST(train=True, transform=transforms.Compose(steps), download=True)
        return DataLoader(data, batch_size=batch, shuffle=True)


class Torch(Engine):
    """PyTorch, op by op, as it is installed."""

    name = "torch"
    path = "eager"

    def mnist_loader(self, batch: int) -> Iterable[Any]:
        from torch.utils.data import DataLoader
        from torchvision import datasets, transforms

        steps = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
        data = _torchvision_mnist(datasets, transforms.Compose(steps))
        return DataLoader(data, batch_size=batch, shuffle=True)


def _torchvision_mnist(datasets: Any, transform: Any) -> Any:
    """torchvision's MNIST over the arrays that minigrad found: the two read the same images, and
    torchvision's own per-sample path (array, PIL image, transforms) is what is timed."""
    import torch

    from minigrad.datasets import MNIST

    class Local(datasets.MNIST):  # type: ignore[misc]
        def _check_exists(self) -> bool:
            return True

        def _load_data(self) -> Any:
            ours = MNIST(train=self.train, download=True)
            images = np.asarray(ours.data).reshape(-1, 28, 28)
            return torch.from_numpy(images.copy()), torch.tensor(np.asarray(ours.targets))

    return Local(os.devnull, train=True, transform=transform)


ENGINES: dict[str, type[Engine]] = {"minigrad": Minigrad, "torch": Torch}
