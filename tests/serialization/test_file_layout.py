"""What stands in the file; what is checked in it, by the safetensors library and beyond."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import pytest
import safetensors.numpy as numpy_library
from safetensors import safe_open

import minigrad
from minigrad.creation import from_numpy
from minigrad.errors import FileFormatError
from minigrad.nn import Module
from minigrad.serialization import load, save

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


def test_one_content_is_one_file_to_the_byte() -> None:
    state = {"b": minigrad.ones(2), "a": minigrad.zeros(3), "n": 1}
    assert len({written(state) for _ in range(20)}) == 1


def test_what_follows_in_a_file_at_a_path_is_refused(tmp_path: Any) -> None:
    raw = written({"x": minigrad.ones(3)})
    for rest in (b"\0", raw):
        (tmp_path / "x").write_bytes(raw + rest)
        with pytest.raises(FileFormatError, match=r"x: a damaged .* not fully covered"):
            load(tmp_path / "x")
        assert load(io.BytesIO(raw + rest))["x"].tolist() == [1, 1, 1]


def test_more_description_than_a_file_holds_and_names_that_are_no_text(tmp_path: Any) -> None:
    (tmp_path / "x").write_bytes(b"old")
    for wrong, told in (
        ("x" * 100_000_001, "header too large"),
        ({"\ud800": minigrad.ones(1)}, "no name"),
    ):
        with pytest.raises(ValueError, match=f"save: .*{told}"):
            save(wrong, tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"old"


def entry(shape: list[int], dtype: str = "U8", count: int | None = None) -> dict[str, Any]:
    size = math.prod(shape) if count is None else count
    return {"w": {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}}


@pytest.mark.parametrize(
    ("header", "numbers", "told"),
    [
        (entry([1] * 65), b"x", "entry 'w' has 65 dimensions.* currently 64"),
        (entry([2**40, 2**40], count=0), b"", "overflow computing buffer size"),
        (entry([0, 2**62, 2**62]), b"", "entry 'w' .* too big"),
        (entry([2**62, 0], "F64"), b"", "entry 'w' .* too big"),
        (entry([0, 2**63]), b"", "entry 'w' .* dimension"),
        (entry([2**50]), b"", "not fully covered"),
        (entry([3], "F5"), b"abc", "unknown variant `F5`"),
        (entry([2], "U16", 4), b"abcd", r"no type for 'w' \(U16\); expected one of F64, F32"),
        (entry([True]), b"a", "boolean `true`, expected usize"),
        (entry([-1], count=-1), b"", "integer `-1`, expected usize"),
        ({"w": [1]}, b"", "invalid type: integer `1`"),
        ({"w": ["U8", [3], [0, 4]]}, b"abc", "invalid|covered"),
        ({"w": {"data_offsets": [0, 1.5]}}, b"", "invalid JSON in header"),
        ({"__metadata__": {"a": 1}}, b"", "integer `1`, expected a string"),
        (entry([2], "BOOL"), b"\1\2", "entry 'w' has truth values other than 0 and 1"),
        (b'{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'
         b'"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"a", "'w' stands .* twice"),
        (b'{"__metadata__":{"a":"1","a":"2"}}', b"", "'a' stands .* twice"),
        (b'{"w":' * 60_000, b"", "recursion limit"),
        (b"{\xff}", b"", "invalid utf-8"),
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
    with safe_open(tmp_path / "x", "np") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}
        metadata = opened.metadata()
    numpy_library.save_file(dict(reversed(arrays.items())), tmp_path / "y", metadata)
    assert load(tmp_path / "y")["a"].tolist() == [0, 0, 0]
    structure = json.loads(metadata["minigrad"])
    del structure["sha256"]  # as files of earlier versions
    metadata["minigrad"] = json.dumps(structure)
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
    del structure["sha256"]
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
