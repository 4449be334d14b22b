"""Images in other sizes, columns and margins as layers, against torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agreement import agree, normal, ours
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad.nn import functional as F
from minigrad.nn import padding, vision

torch = pytest.importorskip("torch")

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Upsample", (), {"scale_factor": 2}, (2, 3, 4, 5)),
    ("Upsample", (), {"scale_factor": (1.5, 3), "mode": "nearest"}, (2, 3, 4, 5)),
    ("Upsample", (7,), {"mode": "linear"}, (2, 3, 4)),
    ("Upsample", ((7, 3),), {"mode": "bilinear", "align_corners": True}, (2, 3, 4, 5)),
    ("Upsample", (), {"scale_factor": 2, "mode": "trilinear"}, (1, 1, 2, 3, 2)),
    ("UpsamplingNearest2d", (), {"scale_factor": 3}, (1, 2, 2, 3)),
    ("UpsamplingBilinear2d", ((5, 6),), {}, (1, 2, 2, 3)),
    ("PixelShuffle", (2,), {}, (2, 8, 2, 3)),
    ("PixelUnshuffle", (2,), {}, (2, 2, 4, 6)),
    ("Unfold", ((2, 3),), {"padding": 1, "stride": 2}, (2, 2, 5, 6)),
    ("Fold", ((5, 6), (2, 3)), {"padding": 1, "stride": 2}, (2, 12, 9)),
    ("ZeroPad1d", (2,), {}, (2, 3, 4)),
    ("ZeroPad2d", ((1, 2, 0, 3),), {}, (2, 3, 4, 5)),
    ("ZeroPad3d", (1,), {}, (1, 1, 2, 2, 2)),
    ("ConstantPad1d", (2, 3.5), {}, (2, 3, 4)),
    ("ConstantPad2d", ((1, -1, 2, 0), 3.5), {}, (2, 3, 4, 5)),
    ("ConstantPad3d", (1, -1.0), {}, (1, 1, 2, 2, 2)),
    ("ReflectionPad1d", (2,), {}, (2, 3, 4)),
    ("ReflectionPad2d", ((1, 2, 0, 3),), {}, (2, 3, 4, 5)),
    ("ReflectionPad3d", (1,), {}, (1, 1, 2, 3, 2)),
    ("ReplicationPad1d", (2,), {}, (2, 3, 4)),
    ("ReplicationPad2d", ((1, 2, 0, 3),), {}, (2, 3, 4, 5)),
    ("ReplicationPad3d", (1,), {}, (1, 1, 2, 2, 2)),
    ("CircularPad1d", (2,), {}, (2, 3, 4)),
    ("CircularPad2d", ((1, 2, 0, 3),), {}, (2, 3, 4, 5)),
    ("CircularPad3d", (1,), {}, (1, 1, 2, 2, 2)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers_agree_with_torch(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]
) -> None:
    family = padding if "Pad" in name else vision
    mine, other = getattr(family, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)
    assert repr(mine) == repr(other)
    agree(mine, other, normal(*shape))


@settings(max_examples=60)
@given(
    st.tuples(st.integers(1, 6), st.integers(1, 6)),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from(["nearest", "nearest-exact", "bilinear", "corners", "area"]),
)
def test_any_size_agrees_with_torch(
    size: tuple[int, int], goal: tuple[int, int], mode: str
) -> None:
    rest: dict[str, Any] = {"size": goal, "mode": mode}
    if mode == "corners":
        rest.update(mode="bilinear", align_corners=True)
    agree(
        lambda x: F.interpolate(x, **rest),
        lambda x: torch.nn.functional.interpolate(x, **rest),
        normal(1, 2, *size),
    )


def test_results_lie_in_memory_in_the_order_of_their_indices() -> None:
    """So that view() works on them, as in torch."""
    for mode in ("nearest", "bilinear"):
        y = F.interpolate(ours(normal(1, 2, 3, 3)), (5, 4), mode=mode)
        assert y.view(2, 20).shape == (2, 20)


def test_shuffling_back_and_forth_changes_nothing() -> None:
    x = normal(2, 8, 3, 4)
    y = F.pixel_unshuffle(F.pixel_shuffle(minigrad.from_numpy(x), 2), 2)
    np.testing.assert_array_equal(y.numpy(), x)


@pytest.mark.parametrize(
    ("kind", "call", "message"),
    [
        (ValueError, lambda x: F.interpolate(x), "either size or scale_factor"),
        (ValueError, lambda x: F.interpolate(x, 3, 2.0), "only one of size or scale_factor"),
        (ValueError, lambda x: F.interpolate(x, (3, 3, 3)), "same number of spatial dimensions"),
        (
            ValueError,
            lambda x: F.interpolate(x, 3, align_corners=True),
            "can only be set with the interpolating modes",
        ),
        (NotImplementedError, lambda x: F.interpolate(x, 3, mode="linear"), "needs 3D input"),
        (NotImplementedError, lambda x: F.interpolate(x, 3, mode="cubist"), "got 'cubist'"),
        (RuntimeError, lambda x: F.interpolate(x, 0), "should be greater than 0"),
        (RuntimeError, lambda x: F.pixel_shuffle(x, 2), "divisible by the square"),
        (RuntimeError, lambda x: F.pixel_unshuffle(x, 2), "divisible by downscale_factor"),
        (ValueError, lambda x: padding.ReflectionPad2d((1, 2, 3)), "expected one width or 4"),
    ],
)
def test_what_does_not_fit_is_named(kind: type[Exception], call: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        call(minigrad.zeros(1, 3, 3, 3))


@pytest.mark.parametrize("dtype", ["int64", "int32", "bool"])
@pytest.mark.parametrize("mode", ["nearest", "bilinear", "area"])
def test_there_is_nothing_between_integers(dtype: str, mode: str) -> None:
    x = minigrad.ones(1, 1, 3, 3).to(getattr(minigrad, dtype))
    with pytest.raises(RuntimeError, match="not implemented for"):
        F.interpolate(x, size=(2, 5), mode=mode)


def test_pixels_are_mixed_and_rounded() -> None:
    x = np.arange(9, dtype=np.uint8).reshape(1, 1, 3, 3) * 28
    for size in ((2, 5), (6, 6), (7, 4)):
        have = F.interpolate(minigrad.tensor(x), size=size, mode="bilinear")
        want = torch.nn.functional.interpolate(torch.tensor(x), size=size, mode="bilinear")
        assert have.dtype == minigrad.uint8
        # PyTorch rounds after each dimension.
        assert np.abs(have.numpy().astype(int) - want.numpy().astype(int)).max() <= 1
