"""PyTorch: op by op as it is installed, and with torch.compile."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from benchmarks.engines.engine import Absent, Engine
from benchmarks.machine import Blas

if TYPE_CHECKING:
    from benchmarks.case import Case, Step


class Torch(Engine):
    """PyTorch, op by op, as it is installed."""

    library = "torch"

    def mnist_loader(self, batch: int) -> Iterable[Any]:
        from torch.utils.data import DataLoader
        from torchvision import datasets, transforms

        steps = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
        data = _torchvision_mnist(datasets, transforms.Compose(steps))
        batches: Iterable[Any] = DataLoader(data, batch_size=batch, shuffle=True)
        return batches

    def blas(self) -> Blas:
        found = re.search(r"Math Kernel Library Version ([\d.]+)", torch.__config__.show())
        return {
            "name": f"MKL {found[1]}" if found else "unknown",
            "core": torch.backends.cpu.get_cpu_capability(),
            "threads": torch.get_num_threads(),
        }


class TorchCompile(Torch):
    """``torch.compile(step)``: forward, backward and update."""

    def check(self, case: Case) -> None:
        if not case.compiled:
            raise Absent(f"{case.name} has no step to compile")

    def step(self, case: Case) -> Step:
        step: Step = torch.compile(case.make(self))
        return step

    def rehearse(self, case: Case) -> None:
        super().rehearse(case)
        torch._dynamo.reset()  # what it knows of the small step would be checked at each large one

    def path(self, step: Step) -> str:
        return "inductor"


def _torchvision_mnist(datasets: Any, transform: Any) -> Any:
    """torchvision's MNIST over the arrays that minigrad found: the two read the same images, and
    torchvision's own per-sample path (array, PIL image, transforms) is what is timed."""
    from minigrad.datasets import MNIST

    class Local(datasets.MNIST):  # type: ignore[misc]
        def _check_exists(self) -> bool:
            return True

        def _load_data(self) -> Any:
            ours = MNIST(train=self.train, download=True)
            images = np.asarray(ours.data).reshape(-1, 28, 28)
            return torch.from_numpy(images.copy()), torch.tensor(np.asarray(ours.targets))

    return Local(os.devnull, train=True, transform=transform)
