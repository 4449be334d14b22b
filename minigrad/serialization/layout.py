"""The layout of a safetensors file: a header in JSON that says what lies where, then the numbers.

Source: the specification of the format, https://github.com/huggingface/safetensors: 8 bytes with
the length of the header as a little-endian number; the header, an object that gives the ``dtype``,
``shape`` and ``data_offsets`` (begin, end) of each tensor in what follows, and under
``__metadata__`` an object of strings; then the numbers in C order, little-endian, without gap or
overlap.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import numpy as np

METADATA = "__metadata__"
LARGEST = 100_000_000
"""Bytes of a header, as in the specification."""
DEEPEST = 64
"""Dimensions that an array can have."""
TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "i1", "U8": "u1", "BOOL": "?",
}  # fmt: skip
"""NumPy's types by the names that the header has for them."""
_NAMES = {np.dtype(kind): name for name, kind in TYPES.items()}
_KNOWN = {*TYPES, "BF16", "U16", "U32", "U64", "F8_E4M3", "F8_E5M2", "C64"}

Arrays = Mapping[str, np.ndarray[Any, Any]]


class Damaged(ValueError):
    """What is wrong with the file, without its name."""


class Entry(NamedTuple):
    """A tensor of the header."""

    name: str
    kind: str
    shape: tuple[int, ...]
    begin: int
    end: int


def parts(arrays: Arrays, metadata: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """The bytes of the file, piece by piece, without a copy of the numbers. The arrays have no
    strides of their own.

    Errors: ValueError for a name that is no Unicode text.
    """
    # The widest first, so that each number lies at a multiple of its size.
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    header: dict[str, Any] = {METADATA: dict(metadata)}
    begin = 0
    for name in order:
        array = arrays[name]
        end = begin + array.nbytes
        kind = _NAMES[array.dtype.newbyteorder("<")]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > LARGEST:
        raise ValueError(f"a header of {len(text):,} bytes; a file holds one of {LARGEST:,}")
    yield len(text).to_bytes(8, "little")
    yield text
    for name in order:
        array = arrays[name]
        yield raw(array.astype(array.dtype.newbyteorder("<"), copy=False))


def raw(array: np.ndarray[Any, Any]) -> memoryview:
    """The bytes of an array without strides of its own, where they are."""
    return array.reshape(-1).view(np.uint8).data


def parsed(
    file: BinaryIO, size: int, whole: bool
) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, str]]:
    """The arrays and the metadata of an open file, whose reading stops behind the last number.

    ``size`` is how many bytes there are: nothing is laid out for more. ``whole``: whether there may
    be no others behind the last number. Errors: Damaged.
    """
    length = int.from_bytes(_read(file, 8, "the length of its header"), "little")
    if length > min(LARGEST, size - 8):
        raise Damaged(f"its header is said to have {length:,} bytes")
    header = _header(_read(file, length, "its header"))
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise Damaged(f"its {METADATA} is no object of strings")
    entries = sorted((_entry(*each) for each in header.items()), key=lambda e: (e.begin, e.end))
    end = 0
    for entry in entries:
        if entry.begin != end:
            raise Damaged(f"entry {entry.name!r} begins at {entry.begin}, expected at {end}")
        end = entry.end
    if 8 + length + end > size or (whole and 8 + length + end != size):
        raise Damaged(f"its entries fill {8 + length + end:,} bytes, and it has {size:,}")
    strange = [f"{e.name!r} ({e.kind})" for e in entries if e.kind not in TYPES]
    if strange:
        raise Damaged(
            f"minigrad has no type for {', '.join(strange)}; expected one of {', '.join(TYPES)}"
        )
    found = {}
    for entry in entries:
        array = np.empty(entry.shape, TYPES[entry.kind])
        _fill(file, raw(array), entry.name)
        # A truth value is one byte, 0 or 1; NumPy computes nonsense with others.
        if entry.kind == "BOOL" and (array.view(np.uint8) > 1).any():
            raise Damaged(f"entry {entry.name!r} has truth values other than 0 and 1")
        found[entry.name] = array.astype(array.dtype.newbyteorder("="), copy=False)
    return {name: found[name] for name in header}, metadata


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text.decode(), object_pairs_hook=_once)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Damaged(f"its header is no JSON: {error}") from error
    if not text.startswith(b"{") or not isinstance(header, dict):
        raise Damaged("its header is no JSON object")
    return header


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands there twice")
    return found


def _entry(name: str, told: Any) -> Entry:
    """What the header says of a tensor. Errors: Damaged where that is nonsense."""
    match told:
        case {"dtype": str(kind), "shape": [*shape], "data_offsets": [begin, end]} if len(
            told
        ) == 3 and all(type(n) is int and 0 <= n < 1 << 63 for n in (*shape, begin, end)):
            pass
        case _:
            raise Damaged(f"entry {name!r} is not described by a dtype, a shape and data_offsets")
    if len(shape) > DEEPEST:
        raise Damaged(f"entry {name!r} has {len(shape)} dimensions; there can be {DEEPEST}")
    if kind in TYPES and end - begin != math.prod(shape) * np.dtype(TYPES[kind]).itemsize:
        raise Damaged(f"entry {name!r}: {end - begin:,} bytes for {kind} of shape {shape}")
    if kind not in _KNOWN or end < begin:
        raise Damaged(f"entry {name!r}: unknown type {kind!r}, or bytes {begin} to {end}")
    if math.prod(n or 1 for n in shape) >= 1 << 60:
        raise Damaged(f"entry {name!r} has the shape {shape}")
    return Entry(name, kind, tuple(shape), begin, end)


def _read(file: BinaryIO, count: int, what: str) -> bytes:
    found = bytearray()
    while len(found) < count:
        part = file.read(min(count - len(found), 1 << 24))
        if not part:
            raise Damaged(f"it ends in {what}, after {len(found):,} of {count:,} bytes")
        found += part
    return bytes(found)


def _fill(file: BinaryIO, room: memoryview, name: str) -> None:
    """Read the numbers of an entry right to their place, or piece by piece where the file has no
    ``readinto``."""
    into = getattr(file, "readinto", None)
    at = 0
    while at < len(room):
        if into is not None:
            count = into(room[at:])
        else:
            part = file.read(min(len(room) - at, 1 << 24))
            count = len(part)
            room[at : at + count] = part
        if not count:
            raise Damaged(f"it ends in entry {name!r}, after {at:,} of {len(room):,} bytes")
        at += count
