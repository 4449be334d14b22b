"""Saving to safetensors files, and loading: never pickle, nothing in a file is ever executed."""

from __future__ import annotations

from typing import Any

from minigrad.device import Device
from minigrad.serialization.file import File, name_of, read, write
from minigrad.serialization.reader import Reader
from minigrad.serialization.writer import Writer

__all__ = ["load", "save"]


def save(obj: Any, f: File) -> None:
    """Write tensors, plain data or a whole Module to one safetensors file ``f``, all or nothing.

    ``f`` is a path, or a file that is open for writing bytes, such as an ``io.BytesIO``.

    ``obj`` is a ``state_dict``, a Module, or any nesting of dicts, lists and tuples of these, of
    tensors, numbers, strings, truth values, None, types, devices and minigrad's functions. The
    entries of a state_dict stand in the file under their own names, a Module's under its
    state_dict's, so PyTorch reads the file with ``safetensors.torch.load_file``; how it all hangs
    together is JSON in the file's metadata.
    Gradients, hooks and the tape are not saved. A tensor or module that occurs twice is one again
    after loading; two views of one memory become two tensors.

    The file is written under a temporary name in the same folder, synced and renamed: whatever
    happens, the path holds the old file or the new one, whole, with a checksum of what is in it. A
    new file gets the mode that the umask leaves, an old one keeps its own; a device or a FIFO is
    written to, never replaced.
    Errors: TypeError that lists every part that cannot be saved; OSError from the disk, with its
    number and the path; AttributeError for what is neither a path nor a file.
    """
    writer = Writer()
    structure = writer.describe(obj)
    write(f, writer.arrays, structure)


def load(
    f: File,
    map_location: str | Device | None = None,
    *,
    weights_only: bool = True,
) -> Any:
    """What `save` wrote to the path ``f``, or the dict of tensors of any other safetensors file.

    ``f`` may be a file that is open for reading bytes: it is read from where it stands, to the end
    of what was saved there.

    Tensors come on the CPU, or on ``map_location``. A whole Module is rebuilt out of Module
    classes that the running program already has; nothing is imported, no constructor is called.
    ``weights_only`` is there for PyTorch's scripts and changes nothing: loading is always safe.
    The checksum that `save` writes is verified where it is there.
    Errors: FileNotFoundError; FileFormatError, naming the file, for one that is damaged, truncated
    or of another kind (a pickle is never loaded), with every missing, unknown and mis-shaped entry
    and every unknown class.
    """
    arrays, structure = read(f)
    return Reader(name_of(f), arrays, map_location).rebuild(structure)
