"""What a GPU is asked to do depends on tables: from which size on something is done otherwise, and
by which of cuBLASLt's algorithms matrices are multiplied.

A table is for GPUs of one model. It lies as JSON in the cache folder, where ``python -m benchmarks
gpu-check --tune`` writes what it timed; without one it holds what is written here. It is data: what
is no number in its range, and no algorithm that cuBLASLt itself names, is not used.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from minigrad.cache import cache_folder

FORMAT = 1
ALGORITHM = re.compile("[0-9a-f]{128}")
LARGEST = 4 << 20
"""Bytes of a file that is read."""


@dataclass(frozen=True)
class Limits:
    """Sizes at which something is done otherwise.

    Attributes:
        few_filters, few_weights: up to so many filters of fewer weights each a convolution is done
            without columns.
        slab: bytes of columns made at a time. They are then read from the GPU's cache (50 MB on an
            H100).
        many_places: from so many places on each image is a product of its own; below, all are one.
        enough: blocks that keep the GPU busy: two on each of the 132 multiprocessors of an H100.
        long: numbers that one block adds up before a second launch, which takes some 2 us, is worth
            it.
    """

    few_filters: int = 32
    few_weights: int = 256
    slab: int = 32 << 20
    many_places: int = 64
    enough: int = 264
    long: int = 8192


RANGES = {
    "few_filters": (1, 256),
    "few_weights": (1, 4096),
    "slab": (1 << 10, 1 << 30),
    "many_places": (1, 1 << 20),
    "enough": (1, 1 << 14),
    "long": (64, 1 << 24),
}
"""Within which a limit is taken to be one."""


@dataclass(frozen=True)
class Table:
    """What is known of a model of GPU.

    Attributes:
        model: its name, as the driver has it.
        products: of kinds of products, the algorithm that was fastest, in hexadecimal.
    """

    model: str = ""
    limits: Limits = Limits()
    products: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "format": FORMAT,
            "model": self.model,
            "limits": asdict(self.limits),
            "products": self.products,
        }


def path(model: str) -> Path:
    """Where the table of a model lies."""
    return cache_folder() / "tuned" / f"{re.sub(r'[^A-Za-z0-9]+', '-', model)}.json"


def model(name: str) -> str:
    """The model of a device whose name is "cuda:0 (MODEL)"; another name stands for itself."""
    found = re.fullmatch(r"\S+ \((.*)\)", name)
    return name if found is None else found[1]


@lru_cache
def table(model: str) -> Table:
    """The table of a model of GPU. One that is damaged is told once, and not used."""
    place = path(model)
    try:
        if place.stat().st_size > LARGEST:
            raise ValueError(f"expected {LARGEST} bytes at most")
        return read(json.loads(place.read_text(encoding="utf-8")), model)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, RecursionError) as error:
        told = f"minigrad: {place} is not used: {error}; gpu-check --tune makes another one"
        warnings.warn(told, RuntimeWarning, stacklevel=2)
    return Table(model)


def read(found: Any, model: str) -> Table:
    """A table, if that is what it is. Errors: ValueError that names what is wrong."""
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.get("model") != model:
        raise ValueError(f"expected a table of format {FORMAT} for {model}")
    limits, products = found.get("limits"), found.get("products")
    if not isinstance(limits, dict) or not isinstance(products, dict):
        raise ValueError("expected limits and products")
    for name, number in limits.items():
        low, high = RANGES.get(name, (1, 0))
        if type(number) is not int or not low <= number <= high:
            raise ValueError(f"limits: {name} is {number!r}, expected {low} to {high}")
    for one, word in products.items():
        if not isinstance(word, str) or not ALGORITHM.fullmatch(word):
            raise ValueError(f"products: {one}: expected 128 hexadecimal digits")
    return Table(model, Limits(**limits), products)


_device: ContextVar[str] = ContextVar("device", default="")
_tried: ContextVar[Limits | None] = ContextVar("tried", default=None)


def limits() -> Limits:
    """Those in use here: of the device that work is made for, or those that are tried."""
    tried, name = _tried.get(), _device.get()
    if tried is not None:
        return tried
    return table(model(name)).limits if name else Limits()


@contextmanager
def made_for(name: str) -> Iterator[None]:
    """In this block work is made for the device of that name."""
    before = _device.set(name)
    try:
        yield
    finally:
        _device.reset(before)


@contextmanager
def trying(limits: Limits) -> Iterator[None]:
    """In this block these limits stand for those of every device."""
    before = _tried.set(limits)
    try:
        yield
    finally:
        _tried.reset(before)
