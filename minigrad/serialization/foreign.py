"""What a file is that is not minigrad's, told by its first bytes."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

CONVERT = (
    "minigrad loads no pickles, which can run any code; convert it once where PyTorch is: "
    "safetensors.torch.save_file(torch.load(old, weights_only=True), new)"
)
_PICKLES = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
_TEXT_PICKLES = (b"c__", b"(lp", b"(dp", b"ccollections\n", b"cnumpy", b"ctorch", b"cbuiltins\n")
"""How pickles of protocol 0 often begin."""
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""What torch.save wrote first before version 1.6."""
_ZIP = b"PK\x03\x04"
_MAGICS = {
    b"\x93NUMPY": "a NumPy array; minigrad.from_numpy(numpy.load(path)) makes a tensor of it",
    b"\x89HDF": "an HDF5 file",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"GGUF": "a GGUF model",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"%PDF": "a PDF document",
    b"PK\x05\x06": "an empty zip archive",
}


def kind_of(head: bytes, file: BinaryIO) -> str | None:
    """In words what begins so, with the way to what minigrad reads where there is one; None for
    what may be safetensors. ``file`` stands at its beginning, and is left somewhere."""
    if not head:
        return "an empty file"
    if head[8:9] == b"{":
        return None
    for magic, name in _MAGICS.items():
        if head.startswith(magic):
            return name
    if head.startswith(_ZIP):
        return _zipped(file)
    if head.startswith(_LEGACY):
        return f"a pickle, as torch.save wrote before PyTorch 1.6; {CONVERT}"
    if head.startswith(_PICKLES + _TEXT_PICKLES):
        return f"a pickle; {CONVERT}"
    if len(head) > 8 and _is_text(head):
        return "text"
    return "unknown bytes" if len(head) > 8 else None


def _zipped(file: BinaryIO) -> str:
    """What a zip archive is, by the names in it; nothing is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return f"a damaged zip archive, as torch.save and numpy.savez write; {CONVERT}"
    if any(name.endswith(".npy") for name in names):
        return "a zip archive, as numpy.savez writes; numpy.load reads it without pickles"
    if any(name.endswith("/data.pkl") for name in names):
        return f"a zip archive, as torch.save writes; {CONVERT}"
    return "a zip archive, as torch.save and numpy.savez write"


def _is_text(head: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\n\r\f" for byte in head) and 127 not in head
