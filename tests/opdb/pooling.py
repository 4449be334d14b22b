"""Rows of pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.device import Array
from minigrad.nn.functional import adaptive_pooling, pooling, unpooling
from minigrad.ops.patches import Window
from minigrad.ops.pooling import (
    window_argmax,
    window_drop,
    window_max,
    window_pick,
    window_place,
    window_spread,
    window_sum,
)

from .row import Draw, Row, Sample

_MAX = "y[n, c, p] = max x[n, c, p·s + k·d - P] over k"
_AVG = "y[n, c, p] = (1/K) Σ x[n, c, p·s + k·d - P] over k"
_LP = "y[n, c, p] = (Σ x[n, c, p·s + k]^q over k)^(1/q)"
_ADAPTIVE = "from ⌊i S / n⌋ to ⌈(i + 1) S / n⌉"
_TILES = Window((2, 2), (2, 2), (1, 1), ((0, 0), (0, 0)))
_OVERLAP = Window((2, 3), (1, 2), (1, 1), ((1, 0), (1, 1)))


def _max_1d(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(2, 2, 5), 2),
        Sample(d.distinct(2, 6), 3, 1, 1),
        Sample(d.distinct(1, 2, 6), 2, 3, 0, 2, True, return_indices=True),
    ]


def _max_2d(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(2, 2, 4, 4), 2),
        Sample(d.distinct(1, 1, 4, 5), (3, 2), (1, 2), padding=1, return_indices=True),
        Sample(d.distinct(1, 5, 4), 2, 3, dilation=(2, 1), ceil_mode=True),
        Sample(d.distinct(2, 3, 5), 2, ceil_mode=True, return_indices=True),
        Sample(d.distinct(0, 1, 4, 4), 2),
    ]


def _max_3d(d: Draw) -> list[Sample]:
    return [
        Sample(d.distinct(1, 1, 2, 3, 4), 2, 1),
        Sample(d.distinct(1, 2, 3, 4), (1, 2, 2), ceil_mode=True, return_indices=True),
    ]


def _avg_1d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 5), 2),
        Sample(d.normal(2, 6), 3, 2, 1, True, False),
    ]


def _avg_2d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 4, 4), 2),
        Sample(d.normal(1, 1, 4, 5), (3, 2), (1, 2), 1),
        Sample(d.normal(1, 1, 5, 5), 2, 3, ceil_mode=True),
        Sample(d.normal(1, 5, 4), 3, 2, 1, True, False),
        Sample(d.normal(1, 3, 3), 2, 1, divisor_override=3),
        Sample(d.normal(0, 1, 4, 4), 2),
    ]


def _avg_3d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(1, 1, 2, 3, 4), 2, 1),
        Sample(d.normal(1, 2, 3, 4), (1, 2, 2), padding=(0, 1, 1), count_include_pad=False),
    ]


def _adaptive(make: str, n: int) -> Any:
    sizes = (4, 5, 3)[:n]

    def samples(d: Draw) -> list[Sample]:
        draw = getattr(d, make)
        return [
            Sample(draw(1, 2, *sizes), 2),
            Sample(draw(2, *sizes), (3, None, 2)[:n]),
            Sample(draw(1, 1, *sizes), 1),
        ]

    return samples


def _unpooled(n: int) -> Any:
    def samples(d: Draw) -> list[Sample]:
        cells = np.tile(np.arange(4**n), (2, 1))
        places = d.rng.permuted(cells, axis=1)[:, : 2**n].reshape(1, 2, *(2,) * n)
        return [Sample(d.normal(*places.shape), places, 2)]

    return samples


def _dims(family: Any, name: str, samples: list[Any], formula: str, **facts: Any) -> list[Row]:
    """The rows of a function in one, two, three dimensions."""
    return [
        Row(f"nn.functional.{name}{n}d", getattr(family, f"{name}{n}d"), made, formula, **facts)
        for n, made in enumerate(samples, 1)
    ]


_SPOTS = [(_TILES, (1, 2, 4, 4)), (_OVERLAP, (1, 1, 3, 4))]


def _spotted(d: Draw, image: bool) -> list[Sample]:
    found = []
    for window, shape in _SPOTS:
        places = (*shape[:2], *window.places(shape[2:]))
        spot = d.integers(0, window.volume, *places)
        size = {} if image else {"size": shape[2:]}
        found.append(Sample(d.normal(*(shape if image else places)), spot, window=window, **size))
    return found


def _at(window: Window, place: Any, k: Any) -> Any:
    """p·s + k·d - P"""
    first = [before for before, _ in window.padding]
    return [
        p * s + i * d - b
        for p, s, i, d, b in zip(place, window.stride, k, window.dilation, first, strict=True)
    ]


def _argmax(x: Array, *, window: Window) -> Array:
    """The definition, one window after another."""
    size = x.shape[2:]
    spot = np.empty((*x.shape[:2], *window.places(size)), np.uint8)
    for place in np.ndindex(spot.shape[2:]):
        seen = np.full((window.volume, *x.shape[:2]), -np.inf)
        for i, k in enumerate(np.ndindex(window.kernel)):
            at = _at(window, place, k)
            if all(0 <= j < n for j, n in zip(at, size, strict=True)):
                seen[i] = x[:, :, *at]
        spot[:, :, *place] = seen.argmax(0)
    return spot


def _place(spot: Array, *, window: Window, size: tuple[int, ...]) -> Array:
    """The definition, one window after another."""
    found = np.empty(spot.shape, np.int64)
    for place in np.ndindex(spot.shape[2:]):
        at = _at(window, place, np.unravel_index(spot[:, :, *place], window.kernel))
        found[:, :, *place] = at[0] * size[1] + at[1]
    return found


ROWS = [
    Row(
        "nn.functional.max_pool1d",
        pooling.max_pool1d,
        _max_1d,
        _MAX,
        types_differ="PyTorch takes integers in two and three dimensions, but not in one",
    ),
    Row("nn.functional.max_pool2d", pooling.max_pool2d, _max_2d, _MAX),
    Row("nn.functional.max_pool3d", pooling.max_pool3d, _max_3d, _MAX),
    *_dims(pooling, "avg_pool", [_avg_1d, _avg_2d, _avg_3d], _AVG),
    Row(
        "nn.functional.lp_pool1d",
        pooling.lp_pool1d,
        lambda d: [Sample(d.positive(2, 2, 5), 2.0, 2), Sample(d.positive(2, 5), 3.0, 2, 1)],
        _LP,
    ),
    Row(
        "nn.functional.lp_pool2d",
        pooling.lp_pool2d,
        lambda d: [
            Sample(d.positive(1, 2, 4, 3), 2.0, 2),
            Sample(d.positive(2, 5, 5), 3.0, (2, 3), 2, True),
        ],
        _LP,
    ),
    *_dims(
        adaptive_pooling,
        "adaptive_avg_pool",
        [_adaptive("normal", n) for n in (1, 2, 3)],
        f"y[n, c, i] = mean of x[n, c, ...] {_ADAPTIVE}",
    ),
    *_dims(
        adaptive_pooling,
        "adaptive_max_pool",
        [_adaptive("distinct", n) for n in (1, 2, 3)],
        f"y[n, c, i] = max of x[n, c, ...] {_ADAPTIVE}",
    ),
    *_dims(
        unpooling,
        "max_unpool",
        [_unpooled(n) for n in (1, 2, 3)],
        "y[n, c, places[n, c, p]] = x[n, c, p], else 0",
        types_differ="PyTorch unpools floating-point numbers only",
    ),
    Row(
        "window_max",
        window_max,
        lambda d: [Sample(d.distinct(*shape), window=window) for window, shape in _SPOTS],
        torch="",
    ),
    Row(
        "window_argmax",
        window_argmax,
        lambda d: [Sample(d.distinct(*shape), window=window) for window, shape in _SPOTS],
        torch="",
        numpy=_argmax,
        differentiable=False,
    ),
    Row(
        "window_place",
        window_place,
        lambda d: [
            Sample(s.args[1], window=s.params["window"], size=shape[2:])
            for s, (_, shape) in zip(_spotted(d, True), _SPOTS, strict=True)
        ],
        torch="",
        numpy=_place,
        differentiable=False,
    ),
    Row("window_pick", window_pick, lambda d: _spotted(d, True), torch=""),
    Row("window_drop", window_drop, lambda d: _spotted(d, False), torch=""),
    Row(
        "window_sum",
        window_sum,
        lambda d: [Sample(d.normal(*shape), window=window) for window, shape in _SPOTS],
        torch="",
    ),
    Row(
        "window_spread",
        window_spread,
        lambda d: [
            Sample(d.normal(*shape[:2], *window.places(shape[2:])), window=window, size=shape[2:])
            for window, shape in _SPOTS
        ],
        torch="",
    ),
]
