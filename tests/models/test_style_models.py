"""The models of style transfer: an image that is a parameter, a network that repaints images."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.models import MODELS, StyleFeatures, StyleImage, StyleNet, stylize
from minigrad.serialization import load, save

torch = pytest.importorskip("torch")

from reference.models import TWINS  # noqa: E402
from reference.parity import relative  # noqa: E402
from reference.weights import to_torch  # noqa: E402


def photo(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(256, size=(height, width, 3)).astype(np.uint8)


def test_the_image_is_the_answer_and_gathers_the_gradient_of_every_sample():
    model = StyleImage(5, 4)
    y = model(minigrad.zeros(3, 3, 9, 9))
    assert y.shape == (3, 3, 5, 4) and (y == 0.5).all()
    y.sum().backward()
    assert model.pixels.grad.shape == (1, 3, 5, 4) and (model.pixels.grad == 3).all()
    assert [name for name, _ in model.named_parameters()] == ["pixels"]


@pytest.mark.parametrize("size", [(16, 16), (37, 50), (18, 67)])
def test_the_network_keeps_the_size_of_the_image(size):
    with minigrad.no_grad():
        y = StyleNet(width=4, blocks=1)(minigrad.rand(2, 3, *size))
    assert y.shape == (2, 3, *size) and 0 < y.min() and y.max() < 1


@pytest.mark.parametrize("name", ["style-image", "style-net"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
def test_twins_agree_on_images_of_odd_sizes(name, dtype, tolerance):
    minigrad.manual_seed(1)
    ours, twin = (table[name]() for table in (MODELS, TWINS))
    to_torch(ours, twin)
    ours, twin = ours.to(getattr(minigrad, dtype)), twin.to(getattr(torch, dtype))
    assert [k for k, _ in ours.named_modules()] == [k for k, _ in twin.named_modules()]
    x = np.random.default_rng(0).random((2, 3, 29, 34)).astype(dtype)
    a, b = minigrad.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    mine, other = ours(a), twin(b)
    assert relative(mine.detach().numpy(), other.detach().numpy()) < tolerance
    weights = np.random.default_rng(3).standard_normal(tuple(other.shape)).astype(dtype)
    mine.backward(minigrad.from_numpy(weights))
    other.backward(torch.from_numpy(weights))
    for (key, p), (_, q) in zip(ours.named_parameters(), twin.named_parameters(), strict=True):
        assert relative(p.grad.numpy(), q.grad.numpy()) < 2 * tolerance, key
    if name == "style-net":
        assert relative(a.grad.numpy(), b.grad.numpy()) < 2 * tolerance


def test_a_photograph_of_any_size_is_repainted_and_again_by_the_saved_network(tmp_path):
    model = StyleNet(width=4, blocks=1)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    for size in ((16, 23), (61, 40)):
        image = photo(*size)
        picture = stylize(model, image)
        assert picture.shape == image.shape and picture.dtype == np.uint8
        assert picture.std() > 0 and (stylize(again, image) == picture).all()


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (photo(20, 20) / 255, "float64 of shape (20, 20, 3)"),
        (photo(20, 20)[:, :, 0], "uint8 of shape (20, 20)"),
        (np.zeros((20, 20, 4), np.uint8), "uint8 of shape (20, 20, 4)"),
        (photo(15, 20), "uint8 of shape (15, 20, 3)"),
    ],
)
def test_what_is_no_photograph_is_refused(image, found):
    with pytest.raises(ValueError, match="stylize: expected an image of uint8") as error:
        stylize(StyleNet(width=4, blocks=1), image)
    assert found in str(error.value)


def test_the_feature_stack_is_named_as_torchvisions_vggs():
    from torchvision.models import vgg11_bn

    ours = StyleFeatures().features
    theirs = vgg11_bn(weights=None, init_weights=False).features
    kinds = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.AvgPool2d]
    assert [type(layer) for layer in list(ours)[:4]] == kinds
    assert [type(layer).__name__ for layer in list(theirs)[:3]] == [k.__name__ for k in kinds[:3]]
