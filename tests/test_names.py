"""The names: what the package promises is there, and is one thing where PyTorch's is one thing."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest

import minigrad
from minigrad import Tensor

torch = pytest.importorskip("torch")

PACKAGES = [
    "minigrad",
    *("autograd", "cuda", "linalg", "nn", "nn.functional", "nn.init", "nn.utils", "optim"),
    *("optim.lr_scheduler", "utils.data", "datasets", "models", "draw"),
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


SPELLINGS = [
    "t.zeros(size=(2, 3))",
    "t.ones(size=[2])",
    "t.empty(size=(0, 2))",
    "t.rand(size=(2, 1)).shape",
    "t.randn(size=(3,)).shape",
    "t.randint(10, size=(2,)).shape",
    "t.randint(high=1, size=(2,))",
    "t.randint(low=3, high=4, size=(2, 2))",
    "x.new_zeros(size=(2,))",
    "x.new_ones(size=(2,))",
    "t.reshape(x, shape=(3, 2))",
    "t.reshape(input=x, shape=(3, 2))",
    "x.view(size=(3, 2))",
    "t.flip(x, dims=(0,))",
    "x.flip(dims=[0, 1])",
    "t.permute(x, dims=(1, 0))",
    "t.tile(x, dims=(2,))",
    "x.repeat(repeats=(2, 1))",
    "t.broadcast_to(x, size=(2, 2, 3))",
    "x.expand(size=(2, 2, 3))",
    "t.swapaxes(x, axis0=0, axis1=1)",
    "t.swapdims(x, dim0=0, dim1=1)",
    "t.split(x, split_size_or_sections=[1, 2], dim=1)",
    "x.split(split_size=2, dim=1)",
    "t.cat(tensors=(x, x), axis=1)",
    "t.stack([x, x], axis=-1)",
    "t.softmax(x, axis=0)",
    "x.log_softmax(axis=1)",
    "t.unsqueeze(x, axis=0)",
    "t.squeeze(x[None], axis=0)",
    "t.chunk(x, 2, axis=1)",
    "t.unbind(x, axis=1)",
    "t.sum(input=x, axis=1, keepdims=True)",
    "t.trapezoid(y=x)",
    "t.linalg.det(A=x @ x.T)",
    "t.nn.functional.relu(input=x)",
    "t.nn.functional.cross_entropy(input=x, target=t.tensor([0, 2]))",
    "x.clone().atan2_(other=x)",
]


@pytest.mark.parametrize("code", SPELLINGS)
def test_arguments_are_spelled_as_in_pytorch(code: str) -> None:
    ours, theirs = (
        eval(code, {"t": side, "x": side.arange(6.0).reshape(2, 3)}) for side in (minigrad, torch)
    )
    if isinstance(ours, Tensor):
        ours, theirs = (ours,), (theirs,)
    assert len(ours) == len(theirs)
    for y, z in zip(ours, theirs, strict=True):
        if isinstance(z, torch.Tensor):
            np.testing.assert_allclose(y.numpy(), z.numpy(), rtol=1e-6)
        else:
            assert y == z


def test_a_function_is_its_method_with_a_name_for_the_first_argument() -> None:
    assert minigrad.exp.__name__ == "exp"
    assert str(minigrad.exp.__doc__).startswith(f"{Tensor.exp.__doc__}\n\nArgs:\n    input: ")
    assert str(inspect.signature(minigrad.cumsum)).startswith("(input: 'Tensor', dim")
    with pytest.raises(TypeError, match=r"exp\(\) missing .*'input'"):
        minigrad.exp()
    assert minigrad.pow(2, minigrad.ones(2)).tolist() == [2, 2]
    assert minigrad.sum(minigrad.ones(2, 3), axis=0, keepdims=True).shape == (1, 3)


def test_no_function_of_a_tensor_stumbles_over_what_is_none() -> None:
    named = [n for n in minigrad.__all__ if inspect.isfunction(getattr(minigrad, n))]
    ours = [n for n in named if next(iter(inspect.signature(getattr(minigrad, n)).parameters), "")
            in ("input", "self")]  # fmt: skip
    assert len(ours) > 200
    for name in ours:
        if getattr(minigrad, name).__module__.startswith("minigrad.nn") or name == "bucketize":
            continue  # which PyTorch gives numbers as well
        spare = [minigrad.ones(2)] * 4
        for odd in ("a", [1.0], None, np.ones(2), object()):
            needed = [
                p
                for p in inspect.signature(getattr(minigrad, name)).parameters.values()
                if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
            ]
            with pytest.raises(TypeError):
                getattr(minigrad, name)(odd, *spare[1 : len(needed)])


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
