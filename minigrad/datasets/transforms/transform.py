"""What a transform is, and how transforms are put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

import numpy as np

from minigrad.device import Array


class Transform:
    """A function of arrays that is written once, for batches: one image is a batch of one.

    A subclass gives `batch`. ``batches`` tells whether it can do a whole batch; where it is
    False, or for a plain function, datasets go image by image.

    Example:
        >>> import numpy as np
        >>> class Negative(minigrad.datasets.transforms.Transform):
        ...     def batch(self, images):
        ...         return 255 - images
        >>> Negative()(np.array([[0, 255]], dtype=np.uint8))
        array([[255,   0]], dtype=uint8)
    """

    batches = True

    def __call__(self, image: Any) -> Any:
        """The transformed image, or label. A Pillow image is read into an array first."""
        return self.batch(np.asarray(image)[None])[0]

    def batch(self, images: Array) -> Array:
        """The transformed batch.

        Args:
            images: the images, or labels, with the batch as the first dimension.
        """
        raise NotImplementedError(f"{type(self).__name__}: a Transform must define batch")


class Compose(Transform):
    """The transforms one after another: ``transforms[-1](... transforms[0](image))``.

    Example:
        >>> import numpy as np
        >>> T = minigrad.datasets.transforms
        >>> preparation = T.Compose([T.ToTensor(), T.Normalize(0.5, 0.5)])
        >>> preparation(np.array([[0, 255]], dtype=np.uint8))
        array([[[-1.,  1.]]], dtype=float32)
        >>> preparation
        Compose(
            ToTensor()
            Normalize(mean=0.5, std=0.5)
        )
    """

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        """
        Args:
            transforms: transforms, or functions of one image, in their order.
        """
        self.transforms = list(transforms)

    @property
    def batches(self) -> bool:  # type: ignore[override]
        return all(map(takes_batches, self.transforms))

    def __call__(self, image: Any) -> Any:
        for transform in self.transforms:
            image = transform(image)
        return image

    def batch(self, images: Array) -> Array:
        for transform in self.transforms:
            images = transform.batch(images)  # type: ignore[attr-defined]
        return images

    def __repr__(self) -> str:
        lines = [f"    {transform}" for transform in self.transforms]
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])


class Lambda(Transform):
    """The image as ``lambd(image)``: any function of one image. A `Transform` of whole batches is
    faster.

    Example:
        >>> import numpy as np
        >>> minigrad.datasets.transforms.Lambda(lambda x: x.T)(np.zeros((28, 20))).shape
        (20, 28)
    """

    batches = False

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        """
        Args:
            lambd: the function.
        """
        if not callable(lambd):
            raise TypeError(f"Lambda: expected a function, got {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, image: Any) -> Any:
        return self.lambd(image)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def takes_batches(transform: object) -> TypeGuard[Transform]:
    """Whether `batch` may be called on this transform."""
    return isinstance(transform, Transform) and transform.batches
