"""A dataset that lies in memory as arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.datasets.transforms.transform import Compose, takes_batches
from minigrad.recording import reads
from minigrad.tensor import Tensor
from minigrad.utils.data import Columns, Dataset

Function = Callable[[Any], Any]

UNCHANGED = Compose([])


class ArrayDataset(Dataset[tuple[Any, Any]]):
    """Sample i is ``(transform(data[i]), target_transform(targets[i]))``, as arrays.

    A batch is gathered with one take a tensor and transformed whole; only where a transform is
    a plain function of one sample does the batch go sample by sample.

    Example:
        >>> images, labels = minigrad.zeros(10, 28, 28, dtype=minigrad.uint8), minigrad.arange(10)
        >>> to_tensor = minigrad.datasets.transforms.ToTensor()
        >>> dataset = minigrad.datasets.ArrayDataset(images, labels, transform=to_tensor)
        >>> image, label = dataset[3]
        >>> image.shape, image.dtype, int(label)
        ((1, 28, 28), dtype('float32'), 3)
    """

    def __init__(
        self,
        data: Tensor,
        targets: Tensor,
        transform: Function | None = None,
        target_transform: Function | None = None,
    ) -> None:
        """
        Args:
            data: the images, with the samples in the first dimension.
            targets: their labels.
            transform: what an image goes through, such as `transforms.ToTensor`; None leaves it.
            target_transform: what a label goes through.
        """
        if len(data) != len(targets):
            raise ValueError(
                f"{type(self).__name__}: expected a target for each of {len(data)} samples, "
                f"got {len(targets)}"
            )
        self.data = data
        self.targets = targets
        self.transform = transform
        self.target_transform = target_transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        reads("a dataset")
        sample, target = self.data.array[index], self.targets.array[index]
        if isinstance(target, np.int64):
            target = int(target)
        if self.transform is not None:
            sample = self.transform(sample)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return sample, target

    def __getitems__(self, indices: Sequence[int]) -> Sequence[tuple[Any, Any]]:
        change, change_target = self.transform or UNCHANGED, self.target_transform or UNCHANGED
        if not (takes_batches(change) and takes_batches(change_target)):
            return [self[index] for index in indices]
        reads("a dataset")
        samples = change.batch(self.data.array.take(indices, axis=0))
        return Columns((samples, change_target.batch(self.targets.array.take(indices, axis=0))))

    def __repr__(self) -> str:
        lines = [f"Dataset {type(self).__name__}", f"Number of datapoints: {len(self)}"]
        lines += self.extra_repr()
        named = {"Transform": self.transform, "Target transform": self.target_transform}
        lines += [f"{name}: {f!r}" for name, f in named.items() if f is not None]
        return "\n".join(lines).replace("\n", "\n    ")

    def extra_repr(self) -> list[str]:
        """What a subclass adds to its repr, line by line."""
        return []
