"""The examples in PyTorch's documentation of every name that minigrad has, run on both sides.

Each example (a line after ``>>>``) gives the same on both: values, types and shapes. Random
numbers are drawn by NumPy for both, the same ones. An example that PyTorch itself does not run, or
that needs what minigrad does not have, is told in the tables below, with the reason.
"""

from __future__ import annotations

import doctest
import inspect
import math
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")

SPACES = ("", "linalg", "nn.functional", "autograd", "autograd.functional", "Tensor")
MISSING = re.compile(
    r"complex|\d+\.?\d*j\b|cfloat|cdouble|view_as|\.real\b|\.imag\b|cuda|sparse|quantiz|bfloat16|"
    r"out=|layout|memory_format|named|names=|tolist\(\) *#|torch\.dtype|fft|bool8|uint16|uint32|"
    r"uint64|\.grad_fn|torch\.special|set_default|__version__|vmap|func\.|torch\.storage|untyped|"
    r"uniform_|normal_|bernoulli|multinomial|torch\.normal|gumbel|resize_|Generator|generator|timeit|Process|torch\.(load|save)|plt\.|memory|is_pinned|jit\."
)
"""What stands in an example that minigrad has not: the example ends there."""
DIFFERENT = {
    "cov": "no fweights and aweights",
    "sort": "equal numbers keep their order, with or without stable",
    "linalg.lstsq": "no driver gives the singular values",
    "linalg.solve": "whether float32 is near enough differs with the numbers",
    "linalg.solve_triangular": "whether float32 is near enough differs with the numbers",
    "Tensor.new_empty": "the numbers are whatever is in memory",
}
"""Names whose examples are not compared, and why."""


class Drawn:
    """A side whose random numbers are NumPy's."""

    def __init__(self, side: Any) -> None:
        self.side = side
        self.rng = np.random.default_rng(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.side, name)

    def _made(self, numbers: Any, dtype: Any = None, requires_grad: bool = False) -> Any:
        made = self.side.from_numpy(np.asarray(numbers, np.float32))
        made = made if dtype is None else made.to(dtype)
        return made.requires_grad_(requires_grad)

    def rand(self, *size: Any, **options: Any) -> Any:
        return self._made(self.rng.random(_shape(size)), **options)

    def randn(self, *size: Any, **options: Any) -> Any:
        return self._made(self.rng.standard_normal(_shape(size)), **options)

    def empty(self, *size: Any, **options: Any) -> Any:
        return self.zeros(*size, **options)

    def randint(self, *bounds: Any, dtype: Any = None, **_: Any) -> Any:
        *limits, size = bounds
        low, high = limits if len(limits) == 2 else (0, *limits)
        numbers = self.side.from_numpy(self.rng.integers(low, high, _shape((size,))))
        return numbers if dtype is None else numbers.to(dtype)

    def randperm(self, n: int) -> Any:
        return self.side.from_numpy(self.rng.permutation(n))


def _shape(size: Any) -> Any:
    return tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else size


def named(side: Any, name: str) -> Any:
    for part in name.split("."):
        side = getattr(side, part, None)
    return side


def documented() -> Iterator[Any]:
    """Every name that both have and whose documentation shows examples."""
    seen = set()
    for space in SPACES:
        own = named(minigrad, space) if space else minigrad
        names = dir(own) if space == "Tensor" else getattr(own, "__all__", dir(own))
        for name in sorted(names):
            full = f"{space}.{name}".lstrip(".")
            thing = None if name.startswith("_") else named(torch, full)
            if not callable(thing) or inspect.isclass(thing) or id(thing) in seen:
                continue
            seen.add(id(thing))
            if ">>>" in (thing.__doc__ or ""):
                yield full


def examples(name: str) -> list[Any]:
    """The statements of the examples, compiled: (code, whether it is an expression, text)."""
    text = inspect.cleandoc(named(torch, name).__doc__)
    found = []
    try:
        parsed = doctest.DocTestParser().get_examples(text)
    except ValueError:  # no blank after the prompt
        parsed = doctest.DocTestParser().get_examples(re.sub(r"(?m)^(\s*>>>)(?=\S)", r"\1 ", text))
    for example in parsed:
        source = example.source.strip()
        try:
            found.append((compile(source, name, "eval"), True, source))
        except SyntaxError:
            try:
                found.append((compile(source, name, "exec"), False, source))
            except SyntaxError:
                break
    return found


def values(name: str, side: Any, length: int | None = None) -> list[Any]:
    """What the examples give, up to the first that cannot be run."""
    drawn = Drawn(side)
    space: dict[str, Any] = {
        "torch": drawn,
        "np": np,
        "numpy": np,
        "math": math,
        "Tensor": side.Tensor,
    }
    space.update({"F": side.nn.functional, "nn": side.nn, "linalg": side.linalg, "inf": math.inf})
    found: list[Any] = []
    for code, expression, text in examples(name)[:length]:
        if MISSING.search(text) or "import" in text:
            break
        try:
            result = eval(code, space)
        except Exception as error:
            found.append(error)
            if length is None:
                break
            continue
        found.append(result if expression else None)
        if expression:
            space["_"] = result
    return found


def plain(x: Any) -> Any:
    if isinstance(x, (torch.Tensor, minigrad.Tensor)):
        values = x.detach().cpu().numpy()
        return "tensor", str(x.dtype).removeprefix("torch."), tuple(x.shape), np.asarray(values)
    if isinstance(x, (tuple, list)):
        return [plain(item) for item in x]
    if isinstance(x, (torch.dtype, np.dtype)):
        return str(x).removeprefix("torch.")
    return x if isinstance(x, (int, float, str, bool, type(None))) else type(x).__name__


def agree(a: Any, b: Any) -> None:
    if isinstance(b, list):
        assert len(a) == len(b)
        for left, right in zip(a, b, strict=True):
            agree(left, right)
    elif isinstance(b, tuple):
        assert a[:3] == b[:3]
        np.testing.assert_allclose(
            np.asarray(a[3], float), np.asarray(b[3], float), rtol=1e-3, atol=1e-4
        )
    elif isinstance(b, float):
        assert a == pytest.approx(b, nan_ok=True)
    elif isinstance(b, int):
        assert a == b and type(a) is type(b)


@pytest.mark.parametrize("name", [n for n in documented() if n not in DIFFERENT])
def test_documented_example(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = values(name, torch)
        if expected and isinstance(expected[-1], Exception):
            expected = expected[:-1]  # an example that PyTorch itself refuses
        have = values(name, minigrad, len(expected))
    texts = [text for _, _, text in examples(name)][: len(expected)]
    for text, left, right in zip(texts, have, expected, strict=True):
        if isinstance(left, Exception):
            raise AssertionError(f"{text}: {type(left).__name__}: {left}") from left
        try:
            agree(plain(left), plain(right))
        except AssertionError as error:
            raise AssertionError(f"{text}: {error}") from error
