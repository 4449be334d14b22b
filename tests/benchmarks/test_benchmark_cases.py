"""What is timed: every engine does the same work, and the work is counted rightly."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from benchmarks.case import Supervised
from benchmarks.catalogue import CASES, LISTED, chosen
from benchmarks.engines import ENGINES, OWN, PEERS
from benchmarks.engines import chosen as chosen_engines
from benchmarks.engines.descent import OPTIMIZERS
from benchmarks.engines.engine import Absent, magnitude
from benchmarks.engines.peer import Peer
from benchmarks.kinds import KINDS
from benchmarks.networks import DIABETES, DNN, Dense, weights
from benchmarks.plot import COLOURS, draw
from benchmarks.spent import in_numpy, spent
from benchmarks.sweeps import SWEEPS
from benchmarks.training import TRAINING
from benchmarks.worker import FIRST_STEPS, REHEARSAL


def test_words_for_several_cases_and_engines() -> None:
    assert len(chosen(["all"])) == len(LISTED) < len(CASES)
    assert [case.name for case in chosen(["mlp", "mlp"])] == ["mlp"]
    assert all("/" in case.name for case in chosen(["ops"]))
    assert "resnet34-224" not in {case.name for case in chosen([])}
    assert chosen_engines("all") == list(ENGINES) == [*OWN, *PEERS]
    assert chosen_engines("torch,own")[0] == "torch"
    with pytest.raises(KeyError, match="no engine 'theano'; there are minigrad, "):
        chosen_engines("torch,theano")


def test_the_networks_drop_what_their_words_say() -> None:
    for name, p in (("cnn", 0.25), ("alexnet28", 0.4)):
        work = CASES[name].make
        assert isinstance(work, Supervised) and CASES[name].random
        found = [m.p for m in work.network(torch.nn).modules() if isinstance(m, torch.nn.Dropout)]
        assert found and set(found) == {p}


def results(engine: str, case: Any) -> list[float]:
    """Of the first steps, as a worker tells them."""
    loaded = ENGINES[engine].load("cpu")
    step = loaded.step(case)
    return [magnitude(loaded.arrays(step())) for _ in range(FIRST_STEPS)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        c.name
        for c in TRAINING
        if not c.random and c not in KINDS and c.name not in ("resnet34-224", "by-hand")
    ],
)
def test_both_sides_do_the_same_work(name: str) -> None:
    """The results of the first steps agree: the ratio compares like with like."""
    theirs = results("torch", CASES[name])
    for engine in ("minigrad", "minigrad-compiled", "minigrad-numpy"):
        assert results(engine, CASES[name]) == pytest.approx(theirs, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("case", [c for c in KINDS if not c.random], ids=lambda case: case.name)
def test_both_sides_train_each_kind_alike(case: Any) -> None:
    assert results("minigrad-compiled", case) == pytest.approx(results("torch", case), rel=1e-5)


@pytest.mark.parametrize("name", ["add[1000]/fwd", "relu[1000]/fwd+bwd", "softmax[64x10]/fwd+bwd"])
def test_both_sides_compute_the_same_op(name: str) -> None:
    theirs = results("torch", CASES[name])
    for engine in ("minigrad", "minigrad-compiled"):
        assert results(engine, CASES[name]) == pytest.approx(theirs, rel=1e-6)


def test_the_time_of_a_compiled_step_is_told_call_by_call() -> None:
    engine = ENGINES["minigrad-compiled"].load("cpu")
    step = engine.step(REHEARSAL)
    step()
    step()
    (replay,) = step.replays
    found = spent(replay)
    assert len(found) == replay.native + replay.plain
    assert sum(plain for plain, *_ in found) == replay.plain
    assert all(name and seconds > 0 for _, name, seconds in found)
    assert 0 <= in_numpy(replay) <= 1


def test_magnitude_is_over_everything() -> None:
    assert magnitude([np.array([3.0]), np.array([[4.0], [5.0]])]) == pytest.approx(
        np.sqrt(50 / 3), rel=1e-14
    )


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.name)
def test_flop_are_those_that_torch_counts(sweep: Any) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    for point in sweep.points[:3]:
        work = point.case.make
        assert isinstance(work, Supervised)
        model = work.network(torch.nn)
        x, y = map(torch.from_numpy, work.data())
        with FlopCounterMode(display=False) as counter:
            torch.nn.CrossEntropyLoss()(model(x), y).backward()
        assert point.flop == counter.get_total_flops()
        parameters = sum(p.numel() for p in model.parameters())
        assert point.bytes == 4 * (4 * parameters + x.numel())


def test_work_grows_along_a_sweep() -> None:
    for sweep in SWEEPS:
        assert all(a.value < b.value and a.flop < b.flop for a, b in pairwise(sweep.points))


@pytest.mark.parametrize(
    ("name", "settings"), [("SGD", {}), ("SGD", {"momentum": 0.5}), ("Adam", {})]
)
def test_descent_is_that_of_torch(name: str, settings: dict[str, float]) -> None:
    rng = np.random.default_rng(0)
    values = [rng.standard_normal(shape) for shape in ((3, 2), (4,))]
    parameters = [torch.nn.Parameter(torch.from_numpy(value.copy())) for value in values]
    theirs = getattr(torch.optim, name)(parameters, lr=0.1, **settings)
    ours = OPTIMIZERS[name](lr=0.1, **settings)
    state = ours.start(values)
    for _ in range(5):
        gradients = [rng.standard_normal(value.shape) for value in values]
        for p, g in zip(parameters, gradients, strict=True):
            p.grad = torch.from_numpy(g)
        theirs.step()
        values, state = ours(values, gradients, state)
    for p, value in zip(parameters, values, strict=True):
        np.testing.assert_allclose(value, p.detach().numpy(), rtol=1e-12, atol=0)


class Plain(Peer):
    """NumPy as a peer without gradients."""

    library = "numpy"
    functions = {  # noqa: RUF012
        "ReLU": lambda x: np.maximum(x, 0),
        "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    }


@pytest.mark.parametrize("network", [DNN, DIABETES, Dense((3, 4, 2), bias=False)])
def test_peers_predict_what_torch_does(network: Dense) -> None:
    engine = ENGINES["torch"].load("cpu")
    values = [value.astype(np.float64) for value in weights(network.shapes())]
    x = np.random.default_rng(0).standard_normal((6, network.sizes[0]))
    model = engine.model(network).double()
    theirs = model(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(Plain("cpu").predict(network, values, x), theirs, rtol=1e-12)


def test_peers_say_what_they_cannot() -> None:
    with pytest.raises(Absent, match="no code for lenet5; it is written for dense networks"):
        Plain("cpu").step(CASES["lenet5"])
    with pytest.raises(Absent, match="numpy is timed on the cpu only, not on cuda:0"):
        Plain("cuda:0")


@pytest.mark.slow
@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("case", [REHEARSAL, *map(CASES.get, ("dnn", "diabetes", "mlp", "chain"))])
def test_installed_peers_do_the_same_work(name: str, case: Any) -> None:
    pytest.importorskip(name)
    assert results(name, case) == pytest.approx(results("torch", case), rel=1e-5)


def test_the_picture_has_a_mark_for_each_engine() -> None:
    ratios = {f"{name}/torch": 0.5 for name in ENGINES if name != "torch"}
    cases = {"a": {"engines": dict.fromkeys(ENGINES), "ratios": ratios}}
    cases["b"] = {"engines": {"minigrad": None, "torch": None}, "ratios": {"minigrad/torch": 20.0}}
    picture = draw({"machine": {"processor": "P", "cores": 2}, "cases": cases})
    drawn = picture.render("svg").decode()
    assert all(f">{name}</text>" in drawn for name in COLOURS if name != "torch")
    assert picture.render("png").startswith(b"\x89PNG")
