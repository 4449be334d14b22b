"""Every layer against PyTorch's, from the same weights: results, every gradient, buffers, names."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.device import CPU, Device

torch = pytest.importorskip("torch")

import layers_of_features  # noqa: E402, F401 - the table fills as its parts are imported
import layers_of_images  # noqa: E402, F401
import layers_of_losses  # noqa: E402, F401
from layers import CASES, Case  # noqa: E402

from reference.weights import from_torch  # noqa: E402

LAYERS = {
    name
    for name, thing in vars(nn).items()
    if inspect.isclass(thing) and issubclass(thing, nn.Module) and thing is not nn.Module
}


def test_the_table_has_every_layer() -> None:
    assert {case.name for case in CASES} == LAYERS
    assert LAYERS <= set(nn.__all__)


def built(case: Case, s: Any, dtype: str) -> Any:
    """The layer of one side."""

    def own(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return s.tensor(value)
        return value(s) if inspect.isfunction(value) else value

    args, options = case.given
    args, options = [own(v) for v in args], {k: own(v) for k, v in options.items()}
    twin = case.twin if s is torch else None
    if twin or case.build:
        layer = (twin or case.build)(s, *args, **options)  # type: ignore[misc]
    else:
        layer = getattr(s.nn, case.name)(*args, **options)
    return layer.to(getattr(s, dtype)).train(case.train)


def flat(x: Any) -> list[Any]:
    return [t for item in x for t in flat(item)] if isinstance(x, (tuple, list)) else [x]


class Side:
    """One side of a case: a layer and its inputs."""

    def __init__(self, case: Case, s: Any, dtype: str, device: Any = "cpu") -> None:
        self.case, self.s, self.dtype, self.device = case, s, dtype, device
        self.layer = built(case, s, dtype).to(device)
        self.seed = iter(range(100))
        self.inputs = [self.leaf(x) for x in case.inputs]
        self.call = {
            k: self.tensor(v) if isinstance(v, np.ndarray) else v for k, v in case.call.items()
        }

    def tensor(self, numbers: np.ndarray) -> Any:
        numbers = numbers.astype(self.dtype) if numbers.dtype.kind == "f" else numbers
        return self.s.tensor(numbers, device=self.device)

    def leaf(self, x: Any) -> Any:
        if isinstance(x, list):
            return tuple(self.leaf(part) for part in x)
        if isinstance(x, tuple):
            x = np.random.default_rng(next(self.seed)).standard_normal(x)
        return self.tensor(x).requires_grad_(x.dtype.kind == "f")

    def step(self) -> list[Any]:
        """The results; their gradients are added up in the leaves."""

        def moved(x: Any) -> Any:  # a leaf may not be written over, and inplace=True does that
            if isinstance(x, tuple):
                return tuple(moved(part) for part in x)
            return x * 1 if x.requires_grad else x

        results = flat(self.layer(*(moved(x) for x in self.inputs), **self.call))
        loss, draw = 0, np.random.default_rng(5)
        for y in results:
            if y is not None and y.requires_grad:
                loss = loss + (y * self.tensor(draw.standard_normal(tuple(y.shape)) + 0.5)).sum()
        loss.backward()  # type: ignore[attr-defined]
        return results


def assert_near(name: str, a: Any, b: Any, tolerance: float) -> None:
    """The same type and shape; numbers within ``tolerance`` of the largest."""
    assert (a is None) == (b is None), name
    if a is None:
        return
    a, b = a.detach().cpu().numpy(), b.detach().numpy()
    assert (a.dtype, a.shape) == (b.dtype, b.shape), name
    if b.dtype.kind == "f":
        worst, largest = np.abs(a - b).max(initial=0), np.abs(b).max(initial=0)
        assert worst <= tolerance * largest, f"{name}: {worst / largest:.2g}"
    else:
        np.testing.assert_array_equal(a, b, err_msg=name)


def shown(layer: Any) -> str:
    """The repr, less the differences that the README's table lists."""
    text = repr(layer).replace("FullConnection(", "Linear(").replace("torch.", "")
    return text.replace("FloatTensor", "float32").replace("DoubleTensor", "float64")


def label(case: Case) -> str:
    args, options = case.given
    parts = [*map(str, args), *(f"{k}={v}" for k, v in options.items())]
    if any(" at 0x" in part or "\n" in part or "[" in part for part in parts):
        parts = ["..."]
    return f"{case.name}({', '.join(parts)}){'' if case.train else '.eval()'}"


@pytest.mark.parametrize("case", CASES, ids=label)
def test_layer(case: Case, device: Device) -> None:
    for dtype in ("float64", "float32"):
        layers_agree(case, dtype, device)


def layers_agree(case: Case, dtype: str, device: Device) -> None:
    ours, theirs = Side(case, minigrad, dtype, device), Side(case, torch, dtype)
    if case.twin is None and device == CPU:  # some say where they are
        assert shown(ours.layer) == shown(theirs.layer)
    draw = np.random.default_rng(1)
    for t in theirs.layer.state_dict().values():  # no weight is left at 0 or 1
        if t.is_floating_point():
            t += torch.from_numpy(draw.random(tuple(t.shape)) * 0.5).to(t.dtype)
    assert list(ours.layer.state_dict()) == list(theirs.layer.state_dict())
    from_torch(theirs.layer, ours.layer)
    tolerance = case.tolerance if dtype == "float64" else 1e-5
    for _ in range(2):  # the second step adds to the gradients and moves the buffers on
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch on 'same' with even kernels, on float masks
            expected = theirs.step()
        results = ours.step()
        assert len(results) == len(expected)
        for i, (y, t) in enumerate(zip(results, expected, strict=True)):
            assert_near(f"{dtype}: result {i}", y, t, tolerance)
    leaves = zip(flat(ours.inputs), flat(theirs.inputs), strict=True)
    for i, (x, t) in enumerate(leaves):
        assert_near(f"{dtype}: gradient of input {i}", x.grad, t.grad, tolerance)
    named = zip(ours.layer.named_parameters(), theirs.layer.named_parameters(), strict=True)
    for (name, p), (their_name, t) in named:
        assert name == their_name
        assert_near(f"{dtype}: gradient of {name}", p.grad, t.grad, tolerance)
    after = theirs.layer.state_dict()
    for name, value in ours.layer.state_dict().items():
        assert_near(f"{dtype}: {name} after the step", value, after[name], tolerance)
