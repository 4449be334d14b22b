"""Tensors print as PyTorch's do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad
from minigrad import printing

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def _default_options() -> Iterator[None]:
    yield
    minigrad.set_printoptions(profile="default")
    torch.set_printoptions(profile="default")


def expected(t: Any) -> str:
    """PyTorch's text with our names in it."""
    return repr(t).replace("torch.", "").replace("Backward0", "Backward")


def same(array: Any) -> None:
    array = np.asarray(array)
    have, want = repr(minigrad.from_numpy(array)), expected(torch.from_numpy(array.copy()))
    if "dtype=" in want:  # without "torch." it fits into more lines
        have, want = " ".join(have.split()), " ".join(want.split())
    assert have == want


CASES: list[Any] = [
    np.float32([1, 2]),
    np.float32(1.5),
    np.float32(2),
    np.float32([1.5, 2, 1e-5]),
    np.float32([1e10, 1]),
    np.float32([np.nan, 1]),
    np.float32([np.inf, 1.5]),
    np.float32([np.nan, -np.inf]),
    np.float32([[1.5, -2.25], [1000, 3]]),
    np.float32([0.1, 100000]),
    np.float32([-0.0, 0]),
    np.float32([123456789]),
    np.float32([999999]),
    np.float32([1, 1001]),
    np.float64([[0.5]]),
    np.float16([1, 2.5]),
    np.array([[1, 2], [3, 400]]),
    np.array([-1, 10], np.int32),
    np.array(7, np.uint8),
    np.array([True, False]),
    np.array(True),
    np.zeros(0, np.float32),
    np.zeros((2, 0), np.float32),
    np.zeros(0, np.int64),
    np.zeros((0, 3), np.float64),
    np.zeros((2, 3, 4), np.float32),
    np.zeros((1, 2, 2, 2), np.float32),
    np.arange(1001),
    np.arange(1000),
    np.arange(1001, dtype=np.float32).reshape(7, 143),
    np.arange(4000, dtype=np.float64).reshape(20, 10, 20),
    np.arange(2000).reshape(2, 1000),
    np.arange(2000).reshape(1000, 2),
    np.random.default_rng(0).standard_normal((3, 30)).astype(np.float32),
    np.random.default_rng(0).standard_normal(12),
]


@pytest.mark.parametrize("array", CASES, ids=lambda a: f"{a.dtype}{list(a.shape)}")
def test_as_torch(array: Any) -> None:
    same(array)


numbers = st.one_of(
    st.floats(width=32),
    st.floats(-10, 10, width=32),
    st.integers(-2000, 2000).map(float),
    st.sampled_from([0.0, -0.0, 1e-5, 1e8, 1e9, np.inf, np.nan]),
)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)


@settings(max_examples=200, derandomize=True)
@given(hnp.arrays(np.float32, shapes, elements=numbers))
def test_floats_as_torch(array: Any) -> None:
    same(array)


@settings(max_examples=100, derandomize=True)
@given(hnp.arrays(st.sampled_from([np.int64, np.int32, np.uint8, np.bool_, np.float64]), shapes))
def test_types_as_torch(array: Any) -> None:
    same(array)


@settings(max_examples=100, derandomize=True)
@given(
    hnp.arrays(np.float32, shapes, elements=numbers),
    st.integers(0, 6),
    st.integers(0, 40),
    st.integers(1, 3),
    st.integers(20, 120),
    st.sampled_from([None, True, False]),
)
def test_options_as_torch(
    array: Any, precision: int, threshold: int, edgeitems: int, linewidth: int, sci_mode: Any
) -> None:
    for side in (minigrad, torch):
        side.set_printoptions(
            precision=precision,
            threshold=threshold,
            edgeitems=edgeitems,
            linewidth=linewidth,
            sci_mode=sci_mode,
        )
    same(array)


@pytest.mark.parametrize("profile", ["short", "full", "default"])
def test_profiles_as_torch(profile: str) -> None:
    for side in (minigrad, torch):
        side.set_printoptions(profile=profile)
    same(np.arange(1200, dtype=np.float32) / 7)


def test_what_the_tape_adds_as_torch() -> None:
    def texts(s: Any) -> list[str]:
        x = s.tensor([1.0, 2.0], requires_grad=True)
        long = s.ones(12, dtype=s.float64, requires_grad=True) / 3
        wide = s.full((11,), 1.25, requires_grad=True)
        with s.no_grad():
            off = x * 2
        return [repr(t).replace("torch.", "") for t in (x, x * 2, long, wide, off, x.detach())]

    assert texts(minigrad) == [t.replace("Backward0", "Backward") for t in texts(torch)]


def test_str_and_format() -> None:
    x = minigrad.tensor([1.0])
    assert str(x) == repr(x) == f"{x}" == "tensor([1.])"
    assert f"{minigrad.tensor(1.23456):.2f}" == "1.23"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{x:>14}"


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ValueError, match="loud"):
        minigrad.set_printoptions(profile="loud")


def test_options_for_a_block() -> None:
    x = minigrad.tensor(1 / 3)
    with printing.printoptions(precision=2):
        assert repr(x) == "tensor(0.33)"
    assert repr(x) == "tensor(0.3333)"
