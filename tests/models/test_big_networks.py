"""The large networks against torchvision's: files of weights, outputs, statistics, every gradient.

PyTorch's own float32 gradients of the networks with batch normalisation are far from its float64
ones, by a tenth of a tensor's largest number and more: rounding turns some ReLU over, and what
comes after it is another function. So every gradient is compared in float64 from end to end, and in
float32 layer by layer; where nothing is normalised, in float32 from end to end as well, with
PyTorch's float64: no further from it than PyTorch's float32, of which a ReLU of VGG-16 may be over.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.models import MODELS
from minigrad.nn import Module

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from reference.models import TWINS  # noqa: E402
from reference.parity import relative, without_dropout  # noqa: E402

LARGE = [name for name, network in MODELS.items() if network.input == (3, 224, 224)]
PLAIN = ["alexnet", "alexnet224", "vgg16"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=LARGE)
def name(request: pytest.FixtureRequest) -> str:
    """Every network; its tests come one after the other, and its weights are drawn once."""
    return request.param


@lru_cache(maxsize=1)
def first(name: str) -> Module:
    """The network with its first weights, to be copied."""
    minigrad.manual_seed(0)
    return MODELS[name]()


def images(count: int, size: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(1).standard_normal((count, 3, size, size)).astype(dtype)


def some_images(name: str, dtype: str = "float32") -> np.ndarray:
    """Two images; small ones where the network allows it."""
    return images(2, 224 if name == "alexnet224" else 64, dtype)


def pair(name: str, dtype: str) -> tuple[Module, Any]:
    """The network and its twin with the same first weights, in the same memory."""
    model = deepcopy(first(name)).to(dtype=dtype)
    return model, twin_of(name, model)


def twin_of(name: str, model: Module) -> Any:
    """PyTorch's network with the parameters of this one, in the same memory."""
    with torch.device("meta"):
        twin = TWINS[name]()
    state = {key: torch.from_numpy(t.numpy()) for key, t in model.state_dict().items()}
    for key, _ in model.named_buffers():
        state[key] = state[key].clone()  # a step changes these
    twin.load_state_dict(state, assign=True)
    return twin


def used(twin: Any) -> Any:
    """The twin with batch normalisation as after a training: statistics, scales and shifts of all
    sizes, each branch of a ResNet adding a little to its input. With the first weights a ResNet-152
    in training mode amplifies rounding until float32 is 2e-3 from float64, in PyTorch too."""
    draw = torch.Generator().manual_seed(2)
    for layer in twin.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5, generator=draw)
            torch.nn.init.normal_(layer.bias, 0.0, 0.1, generator=draw)
            layer.running_mean.normal_(0, 0.1, generator=draw)
            layer.running_var.uniform_(0.5, 1.5, generator=draw)
            layer.num_batches_tracked.fill_(5)
    for block in twin.modules():
        if hasattr(block, "downsample"):
            with torch.no_grad():
                (block.bn3 if hasattr(block, "bn3") else block.bn2).weight.mul_(0.2)
    return twin


def test_names_and_first_weights_are_those_of_the_twin(name: str) -> None:
    """Each tensor's mean and deviation lie where two draws of one distribution would."""
    model, twin = first(name), TWINS[name]()
    assert sum(p.numel() for p in model.parameters()) == MODELS[name].parameters
    for kind in ("named_parameters", "named_buffers", "named_modules"):
        assert [k for k, _ in getattr(model, kind)()] == [k for k, _ in getattr(twin, kind)()]
    mine, other = model.state_dict(), twin.state_dict()
    assert list(mine) == list(other)
    for key, theirs in other.items():
        ours = torch.from_numpy(mine[key].numpy())
        assert ours.shape == theirs.shape and ours.dtype == theirs.dtype, key
        deviation = float(theirs.float().std(correction=0)) if theirs.ndim else 0.0
        if deviation == 0.0:  # a constant
            assert torch.equal(ours, theirs), key
        elif theirs.numel() > 500:
            near = 8 * deviation / theirs.numel() ** 0.5
            assert abs(float(ours.std()) - deviation) < near, key
            assert abs(float(ours.mean()) - float(theirs.mean())) < near, key


def test_weights_go_both_ways_through_files_and_outputs_agree(name: str, tmp_path: Path) -> None:
    model = deepcopy(first(name))
    twin = used(twin_of(name, deepcopy(model)))
    save_file(twin.state_dict(), tmp_path / "theirs.safetensors")
    for t in model.state_dict().values():
        t.fill_(0)
    loaded = model.load_state_dict(minigrad.load(tmp_path / "theirs.safetensors"))
    assert loaded == ([], [])

    minigrad.save(model.state_dict(), tmp_path / "ours.safetensors")
    back = load_file(tmp_path / "ours.safetensors")
    for path in tmp_path.iterdir():  # half a gigabyte, which pytest would keep
        path.unlink()
    assert all(torch.equal(back[key], t) for key, t in twin.state_dict().items())
    twin.load_state_dict(back, strict=True)
    del back

    for training, x in ((False, images(1, 224)), (True, some_images(name))):
        model.train(training)
        twin.train(training)
        with without_dropout(model), without_dropout(twin), minigrad.no_grad(), torch.no_grad():
            y, expected = model(minigrad.from_numpy(x)), twin(torch.from_numpy(x))
        assert y.shape == expected.shape == (len(x), 1000)
        assert relative(y.numpy(), expected.numpy()) < 1e-4
    theirs = dict(twin.named_buffers())
    for key, t in model.named_buffers():
        if key.endswith("num_batches_tracked"):
            assert t.item() == theirs[key].item() == 6
        else:
            assert relative(t.numpy(), theirs[key].numpy()) < 1e-4, key


def step(side: Any, model: Any, x: np.ndarray) -> dict[str, np.ndarray]:
    """What a training step computes: the output, the loss, every gradient, the statistics."""
    image = side.from_numpy(x).requires_grad_()
    with without_dropout(model):
        output = model(image)
    loss = side.nn.CrossEntropyLoss()(output, side.from_numpy(np.array([1, 7])))
    loss.backward()
    return {
        "the output": output.detach().numpy(),
        "the loss": loss.detach().numpy(),
        "the image": image.grad.numpy(),
        **{key: p.grad.numpy() for key, p in model.named_parameters()},
        **{key: t.numpy() for key, t in model.named_buffers()},
    }


def test_a_training_step_agrees_in_every_gradient(name: str) -> None:
    model, twin = pair(name, "float64")
    x = some_images(name, "float64")
    expected, have = step(torch, twin, x), step(minigrad, model, x)
    assert list(have) == list(expected)
    assert further(have, expected, {key: 1e-10 for key in expected}) == {}


@pytest.mark.parametrize("name", PLAIN, indirect=True, scope="module")
def test_a_training_step_in_float32_is_as_near_to_float64_as_pytorchs(name: str) -> None:
    model, twin = pair(name, "float32")
    x = some_images(name)
    theirs, have = step(torch, twin, x), step(minigrad, model, x)
    twin.zero_grad()
    exact = step(torch, twin.double(), x.astype(np.float64))
    own = {key: max(1e-5, relative(theirs[key], exact[key])) for key in exact}
    assert further(have, exact, own) == {}


def further(have: Any, exact: Any, allowed: dict[str, float]) -> dict[str, float]:
    """What is further from ``exact`` than allowed, and how far."""
    apart = {key: relative(have[key], exact[key]) for key in exact}
    return {key: d for key, d in apart.items() if not d <= allowed[key]}


def test_every_layer_of_a_training_step_agrees_in_float32(name: str) -> None:
    """Each layer is given what its twin was given within PyTorch's step: the same numbers from the
    left, the same cotangent from the right."""
    model, twin = pair(name, "float32")
    given: dict[str, list[Any]] = {}

    def watch(key: str) -> Any:
        def hook(layer: Any, args: Any, result: Any) -> None:
            met = given[f"{key} {len(given)}"] = [key, args[0].detach().clone()]
            result.register_hook(lambda g: met.append(g.clone()))

        return hook

    leaves = {k: layer for k, layer in twin.named_modules() if not list(layer.children())}
    handles = [layer.register_forward_hook(watch(k)) for k, layer in leaves.items()]
    step(torch, twin, some_images(name))
    for handle in handles:
        handle.remove()
    assert {key for key, *_ in given.values()} == set(leaves)
    with without_dropout(model), without_dropout(twin):
        for key, x, g in given.values():
            expected = alone(torch, twin.get_submodule(key), x, g)
            ours = (minigrad.from_numpy(t.detach().numpy()) for t in (x, g))
            have = alone(minigrad, model.get_submodule(key), *ours)
            for part in expected:
                assert relative(have[part], expected[part]) <= 1e-5, f"{part} of {key}"


def alone(side: Any, layer: Any, x: Any, g: Any) -> dict[str, np.ndarray]:
    """A layer's result for x, and its gradients for the cotangent g."""
    layer.zero_grad()
    x = x.detach().requires_grad_()
    y = layer(side.clone(x))  # torchvision's ReLUs write over what they are given
    y.backward(g)
    return {
        "the result": y.detach().numpy(),
        "the input": x.grad.numpy(),
        **{key: p.grad.numpy() for key, p in layer.named_parameters()},
    }
