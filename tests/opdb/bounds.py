"""Rows of rounding and bounds."""

from __future__ import annotations

import numpy as np

from minigrad.tensor import Tensor

from .arithmetic import tensors, unary
from .row import Row, Sample

ROWS = [
    unary("floor", Tensor.floor, "y = ⌊x⌋", "∂L/∂x = 0", numpy=np.floor, analytic=False),
    unary("ceil", Tensor.ceil, "y = ⌈x⌉", "∂L/∂x = 0", numpy=np.ceil, analytic=False),
    unary("trunc", Tensor.trunc, "y = trunc x", "∂L/∂x = 0", numpy=np.trunc, analytic=False),
    unary(
        "round",
        Tensor.round,
        "y = 10^-d · the integer nearest to 10^d · x",
        "∂L/∂x = 0",
        more=lambda d: [Sample(d.normal(5), decimals=2), Sample(40 * d.normal(5), decimals=-1)],
        numpy=np.round,
        analytic=False,
    ),
    unary("frac", Tensor.frac, "y = x - trunc x", analytic=False),
    Row(
        "maximum",
        Tensor.maximum,
        tensors,
        "z = max(x, y)",
        rules={
            "x": "∂L/∂x = G where x > y, G / 2 where x = y, else 0",
            "y": "∂L/∂y = G where y > x, G / 2 where x = y, else 0",
        },
        numpy=np.maximum,
        analytic=False,
    ),
    Row(
        "minimum",
        Tensor.minimum,
        tensors,
        "z = min(x, y)",
        rules={
            "x": "∂L/∂x = G where x < y, G / 2 where x = y, else 0",
            "y": "∂L/∂y = G where y < x, G / 2 where x = y, else 0",
        },
        numpy=np.minimum,
        analytic=False,
    ),
    Row(
        "fmax",
        Tensor.fmax,
        tensors,
        "z = max(x, y), of a number and NaN the number",
        rules={
            "x": "∂L/∂x = G where x > y or y is NaN, G / 2 where x = y, else 0",
            "y": "∂L/∂y = G - ∂L/∂x",
        },
        numpy=np.fmax,
        analytic=False,
    ),
    Row(
        "fmin",
        Tensor.fmin,
        tensors,
        "z = min(x, y), of a number and NaN the number",
        rules={
            "x": "∂L/∂x = G where x < y or y is NaN, G / 2 where x = y, else 0",
            "y": "∂L/∂y = G - ∂L/∂x",
        },
        numpy=np.fmin,
        analytic=False,
    ),
    Row(
        "clamp",
        Tensor.clamp,
        lambda d: [
            Sample(d.normal(3, 4), -0.5, 0.5),
            Sample(d.normal(3, 4), min=0.1),
            Sample(d.normal(), max=0.1),
            Sample(d.normal(3, 4), d.normal(4), d.normal(3, 1)),
            Sample(d.normal(3), min=d.normal(3)),
            Sample(d.normal(3), max=d.normal()),
            Sample(d.normal(0, 2), 0, 1),
        ],
        "y = min(max(x, a), b)",
        rules={
            "x": "∂L/∂x = G where a < x < b, G / 2 at a bound that is a tensor, else 0",
            "min": "∂L/∂a = G where x < a ≤ b, G / 2 where x = a < b, else 0",
            "max": "∂L/∂b = G where x > b or a > b, G / 2 where x = b > a, else 0",
        },
        analytic=False,
    ),
    Row(
        "clamp_min",
        Tensor.clamp_min,
        lambda d: [*tensors(d)[:2], Sample(d.normal(3), 0.5), Sample(d.normal(), 0.0)],
        "y = max(x, a)",
        rules={
            "x": "∂L/∂x = G where x > a, G / 2 where x = a and a is a tensor, else 0",
            "min": "∂L/∂a = G where x < a, G / 2 where x = a, else 0",
        },
        analytic=False,
    ),
    Row(
        "clamp_max",
        Tensor.clamp_max,
        lambda d: [*tensors(d)[:2], Sample(d.normal(3), 0.5), Sample(d.normal(), 0.0)],
        "y = min(x, b)",
        rules={
            "x": "∂L/∂x = G where x < b, G / 2 where x = b and b is a tensor, else 0",
            "max": "∂L/∂b = G where x > b, G / 2 where x = b, else 0",
        },
        analytic=False,
    ),
    unary(
        "nan_to_num",
        Tensor.nan_to_num,
        "y = x where x is finite, else a number that stands for NaN, ∞ or -∞",
        "∂L/∂x = G where x is finite, else 0",
        more=lambda d: [Sample(d.normal(3), nan=1.0, posinf=2.0, neginf=-2.0)],
        numpy=np.nan_to_num,
        analytic=False,
    ),
    Row(
        "heaviside",
        Tensor.heaviside,
        lambda d: [
            Sample(d.integers(-1, 2, 3, 4), d.integers(-5, 5, 4)),
            Sample(np.float32(d.integers(-1, 2, 5)), np.float32(d.normal())),
        ],
        "y = 0, h or 1 for x < 0, x = 0, x > 0",
        differentiable=False,
        numpy=np.heaviside,
    ),
]
