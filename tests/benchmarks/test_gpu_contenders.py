"""What gpu-check compares: every contender does the same work, and float64 is the truth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import minigrad
from benchmarks.case import Case, Supervised, floats, labels
from benchmarks.catalogue import CASES, LISTED
from benchmarks.engines.cuda_minigrad import Graph
from benchmarks.engines.cuda_torch import _Captured
from benchmarks.engines.engine import Absent
from benchmarks.gpu import accuracy, judged, kernels, peers, profile
from benchmarks.gpu.contenders import CONTENDERS, ENTRIES, TRUTH
from benchmarks.gpu.emulation import rounded, rounding
from benchmarks.gpu.judged import gradient_error, loss_error, summary
from benchmarks.gpu.part import Asked
from benchmarks.gpu.policies import POLICIES
from benchmarks.gpu.truth import Known, known, relative
from benchmarks.gpu.worker import Work
from minigrad.compiler.targets.cpu.interpreter import interpreted
from minigrad.compiler.targets.cuda.device.simulation import Simulated
from minigrad.precision import policy
from minigrad.training import data
from minigrad.training.splits import Splits
from minigrad.utils.data import TensorDataset

ROWS = 4


@pytest.fixture(autouse=True)
def settings_as_before() -> Iterator[None]:
    yield
    for lib in (minigrad, torch):
        POLICIES["default"].set(lib)


def made(name: str, case: str, device: str = "cpu", policy: str = "default") -> Work:
    """A contender in this process, on a few rows."""
    facts = {"contender": name, "case": case, "device": device, "policy": policy}
    return Work(SimpleNamespace(**facts, rows=ROWS, seconds=0.001, small=False))  # type: ignore[arg-type]


def test_policies_are_set_on_both_sides_by_the_same_names() -> None:
    for name, products, convolutions in (
        ("tf32", "high", True), ("fp32", "highest", False), ("default", "highest", True),
    ):  # fmt: skip
        for lib in (minigrad, torch):
            POLICIES[name].set(lib)
            assert lib.get_float32_matmul_precision() == products
            assert lib.backends.cudnn.allow_tf32 is convolutions
        assert policy().matmul is (products == "high") and policy().convolution is convolutions


def test_the_default_policy_is_what_pytorch_has_untouched() -> None:
    assert torch.get_float32_matmul_precision() == "highest"
    assert torch.backends.cudnn.allow_tf32 and policy().convolution and not policy().matmul


def test_contenders_by_name() -> None:
    assert list(ENTRIES) == [*CONTENDERS, TRUTH]


@pytest.mark.parametrize("name", [n for n in CONTENDERS if n.startswith("torch-")][1:])
def test_what_needs_cuda_says_so(name: str) -> None:
    with pytest.raises(Absent, match="this contender needs CUDA"):
        CONTENDERS[name].load("cpu")


@pytest.mark.slow
@pytest.mark.parametrize("case", ["mlp", "lenet5", "cnn", "gan"])
def test_both_libraries_agree_with_float64(case: str) -> None:
    """Losses and gradients from the first weights on; dropout drops nothing then."""
    truth = made(TRUTH, case).told
    assert len(truth["losses"]) == 2 and truth["losses"][0] != truth["losses"][1]
    for name in ("torch-eager", "minigrad-eager"):
        told = made(name, case).told
        assert loss_error(told["losses"], truth["losses"]) < 1e-5
        assert gradient_error(told["gradients"], truth["gradients"]) < 1e-5
        assert told["batch"] == ROWS and told["params"] > 1000


def test_a_block_is_whole_steps_and_counted() -> None:
    work = made("minigrad-eager", "mlp")
    before = work.steps
    block = work.round(0.02)
    assert block["steps"] % 8 == 0 and block["ms"] > 0 and block["device_ms"] is None
    last = work.round(0)
    assert last["steps"] == work.steps >= before + block["steps"] + 8
    assert len(last["loss"]) == 3 and last["loss"][2] < last["loss"][0]


def test_the_first_weights_come_back() -> None:
    work = made("torch-eager", "mlp")
    work.round(0.01)
    work.engine.again()
    loss = work.step().item()
    assert loss == pytest.approx(work.told["losses"][0], rel=1e-6)


def test_dropout_drops_in_what_is_timed() -> None:
    work = made("minigrad-eager", "cnn")
    (model,) = work.engine.models
    assert [m.p for m in model.modules() if isinstance(m, minigrad.nn.Dropout)] == [0.25]
    assert work.steps > 10 and work.timed[0] != work.told["losses"][0]


@pytest.mark.parametrize(("case", "millions"), [("alexnet224", 61.1), ("resnet34-224-128", 21.8)])
def test_the_large_networks_are_as_published(case: str, millions: float) -> None:
    with torch.device("meta"):
        model = CASES[case].make.network(torch.nn)  # type: ignore[union-attr]
        assert model(torch.empty(2, 3, 224, 224)).shape == (2, 1000)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(millions, abs=0.05)
    assert case not in LISTED


def test_pytorch_counts_a_step() -> None:
    work = made("torch-eager", "mlp")
    inputs = [784, 512, 256, 128, 64]
    weights = sum(a * b for a, b in zip(inputs, [512, 256, 128, 64, 10], strict=True))
    # Forward, by the weights, and by the inputs of all layers but the first.
    assert work.engine.counted(work.step) == {"flops": 2 * ROWS * (3 * weights - 784 * 512)}


def test_a_whole_step_is_captured_once_and_then_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PyTorch's streams and graphs played: nothing here has met a GPU."""
    log: list[str] = []

    class Stream:
        def wait_stream(self, other: Stream) -> None:
            log.append("wait")

    class CUDAGraph:
        def replay(self) -> None:
            log.append("replay")

    @contextmanager
    def within(what: object) -> Iterator[None]:
        log.append("side" if isinstance(what, Stream) else "capture")
        yield

    for name, played in (
        ("Stream", Stream), ("current_stream", Stream), ("stream", within),
        ("CUDAGraph", CUDAGraph), ("graph", within),
    ):  # fmt: skip
        monkeypatch.setattr(torch.cuda, name, played)

    def step() -> int:
        log.append("step")
        return log.count("step")

    captured = _Captured(step)
    assert [captured() for _ in range(5)] == [1, 2, 3, 4, 4]
    assert log == [*3 * ["wait", "side", "step", "wait"], "capture", "step", "replay", "replay"]


# -- errors ----------------------------------------------------------------------------------------


def test_errors_are_relative_and_keep_nan() -> None:
    assert loss_error([1.0, 2.2], [1.0, 2.0]) == pytest.approx(0.1)
    assert loss_error([1.0], None) is None
    assert np.isnan(loss_error([np.nan, 1.0], [1.0, 1.0]))
    assert gradient_error([[3.0, 4.0], [1.0]], [[3.0, 4.0], [2.0]]) == 0.5
    assert gradient_error([[0.0]], [[0.0]]) == 0.0 and gradient_error([[1.0]], [[0.0]]) == np.inf
    assert gradient_error([[1.0]], [[1.0], [2.0]]) is None and gradient_error([], None) is None
    assert np.isnan(gradient_error([[np.nan], [1.0]], [[1.0], [1.0]]))
    assert relative(np.array([1.0, np.nan]), np.array([2.0, np.nan])) == 0.5
    assert np.isnan(relative(np.array([1.0, np.nan]), np.array([2.0, 1.0])))
    assert relative(np.array([3]), np.array([0])) == 3 and relative(*2 * (np.zeros(0),)) == 0
    assert summary([3.0, 1.0, 2.0]) == pytest.approx(
        {"min": 1.0, "median": 2.0, "p10": 1.2, "p90": 2.8}
    )
    assert summary([]) is None


def program_of(case: str) -> Any:
    engine = Graph("cpu")
    engine.rows = ROWS
    step = engine.begin(CASES[case], calm=False)
    for _ in range(3):
        step()
    return step.programs[-1]  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", ["mlp", "cnn", "gan"])
def test_the_truth_is_what_the_program_means(case: str) -> None:
    program = program_of(case)
    found = {slot: y for each in known(program, np.asarray) for slot, y in each.true.items()}
    means = interpreted(program, [])
    pairs = list(zip(program.results, means.results, strict=True))
    pairs += [(s, g) for (_, s), g in zip(program.gradients, means.gradients, strict=True)]
    for slot, expected in pairs:
        if slot in found:
            np.testing.assert_allclose(found[slot], expected, rtol=1e-3, atol=1e-6)
            assert found[slot].dtype == np.float64
    assert sum(slot in found for slot, _ in pairs) > 3


def test_the_truth_moves_nothing() -> None:
    program = program_of("mlp")
    states = [slot.holder.array for slot in program.slots() if slot.origin == "state"]
    before = [x.copy() for x in states]
    assert sum(1 for _ in known(program, np.asarray)) > 20
    for x, y in zip(states, before, strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("case", ["mlp", "lenet5", "cnn", "gan"])
def test_pytorchs_ops_mean_the_same(case: str) -> None:
    """In float32 they are near float64, for most steps of each program."""
    errors = [peers.error(each, "cpu") for each in known(program_of(case), np.asarray)]
    there = [error for error in errors if error is not None]
    assert len(there) > len(errors) / 2 and max(there) < 2e-6


def test_an_error_is_seen() -> None:
    each = next(iter(known(program_of("mlp"), np.asarray)))
    (slot,) = each.true
    each.true[slot] = each.true[slot] * 1.01
    assert peers.error(each, "cpu") == pytest.approx(0.01, rel=0.05)
    assert judged.NEAR * 1e-7 < 1e-5


def test_every_kind_of_step_has_a_name_and_a_truth() -> None:
    """Series and convolutions with their windows as well as chains and bundles."""
    normed = Supervised(_normed, floats(4, 1, 8, 8), labels(4), "CrossEntropyLoss", "SGD",
                        {"lr": 0.1, "momentum": 0.9})  # fmt: skip
    texts = []
    with minigrad.cuda.simulated():
        for case in (CASES["cnn"], Case("normed", "batch normalisation", normed)):
            engine = Graph("cpu")
            engine.rows = 2
            step: Any = engine.begin(case, calm=True)
            step()
            step()
            program = step.programs[-1]
            done = [each for each in program.instructions if not each.is_view]
            assert [each.step for each in known(program, np.asarray)] == done
            texts.append("; ".join(map(kernels.named, done)))
    assert "conv, then 2 at once: window_max; window_argmax, then chain relu; " in texts[0]
    assert "in each channel sum, then chain div, then chain center, then mean_square" in texts[1]
    assert "in each channel chain gate, mul, mul, then sum_to, then " in texts[1], texts[1]


def _normed(nn: Any) -> Any:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
        nn.Linear(256, 10),
    )  # fmt: skip


@pytest.mark.usefixtures("gxx")
def test_a_kernel_that_fails_is_told_and_the_next_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = kernels._Looked._checked
    calls: list[Known] = []

    def failing(self: Any, each: Known) -> Any:
        calls.append(each)
        if len(calls) == 2:
            raise RuntimeError("it does not compile")
        return real(self, each)

    monkeypatch.setattr(kernels._Looked, "_checked", failing)
    found = looked_at("mlp")
    wrong = [each for each in found if not each["ok"]]
    assert [each["answer"] for each in wrong] == ["RuntimeError: it does not compile"]
    assert wrong[0]["wrong"][0].startswith("kernels: mlp: ")
    assert len(found) > 10 and {each["case"] for each in found} == {"mlp"}


def looked_at(case: str, seconds: float = 60.0) -> list[dict[str, Any]]:
    """What is found of a case's kernels."""
    return list(kernels.findings(Asked("simulated", seconds, case, rows=ROWS, brief=True)))


@pytest.mark.usefixtures("gxx")
def test_a_kernel_that_is_wrong_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in which nothing was computed leaves the nan that its result held before."""
    monkeypatch.setattr(Simulated, "launch", lambda self, work: None)
    found = looked_at("mlp")
    assert found and not any(each["ok"] for each in found)


@pytest.mark.usefixtures("gxx")
def test_without_time_nothing_is_looked_at() -> None:
    (found,) = looked_at("mlp", -1.0)
    assert found["skipped"] == ["kernels: mlp: no time was left for all of them"]


# -- TF32 ------------------------------------------------------------------------------------------


def test_tf32_is_ten_bits_to_the_nearest() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal(1000) * 10.0 ** rng.integers(-20, 20, 1000)
    mantissa, exponent = np.frexp(x)
    np.testing.assert_array_equal(rounded(x), np.ldexp(np.rint(mantissa * 2**11) / 2**11, exponent))
    assert rounded(np.array([1 + 2**-12, 1 + 2**-10, 0.0])).tolist() == [1.0, 1 + 2**-10, 0.0]


def test_what_a_policy_rounds_is_rounded_and_nothing_else() -> None:
    """Forward and in both gradients, and afterwards as before."""
    rng = np.random.default_rng(1)
    x, w, g = (rng.standard_normal(s) for s in ((5, 7), (7, 3), (5, 3)))
    for name, rounds in (("tf32", True), ("default", False), ("fp32", False)):
        a, b = (minigrad.tensor(n, requires_grad=True) for n in (x, w))
        with rounding(POLICIES[name]):
            y = a @ b
            y.backward(minigrad.tensor(g))
        short = rounded if rounds else np.asarray
        np.testing.assert_allclose(y.detach().numpy(), short(x) @ short(w), rtol=1e-13)
        np.testing.assert_allclose(a.grad.numpy(), short(g) @ short(w).T, rtol=1e-13)
        np.testing.assert_allclose(b.grad.numpy(), short(x).T @ short(g), rtol=1e-13)
    np.testing.assert_array_equal((minigrad.tensor(x) @ minigrad.tensor(w)).numpy(), x @ w)
    image, filters = rng.standard_normal((2, 3, 6, 6)), rng.standard_normal((4, 3, 3, 3))
    means = {}
    for name in ("default", "fp32"):
        with rounding(POLICIES[name]):
            y = minigrad.nn.functional.conv2d(minigrad.tensor(image), minigrad.tensor(filters))
        means[name] = y.numpy()
    exact = torch.nn.functional.conv2d
    for name, short in (("default", rounded), ("fp32", np.asarray)):
        want = exact(torch.from_numpy(short(image)), torch.from_numpy(short(filters))).numpy()
        np.testing.assert_allclose(means[name], want, rtol=1e-12, atol=1e-13)


# -- data, profiles --------------------------------------------------------------------------------


def test_mnist_is_found_near_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accuracy, "ROOT", tmp_path / "here")
    monkeypatch.delenv("MINIGRAD_DATA", raising=False)
    (tmp_path / "here").mkdir()
    assert accuracy.folder() is None
    for place in ("shared/data", "here/shared/data"):  # the nearer one comes first
        (tmp_path / place / "mnist").mkdir(parents=True)
        (tmp_path / place / accuracy.FILE).write_bytes(b"")
        assert accuracy.folder() == str(tmp_path / place)
    monkeypatch.setenv("MINIGRAD_DATA", "/elsewhere")
    assert accuracy.folder() is None  # what was said counts


@pytest.mark.usefixtures("gxx")
def test_what_was_trained_on_in_the_place_of_mnist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is not here, a dataset falls back on the digits of a package."""
    x = minigrad.randn(70, 1, 28, 28)
    digits = TensorDataset(x, minigrad.randint(0, 10, (70,)))
    splits = Splits(digits, digits, None, "the 70 digits that some package ships")
    monkeypatch.setattr(data, "read", lambda recipe, root, seed: splits)
    (found,) = accuracy.findings(Asked("simulated", 60.0, "D3"))
    assert found["instead"] and found["known"] is None and found["epochs"] == 1
    assert found["data"] == "NOT MNIST: 70 train, 70 test; the 70 digits that some package ships"
    assert found["skipped"] == [
        "accuracy: D3: MNIST is not here; trained on 70 train, 70 test; the 70 digits that some "
        "package ships"
    ]
    assert "wrong" not in found and set(found["test_accuracy"]) == {"minigrad", "torch"}


def test_few_images_part_accuracies_by_chance() -> None:
    assert accuracy.apart(97.0, 97.2, 10_000) == pytest.approx(0.956, abs=0.01)
    assert accuracy.apart(100.0, 100.0, 10_000) == accuracy.CLOSE
    assert accuracy.apart(90.0, 90.0, 360) > 8


def test_the_profilers_table_is_read() -> None:
    rows = [
        "==PROF== Connected", '"ID","Kernel Name","Metric Name","Metric Unit","Metric Value"',
        '"0","a","dram__bytes.sum","byte","1,024"', '"0","a","gpu__time_duration.sum","ns","1,500"',
        '"1","b","gpu__time_duration.sum","ns","2000"', '"2","a","gpu__time_duration.sum","ns","9"',
    ]  # fmt: skip
    found = profile.parsed("\n".join(rows))
    assert [(x["kernel"], x["times"], x["gpu__time_duration.sum"]) for x in found] == [
        ("b", 1, 2000.0), ("a", 2, 1509.0),
    ]  # fmt: skip
    assert found[1]["dram__bytes.sum"] == 1024.0 and found[1]["dram__bytes.sum unit"] == "byte"
    assert profile.parsed("==ERROR== ERR_NVGPUCTRPERM") == []


@pytest.mark.usefixtures("gxx")
def test_a_kernels_time_is_what_many_take_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes: list[int] = []

    def seconds(target: Any, launch: Any, least: float, warm: float) -> float:
        nodes.append(launch.__self__.nodes)
        return 5e-6 + 2e-6 * nodes[-1]

    monkeypatch.setattr(profile, "seconds_of", seconds)
    with minigrad.cuda.simulated() as target:
        _, step = profile.made(Asked("simulated", 60.0, "mlp", rows=2))
        asked = Asked("cuda", 60.0, "mlp")
        found = profile._differences(target, step, asked, float("inf"))
        late = profile._differences(target, step, asked, float("-inf"))
    assert set(nodes) == {1, profile.MANY} and found["timed"] == found["of"] > 10
    assert all(row["us"] == pytest.approx(2.0) for row in found["kernels"])
    assert found["sum_us"] == pytest.approx(2.0 * step.replays[-1].counts["nodes"])
    assert late["timed"] == 0 and late["kernels"] == []


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('echo ==PROF==; echo \'"ID","Kernel Name","Metric Name","Metric Unit","Metric Value"\'; '
         'echo \'"0","a","gpu__time_duration.sum","ns","1,500"\'', 1500.0),
        ("echo ==ERROR== ERR_NVGPUCTRPERM; exit 1", "==ERROR== ERR_NVGPUCTRPERM"),
        ("exit 0", "it said nothing"),
        ("exec sleep 60", "TimeoutExpired"),
        (None, "ncu is not there"),
    ],
)  # fmt: skip
def test_the_profiler_is_asked_where_it_answers(
    script: str | None, told: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if script is not None:
        (tmp_path / "ncu").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "ncu").chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = profile._profiler(Asked("cuda", 60.0, "mlp"), 0.5)
    if isinstance(told, float):
        assert found["of"] == 1 and found["kernels"][0]["gpu__time_duration.sum"] == told
    else:
        assert told in found["why_not"]
