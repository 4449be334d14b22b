"""The names: what the package promises is there, and is one thing where PyTorch's is one thing."""

from __future__ import annotations

import importlib

import pytest

import minigrad
from minigrad import Tensor

torch = pytest.importorskip("torch")

PACKAGES = [
    "minigrad",
    *("autograd", "cuda", "linalg", "nn", "nn.functional", "nn.init", "nn.utils", "optim"),
    *("optim.lr_scheduler", "utils.data", "datasets", "models"),
]

OTHER_NAMES = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "clip": "clamp",
    "divide": "div",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "multiply": "mul",
    "negative": "neg",
    "not_equal": "ne",
    "subtract": "sub",
}


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_there(name: str) -> None:
    package = importlib.import_module(name if name == "minigrad" else f"minigrad.{name}")
    missing = [public for public in package.__all__ if not hasattr(package, public)]
    assert not missing
    assert len(set(package.__all__)) == len(package.__all__)


@pytest.mark.parametrize(("other", "name"), OTHER_NAMES.items())
def test_other_names_mean_the_same(other: str, name: str) -> None:
    assert getattr(Tensor, other) is getattr(Tensor, name)
    assert getattr(minigrad, other) is getattr(minigrad, name)
    assert getattr(Tensor, f"{other}_") is getattr(Tensor, f"{name}_")


def test_functions_that_are_methods_in_pytorch_are_here() -> None:
    """Every method of a tensor that PyTorch has as a function as well is one, in-place twins and
    types aside."""
    methods = {
        name
        for name in dir(Tensor)
        if not name.startswith("_") and not name.endswith("_") and callable(getattr(Tensor, name))
    }
    as_functions = {name for name in methods if callable(getattr(torch, name, None))}
    assert not {name for name in as_functions if not hasattr(minigrad, name)}


def test_constants_and_facts() -> None:
    for name in ("e", "pi", "inf"):
        assert getattr(minigrad, name) == getattr(torch, name)
    assert minigrad.nan != minigrad.nan
    x = minigrad.ones(2, 3, requires_grad=True)
    assert minigrad.is_tensor(x) and not minigrad.is_tensor([1])
    assert minigrad.numel(x) == 6 and minigrad.is_floating_point(x)
    assert not minigrad.detach(x).requires_grad
    assert x.shape == minigrad.Size([2, 3])
    assert minigrad.finfo(minigrad.float32).eps == torch.finfo(torch.float32).eps
    assert minigrad.iinfo(minigrad.int64).max == torch.iinfo(torch.int64).max
