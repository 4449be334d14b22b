"""Convolutions against torch, against im2col and a product, and with what does not fit."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from agreement import agree, normal, ours
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad.autograd import grad
from minigrad.gradcheck import gradcheck, gradgradcheck
from minigrad.native.library import plainly
from minigrad.nn import convolution as layers
from minigrad.nn.functional import convolution as F
from minigrad.nn.functional.folding import fold, unfold
from minigrad.ops import columns
from minigrad.ops import convolution as ops
from minigrad.ops.patches import Window, col2im, im2col
from minigrad.tensor import Tensor

torch = pytest.importorskip("torch")


@st.composite
def settings_of(draw: Any, dims: int) -> dict[str, Any]:
    """Shapes and settings of a convolution that fits."""
    small = st.integers(1, 3)
    each = lambda s: tuple(draw(s) for _ in range(dims))  # noqa: E731
    kernel, dilation = each(small), each(st.integers(1, 2))
    padding = each(st.integers(0, 2))
    stride = each(small) if draw(st.booleans()) else (1,) * dims
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = tuple(
        draw(st.integers(max(1, span - 2 * p), span + 12 // dims))
        for span, p in zip(spans, padding, strict=True)
    )
    groups = draw(st.integers(1, 3))
    return {
        "x": (draw(small), groups * draw(st.integers(1, 2)), *size),
        "w": (groups * draw(st.integers(1, 2)), kernel),
        "groups": groups,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "few": draw(st.sampled_from([0, 64, None])),
    }


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_any_setting_agrees_with_torch(dims: int, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"conv{dims}d"

    @settings(max_examples=60)
    @given(settings_of(dims))
    def check(case: dict[str, Any]) -> None:
        # Small images are merged into one product; 0 has them take the other paths, and None the
        # kernels in C, where there is a compiler.
        monkeypatch.setattr(columns, "FEW_PLACES", case["few"] or 0)
        filters, kernel = case["w"]
        w = normal(filters, case["x"][1] // case["groups"], *kernel)
        rest = {k: case[k] for k in ("stride", "padding", "dilation", "groups")}
        with nullcontext() if case["few"] is None else plainly():
            agree(
                lambda x, w, b: getattr(F, name)(x, w, b, **rest),
                lambda x, w, b: getattr(torch.nn.functional, name)(x, w, b, **rest),
                normal(*case["x"]),
                w,
                normal(filters),
            )

    check()


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_any_transposed_setting_agrees_with_torch(dims: int) -> None:
    name = f"conv_transpose{dims}d"

    @settings(max_examples=40)
    @given(settings_of(dims), st.integers(0, 2))
    def check(case: dict[str, Any], extra: int) -> None:
        per_group, kernel = case["w"][0] // case["groups"], case["w"][1]
        pairs = list(zip(case["stride"], case["dilation"], strict=True))
        out = tuple(min(extra, max(s, d) - 1) for s, d in pairs)
        rest = {k: case[k] for k in ("stride", "padding", "dilation", "groups")}
        size = case["x"][2:]
        lengths = [
            (m - 1) * s - 2 * p + d * (k - 1) + e + 1
            for m, s, p, d, k, e in zip(
                size, case["stride"], case["padding"], case["dilation"], kernel, out, strict=True
            )
        ]
        arrays = (
            normal(*case["x"]),
            normal(case["x"][1], per_group, *kernel),
            normal(per_group * case["groups"]),
        )
        if min(lengths) < 1:
            with pytest.raises(RuntimeError, match="too small"):
                getattr(F, name)(*map(ours, arrays), output_padding=out, **rest)
            return
        agree(
            lambda x, w, b: getattr(F, name)(x, w, b, output_padding=out, **rest),
            lambda x, w, b: getattr(torch.nn.functional, name)(x, w, b, output_padding=out, **rest),
            *arrays,
        )

    check()


@settings(max_examples=60)
@given(settings_of(2))
def test_columns_and_images_are_adjoint(case: dict[str, Any]) -> None:
    """⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩"""
    window = Window(
        case["w"][1], case["stride"], case["dilation"], tuple((p, p) for p in case["padding"])
    )
    x = normal(*case["x"])
    columns = im2col(minigrad.from_numpy(x), window=window).numpy()
    c = normal(*columns.shape)
    back = col2im(minigrad.from_numpy(c), window=window, size=x.shape[2:]).numpy()
    np.testing.assert_allclose((columns * c).sum(), (x * back).sum(), rtol=1e-10, atol=1e-10)


@settings(max_examples=40)
@given(settings_of(2))
def test_the_op_is_the_composition(case: dict[str, Any]) -> None:
    """conv = W · im2col(x), with the gradients that this sentence has."""
    filters, kernel = case["w"]
    groups = case["groups"]
    x = ours(normal(*case["x"]))
    w = ours(normal(filters, case["x"][1] // groups, *kernel))
    window = Window(
        kernel, case["stride"], case["dilation"], tuple((p, p) for p in case["padding"])
    )
    places = window.places(x.shape[2:])
    c = im2col(x, window=window).reshape(len(x), groups, -1, int(np.prod(places)))
    sentence = w.reshape(groups, filters // groups, -1).matmul(c)
    sentence = sentence.reshape(len(x), filters, *places)
    fused = ops.conv(x, w, window=window, groups=groups)
    g = minigrad.from_numpy(normal(*fused.shape))
    np.testing.assert_allclose(fused.detach().numpy(), sentence.detach().numpy(), atol=1e-10)
    for a, b in zip(grad(fused, [x, w], g), grad(sentence, [x, w], g), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-10)


@pytest.mark.parametrize(("wide", "few"), [(0, 0), (256, 0), (256, 64)])
def test_every_layout_in_every_order(wide: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WIDE_ROWS", wide)
    monkeypatch.setattr(columns, "FEW_PLACES", few)
    monkeypatch.setattr(columns, "CACHE", 500)  # an image at a time
    x, w, b = ours(normal(3, 2, 4, 3)), ours(normal(2, 1, 2, 2)), ours(normal(2))
    with plainly():
        assert gradcheck(lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=2), [x, w, b])
        assert gradgradcheck(lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=2), [x, w, b])


def test_third_derivative() -> None:
    """Of Σ conv(x, w)³ along x: 6 Σ conv(d, w)³."""
    x, w, d = ours(normal(1, 1, 4, 4)), ours(normal(1, 1, 2, 2)), ours(normal(1, 1, 4, 4)).detach()
    y = (F.conv2d(x, w) ** 3).sum()
    for _ in range(3):
        (g,) = grad(y, [x], create_graph=True)
        y = (g * d).sum()
    want = 6 * (F.conv2d(d, w.detach()).numpy() ** 3).sum()
    np.testing.assert_allclose(y.item(), want, rtol=1e-10)


# -- worked examples ------------------------------------------------------------------------------


def plain(values: Any) -> Tensor:
    return minigrad.tensor(values, dtype=minigrad.float64)


def test_cross_correlation_by_hand() -> None:
    x = plain([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]).reshape(1, 1, 4, 4)
    w = plain([[2, 0, 1], [0, 1, 2], [1, 0, 2]]).reshape(1, 1, 3, 3)
    assert F.conv2d(x, w).tolist() == [[[[15, 16], [6, 15]]]]
    columns = unfold(x, 3)
    assert columns.shape == (1, 9, 4)
    assert w.reshape(1, 9).matmul(columns).tolist() == [[[15, 16, 6, 15]]]


def test_true_convolution_by_hand() -> None:
    x = [
        [1, 1, 1, 1, 1],
        [-1, 0, -3, 0, 1],
        [2, 1, 1, -1, 0],
        [0, -1, 1, 2, 1],
        [1, 2, 1, 1, 1],
    ]
    w = plain([[1, 0, 0], [0, 0, 0], [0, 0, -1]]).flip(0, 1).reshape(1, 1, 3, 3)
    y = F.conv2d(plain(x).reshape(1, 1, 5, 5), w)
    assert y.tolist() == [[[[0, -2, -1], [2, 2, 4], [-1, 0, 0]]]]


def test_one_dimension_narrow_wide_and_same() -> None:
    x = plain([[[1, 1, -1, 1, 1, 1, -1, 1, 1]]])
    w = plain([[[1 / 3, 1 / 3, 1 / 3]]])
    assert F.conv1d(x, w).shape == (1, 1, 7)
    assert F.conv1d(x, w, padding=2).shape == (1, 1, 11)
    assert F.conv1d(x, w, padding="same").shape == (1, 1, 9)
    np.testing.assert_allclose(F.conv1d(x, w).numpy()[0, 0, :2], [1 / 3, 1 / 3])


def test_a_1x1_convolution_is_a_dense_layer_over_channels() -> None:
    x, w = plain(normal(2, 3, 4, 5)), plain(normal(6, 3, 1, 1))
    dense = x.permute(0, 2, 3, 1).matmul(w.reshape(6, 3).mT).permute(0, 3, 1, 2)
    np.testing.assert_allclose(F.conv2d(x, w).numpy(), dense.numpy(), rtol=1e-12)


def test_fold_counts_the_windows() -> None:
    x = plain(normal(2, 3, 5, 5))
    counts = fold(unfold(plain(np.ones((2, 3, 5, 5))), 2), 5, 2)
    np.testing.assert_allclose(fold(unfold(x, 2), 5, 2).numpy(), (x * counts).numpy())


def test_operands_of_any_layout_and_empty_batches() -> None:
    x, w = normal(2, 3, 6, 6), normal(4, 3, 3, 3)
    expected = F.conv2d(plain(x), plain(w)).numpy()
    turned = minigrad.from_numpy(np.asfortranarray(x))
    np.testing.assert_allclose(F.conv2d(turned, plain(w)).numpy(), expected)
    nothing = ours(normal(0, 3, 6, 6))
    weight = ours(w)
    y = F.conv2d(nothing, weight)
    assert y.shape == (0, 4, 4, 4)
    y.sum().backward()
    assert nothing.grad is not None and nothing.grad.shape == (0, 3, 6, 6)
    assert weight.grad is not None and not weight.grad.numpy().any()


# -- layers ---------------------------------------------------------------------------------------

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Conv1d", (2, 4, 3), {"padding": 1, "stride": 2}, (2, 2, 8)),
    ("Conv1d", (2, 3, 2), {"padding": "same", "padding_mode": "circular"}, (2, 2, 6)),
    ("Conv2d", (1, 6, 5), {"padding": 2}, (2, 1, 8, 8)),
    ("Conv2d", (4, 6, (2, 3)), {"groups": 2, "bias": False, "dilation": (2, 1)}, (2, 4, 6, 6)),
    ("Conv2d", (2, 3, 3), {"padding": (1, 2), "padding_mode": "reflect"}, (2, 2, 5, 6)),
    ("Conv2d", (2, 3, 3), {"padding": 1, "padding_mode": "replicate"}, (2, 5, 6)),
    ("Conv2d", (2, 3, 3), {"padding": 2, "padding_mode": "circular", "stride": 2}, (1, 2, 5, 6)),
    ("Conv2d", (2, 3, (3, 5)), {"padding": "same"}, (1, 2, 5, 6)),
    ("Conv2d", (2, 3, 3), {"padding": "valid"}, (1, 2, 5, 6)),
    ("Conv3d", (2, 3, 2), {"stride": (1, 2, 1)}, (1, 2, 3, 4, 3)),
    ("ConvTranspose1d", (2, 3, 3), {"stride": 2, "output_padding": 1}, (2, 2, 5)),
    ("ConvTranspose2d", (2, 3, 3), {"stride": 2, "padding": 1}, (2, 2, 4, 3)),
    ("ConvTranspose2d", (4, 6, 2), {"groups": 2, "bias": False, "dilation": 2}, (2, 4, 4, 3)),
    ("ConvTranspose3d", (2, 1, 2), {"stride": 2}, (1, 2, 2, 2, 2)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers_agree_with_torch(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]
) -> None:
    mine = getattr(layers, name)(*args, **kwargs, dtype=minigrad.float64)
    other = getattr(torch.nn, name)(*args, **kwargs, dtype=torch.float64)
    assert repr(mine) == repr(other)
    state = mine.state_dict()
    assert list(state) == list(other.state_dict())
    other.load_state_dict({k: torch.from_numpy(v.numpy().copy()) for k, v in state.items()})
    agree(mine, other, normal(*shape))
    for (key, p), (_, q) in zip(mine.named_parameters(), other.named_parameters(), strict=True):
        np.testing.assert_allclose(
            p.grad.numpy(), q.grad.numpy(), rtol=1e-10, atol=1e-10, err_msg=key
        )


def test_first_numbers_are_uniform_in_the_inverse_root_of_the_fan_in() -> None:
    minigrad.manual_seed(0)
    layer = layers.Conv2d(8, 40, 5)
    bound = 1 / np.sqrt(8 * 25)
    for p in layer.parameters():
        assert np.abs(p.detach().numpy()).max() <= bound
    w = layer.weight.detach().numpy()
    assert abs(w.mean()) < 0.02 * bound
    np.testing.assert_allclose(w.std(), bound / np.sqrt(3), rtol=0.02)


def test_a_transposed_layer_returns_to_the_size_asked_for() -> None:
    down, up = layers.Conv2d(1, 2, 3, stride=2, padding=1), layers.ConvTranspose2d(2, 1, 3, 2, 1)
    for size in ((7, 8), (8, 7)):
        x = minigrad.randn(1, 1, *size)
        assert up(down(x), output_size=size).shape == x.shape
        assert up(down(x), output_size=x.shape).shape == x.shape
    with pytest.raises(ValueError, match=r"valid sizes range from \(7, 7\) to \(8, 8\)"):
        up(down(x), output_size=(9, 9))
    with pytest.raises(ValueError, match="2 or 4 elements"):
        up(down(x), output_size=(9, 9, 9))


# -- what does not fit ----------------------------------------------------------------------------


def zeros(*shape: int) -> Tensor:
    return minigrad.zeros(shape)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.conv2d(zeros(1, 3, 5, 5), zeros(2, 4, 3, 3)), "to have 4 channels, but got 3"),
        (lambda: F.conv2d(zeros(1, 4, 5, 5), zeros(3, 2, 3, 3), groups=2), "divisible by 2 at dim"),
        (
            lambda: F.conv2d(zeros(1, 1, 2, 2), zeros(1, 1, 3, 3)),
            r"\(2 x 2\). Kernel size: \(3 x 3",
        ),
        (lambda: F.conv2d(zeros(1, 1, 4, 4), zeros(1, 1, 3, 3), dilation=2), r"size: \(5 x 5\)"),
        (lambda: F.conv2d(zeros(5, 5), zeros(1, 1, 3, 3)), "Expected 3D .* or 4D .* input"),
        (lambda: F.conv1d(zeros(1, 1, 5), zeros(1, 1, 3, 3)), "Expected weight of 3 dimensions"),
        (lambda: F.conv2d(zeros(1, 1, 5, 5), zeros(2, 1, 3, 3), zeros(3)), "bias .* 2 elements"),
        (lambda: F.conv2d(zeros(1, 1, 5, 5), zeros(2, 1, 3, 3), stride=0), "stride should be gre"),
        (lambda: F.conv2d(zeros(1, 1, 5, 5), zeros(2, 1, 3, 3), padding=-1), "padding should be"),
        (lambda: F.conv2d(zeros(1, 1, 5, 5), zeros(2, 1, 3, 3), padding=(1, 1, 1)), "tuple of 2"),
        (lambda: F.conv2d(zeros(1, 1, 5, 5), zeros(2, 1, 3, 3), groups=0), "non-positive groups"),
        (
            lambda: F.conv2d(zeros(1, 1, 5, 5), zeros(2, 1, 3, 3), stride=2, padding="same"),
            "not supported for strided",
        ),
        (
            lambda: F.conv2d(zeros(1, 1, 5, 5).double(), zeros(2, 1, 3, 3)),
            "should be the same; they are float64, float32",
        ),
        (lambda: F.conv_transpose2d(zeros(1, 3, 5, 5), zeros(2, 4, 3, 3)), "to have 2 channels"),
        (
            lambda: F.conv_transpose2d(zeros(1, 2, 5, 5), zeros(2, 4, 3, 3), output_padding=1),
            "smaller than either stride or dilation",
        ),
        (lambda: unfold(zeros(1, 1, 2, 2), 3), "can't be greater"),
        (lambda: fold(zeros(1, 5, 4), 3, 2), r"columns of shape \(N, C · 4, 4\)"),
        (lambda: fold(zeros(1, 4, 5), 3, 2), r"but got \(1, 4, 5\)"),
    ],
)
def test_what_does_not_fit_is_named(call: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Conv2d(3, 4, 3, groups=2), "in_channels must be divisible by groups"),
        (lambda: layers.Conv2d(4, 3, 3, groups=2), "out_channels must be divisible by groups"),
        (lambda: layers.Conv2d(4, 3, 3, groups=0), "groups must be a positive integer"),
        (lambda: layers.Conv2d(1, 1, 3, padding="some"), "Invalid padding string 'some'"),
        (lambda: layers.Conv2d(1, 1, 3, padding="same", stride=2), "strided convolutions"),
        (lambda: layers.Conv2d(1, 1, 3, padding_mode="mirror"), "padding_mode must be one of"),
        (lambda: layers.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), 'Only "zeros"'),
    ],
)
def test_settings_that_do_not_fit_are_named(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_a_window_of_one_number_beside_the_only_number(stride: int, padding: int) -> None:
    results = []
    for side in (minigrad, torch):
        x = side.full((2, 3, 1, 1), 2.0, dtype=side.float64, requires_grad=True)
        w = side.full((2, 3, 1, 1), 3.0, dtype=side.float64, requires_grad=True)
        y = side.nn.functional.conv2d(x, w, stride=stride, padding=padding)
        y.sum().backward()
        results.append((y.tolist(), x.grad.tolist(), w.grad.tolist()))
    assert results[0] == results[1]
