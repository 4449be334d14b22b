"""The file: safetensors, written all or nothing, read with suspicion."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from minigrad.errors import FileFormatError
from minigrad.serialization.foreign import kind_of
from minigrad.serialization.layout import Arrays, Damaged, parsed, parts, raw
from minigrad.serialization.whole import write_part, write_whole

ENTRY = "minigrad"
"""The metadata entry that holds the structure; a file without it is somebody else's."""
CHECKSUM = "minigrad.sha256"
"""The metadata entry with the `checksum` of all that the file holds."""

File = str | os.PathLike[str] | BinaryIO
"""A path, or a file that is open in binary mode."""


def write(file: File, arrays: Arrays, structure: Mapping[str, Any]) -> None:
    """Leave the arrays and the structure under the path, or what was there before; or write them
    to the open file, where it stands.

    Errors: OSError (a folder that is missing or read-only, a full disk); nothing is left behind.
    AttributeError, TypeError for what is neither a path nor open for writing bytes; ValueError for
    a name that is no Unicode text.
    """
    text = json.dumps(structure, separators=(",", ":"), allow_nan=False)
    pieces = parts(arrays, {ENTRY: text, CHECKSUM: checksum(arrays, text)})
    try:
        if isinstance(file, str | os.PathLike):
            write_whole(file, pieces)
            return
        _check_open("save", file, "write")
        for piece in pieces:
            write_part(file, piece)
    except UnicodeEncodeError as error:
        told = f"save: {error.object!r} is no name that can be written: {error}"
        raise ValueError(told) from None


def read(file: File) -> tuple[dict[str, np.ndarray[Any, Any]], Any]:
    """The arrays by name, and the structure; None for a file that minigrad did not write.

    An open file is read from where it stands to the end of what was saved there.
    Errors: FileNotFoundError, FileFormatError; AttributeError, TypeError for what is neither a path
    nor open for reading bytes.
    """
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        if not path.exists():
            told = f"load: {path} does not exist"
            raise FileNotFoundError(errno.ENOENT, told, os.fspath(file))
        if not path.is_file():
            what = "a folder" if path.is_dir() else "no regular file"
            raise FileFormatError(f"{path}: expected a safetensors file, found {what}")
        with path.open("rb") as opened:
            return _read(opened, str(path), whole=True)
    _check_open("load", file, "read")
    if not (callable(getattr(file, "seekable", None)) and file.seekable()):
        file = io.BytesIO(file.read())
    return _read(file, name_of(file), whole=False)


def checksum(arrays: Arrays, text: str) -> str:
    """SHA-256 over the structure and each array, in the order of their names: name, type and shape
    in JSON, then the numbers. It is the same however the file is laid out."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(json.dumps([name, array.dtype.str[1:], list(array.shape)]).encode())
        digest.update(raw(array))
    return digest.hexdigest()


def name_of(file: object) -> str:
    """How errors call a file."""
    if isinstance(file, str | os.PathLike):
        return os.fspath(file)
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else f"the {type(file).__name__}"


def _read(file: BinaryIO, name: str, whole: bool) -> tuple[dict[str, np.ndarray[Any, Any]], Any]:
    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start
    file.seek(start)
    head = file.read(64)
    file.seek(start)
    foreign = kind_of(head, file)
    file.seek(start)
    if foreign is not None:
        raise FileFormatError(f"{name}: expected a safetensors file, found {foreign}")
    try:
        arrays, metadata = parsed(file, size, whole)
    except (Damaged, MemoryError) as error:
        raise FileFormatError(
            f"{name}: a damaged or truncated safetensors file: {error or 'no memory for it'}"
        ) from error
    if ENTRY not in metadata:
        return arrays, None
    text = metadata[ENTRY]
    if CHECKSUM in metadata and metadata[CHECKSUM] != checksum(arrays, text):
        raise FileFormatError(
            f"{name}: a damaged file: what it holds does not have the checksum that stands in it "
            f"({CHECKSUM}), or another program has changed it"
        )
    try:
        return arrays, json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{name}: its description is damaged: {error}") from error


def _check_open(caller: str, file: object, verb: str) -> None:
    """Errors: AttributeError, as PyTorch's, for what is no file; TypeError for one of text."""
    if not callable(getattr(file, verb, None)):
        raise AttributeError(
            f"{caller}: expected a path or an open file with a '{verb}' method, got "
            f"{type(file).__name__}"
        )
    if isinstance(file, io.TextIOBase):
        mode = "wb" if verb == "write" else "rb"
        raise TypeError(f"{caller}: expected a file that is open in binary mode, as by {mode!r}")
