"""The file: safetensors, written all or nothing, read with suspicion."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.errors import FileFormatError
from minigrad.serialization.whole import whole

ENTRY = "minigrad"
"""The metadata entry that holds the structure; a file without it is somebody else's."""

_TYPES = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U8", "BOOL")
_PICKLED = {
    b"PK\x03\x04": "a zip archive, as torch.save and numpy.savez write",
    b"\x80\x02": "a pickle",
    b"\x80\x03": "a pickle",
    b"\x80\x04": "a pickle",
    b"\x80\x05": "a pickle",
}
_FOREIGN = {
    b"\x93NUMPY": "a NumPy array",
    b"\x89HDF": "an HDF5 file",
    b"\x1f\x8b": "a gzip archive",
}
_CONVERT = (
    "minigrad loads no pickles, which can run any code; convert it once where PyTorch is: "
    "safetensors.torch.save_file(torch.load(old, weights_only=True), new)"
)


def write(
    path: str | os.PathLike[str],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    structure: Mapping[str, Any],
) -> None:
    """Leave the arrays and the structure under the path, or what was there before.

    Errors: OSError (a folder that is missing or read-only, a full disk); nothing is left behind.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    text = json.dumps(structure, separators=(",", ":"), allow_nan=False)
    with whole(path) as draft:
        try:
            save_file(dict(arrays), draft, metadata={ENTRY: text})
        except SafetensorError as error:
            raise OSError(f"save: {path} could not be written: {error}") from error


def read(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray[Any, Any]], Any]:
    """The arrays by name, and the structure; None for a file that minigrad did not write.

    The safetensors library checks the header: its length, duplicate names, that the tensors fill
    the file without gap or overlap. Errors: FileNotFoundError, FileFormatError.
    """
    from safetensors import SafetensorError, safe_open

    file = Path(path)
    if not file.exists():
        raise FileNotFoundError(f"load: {path} does not exist")
    if not file.is_file():
        what = "a folder" if file.is_dir() else "no regular file"
        raise FileFormatError(f"{path}: expected a safetensors file, found {what}")
    try:
        with safe_open(file, framework="np") as opened:
            names = list(opened.keys())
            kinds = {name: opened.get_slice(name).get_dtype() for name in names}
            strange = {name: kind for name, kind in kinds.items() if kind not in _TYPES}
            if strange:
                raise FileFormatError(
                    f"{path}: minigrad has no type for {_listed(strange)}; "
                    f"expected one of {', '.join(_TYPES)}"
                )
            arrays = {name: np.array(opened.get_tensor(name)) for name in names}
            metadata = opened.metadata() or {}
    except (SafetensorError, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise FileFormatError(f"{path}: {_found(file, error)}") from error
    if ENTRY not in metadata:
        return arrays, None
    try:
        return arrays, json.loads(metadata[ENTRY])
    except (ValueError, RecursionError) as error:
        raise FileFormatError(f"{path}: its description is damaged: {error}") from error


def _listed(entries: Mapping[str, str]) -> str:
    return ", ".join(f"{name!r} ({kind})" for name, kind in entries.items())


def _found(file: Path, error: Exception) -> str:
    """What this file is, if it is not a whole safetensors file."""
    with file.open("rb") as opened:
        head = opened.read(64)
    expected = "expected a safetensors file, found"
    if not head:
        return f"{expected} an empty file"
    for magic, name in (_PICKLED | _FOREIGN).items():
        if head.startswith(magic):
            return f"{expected} {name}" + (f"; {_CONVERT}" if magic in _PICKLED else "")
    if head[8:9] == b"{":
        return f"a damaged or truncated safetensors file: {error}"
    return f"{expected} {'text' if _is_text(head) else 'unknown bytes'} ({error})"


def _is_text(head: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\n\r\f" for byte in head) and 127 not in head
