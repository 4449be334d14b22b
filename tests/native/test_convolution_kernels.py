"""The three convolutions in C against NumPy's: any window, groups, strides in memory, threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.native import library
from minigrad.native.hook import described
from minigrad.native.library import enabled, plainly
from minigrad.op import Op
from minigrad.ops.convolution import conv, conv_input, conv_weight
from minigrad.ops.patches import Window

pytestmark = pytest.mark.skipif(not enabled(), reason="no C compiler")


def both(op: Op, *arrays: Any, **params: Any) -> tuple[Any, Any]:
    """The op by its kernel, which must serve it, and by NumPy."""
    dense = [np.array(a, order="C") for a in arrays]
    assert described[op](*dense, out=None, **params) is not None
    got = op.forward(np, *arrays, **params)
    with plainly():
        want = op.forward(np, *arrays, **params)
    assert got.shape == want.shape and got.dtype == want.dtype
    return got, want


def agree(op: Op, *arrays: Any, **params: Any) -> Any:
    got, want = both(op, *arrays, **params)
    tolerance = 1e-12 if got.dtype == np.float64 else 1e-5
    scale = max(1.0, float(np.abs(want).max()))
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * scale)
    return got


def agree_all(
    x: Any, w: Any, b: Any, size: tuple[int, ...], window: Window, groups: int, seed: int
) -> None:
    """All three for one setting."""
    y = agree(conv, x, w, b, window=window, groups=groups)
    agree(conv, x, w, window=window, groups=groups)
    g = np.random.default_rng(seed).standard_normal(y.shape).astype(x.dtype)
    agree(conv_input, g, w, window=window, size=size, groups=groups)
    agree(conv_weight, x, g, window=window, groups=groups)


@st.composite
def settings_of(draw: Any) -> dict[str, Any]:
    """A window that fits its image."""
    pair = lambda low, high: (draw(st.integers(low, high)), draw(st.integers(low, high)))  # noqa: E731
    kernel, dilation = pair(1, 4), pair(1, 3)
    stride = draw(st.sampled_from([(1, 1), (2, 2), None])) or pair(1, 4)
    padding = tuple((draw(st.integers(0, 4)), draw(st.integers(0, 4))) for _ in range(2))
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = tuple(
        draw(st.integers(max(1, span - sum(p)), max(1, span - sum(p)) + 20))
        for span, p in zip(spans, padding, strict=True)
    )
    return {
        "window": Window(kernel, stride, dilation, padding),
        "size": size,
        "groups": draw(st.sampled_from([1, 1, 2, 3])),
        "n": draw(st.integers(1, 9)),
        "c": draw(st.integers(1, 4)),
        "o": draw(st.sampled_from([1, 2, 3, 6, 7, 8, 9, 17, 26])),
        "dtype": draw(st.sampled_from([np.float64, np.float64, np.float32])),
        "seed": draw(st.integers(0, 99)),
        "threads": draw(st.sampled_from([1, 2, 3])),
    }


def test_any_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    @settings(max_examples=250)
    @given(settings_of())
    def check(case: dict[str, Any]) -> None:
        monkeypatch.setattr(library, "hold", lambda: case["threads"])
        monkeypatch.setattr(library, "let_go", lambda: None)
        rng = np.random.default_rng(case["seed"])
        g, window = case["groups"], case["window"]
        x, w, b = (
            rng.standard_normal(shape).astype(case["dtype"])
            for shape in (
                (case["n"], g * case["c"], *case["size"]),
                (g * case["o"], case["c"], *window.kernel),
                (g * case["o"],),
            )
        )
        agree_all(x, w, b, case["size"], window, g, case["seed"])

    check()


SQUARE = Window((3, 3), (1, 1), (1, 1), ((1, 1), (1, 1)))
LAYERS = {
    # name: (N, C, H, W), O, K, stride, padding
    "one channel": ((20, 1, 28, 28), 6, 5, 1, 2),
    "one place": ((30, 16, 5, 5), 120, 5, 1, 0),
    "many small images": ((33, 32, 7, 7), 64, 3, 1, 1),
    "few small images": ((8, 100, 2, 2), 130, 3, 1, 1),
    "more filters than images": ((2, 256, 7, 7), 130, 3, 1, 1),
    "one large image": ((1, 8, 70, 90), 24, 3, 1, 1),
    "every other place": ((2, 64, 28, 28), 40, 3, 2, 1),
    "points": ((2, 64, 14, 14), 96, 1, 2, 0),
    "first of a ResNet": ((2, 3, 64, 64), 64, 7, 2, 3),
}


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("name", LAYERS)
def test_layers_of_networks(name: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "hold", lambda: threads)
    monkeypatch.setattr(library, "let_go", lambda: None)
    shape, o, k, stride, padding = LAYERS[name]
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(s) for s in (shape, (o, shape[1], k, k), (o,)))
    window = Window((k, k), (stride, stride), (1, 1), ((padding, padding),) * 2)
    agree_all(x, w, b, (shape[2], shape[3]), window, 1, 1)


def test_the_same_bits_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "hold", lambda: 3)
    monkeypatch.setattr(library, "let_go", lambda: None)
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((37, 4, 9, 9)), rng.standard_normal((37, 6, 9, 9))
    first = conv_weight.forward(np, x, y, window=SQUARE)
    for _ in range(20):
        again = conv_weight.forward(np, x, y, window=SQUARE)
        np.testing.assert_array_equal(again, first)


def test_arrays_with_steps_in_memory() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 7, 8, 3)).transpose(0, 3, 1, 2)
    w = rng.standard_normal((8, 3, 3, 6))[..., ::2]
    y = agree(conv, x, w, window=SQUARE)
    g = np.broadcast_to(rng.standard_normal((1, 8, 1, 1)), y.shape)
    agree(conv_input, g, w, window=SQUARE, size=(7, 8))
    agree(conv_weight, x, g[:, :, ::-1], window=SQUARE)


def test_inf_and_nan_reach_what_they_touch_and_no_more() -> None:
    x, w = np.ones((1, 1, 6, 6)), np.ones((2, 1, 3, 3))
    x[0, 0, 0, 5], x[0, 0, 5, 0] = np.inf, np.nan
    got, want = both(conv, x, w, window=SQUARE)
    np.testing.assert_array_equal(got, want)
    assert np.isnan(got[0, 0, 4:, :2]).all() and np.isinf(got[0, 0, :2, 4:]).all()
    assert np.isfinite(got[0, 0, 2:4]).all()


def test_where_to_write() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 3, 6, 6)), rng.standard_normal((4, 3, 3, 3))
    out = np.full((2, 4, 6, 6), np.nan)
    assert conv.forward(np, x, w, window=SQUARE, out=out) is out
    np.testing.assert_array_equal(out, conv.forward(np, x, w, window=SQUARE))
    back = np.full(x.shape, np.nan)
    assert conv_input.forward(np, out, w, window=SQUARE, size=(6, 6), out=back) is back
    assert np.isfinite(back).all()
    filters = np.full(w.shape, np.nan)
    assert conv_weight.forward(np, x, out, window=SQUARE, out=filters) is filters
    assert np.isfinite(filters).all()


@pytest.mark.parametrize(
    "x",
    [np.zeros((0, 3, 6, 6)), np.zeros((2, 3, 4, 5, 6)), np.zeros((2, 3, 6, 6), np.float16)],
    ids=["no images", "three dimensions", "half"],
)
def test_what_is_left_to_numpy(x: Any) -> None:
    dims = x.ndim - 2
    window = Window((3,) * dims, (1,) * dims, (1,) * dims, ((1, 1),) * dims)
    w = np.zeros((4, 3, *(3,) * dims), x.dtype)
    assert described[conv](x, w, window=window, out=None) is None
    assert conv.forward(np, x, w, window=window).shape == (len(x), 4, *x.shape[2:])


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 16])
def test_sequences(groups: int, stride: int, dilation: int) -> None:
    rng = np.random.default_rng(groups)
    window = Window((3,), (stride,), (dilation,), ((2 * dilation, 0),))
    x, w, b = (rng.standard_normal(s) for s in ((3, 4, 41), (8, 4 // groups, 3), (8,)))
    assert described[conv](x, w, b, window=window, groups=groups, out=None) is not None
    agree_all(x, w, b, (41,), window, groups, 0)


def test_what_would_take_too_much_memory_is_left_to_numpy() -> None:
    wide = Window((1, 1), (1, 1), (1, 1), ((0, 20_000), (0, 20_000)))
    x = np.broadcast_to(0.0, (1, 1, 4, 4))
    assert described[conv](x, np.zeros((1, 1, 1, 1)), window=wide, out=None) is None


def test_one_place_of_a_large_image() -> None:
    rng = np.random.default_rng(0)
    window = Window((2, 2), (90, 90), (1, 1), ((0, 0), (0, 0)))
    agree_all(
        *(rng.standard_normal(s) for s in ((40, 3, 80, 90), (2, 3, 2, 2), (2,))),
        (80, 90),
        window,
        1,
        0,
    )


def test_long_sums_are_as_precise_as_numpys() -> None:
    """A float32 sum of 2,304 terms, in one go, would be off by eight units and more."""
    draw = np.random.default_rng(0)
    x, w = draw.standard_normal((2, 256, 13, 13)), draw.standard_normal((32, 256, 3, 3))
    window = Window((3, 3), (1, 1), (1, 1), ((1, 1), (1, 1)))
    exact = conv.plain(np, x, w, window=window)
    got, want = both(conv, x.astype(np.float32), w.astype(np.float32), window=window)
    off, own = (np.sqrt(((y - exact) ** 2).mean()) for y in (got, want))
    assert off < 1.5 * own
