"""Where the files of a dataset are found."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from minigrad.cache import cache_folder

DATA = "MINIGRAD_DATA"


class DownloadError(OSError):
    """No mirror gave the file; a dataset then turns to what it can do without."""


def search_folders(root: str | os.PathLike[str] | None) -> list[Path]:
    """The folders to look in: the root, or else MINIGRAD_DATA; then the cache."""
    first = root if root is not None else os.environ.get(DATA)
    folders = [Path(first).expanduser()] if first else []
    return [*folders, cache_folder()]


def find(folders: Iterable[Path], subfolders: Sequence[str], names: Sequence[str]) -> list[Path]:
    """The files of these names, plain or with .gz, in the first place that has them all.

    A place is a subfolder of one of the folders; "" is the folder itself. Empty where none has.
    """
    for folder in folders:
        for subfolder in subfolders:
            found = [_file(folder / subfolder / name) for name in names]
            if all(found):
                return [path for path in found if path is not None]
    return []


def _file(path: Path) -> Path | None:
    packed = path.with_name(path.name + ".gz")
    return next((candidate for candidate in (path, packed) if candidate.is_file()), None)


def download(folder: Path, mirrors: Sequence[str], checksums: Mapping[str, str]) -> None:
    """Fetch the files into the folder, each from the first mirror that has it.

    ``checksums`` maps a file's name to pooch's spelling of its checksum; a file appears under its
    name only when it is whole and the checksum is right.
    Errors: DownloadError with what the last mirror said.
    """
    try:
        import pooch
    except ImportError as error:
        raise DownloadError("downloads need the package pooch, which is not installed") from error
    log = pooch.get_logger()
    level = log.level
    log.setLevel("WARNING")
    try:
        for name, checksum in checksums.items():
            _fetch(folder, mirrors, name, checksum)
    finally:
        log.setLevel(level)


def _fetch(folder: Path, mirrors: Sequence[str], name: str, checksum: str) -> None:
    import pooch

    # Read at once: a refusal that is streamed would leave its connection open.
    fetch = pooch.HTTPDownloader(timeout=10, stream=False, chunk_size=2**16)
    reason: Exception | None = None
    for mirror in mirrors:
        try:
            pooch.retrieve(
                mirror + name,
                known_hash=checksum,
                fname=name,
                path=folder,
                downloader=fetch,
            )
            return
        except (OSError, ValueError) as error:  # unreachable or missing; a wrong checksum
            reason = error
    raise DownloadError(f"{name}: no mirror gave it; the last said: {reason}") from reason
