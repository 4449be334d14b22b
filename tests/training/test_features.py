"""The feature stack: any VGG of torchvision's, the project's own, and files that are no VGG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.errors import FileFormatError
from minigrad.recipes import RECIPES
from minigrad.serialization import load, save
from minigrad.training import data
from minigrad.training.features import OWN, Features, read
from minigrad.training.loop import look
from minigrad.training.metrics import METRICS
from minigrad.training.start import learner_of

torch = pytest.importorskip("torch")
models = pytest.importorskip("torchvision.models")

from safetensors.torch import save_file  # noqa: E402

from reference.parity import relative  # noqa: E402


def vgg(name: str) -> Any:
    """torchvision's, its classifier left out, with random weights and statistics."""
    torch.manual_seed(0)
    features = getattr(models, name)(weights=None, init_weights=False).features.eval()
    for layer in features:
        if isinstance(layer, torch.nn.BatchNorm2d):
            for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                torch.nn.init.uniform_(tensor, 0.5, 1.5)
    return torch.nn.ModuleDict({"features": features})


def outputs(stack: Any, x: Any) -> dict[str, Any]:
    """The ReLUs' outputs of torchvision's own module, pooling and padding as they are here."""
    found, stage, number = {}, 1, 0
    with torch.no_grad():
        for layer in stack["features"]:
            if isinstance(layer, torch.nn.MaxPool2d):
                x = torch.nn.functional.avg_pool2d(x, 2)
                stage, number = stage + 1, 0
                continue
            if isinstance(layer, torch.nn.Conv2d):
                x = torch.nn.functional.pad(x, (1, 1, 1, 1), mode="replicate")
                layer.padding = (0, 0)
            x = layer(x)
            if isinstance(layer, torch.nn.ReLU):
                number += 1
                found[f"relu{stage}_{number}"] = x.clone()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg11", "vgg16", "vgg16_bn"])
def test_torchvisions_networks_give_their_own_outputs(name, tmp_path):
    stack = vgg(name)
    path = tmp_path / "vgg.safetensors"
    save_file(stack.state_dict(), path)
    layers = read(path)
    assert [layer.name for layer in layers if layer.name.endswith("_1")] == [
        f"relu{stage}_1" for stage in range(1, 6)
    ]
    wanted = [layer.name for layer in layers]
    image = np.random.default_rng(0).random((1, 3, 32, 34), np.float32)
    mean, std = (
        torch.tensor(numbers).view(1, 3, 1, 1)
        for numbers in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    expected = outputs(stack, (torch.from_numpy(image) - mean) / std)
    assert list(expected) == wanted
    for side in (minigrad, torch):
        x = side.from_numpy(image)
        found = Features(side, layers, wanted, x)(x)
        for key, tensor in expected.items():
            assert relative(found[key].numpy(), tensor.numpy()) < 1e-5, key


def test_what_is_deeper_than_wanted_is_not_computed():
    x = minigrad.rand(1, 3, 16, 16)
    features = Features(minigrad, read(), ["relu2_1"], x)
    assert list(features(x)) == ["relu2_1"] and len(features.layers) == 2
    with pytest.raises(ValueError, match="features: no relu9_1; there are relu1_1, relu2_1"):
        Features(minigrad, read(), ["relu9_1"], x)


@pytest.mark.slow
def test_the_weights_that_come_along_are_what_the_recipe_learns():
    """From the same samples: the accuracy is that of the run that wrote the file."""
    assert OWN.stat().st_size < 300_000
    recipe = RECIPES["G3-features"]
    learner = learner_of(recipe, minigrad, load(OWN))
    splits = data.read(recipe, None, 0)
    seen = look(learner, splits.test, {"accuracy": METRICS["accuracy"]}).result("test")
    assert seen["test_accuracy"] == pytest.approx(71.1)


def state(**changes: Any) -> dict[str, Any]:
    made = {
        "features.0.weight": minigrad.rand(4, 3, 3, 3),
        "features.0.bias": minigrad.rand(4),
        "features.2.weight": minigrad.rand(5, 4, 3, 3),
        "features.2.bias": minigrad.rand(5),
    }
    return {name: t for name, t in {**made, **changes}.items() if t is not None}


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({"fc.weight": minigrad.rand(3, 3)}, "which has features.0.weight, found fc.weight"),
        ({}, "found nothing"),
        (state(**{"features.2.weight": minigrad.rand(5, 6, 3, 3)}), "found features.2 with a"),
        (state(**{"features.0.weight": minigrad.rand(4, 3, 5, 5)}), r"\(4, 3, 5, 5\) after 3"),
        (state(**{"features.2.weight": None}), r"features.2 with a weight of shape \(0,\)"),
        (state(**{"features.7.weight": minigrad.rand(5, 5, 3, 3)}), "found features.7"),
    ],
)
def test_a_file_of_another_network_is_told_apart(entries, told, tmp_path):
    save(entries, tmp_path / "other.safetensors")
    with pytest.raises(FileFormatError, match=told) as error:
        read(tmp_path / "other.safetensors")
    assert "other.safetensors: expected" in str(error.value)


def test_a_pickled_file_is_refused_with_the_way_to_convert_it(tmp_path: Path):
    torch.save({"features.0.weight": torch.rand(4, 3, 3, 3)}, tmp_path / "vgg.pth")
    with pytest.raises(FileFormatError, match=r"safetensors\.torch\.save_file\(torch\.load"):
        read(tmp_path / "vgg.pth")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nowhere.safetensors")
