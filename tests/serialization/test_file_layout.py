"""The layout of the file, with the safetensors library as the judge; what is checked in it."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minigrad
from minigrad.creation import from_numpy
from minigrad.errors import FileFormatError
from minigrad.nn import Module
from minigrad.serialization import load, save
from minigrad.serialization.layout import Damaged, parsed

library = pytest.importorskip("safetensors")
numpy_library = pytest.importorskip("safetensors.numpy")

KINDS = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")
ARRAYS = {
    f"{kind}-{i}": np.ones(shape, kind)
    for kind in KINDS
    for i, shape in enumerate([(), (0,), (2, 3), (1, 0, 4)])
}


def written(obj: Any) -> bytes:
    stream = io.BytesIO()
    save(obj, stream)
    return stream.getvalue()


def file_of(header: Any, numbers: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


def test_the_library_reads_what_is_written_and_the_other_way_round() -> None:
    state = {name: from_numpy(array) for name, array in ARRAYS.items()}
    state["ü\n\"'\\ "] = minigrad.ones(2)
    theirs = numpy_library.load(written(state))
    assert set(theirs) == set(state)
    for name, array in ARRAYS.items():
        assert theirs[name].dtype == array.dtype and theirs[name].shape == array.shape
    back = load(io.BytesIO(numpy_library.save(ARRAYS, {"format": "np"})))
    for name, array in ARRAYS.items():
        assert back[name].array.dtype == array.dtype and back[name].shape == array.shape
        np.testing.assert_array_equal(back[name].array, array)


def accepted_by_library(raw: bytes) -> bool:
    try:
        library.deserialize(raw)
    except library.SafetensorError:
        return False
    return True


GOOD = numpy_library.save({"a": np.arange(6.0).reshape(2, 3), "b": np.ones(3, "i2")}, {"k": "v"})


@given(data=st.data())
@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
def test_what_the_library_refuses_is_refused(data: Any) -> None:
    """Changed bytes in the header, with its length kept right or not."""
    raw = bytearray(GOOD)
    length = int.from_bytes(raw[:8], "little")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, 8 + length - 1))
        raw[at] = data.draw(st.sampled_from(b'0123456789"{}[],:abFI ') | st.integers(0, 255))
    if not accepted_by_library(bytes(raw)):
        with pytest.raises(Damaged):
            parsed(io.BytesIO(raw), len(raw), whole=True)


def entry(shape: list[int], dtype: str = "U8", count: int | None = None) -> dict[str, Any]:
    size = math.prod(shape) if count is None else count
    return {"w": {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}}


@pytest.mark.parametrize(
    ("header", "numbers", "told"),
    [
        (entry([1] * 65), b"x", "entry 'w' has 65 dimensions; there can be 64"),
        (entry([2**40, 2**40], count=0), b"", "entry 'w': 0 bytes"),
        (entry([2**62, 2**62, 0]), b"", "entry 'w' has the shape"),
        (entry([2**50]), b"", r"its entries fill 1,125.* bytes, and it has"),
        (entry([3], "F4"), b"abc", "entry 'w': unknown type 'F4'"),
        (entry([True]), b"a", "entry 'w' is not described"),
        (entry([-1], count=-1), b"", "entry 'w' is not described"),
        ({"w": [1]}, b"", "entry 'w' is not described"),
        ({"__metadata__": {"a": 1}}, b"", "its __metadata__ is no object of strings"),
        (entry([2], "BOOL"), b"\1\2", "entry 'w' has truth values other than 0 and 1"),
        (b'{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"w":1}', b"",
         "'w' stands .* twice"),
        (b'{"w":' * 60_000, b"", "its header is no JSON"),
        (b"{\xff}", b"", "its header is no JSON"),
    ],
)  # fmt: skip
def test_a_header_that_cannot_be(header: Any, numbers: bytes, told: str) -> None:
    with pytest.raises(FileFormatError, match=f"the BytesIO: .*{told}"):
        load(io.BytesIO(file_of(header, numbers)))


def test_65_dimensions_cannot_be_saved_as_there_are_no_such_tensors() -> None:
    assert load(io.BytesIO(written(minigrad.ones([1] * 64)))).ndim == 64


# -- the checksum -------------------------------------------------------------------------------


def test_any_change_of_the_content_is_found() -> None:
    raw = bytearray(written({"lr": 0.125, "w": minigrad.arange(4)}))
    at = raw.index(b"0.125")
    for place, byte in ((len(raw) - 3, 1), (at + 2, ord("7"))):
        spoiled = bytearray(raw)
        spoiled[place] = byte
        with pytest.raises(FileFormatError, match="does not have the checksum"):
            load(io.BytesIO(spoiled))
    assert load(io.BytesIO(raw))["lr"] == 0.125


def test_another_order_in_the_file_has_the_same_checksum(tmp_path: Any) -> None:
    save({"b": minigrad.ones(2), "a": minigrad.zeros(3)}, tmp_path / "x")
    with library.safe_open(tmp_path / "x", "np") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}
        metadata = opened.metadata()
    numpy_library.save_file(dict(reversed(arrays.items())), tmp_path / "y", metadata)
    assert load(tmp_path / "y")["a"].tolist() == [0, 0, 0]
    metadata.pop("minigrad.sha256")  # as files of earlier versions
    numpy_library.save_file(arrays, tmp_path / "y", metadata)
    assert load(tmp_path / "y")["b"].tolist() == [1, 1]


# -- modules that cannot be ---------------------------------------------------------------------


class Net(Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = minigrad.nn.Sequential(minigrad.nn.Dropout(0.5), minigrad.nn.BatchNorm1d(2))
        self.scale = 2.0

    def forward(self, x: Any) -> Any:
        return self.inner(x) * self.scale


def test_a_module_that_contains_itself_is_not_saved(tmp_path: Any) -> None:
    net = Net()
    net.inner.again = net
    with pytest.raises(TypeError, match=r"inner\.again: a Net that contains itself"):
        save(net, tmp_path / "x")
    net = Net()
    net.others = [net]  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"others\.0: a Net that contains itself"):
        save({"net": net}, tmp_path / "x")


def reshaped(change: Any) -> bytes:
    """A saved Net whose description is changed, as by a program that knows the format."""
    raw = written(Net())
    arrays = numpy_library.load(raw)
    length = int.from_bytes(raw[:8], "little")
    structure = json.loads(json.loads(raw[8 : 8 + length])["__metadata__"]["minigrad"])
    change(structure["root"]["module"])
    return bytes(numpy_library.save(arrays, {"minigrad": json.dumps(structure)}))


def inner(net: Any, i: int) -> Any:
    return net["modules"][0][1]["module"]["modules"][i][1]["module"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda n: n["attributes"].append(["forward", 3]), "'forward': expected a function"),
        (lambda n: n["attributes"].append(["inner", 3]), "'inner': described twice"),
        (lambda n: n["attributes"].append(["scale", 3]), "'scale': described twice"),
        (lambda n: n["attributes"][0].__setitem__(1, "no"), "'training': expected True or False"),
        (lambda n: inner(n, 0)["attributes"][1].__setitem__(1, "x"),
         r"'inner.0.p': expected float, found 'x'"),
        (lambda n: inner(n, 1)["attributes"][1].__setitem__(1, None),
         r"'inner.1.num_features': expected int, found None"),
        (lambda n: inner(n, 1)["parameters"][0].__setitem__(1, 1.5),
         r"'inner.1.weight': expected a Tensor, found a float"),
        (lambda n: n["modules"].append(["me", {"again": 0, "entries": []}]),
         "module 0 contains itself"),
    ],
)  # fmt: skip
def test_attributes_of_the_wrong_kind_are_named(change: Any, told: str) -> None:
    with pytest.raises(FileFormatError, match=told):
        load(io.BytesIO(reshaped(change)))
