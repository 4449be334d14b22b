"""Saving and loading: what comes back, what is refused, and what survives a kill."""

from __future__ import annotations

import ast
import json
import os
import signal
import struct
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad
import minigrad.nn.functional as F
from minigrad.creation import from_numpy
from minigrad.errors import FileFormatError
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.serialization import load, save

PACKAGE = Path(minigrad.__file__).parent


class Inner(Module):
    """A module with everything that a module can hold."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.sizes = (inputs, outputs)
        self.rate = 0.1
        self.mode: str | None = "same"
        self.weight = Parameter(minigrad.randn(outputs, inputs))
        self.frozen = Parameter(minigrad.randn(2), requires_grad=False)
        self.register_parameter("bias", None)
        self.register_buffer("mean", minigrad.zeros(3))
        self.register_buffer("scratch", minigrad.ones(2), persistent=False)


class Outer(Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = Inner(2, 3)
        self.b = Inner(2, 3)
        self.b.weight = self.a.weight
        self.c = self.a
        self.missing: Module | None = None


def values(tensor: Any) -> np.ndarray[Any, Any]:
    return tensor.detach().numpy()


# -- what comes back ----------------------------------------------------------------------------

DTYPES = ("float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")


@given(
    data=st.data(),
    dtype=st.sampled_from(DTYPES),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tensor_comes_back_to_the_bit(tmp_path, data, dtype, shape):
    array = data.draw(hnp.arrays(dtype, shape))
    path = tmp_path / "x.safetensors"
    save({"x": from_numpy(array)}, path)
    back = load(path)["x"].array
    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@pytest.mark.parametrize("how", ["transposed", "reversed", "stepped", "expanded", "big-endian"])
def test_memory_of_any_layout(tmp_path, how):
    base = np.arange(12.0).reshape(3, 4)
    array = {
        "transposed": base.T,
        "reversed": base[::-1, ::-1],
        "stepped": base[:, ::2],
        "expanded": np.broadcast_to(base[:1], (5, 4)),
        "big-endian": base.astype(">f8").astype("f8"),
    }[how]
    save({"x": from_numpy(array)}, tmp_path / "x")
    np.testing.assert_array_equal(load(tmp_path / "x")["x"].array, array)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text("ab.", max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(value=PLAIN)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_plain_data_comes_back_with_its_types(tmp_path, value):
    save({"x": minigrad.ones(1), "value": value}, tmp_path / "x")
    back = load(tmp_path / "x")["value"]
    assert repr(back) == repr(value)  # repr, because nan differs from itself and 1 == True == 1.0


def test_a_checkpoint_of_nested_tensors_and_names_that_collide(tmp_path):
    state = {
        "a.b": from_numpy(np.array([1])),
        "a": {"b": from_numpy(np.array([2])), "c": [from_numpy(np.array([3]))]},
        "__metadata__": from_numpy(np.array([4])),
        "generator": minigrad.Generator().manual_seed(3).get_state(),
    }
    save(state, tmp_path / "x")
    back = load(tmp_path / "x")
    assert list(back) == list(state)
    assert back["generator"] == state["generator"]
    found = [back["a.b"], back["a"]["b"], back["a"]["c"][0], back["__metadata__"]]
    assert [t.item() for t in found] == [1, 2, 3, 4]


def test_a_tensor_by_itself_and_one_that_is_on_the_tape(tmp_path):
    x = minigrad.ones(2, requires_grad=True) * 3
    save(x, tmp_path / "x")
    back = load(tmp_path / "x", map_location="cpu")
    assert not back.requires_grad and back.tolist() == [3, 3]


def test_one_tensor_in_two_places_is_one_again(tmp_path):
    x, other = minigrad.ones(2), minigrad.ones(2)
    save({"x": x, "y": x, "z": other}, tmp_path / "x")
    back = load(tmp_path / "x")
    assert back["x"] is back["y"] and back["x"] is not back["z"]


def test_the_order_of_a_state_dict_is_kept(tmp_path):
    state = {"z": minigrad.ones(1), "a": from_numpy(np.ones(1)), "m": minigrad.ones(2)}
    save(state, tmp_path / "x")
    assert list(load(tmp_path / "x")) == ["z", "a", "m"]


def test_a_whole_model(tmp_path):
    model = Outer().eval()
    save(model, tmp_path / "x")
    back = load(tmp_path / "x")
    assert type(back) is Outer and type(back.a) is Inner
    assert back.c is back.a and back.b is not back.a and back.missing is None
    assert back.b.weight is back.a.weight and type(back.a.weight) is Parameter
    assert (back.a.sizes, back.a.rate, back.a.mode) == ((2, 3), 0.1, "same")
    assert back.a.weight.requires_grad and not back.a.frozen.requires_grad
    assert back.a.bias is None and back.training is False and back.a.training is False
    assert list(back.state_dict()) == list(model.state_dict())
    assert [n for n, _ in back.named_buffers()] == [n for n, _ in model.named_buffers()]
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(values(tensor), values(back.state_dict()[name]))


def test_a_model_inside_a_checkpoint(tmp_path):
    save({"model": Inner(1, 2), "epoch": 3}, tmp_path / "x")
    back = load(tmp_path / "x")
    assert back["epoch"] == 3 and back["model"].sizes == (1, 2)


def test_types_devices_and_functions_come_back_as_they_were(tmp_path):
    model = Inner(1, 1)
    held = {
        "act": F.relu, "out": minigrad.tanh, "same": minigrad.absolute, "kind": minigrad.float16,
        "where": minigrad.device("cuda:1"), "home": minigrad.device("cpu"),
        "several": [F.softmax, (minigrad.sigmoid, minigrad.int64)],
    }  # fmt: skip
    for name, value in held.items():
        setattr(model, name, value)
    save(model, tmp_path / "x")
    back = load(tmp_path / "x")
    for name, value in held.items():
        assert getattr(back, name) == value, name
    assert back.act is F.relu and back.same is minigrad.abs
    layer = minigrad.nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0)
    save(layer, tmp_path / "y")
    x = minigrad.rand(3, 2, 4)
    assert minigrad.equal(load(tmp_path / "y")(x), layer(x))


@pytest.mark.parametrize(
    "node",
    [
        {"function": "minigrad:load"},
        {"function": "builtins:eval"},
        {"function": "minigrad:_common_shape"},
        {"dtype": "object"},
        {"device": "tpu"},
    ],
)
def test_names_that_mean_nothing_here_are_refused(tmp_path, node):
    save({"value": None}, tmp_path / "x")

    def change(arrays: dict[str, Any], structure: Any) -> None:
        structure["root"]["dict"][0][1] = node

    rewritten(tmp_path / "x", change)
    with pytest.raises(FileFormatError, match=f"unknown {next(iter(node))}"):
        load(tmp_path / "x")


def test_hooks_are_left_out(tmp_path):
    model = Inner(1, 1)
    model.register_forward_hook(lambda *_: None)
    save(model, tmp_path / "x")
    assert load(tmp_path / "x")._hooks is None


def test_pytorch_reads_what_minigrad_writes_and_back(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors import torch as files

    model = Outer()
    for thing in (model, model.state_dict()):
        save(thing, tmp_path / "x")
        theirs = files.load_file(tmp_path / "x")
        for name, tensor in model.state_dict().items():
            assert theirs[name].numpy().tobytes() == values(tensor).tobytes()
    state = {"w": torch.randn(2, 3), "n": torch.tensor(3), "b": torch.tensor([True])}
    files.save_file(state, tmp_path / "y", metadata={"format": "pt"})
    back = load(tmp_path / "y")
    assert set(back) == set(state)
    for name, tensor in state.items():
        np.testing.assert_array_equal(back[name].array, tensor.numpy())


# -- what is refused ----------------------------------------------------------------------------


def test_everything_that_cannot_be_saved_is_listed(tmp_path):
    model = Inner(1, 1)
    model.act = len  # type: ignore[assignment]
    ring: list[Any] = []
    ring.append(ring)
    with pytest.raises(TypeError) as error:
        save({"m": model, "a": [np.ones(2)], "s": {1}, (1,): 2, "r": ring}, tmp_path / "x")
    for part in ("m.act: a builtins.builtin", "a.0: a numpy.ndarray", "s: a builtins.set",
                 "a key that is a tuple", "nested deeper than 100", "state_dict()"):  # fmt: skip
        assert part in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_type_that_minigrad_lacks(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors import torch as files

    files.save_file({"w": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "x")
    with pytest.raises(FileFormatError, match=r"no type for 'w' \(BF16\)"):
        load(tmp_path / "x")


def foreign(kind: str, path: Path) -> None:
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", b"\x80\x02.")
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(
            {
                "empty": b"",
                "text": b"hello, this is not a model\n",
                "pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.",
                "numpy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'}",
                "bytes": bytes(range(7, 200)),
                "huge header": struct.pack("<Q", 2**62) + b"{}",
                "no json": struct.pack("<Q", 8) + b"{{{{{{{{",
            }[kind]
        )


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("empty", "an empty file"),
        ("text", "found text"),
        ("pickle", "a pickle; minigrad loads no pickles.*save_file"),
        ("zip", "a zip archive, as torch.save.*save_file"),
        ("numpy", "a NumPy array"),
        ("bytes", "unknown bytes"),
        ("folder", "a folder"),
        ("huge header", "damaged or truncated"),
        ("no json", "damaged or truncated"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, kind, found):
    path = tmp_path / "given.pth"
    foreign(kind, path)
    with pytest.raises(FileFormatError, match=rf"given\.pth.*{found}"):
        load(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.safetensors does not exist"):
        load(tmp_path / "nowhere.safetensors")


def rewritten(path: Path, change: Any) -> None:
    """The file with its arrays and its structure changed by ``change(arrays, structure)``."""
    from safetensors import safe_open
    from safetensors.numpy import save_file

    with safe_open(path, "np") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}
        structure = json.loads(opened.metadata()["minigrad"])
    del structure["sha256"]
    change(arrays, structure)
    save_file(arrays, path, metadata={"minigrad": json.dumps(structure)})


def test_missing_unknown_and_misshaped_entries_are_all_in_one_error(tmp_path):
    path = tmp_path / "x"
    save(Outer(), path)

    def change(arrays: dict[str, Any], structure: Any) -> None:
        del arrays["a.mean"]
        arrays["a.weight"] = np.ones((3, 2, 1), np.float32)
        arrays["stranger"] = np.ones(1)
        structure["root"]["module"]["modules"][1][1]["module"]["class"] = "os:system"
        structure["root"]["module"]["class"] = "shop:Basket"

    rewritten(path, change)
    with pytest.raises(FileFormatError) as error:
        load(path)
    for part in (
        "missing entry: 'a.mean'",
        "mis-shaped entry: 'a.weight' has shape [3, 2, 1], expected [3, 2]",
        "unknown entries: 'stranger'",
        "shop:Basket, os:system",
        "import or define them",
    ):
        assert part in str(error.value)


def test_another_schema(tmp_path):
    save({}, tmp_path / "x")
    rewritten(tmp_path / "x", lambda arrays, structure: structure.update(schema=99))
    with pytest.raises(FileFormatError, match=r"schema 99.*reads schema 1"):
        load(tmp_path / "x")


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "x"
    save({"model": Outer(), "epoch": 3, "list": [1.5, (None, "x")], 1: True}, path)
    return path.read_bytes()


@given(data=st.data())
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
def test_a_damaged_file_gives_a_file_format_error_or_an_object(good, tmp_path, data):
    """Flipped bytes, cuts and insertions: within the header most of them, where the meaning is."""
    header = struct.unpack("<Q", good[:8])[0] + 8
    raw = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        last = len(raw) - 1
        at = data.draw(st.integers(0, min(header, last)) | st.integers(0, last))
        action = data.draw(st.sampled_from(["flip", "cut", "insert", "drop"]))
        if action == "flip":
            raw[at] = data.draw(st.integers(0, 255) | st.sampled_from(b'0129"{}[],:'))
        elif action == "cut":
            del raw[at:]
        elif action == "insert":
            raw[at:at] = data.draw(st.binary(max_size=4))
        else:
            del raw[at : at + data.draw(st.integers(1, 8))]
        if not raw:
            break
    path = tmp_path / "x"
    path.write_bytes(raw)
    try:
        load(path)
    except FileFormatError as error:
        assert str(path) in str(error)


NODES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 9)
    | st.floats(allow_nan=False)
    | st.sampled_from(["x", "nan", "a.weight", "builtins:eval", "minigrad.nn.module:Module"])
    | st.sampled_from(["float32", "object", "cuda:7", "minigrad:exp", "minigrad:load"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "list tuple dict float tensor shape same module again entries class attributes "
                "parameters buffers modules _parameters dtype device function".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


@given(root=NODES)
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_any_description_gives_a_file_format_error_or_an_object(tmp_path, root):
    from safetensors.numpy import save_file

    path = tmp_path / "x"
    text = json.dumps({"schema": 1, "root": root})
    save_file({"x": np.ones(2), "a.weight": np.ones(1, "int8")}, path, {"minigrad": text})
    try:
        load(path)
    except FileFormatError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "9" * 5_000, "null", '"x"', '{"schema": 1}'])
def test_a_description_that_is_none(tmp_path, text):
    from safetensors.numpy import save_file

    save_file({"x": np.ones(2)}, tmp_path / "x", {"minigrad": text})
    if text == "null":
        assert list(load(tmp_path / "x")) == ["x"]
    else:
        with pytest.raises(FileFormatError):
            load(tmp_path / "x")


# -- nothing is executed ------------------------------------------------------------------------


def test_no_module_of_minigrad_imports_pickle():
    forbidden = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal"}
    forbidden |= {"joblib", "copyreg"}
    checked = 0
    for file in PACKAGE.rglob("*.py"):
        checked += 1
        for node in ast.walk(ast.parse(file.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Constant) and node.value in forbidden:
                names = [node.value]  # __import__("pickle"), importlib.import_module("pickle")
            elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant) and node.value.value is False, file
            for name in names:
                assert name.partition(".")[0] not in forbidden, f"{file}:{node.lineno}: {name}"
    assert checked > 30


def test_loading_imports_compiles_and_starts_nothing(tmp_path):
    """With Python's own audit events as the witness, in a process of its own."""
    path = tmp_path / "x"
    save(Outer(), path)

    def change(arrays: dict[str, Any], structure: Any) -> None:
        root = structure["root"]["module"]
        root["class"] = "antigravity:Module"
        root["attributes"] += [["__class__", "os:system"], ["__init__", "print('ran')"]]
        root["modules"][0][1]["module"]["class"] = "subprocess:Popen"

    rewritten(path, change)
    program = f"""
        import sys, minigrad
        from minigrad.serialization import load, save
        save({{"x": minigrad.ones(1)}}, {str(tmp_path / "warm")!r})
        load({str(tmp_path / "warm")!r})
        seen = []
        sys.addaudithook(lambda event, args: seen.append((event, str(args))))
        try:
            load({str(path)!r})
        except ValueError as error:
            failed = str(error)
        events = {{event for event, _ in seen}}
        assert "unknown Module classes: antigravity:Module, subprocess:Popen" in failed, failed
        bad = events & {{"import", "exec", "compile", "os.system", "subprocess.Popen", "os.exec",
                        "os.posix_spawn", "os.fork", "ctypes.dlopen", "marshal.loads"}}
        assert not bad, seen
        assert "antigravity" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def test_loading_calls_no_method_of_a_class(tmp_path):
    class Loud(Module):
        loud = False

        def __init__(self) -> None:
            super().__init__()
            self.n = 1

        def __new__(cls) -> Any:
            assert not Loud.loud, "__new__ was called"
            return super().__new__(cls)

        def __setattr__(self, name: str, value: Any) -> None:
            assert not Loud.loud, "__setattr__ was called"
            super().__setattr__(name, value)

        def __setstate__(self, state: Any) -> None:
            raise AssertionError("__setstate__ was called")

    save(Loud(), tmp_path / "x")
    Loud.loud = True
    assert load(tmp_path / "x").n == 1


# -- all or nothing -----------------------------------------------------------------------------


def test_a_failure_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "x"
    save({"n": 1}, path)
    for step in ("fsync", "replace"):
        with monkeypatch.context() as patched:

            def full(*_: Any) -> None:
                raise OSError(28, "No space left on device")

            patched.setattr(os, step, full)
            with pytest.raises(OSError, match="No space left"):
                save({"n": 2}, path)
        assert load(path) == {"n": 1}
        assert [p.name for p in tmp_path.iterdir()] == ["x"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_while_the_tensors_are_written(tmp_path):
    """RLIMIT_FSIZE plays the full disk: the write itself fails, in safetensors."""
    program = f"""
        import resource, signal, minigrad
        from minigrad.serialization import save
        save({{"n": 1}}, {str(tmp_path / "x")!r})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            save({{"x": minigrad.ones(100_000)}}, {str(tmp_path / "x")!r})
        except OSError as error:
            print("refused", error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=True, capture_output=True, text=True
    )
    assert "refused" in done.stdout
    assert load(tmp_path / "x") == {"n": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["x"]


def test_a_missing_folder_and_a_folder_as_the_path(tmp_path):
    with pytest.raises(FileNotFoundError):
        save({}, tmp_path / "no" / "x")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        save({}, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_folder(tmp_path):
    save({"n": 1}, tmp_path / "x")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            save({"n": 2}, tmp_path / "x")
    finally:
        tmp_path.chmod(0o755)
    assert load(tmp_path / "x") == {"n": 1}


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save({"n": 1}, tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and load(tmp_path / "real") == {"n": 1}


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_kill_at_each_step_leaves_the_old_file(tmp_path, step):
    """SIGKILL before the step that would make the new file the file."""
    path = tmp_path / "x"
    save({"n": 1}, path)
    program = f"""
        import os, signal
        import minigrad
        from minigrad.serialization import save, whole
        def die(*_, **__):
            os.kill(os.getpid(), signal.SIGKILL)
        if {step!r} == "write":
            whole.write_part = die
        else:
            setattr(os, {step!r}, die)
        save({{"x": minigrad.ones(1000)}}, {str(path)!r})
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert load(path) == {"n": 1} and len(list(tmp_path.iterdir())) == 2
    save({"n": 2}, tmp_path / "y")  # whatever is saved next: the draft is gone
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x", "y"]


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path):
    """A process that saves without end, killed twenty times: the file is always one it wrote."""
    path = tmp_path / "x"
    program = f"""
        import minigrad
        from minigrad.serialization import save
        n = 0
        while True:
            n += 1
            save({{"x": minigrad.ones(20_000) * n, "n": n}}, {str(path)!r})
            print(n, flush=True)
    """
    for turn in range(20):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(1 + turn % 5):
            process.stdout.readline()
        process.kill()
        process.communicate()
        back = load(path)
        assert set(back["x"].tolist()) == {back["n"]}
