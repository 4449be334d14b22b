"""A folder of images, a class a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.errors import FileFormatError
from minigrad.utils.data import Dataset

EXTENSIONS = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")

LARGEST = 2**26
"""Pixels of an image that is read: a small file can claim to have any number of them."""


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """The image in a file as uint8 (H, W, 3), red first, decoded with Pillow.

    Errors: FileFormatError, naming the file, where Pillow cannot decode it, or where it has more
    pixels than fit any training.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError("ImageFolder: decoding images needs Pillow; install pillow") from error
    if Path(path).exists() and not Path(path).is_file():
        raise FileFormatError(f"{path}: expected an image, got what is no regular file")
    with Path(path).open("rb") as file:
        try:
            with Image.open(file) as image:
                width, height = image.size
                if width * height > LARGEST:
                    raise ValueError(
                        f"{width:,} by {height:,} pixels; at most {LARGEST:,} are read"
                    )
                return np.asarray(image.convert("RGB"))
        except Exception as error:  # of damaged files Pillow's decoders raise whatever they meet
            told = f"{error}" or type(error).__name__
            raise FileFormatError(
                f"{path}: expected an image that Pillow can decode, got: {told}"
            ) from error


class ImageFolder(Dataset[tuple[Any, Any]]):
    """Sample i is (transform(image), target_transform(label)): the images of the class "dog" are
    the files below ``root/dog``, and so on; classes and files come in sorted order.

    The image is uint8 (H, W, 3), or what ``loader(path)`` gives. With several sizes of images,
    a Resize and a crop in the transform make them fit one batch. The DataLoader's
    ``num_workers`` threads decode at the same time.

    Attributes: ``classes``, ``class_to_idx``, ``samples`` (also ``imgs``): (path, label) pairs,
    ``targets``: the labels.
    Errors: FileNotFoundError for a root without class folders, or, unless ``allow_empty``,
    a class without images; FileFormatError, naming the file, where one cannot be decoded.

    Example:
        >>> pets = minigrad.datasets.ImageFolder(f"{folder}/pets")
        >>> pets.classes, len(pets)
        (['cat', 'dog'], 2)
        >>> image, label = pets[1]
        >>> image.shape, label
        ((4, 6, 3), 1)
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        loader: Callable[[str], Any] = read_image,
        is_valid_file: Callable[[str], bool] | None = None,
        allow_empty: bool = False,
    ) -> None:
        """
        Args:
            root: the folder with a folder for each class.
            transform: what an image goes through, such as `transforms.ToTensor`; None leaves it.
            target_transform: what a label goes through.
            loader: reads a file; by default as uint8 (H, W, 3), with Pillow.
            is_valid_file: says of a path whether it is taken; None goes by the name's ending.
            allow_empty: whether a class may have no image.
        """
        self.root = Path(root).expanduser()
        self.transform = transform
        self.target_transform = target_transform
        self.loader = loader
        folders = [entry for entry in self.root.iterdir() if entry.is_dir()]
        self.classes = sorted(folder.name for folder in folders)
        if not self.classes:
            raise FileNotFoundError(f"ImageFolder: expected a folder a class in {root}, found none")
        self.class_to_idx = {name: label for label, name in enumerate(self.classes)}
        valid = is_valid_file or (lambda path: path.lower().endswith(EXTENSIONS))
        self.samples = [
            (path, label)
            for name, label in self.class_to_idx.items()
            for path in _files(self.root / name)
            if valid(path)
        ]
        self.imgs = self.samples
        self.targets = [label for _, label in self.samples]
        empty = sorted(set(range(len(self.classes))) - set(self.targets))
        if empty and not allow_empty:
            names = ", ".join(self.classes[label] for label in empty)
            raise FileNotFoundError(
                f"ImageFolder: found no image for the classes {names} in {root}; "
                f"expected files ending in {', '.join(EXTENSIONS)}"
            )

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        path, label = self.samples[index]
        image = self.loader(path)
        target: Any = label
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return image, target


def _files(folder: Path) -> list[str]:
    """Every file below the folder, in the same order on every system."""
    found = sorted(
        (path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.parts
    )
    return [str(path) for path in found]
