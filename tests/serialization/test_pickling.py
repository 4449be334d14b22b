"""Pickling and copying by other programs: what comes back is what PyTorch would give.

minigrad itself unpickles nothing, see test_serialization.py.
"""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from minigrad import callbacks, datasets, linalg, models, nn, optim
from minigrad.datasets import transforms
from minigrad.errors import FileFormatError
from minigrad.nn import init
from minigrad.optim import lr_scheduler
from minigrad.utils import data

HOMES = (minigrad, F, init, nn, optim, lr_scheduler, data, datasets, transforms, callbacks, linalg,
         models, minigrad.autograd, minigrad.draw)  # fmt: skip
WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "old pickle": lambda x: pickle.loads(pickle.dumps(x, 2)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}
again = WAYS["pickle"]


def test_every_public_function_and_class_is_found_again_by_its_name() -> None:
    tried = 0
    for home in HOMES:
        for name in getattr(home, "__all__", dir(home)):
            value = getattr(home, name)
            if inspect.isfunction(value) or (
                inspect.isclass(value) and value.__module__.startswith("minigrad")
            ):
                tried += 1
                assert again(value) is value, f"{home.__name__}.{name}"
                assert copy.deepcopy(value) is value
    assert tried > 600


# -- tensors ------------------------------------------------------------------------------------

SAMPLES: dict[str, Callable[[Any], Any]] = {
    "float32": lambda lib: lib.arange(6.0).reshape(2, 3),
    "int8": lambda lib: lib.tensor([1, -2], dtype=lib.int8),
    "bool": lambda lib: lib.tensor([True, False]),
    "0-d": lambda lib: lib.tensor(2.5),
    "empty": lambda lib: lib.ones(0, 3),
    "transposed": lambda lib: lib.arange(6.0).reshape(2, 3).T,
    "view": lambda lib: lib.arange(6.0)[2:5],
    "expanded": lambda lib: lib.ones(3, 1).expand(3, 4),
    "leaf": lambda lib: _with_gradient(lib, lib.ones(3, requires_grad=True)),
    "parameter": lambda lib: _with_gradient(lib, lib.nn.Parameter(lib.ones(3))),
    "frozen": lambda lib: lib.nn.Parameter(lib.ones(3), requires_grad=False),
    "result": lambda lib: lib.ones(3, requires_grad=True) * 2,
    "view of a leaf": lambda lib: lib.ones(3, requires_grad=True)[1:],
}


def _with_gradient(lib: Any, x: Any) -> Any:
    (x * 2).sum().backward()
    return x


def facts(x: Any) -> tuple[Any, ...]:
    grad = None if not x.is_leaf or x.grad is None else x.grad.tolist()
    kind = type(x).__name__
    return kind, x.tolist(), str(x.dtype)[-6:], tuple(x.shape), x.requires_grad, x.is_leaf, grad


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_tensor_comes_back_as_in_pytorch(name: str, way: str) -> None:
    torch = pytest.importorskip("torch")
    found = []
    for lib in (minigrad, torch):
        x = SAMPLES[name](lib)
        try:
            y = WAYS[way](x)
        except RuntimeError as error:
            found.append(("refused", str(error)[:9]))
            continue
        shared = y.data_ptr() == x.data_ptr() and x.numel() > 0
        found.append((*facts(y)[:2], *facts(y)[3:], shared))
        with lib.no_grad():
            if way != "copy" and name != "bool" and name != "expanded":
                before = x.tolist()
                y.add_(1)
                assert x.tolist() == before
    if found[1][0] == "refused":
        assert found[0][0] == "refused" and "deepcopy" in str(_refusal(name))
    else:
        assert found[0] == found[1]


def _refusal(name: str) -> Exception:
    with pytest.raises(RuntimeError) as error:
        copy.deepcopy(SAMPLES[name](minigrad))
    return error.value


def test_views_that_are_copied_together_share_memory_again_as_in_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for lib in (minigrad, torch):
        base = lib.arange(12.0).reshape(3, 4)
        kept = (base[1], base, base.T, base[:, ::2], lib.arange(12.0))
        one = copy.deepcopy(kept)
        one[1][1, 2] = 99
        assert one[0].tolist() == [4, 5, 99, 7] and one[2][2, 1] == 99 and one[3][1, 1] == 99
        assert base.max() == 11 and one[4].max() == 11
        assert [tuple(x.stride()) for x in one] == [tuple(x.stride()) for x in kept]


def test_attributes_of_the_users_own_and_subclasses_come_back() -> None:
    x = minigrad.ones(2)
    x.note = {"by": "me"}  # type: ignore[attr-defined]
    for way in WAYS.values():
        assert way(x).note == {"by": "me"}
    kept = again({"x": x, "same": x})
    assert kept["x"] is kept["same"]


def test_the_hooks_of_a_tensor_are_left_with_a_warning_as_in_pytorch() -> None:
    x = minigrad.ones(2, requires_grad=True)
    x.register_hook(lambda g: g * 2)
    with pytest.warns(UserWarning, match="hooks of a tensor are not pickled"):
        y = again(x)
    (y * 3).sum().backward()
    assert y.grad.tolist() == [3, 3]


def test_what_was_mapped_into_memory_becomes_a_tensor_of_plain_arrays(tmp_path: Any) -> None:
    """As joblib gives it to its workers: memory that only may be read."""
    np.save(tmp_path / "x.npy", np.arange(4.0))
    kind, args = minigrad.ones(4).__reduce_ex__(4)
    x = kind(args[0], np.load(tmp_path / "x.npy", mmap_mode="r"), *args[2:])
    assert type(x.array) is np.ndarray and (x * 2).sum().item() == 12
    with pytest.raises(RuntimeError, match="read-only"):
        x.add_(1)


# -- modules, optimizers and the rest -----------------------------------------------------------


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.FullConnection(4, 3)
        self.norm = nn.BatchNorm1d(3)
        self.tied = nn.FullConnection(4, 3)
        self.tied.weight = self.first.weight
        self.act = F.elu
        self.register_buffer("scale", minigrad.ones(1), persistent=False)

    def forward(self, x: Any) -> Any:
        return self.act(self.norm(self.first(x) + self.tied(x))) * self.scale

    @minigrad.compile
    def learn(self, x: Any) -> Any:
        return self(x).sum()


@minigrad.compile
def doubled(x: Any) -> Any:
    return x * 2


def trained(kind: str) -> tuple[Net, Any, Any]:
    minigrad.manual_seed(0)
    net = Net()
    lr = {"LBFGS": {"max_iter": 3}, "Adadelta": {}, "Rprop": {}}.get(kind, {"lr": 0.01})
    optimizer = getattr(optim, kind)(net.parameters(), **lr)
    schedule = lr_scheduler.StepLR(optimizer, 1, 0.5)
    for _ in range(3):
        one_step(net, optimizer)
    schedule.step()
    return net, optimizer, schedule


def one_step(net: Any, optimizer: Any) -> float:
    x = minigrad.arange(20.0).reshape(5, 4) / 20

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (net(x) ** 2).mean()
        loss.backward()
        return loss

    return float(optimizer.step(closure))


OPTIMIZERS = sorted(
    name for name in optim.__all__ if inspect.isclass(getattr(optim, name)) and name != "Optimizer"
)


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("way", ["pickle", "deepcopy"])
def test_a_training_goes_on_to_the_same_bits(kind: str, way: str) -> None:
    run = trained(kind)
    net, optimizer, schedule = WAYS[way](run)
    assert schedule.optimizer is optimizer
    own = {id(p) for p in net.parameters()}
    assert {id(p) for group in optimizer.param_groups for p in group["params"]} == own
    assert net.tied.weight is net.first.weight and net.act is F.elu
    for _ in range(2):
        assert one_step(net, optimizer) == one_step(*run[:2])
        schedule.step()
        run[2].step()
    for a, b in zip(net.parameters(), run[0].parameters(), strict=True):
        assert minigrad.equal(a, b)


def test_compiled_steps_go_by_the_name_or_the_object_and_are_recorded_anew() -> None:
    assert again(doubled) is doubled
    net = Net()
    x = minigrad.ones(5, 4)
    before = net.learn(x).item()
    twin = again(net)
    assert twin.learn.step.__self__ is twin and twin.learn is not net.learn
    assert twin.learn.path == "eager" and twin.learn(x).item() == pytest.approx(before)
    plain = minigrad.compile(F.relu)
    assert again(plain)(minigrad.tensor([-1.0, 2.0])).tolist() == [0, 2]


def test_what_no_program_can_pickle_is_named() -> None:
    local = lambda x: x  # noqa: E731
    net = nn.FullConnection(2, 2)
    net.register_forward_hook(local)
    for wrong in (net, minigrad.compile(local)):
        with pytest.raises((pickle.PicklingError, AttributeError), match=r"pickle .*<lambda>"):
            pickle.dumps(wrong)


REST: dict[str, Callable[[], Any]] = {
    "generator": lambda: minigrad.Generator().manual_seed(3),
    "device": lambda: minigrad.device("cuda:1"),
    "dtype": lambda: minigrad.float16,
    "dataset": lambda: data.TensorDataset(minigrad.ones(4, 2)),
    "subset": lambda: data.Subset(data.TensorDataset(minigrad.ones(4, 2)), [1]),
    "loader": lambda: data.DataLoader(
        data.TensorDataset(minigrad.ones(4, 2)), shuffle=True, num_workers=2,
        generator=minigrad.Generator(),
    ),
    "sample": lambda: next(iter(data.DataLoader(data.TensorDataset(minigrad.ones(4, 2))))),
    "transform": lambda: transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 1)]),
    "callback": lambda: callbacks.EarlyStopping(patience=3),
    "state_dict": lambda: Net().state_dict(),
    "error": lambda: FileFormatError("x: damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", REST)
def test_the_rest_comes_back(name: str) -> None:
    value = REST[name]()
    for way in WAYS.values():
        back = way(value)
        assert type(back) is type(value)
        if name == "generator":
            assert back.get_state() == value.get_state()
        elif name == "loader":
            assert sum(len(x) for (x,) in back) == 4
        elif name in ("device", "dtype"):
            assert back == value


def worker(net: Any, x: Any) -> Any:
    """What runs in another process: a result that goes back."""
    loss = (net(x) ** 2).sum()
    loss.backward()
    return loss, net.first.weight.grad, [p.requires_grad for p in net.parameters()]


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_another_process_computes_with_it(start: str) -> None:
    if start not in multiprocessing.get_all_start_methods():
        pytest.skip("no fork here")
    net, x = Net().eval(), minigrad.arange(20.0).reshape(5, 4)
    with warnings.catch_warnings():  # a fork while threads are there
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context(start).Pool(1) as pool:
            loss, grad, flags = pool.apply_async(worker, (net, x)).get(timeout=120)
    mine = worker(net, x)
    assert loss.item() == mine[0].item() and loss.is_leaf and all(flags)
    assert minigrad.equal(grad, mine[1])
