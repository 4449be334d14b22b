"""Pooling against torch and by hand, with ties, nan, infinities, and what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from agreement import agree, normal, ours, theirs
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad.gradcheck import gradcheck, gradgradcheck
from minigrad.nn import functional as F
from minigrad.nn import pooling as layers
from minigrad.tensor import Tensor

torch = pytest.importorskip("torch")


@st.composite
def settings_of(draw: Any, dims: int, dilated: bool) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A shape and settings of a pooling that fits."""
    each = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(dims))  # noqa: E731
    kernel = each(1, 3)
    found: dict[str, Any] = {"kernel_size": kernel, "ceil_mode": draw(st.booleans())}
    found["stride"] = draw(st.sampled_from([None, each(1, 3)]))
    found["padding"] = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    dilation = each(1, 2) if dilated else (1,) * dims
    if dilated:
        found["dilation"] = dilation
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = tuple(draw(st.integers(span, span + 8 // dims)) for span in spans)
    return (draw(st.integers(1, 2)), draw(st.integers(1, 2)), *size), found


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_any_max_pooling_agrees_with_torch(dims: int) -> None:
    name = f"max_pool{dims}d"

    @settings(max_examples=50)
    @given(settings_of(dims, True), st.booleans())
    def check(case: tuple[tuple[int, ...], dict[str, Any]], ties: bool) -> None:
        shape, rest = case
        x = np.round(normal(*shape)) if ties else normal(*shape)
        agree(
            lambda x: getattr(F, name)(x, **rest),
            lambda x: getattr(torch.nn.functional, name)(x, **rest),
            x,
        )
        _, places = getattr(F, name)(ours(x), return_indices=True, **rest)
        _, expected = getattr(torch.nn.functional, name)(theirs(x), return_indices=True, **rest)
        np.testing.assert_array_equal(places.numpy(), expected.numpy())
        assert places.dtype == minigrad.int64

    check()


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_any_average_pooling_agrees_with_torch(dims: int) -> None:
    name = f"avg_pool{dims}d"

    @settings(max_examples=50)
    @given(settings_of(dims, False), st.booleans(), st.sampled_from([None, 3]))
    def check(
        case: tuple[tuple[int, ...], dict[str, Any]], border: bool, divisor: int | None
    ) -> None:
        shape, rest = case
        more: dict[str, Any] = {"count_include_pad": border}
        if dims > 1:
            more["divisor_override"] = divisor
        agree(
            lambda x: getattr(F, name)(x, **rest, **more),
            lambda x: getattr(torch.nn.functional, name)(x, **rest, **more),
            normal(*shape),
        )

    check()


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_any_adaptive_pooling_agrees_with_torch(dims: int) -> None:
    @settings(max_examples=40)
    @given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 7)), min_size=3, max_size=3))
    def check(pairs: list[tuple[int, int]]) -> None:
        shape = (2, 2, *(size for size, _ in pairs[:dims]))
        goal = tuple(out for _, out in pairs[:dims])
        for kind in ("avg", "max"):
            name = f"adaptive_{kind}_pool{dims}d"
            agree(
                lambda x, name=name: getattr(F, name)(x, goal),
                lambda x, name=name: getattr(torch.nn.functional, name)(x, goal),
                normal(*shape),
            )
        x = np.round(normal(*shape))
        name = f"adaptive_max_pool{dims}d"
        _, places = getattr(F, name)(ours(x), goal, return_indices=True)
        _, expected = getattr(torch.nn.functional, name)(theirs(x), goal, return_indices=True)
        np.testing.assert_array_equal(places.numpy(), expected.numpy())

    check()


def plain(values: Any) -> Tensor:
    return minigrad.tensor(values, dtype=minigrad.float64)


def test_by_hand() -> None:
    x = plain([[1, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]]).reshape(1, 1, 4, 4)
    assert F.max_pool2d(x, 2, 2).tolist() == [[[[2, 3], [4, 2]]]]
    assert F.avg_pool2d(x, 2).tolist() == [[[[1, 1.5], [2.25, 1]]]]
    assert F.max_pool2d(x, 3, 1).tolist() == [[[[3, 3], [4, 4]]]]
    assert F.max_pool2d(x, 3).shape == (1, 1, 1, 1)
    assert F.max_pool2d(x, 3, ceil_mode=True).shape == (1, 1, 2, 2)


def test_of_equal_numbers_the_first_takes_the_gradient() -> None:
    x = plain(np.ones((1, 1, 2, 4))).requires_grad_()
    F.max_pool2d(x, 2).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[[[1, 0, 1, 0], [0, 0, 0, 0]]]]


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_special_numbers_go_where_torch_lets_them_go(special: float) -> None:
    x = normal(2, 2, 6, 6)
    x[0, 0, 1:4, 2] = special
    x[1, 1] = special
    for rest in ({}, {"stride": 1, "padding": 1}, {"ceil_mode": True, "stride": 2}):
        with np.errstate(invalid="ignore"):
            mine, other = ours(x), theirs(x)
            y, places = F.max_pool2d(mine, 3, return_indices=True, **rest)
            t, expected = torch.nn.functional.max_pool2d(other, 3, return_indices=True, **rest)
            F.max_pool2d(mine, 3, **rest).sum().backward()
            t.sum().backward()
        np.testing.assert_array_equal(y.detach().numpy(), t.detach().numpy())
        np.testing.assert_array_equal(places.numpy(), expected.numpy())
        np.testing.assert_array_equal(mine.grad.numpy(), other.grad.numpy())


def test_an_infinite_gradient_stays_where_it_belongs() -> None:
    x = plain([[[[1.0, 2.0], [3.0, 4.0]]]]).requires_grad_()
    F.max_pool2d(x, 2).backward(plain([[[[np.inf]]]]))
    assert x.grad is not None and x.grad.tolist() == [[[[0, 0], [0, np.inf]]]]


def test_an_infinite_pixel_stays_in_its_window() -> None:
    x = plain([[[[np.inf, 1.0, 2.0, 3.0, 4.0]]]])
    assert F.adaptive_avg_pool2d(x, (1, 3)).tolist() == [[[[np.inf, 2, 3.5]]]]


def test_integers_pool() -> None:
    x = minigrad.tensor([[[[1, -7], [3, 2]]]])
    assert F.max_pool2d(x, 2, padding=1).tolist() == [[[[1, -7], [3, 2]]]]
    assert F.avg_pool2d(x, 2).tolist() == [[[[0]]]]


def test_large_windows_count_their_offsets_beyond_a_byte() -> None:
    x = normal(1, 1, 20, 20)
    agree(
        lambda x: F.max_pool2d(x, 17, 1),
        lambda x: torch.nn.functional.max_pool2d(x, 17, 1),
        x,
    )


def test_unpooling_inverts_pooling_at_the_largest() -> None:
    x = ours(normal(2, 3, 5, 6))
    y, places = F.max_pool2d(x, 2, return_indices=True)
    back = F.max_unpool2d(y, places, 2, output_size=x.shape)
    assert back.shape == x.shape
    again = F.max_pool2d(back.relu(), 2)
    np.testing.assert_array_equal(again.detach().numpy(), y.relu().detach().numpy())
    assert gradcheck(lambda y: F.max_unpool2d(y, places, 2), [y.detach().requires_grad_()])


def test_third_order_through_max_pooling() -> None:
    x = ours(normal(1, 1, 4, 4))
    assert gradgradcheck(lambda x: F.max_pool2d(x, 2) ** 3, [x])
    assert gradgradcheck(lambda x: F.max_pool2d(x, 3, 1, return_indices=True)[0] ** 3, [x])


LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("MaxPool1d", (2,), {}, (2, 2, 7)),
    ("MaxPool2d", (2,), {"stride": 2}, (2, 2, 6, 7)),
    ("MaxPool2d", ((3, 2),), {"padding": 1, "ceil_mode": True}, (2, 6, 7)),
    ("MaxPool3d", (2,), {"stride": 1}, (1, 2, 3, 4, 3)),
    ("AvgPool1d", (3,), {"padding": 1}, (2, 2, 7)),
    ("AvgPool2d", (2,), {}, (2, 2, 6, 7)),
    ("AvgPool2d", (3,), {"stride": 2, "count_include_pad": False, "padding": 1}, (2, 2, 6, 7)),
    ("AvgPool3d", (2,), {"divisor_override": 5}, (1, 2, 4, 4, 4)),
    ("LPPool1d", (2, 3), {}, (2, 2, 7)),
    ("LPPool2d", (2, (2, 3)), {"stride": 1}, (2, 2, 5, 7)),
    ("AdaptiveAvgPool1d", (3,), {}, (2, 2, 7)),
    ("AdaptiveAvgPool2d", ((None, 2),), {}, (2, 5, 7)),
    ("AdaptiveAvgPool3d", (2,), {}, (1, 2, 3, 4, 5)),
    ("AdaptiveMaxPool1d", (3,), {}, (2, 2, 7)),
    ("AdaptiveMaxPool2d", ((3, 2),), {}, (2, 2, 5, 7)),
    ("AdaptiveMaxPool3d", (2,), {}, (1, 2, 3, 4, 5)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers_agree_with_torch(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], shape: tuple[int, ...]
) -> None:
    mine, other = getattr(layers, name)(*args, **kwargs), getattr(torch.nn, name)(*args, **kwargs)
    assert repr(mine) == repr(other)
    agree(mine, other, normal(*shape))


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_unpooling_layers_agree_with_torch(dims: int) -> None:
    x = normal(2, 2, *(4, 6, 4)[:dims])
    down, t_down = (
        getattr(m, f"MaxPool{dims}d")(2, return_indices=True) for m in (layers, torch.nn)
    )
    up, t_up = (getattr(m, f"MaxUnpool{dims}d")(2) for m in (layers, torch.nn))
    assert repr(up) == repr(t_up)
    y = up(*down(ours(x)))
    np.testing.assert_array_equal(y.detach().numpy(), t_up(*t_down(theirs(x))).detach().numpy())


def zeros(*shape: int) -> Tensor:
    return minigrad.zeros(shape)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.max_pool2d(zeros(1, 1, 4, 4), 2, padding=2), "at most half of effective kernel"),
        (lambda: F.max_pool2d(zeros(1, 1, 2, 2), 3), "Output size is too small"),
        (lambda: F.max_pool2d(zeros(4, 4), 2), "Expected 3D .* or 4D"),
        (
            lambda: F.max_pool2d(zeros(1, 1, 4, 4), 2, stride=0),
            "stride should be greater than zero",
        ),
        (lambda: F.max_pool2d(zeros(1, 1, 4, 4), (2, 2, 2)), "tuple of 2 ints"),
        (
            lambda: F.avg_pool2d(zeros(1, 1, 4, 4), 2, divisor_override=0),
            "divisor must be not zero",
        ),
        (lambda: F.avg_pool2d(zeros(1, 1, 4, 4).bool(), 2), "not implemented for bool"),
        (lambda: F.adaptive_avg_pool2d(zeros(1, 1, 4, 4), (2, 2, 2)), "must be 2 lengths"),
        (lambda: F.adaptive_avg_pool2d(zeros(1, 1, 4, 4), 0), "must be greater than 0"),
        (
            lambda: F.max_unpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 3).long(), 2),
            "shape of indices",
        ),
        (
            lambda: F.max_unpool2d(zeros(1, 1, 2, 2), zeros(1, 1, 2, 2).long() + 99, 2),
            "invalid max index",
        ),
    ],
)
def test_what_does_not_fit_is_named(call: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        call()


def test_a_window_that_is_all_border() -> None:
    options: Any = {"stride": 1, "padding": (0, 1), "dilation": (1, 3), "return_indices": True}
    for sides in (minigrad, torch):
        best, place = sides.nn.functional.max_pool2d(sides.ones(1, 1, 1, 2), (1, 2), **options)
        assert best.tolist() == [[[[-np.inf]]]] and place.tolist() == [[[[2]]]]
