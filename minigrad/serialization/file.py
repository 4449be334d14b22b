"""The file: safetensors, written all or nothing, read with suspicion."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from minigrad.errors import FileFormatError
from minigrad.serialization.foreign import kind_of
from minigrad.serialization.whole import write_part, write_whole

ENTRY = "minigrad"
"""The metadata entry that holds the structure; a file without it is somebody else's. There is no
other entry: the library writes several in an order that is never the same."""
CHECKSUM = "sha256"
"""Where in the structure the `checksum` of all that the file holds stands."""
TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "i1", "U8": "u1", "BOOL": "?",
}  # fmt: skip
"""NumPy's types by the names that files have for them."""

Arrays = dict[str, np.ndarray[Any, Any]]
File = str | os.PathLike[str] | BinaryIO
"""A path, or a file that is open in binary mode."""


def write(file: File, arrays: Arrays, structure: dict[str, Any]) -> None:
    """Leave the arrays and the structure under the path, or what was there before; or write them
    to the open file, where it stands.

    Errors: OSError (a folder that is missing or read-only, a full disk); nothing is left behind.
    AttributeError, TypeError for what is neither a path nor open for writing bytes; ValueError for
    a name that is no Unicode text, or more description than a file holds.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save

    try:
        signed = {**structure, CHECKSUM: checksum(arrays, structure)}
        content = save(arrays, {ENTRY: _text(signed)})
        if isinstance(file, str | os.PathLike):
            write_whole(file, content)
            return
        _check_open("save", file, "write")
        write_part(file, content)
    except UnicodeEncodeError as error:
        told = f"save: {error.object!r} is no name that can be written: {error}"
        raise ValueError(told) from None
    except SafetensorError as error:
        raise ValueError(f"save: {error}") from error


def read(file: File) -> tuple[Arrays, Any]:
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


def checksum(arrays: Arrays, structure: Any) -> str:
    """SHA-256 over the structure and each array, in the order of their names: name, type and shape
    in JSON, then the numbers. It is the same however the file is laid out."""
    digest = hashlib.sha256(_text(structure).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(_text([name, array.dtype.str[1:], list(array.shape)]).encode())
        digest.update(array.reshape(-1).data)
    return digest.hexdigest()


def _text(structure: Any) -> str:
    return json.dumps(structure, separators=(",", ":"), allow_nan=False)


def name_of(file: object) -> str:
    """How errors call a file."""
    if isinstance(file, str | os.PathLike):
        return os.fspath(file)
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else f"the {type(file).__name__}"


def _read(file: BinaryIO, name: str, whole: bool) -> tuple[Arrays, Any]:
    start = file.tell()
    head = file.read(64)
    file.seek(start)
    foreign = kind_of(head, file)
    file.seek(start)
    if foreign is not None:
        raise FileFormatError(f"{name}: expected a safetensors file, found {foreign}")
    try:
        raw = file.read() if whole else _first(file.read())
        arrays, metadata = _parsed(raw)
    except (ValueError, MemoryError) as error:
        raise FileFormatError(
            f"{name}: a damaged or truncated safetensors file: {error or 'no memory for it'}"
        ) from error
    file.seek(start + len(raw))
    if ENTRY not in metadata:
        return arrays, None
    try:
        structure = json.loads(metadata[ENTRY])
        signed = isinstance(structure, dict) and CHECKSUM in structure
        changed = signed and structure.pop(CHECKSUM) != checksum(arrays, structure)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{name}: its description is damaged: {error}") from error
    if changed:
        raise FileFormatError(
            f"{name}: a damaged file: what it holds does not have the checksum that stands in it "
            f"({CHECKSUM}), or another program has changed it"
        )
    return arrays, structure


def _parsed(raw: bytes) -> tuple[Arrays, dict[str, str]]:
    """The arrays and the metadata of a file. Errors: ValueError that says what is wrong with it.

    The library checks the header and that the entries fill the file without gap or overlap. It
    lets pass names that stand there twice, and what no array of NumPy can be.
    """
    from safetensors import SafetensorError, deserialize

    try:
        views = dict(deserialize(raw))  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    header = _header(raw)
    metadata = header.pop("__metadata__", None) or {}
    strange = [
        f"{name!r} ({views[name]['dtype']})" for name in header if views[name]["dtype"] not in TYPES
    ]
    if strange:
        raise ValueError(
            f"minigrad has no type for {', '.join(strange)}; expected one of {', '.join(TYPES)}"
        )
    return {name: _array(name, **views.pop(name)) for name in header}, metadata


def _array(name: str, dtype: str, shape: list[int], data: bytearray) -> np.ndarray[Any, Any]:
    kind = TYPES[dtype]
    try:  # without numbers it is made anew, as only then NumPy tells a shape that is too large
        array = np.ndarray(shape, kind, data) if data else np.empty(shape, kind)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"entry {name!r} has {len(shape)} dimensions, {shape}: {error}") from error
    # A truth value is one byte, 0 or 1; NumPy computes nonsense with others.
    if dtype == "BOOL" and (array.view(np.uint8) > 1).any():
        raise ValueError(f"entry {name!r} has truth values other than 0 and 1")
    return array


def _header(raw: bytes) -> dict[str, Any]:
    end = 8 + int.from_bytes(raw[:8], "little")
    found: dict[str, Any] = json.loads(raw[8:end].decode(), object_pairs_hook=_once)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands there twice")
    return found


def _first(raw: bytes) -> bytes:
    """What was saved first of what an open file holds, as its header tells; all where it tells
    nothing, for the library to say what is wrong."""
    try:
        header = _header(raw)
        header.pop("__metadata__", None)
        end = max([0, *(entry["data_offsets"][1] for entry in header.values())])
        return raw[: 8 + int.from_bytes(raw[:8], "little") + end]
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return raw


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
