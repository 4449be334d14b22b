"""Training on a GPU as on the CPU: the same random numbers, the same losses, states that travel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from minigrad import Tensor, nn, optim
from minigrad.compiler.targets.cuda.device import hardware, host
from minigrad.compiler.targets.cuda.launch import Launch
from minigrad.device import CPU, Device
from minigrad.errors import DeviceError
from minigrad.ops.random import keep
from minigrad.random import default_generator
from minigrad.serialization import load, save
from minigrad.utils.data import DataLoader, TensorDataset


def same(on_gpu: Tensor, expected: Tensor, tolerance: float = 0.0) -> None:
    np.testing.assert_allclose(
        on_gpu.cpu().numpy(), expected.numpy(), rtol=tolerance, atol=tolerance
    )


# -- random numbers --------------------------------------------------------------------------------


def test_masks_are_the_same_on_every_device(gpu: Device) -> None:
    masks = []
    for device in (CPU, gpu):
        minigrad.manual_seed(3)
        x = minigrad.ones(1000, device=device)
        masks.append([F.dropout(x, 0.3).tolist(), F.dropout(x, 0.7).tolist()])
    assert masks[0] == masks[1] and masks[0][0] != masks[0][1]


class OnHost:
    """A target that runs kernels on the stand-in's memory, built by g++."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def load(self, kernels: Any) -> None:
        self.kernels = host.load(kernels)

    def begin(self, spare: Any) -> None:
        self.calls.append("begin")

    def launch(self, work: Launch) -> None:
        args = tuple(getattr(x, "_array", x) for x in work.args)
        self.kernels.launch(replace(work, args=args))
        self.calls.append("launch")

    def end(self) -> None:
        self.calls.append("end")


@pytest.mark.skipif(host.compiler() is None, reason="no g++")
def test_masks_are_made_by_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    standin = pytest.importorskip("standin")
    kernel, target = keep.kernels["cuda"], OnHost()
    monkeypatch.setattr(hardware, "gpu", lambda device: target)
    facts = {"shape": (3, 7), "p": 0.3, "scale": 2.0, "dtype": np.dtype(np.float32)}
    place = np.array([5, 2**40])
    with standin.installed() as xp:
        mask = kernel(xp, xp.asarray(place), **facts)
        out = xp.empty((3, 7), np.float32)
        assert kernel(xp, xp.asarray(place), out=out, **facts) is out
        half = kernel(xp, xp.asarray(place), **{**facts, "dtype": np.dtype(np.float16)})
    expected = keep.plain(np, place, **facts)
    np.testing.assert_array_equal(mask.get(), expected)
    np.testing.assert_array_equal(out.get(), expected)
    np.testing.assert_array_equal(half.get(), expected.astype(np.float16))
    assert target.calls == ["begin", "launch", "end"] * 2


def test_the_state_of_a_generator_holds_the_masks_of_every_device(gpu: Device) -> None:
    minigrad.manual_seed(3)
    x = minigrad.ones(50, device=gpu)
    first = F.dropout(x).tolist()
    before = minigrad.get_rng_state()
    second = F.dropout(x).tolist()
    minigrad.set_rng_state(before)
    assert F.dropout(x).tolist() == second
    minigrad.manual_seed(3)
    assert F.dropout(x).tolist() == first
    on_cpu_only = {k: v for k, v in before.items() if " on " not in k}
    minigrad.set_rng_state(on_cpu_only)  # nothing was drawn on the device then
    assert F.dropout(x).tolist() == first
    assert default_generator.position_on(gpu).tolist() == [3, 1]


def test_random_numbers_are_the_same_on_every_device(gpu: Device) -> None:
    found = []
    for device in (CPU, gpu):
        minigrad.manual_seed(5)
        found.append(minigrad.randn(7, device=device).tolist())
    assert found[0] == found[1]


# -- networks --------------------------------------------------------------------------------------


def network() -> nn.Module:
    """Every parameter has a gradient that is determined: a bias before batch normalisation has
    none but noise, and Adam would make steps of it, other ones on every machine."""
    minigrad.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.25), nn.FullConnection(64, 5),
    ).double()  # fmt: skip


def trained(device: Device, steps: int = 5) -> tuple[nn.Module, optim.Optimizer, list[float]]:
    rng = np.random.default_rng(2)
    model = network().to(device)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    schedule = optim.lr_scheduler.StepLR(optimizer, 2)
    data = TensorDataset(
        minigrad.tensor(rng.standard_normal((32, 1, 8, 8))),
        minigrad.tensor(rng.integers(0, 5, 32)),
    )
    losses = []
    for (x, y), _ in zip(DataLoader(data, 8, pin_memory=True), range(steps), strict=False):
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return model, optimizer, losses


def test_a_network_learns_the_same(gpu: Device) -> None:
    (model, optimizer, losses), (other, theirs, expected) = trained(gpu), trained(CPU)
    np.testing.assert_allclose(losses, expected, rtol=1e-10)
    for (name, p), q in zip(model.state_dict().items(), other.state_dict().values(), strict=True):
        assert p.device == gpu, name
        same(p, q, 1e-10)
    for state in optimizer.state.values():
        assert all(t.device == gpu for t in state.values())
    assert theirs.param_groups[0]["lr"] == optimizer.param_groups[0]["lr"]


def test_a_network_goes_and_comes(gpu: Device) -> None:
    model = network()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    parameters = list(model.parameters())
    assert model.to(gpu) is model
    assert all(p is q for p, q in zip(parameters, model.parameters(), strict=True))
    assert all(t.device == gpu for t in model.state_dict().values())
    model.cpu()
    for name, t in model.state_dict().items():
        assert t.device == CPU
        np.testing.assert_array_equal(t.numpy(), before[name].numpy())


def test_states_are_brought_to_where_the_parameters_are(gpu: Device) -> None:
    """As in PyTorch: loading is a copy that is asked for."""
    model, optimizer, _ = trained(gpu)
    other = network()
    twin = optim.Adam(other.parameters(), lr=0.01)
    other.load_state_dict(model.state_dict())
    twin.load_state_dict(optimizer.state_dict())
    assert all(t.device == CPU for t in other.state_dict().values())
    assert all(t.device == CPU for state in twin.state.values() for t in state.values())
    model.load_state_dict(other.state_dict())
    assert all(t.device == gpu for t in model.state_dict().values())


def test_files_are_read_to_a_device(gpu: Device, tmp_path: Path) -> None:
    model, optimizer, _ = trained(gpu)
    save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "a")
    for place, where in ((None, CPU), (str(gpu), gpu)):
        found = load(tmp_path / "a", map_location=place)
        assert all(t.device == where for t in found["model"].values())
        same(found["model"]["0.weight"], model.state_dict()["0.weight"].cpu())
    save(model, tmp_path / "b")
    assert next(load(tmp_path / "b", map_location=gpu).parameters()).device == gpu


def test_a_state_that_stayed_behind_is_told(gpu: Device) -> None:
    """An optimizer that has made steps does not follow its parameters."""
    model, optimizer, _ = trained(CPU)
    model.to(gpu)
    model(minigrad.zeros(2, 1, 8, 8, dtype=minigrad.float64, device=gpu)).sum().backward()
    with pytest.raises(
        DeviceError, match=f"same device: operands on (cpu and {gpu}|{gpu} and cpu)"
    ):
        for p in model.parameters():
            p.grad = minigrad.ones_like(p)
        optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())  # brings the state to the parameters
    optimizer.step()


def test_gradients_of_two_devices_are_clipped_together(gpu: Device) -> None:
    """As in PyTorch: their norms are brought to the device of the first."""
    parameters = [nn.Parameter(minigrad.ones(2, device=d)) for d in (gpu, CPU)]
    for p in parameters:
        p.grad = minigrad.ones_like(p)
    total = nn.utils.clip_grad_norm_(parameters, 1.0)
    assert total.device == gpu
    np.testing.assert_allclose(total.item(), 2, rtol=1e-6)
    for p in parameters:
        assert p.grad.device == p.device
        np.testing.assert_allclose(p.grad.tolist(), [0.5, 0.5], rtol=1e-5)
