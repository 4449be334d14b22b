"""Datasets and where their files are found; `transforms` works on what they give.

Files are looked for in ``root`` (or, where no root is given, in the folder that the environment
variable MINIGRAD_DATA names), then in the cache folder (MINIGRAD_CACHE, or the platform's own),
then with ``download=True`` on the public mirrors, with their checksums checked.
"""

from __future__ import annotations

from minigrad.datasets import transforms
from minigrad.datasets.arrays import ArrayDataset
from minigrad.datasets.folder import ImageFolder
from minigrad.datasets.idx import read_idx
from minigrad.datasets.mnist import MNIST, FashionMNIST
from minigrad.datasets.table import CSVTable, Diabetes

__all__ = [
    "MNIST",
    "ArrayDataset",
    "CSVTable",
    "Diabetes",
    "FashionMNIST",
    "ImageFolder",
    "read_idx",
    "transforms",
]
