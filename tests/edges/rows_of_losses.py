"""Rows of losses of one number against a given target."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from mpmath import mp, mpf

from . import jet as J
from .calls import infinite
from .row import Row


def against(name: str, target: float, **params: Any) -> Callable[..., Any]:
    """The loss of each number, its target the same for all."""

    def call(s: Any, x: Any) -> Any:
        y = s.full_like(x.detach(), target)
        return getattr(s.nn.functional, name)(x, y, reduction="none", **params)

    return call


def _of_target(name: str, input: float, **params: Any) -> Callable[..., Any]:
    def call(s: Any, y: Any) -> Any:
        x = s.full_like(y.detach(), input)
        return getattr(s.nn.functional, name)(x, y, reduction="none", **params)

    return call


def _huber(edge: float, scale: float) -> Callable[..., J.Jet]:
    def formula(x: J.Jet) -> J.Jet:
        far = J.absolute(x)
        if far.v < edge:
            return x * x * mpf(0.5) * mpf(scale)
        return (far - mpf(edge) / 2) * mpf(edge) * mpf(scale)

    return formula


def _gaussian(s: Any, v: Any) -> Any:
    one = s.ones_like(v.detach())
    return s.nn.functional.gaussian_nll_loss(2 * one, one, v, reduction="none")


_SECOND: dict[str, Any] = {
    "absolute": (2,),
    "flushed": True,
    "differs": infinite,
    "why": "y (1 - y) of the rounded σ in the second derivative, as PyTorch's, which has NaN at ±∞",
}

LOSSES = [
    Row("mse_loss", against("mse_loss", 0.0), lambda x: x * x),
    Row("l1_loss", against("l1_loss", 0.0), J.absolute),
    Row(
        "smooth_l1_loss",
        against("smooth_l1_loss", 0.0),
        _huber(1.0, 1.0),
        kinks=(1.0, -1.0),
        domain=lambda x: abs(x) != 1,
    ),
    Row("smooth_l1_loss(0)", against("smooth_l1_loss", 0.0, beta=0.0), J.absolute),
    Row(
        "huber_loss(2)",
        against("huber_loss", 0.0, delta=2.0),
        _huber(2.0, 1.0),
        kinks=(2.0, -2.0),
        domain=lambda x: abs(x) != 2 and abs(x) < 3e4,
    ),
    Row(
        "soft_margin_loss(1)", against("soft_margin_loss", 1.0), lambda x: J.softplus(-x), **_SECOND
    ),
    Row("soft_margin_loss(-1)", against("soft_margin_loss", -1.0), J.softplus, **_SECOND),
    Row("hinge_embedding_loss(1)", against("hinge_embedding_loss", 1.0), lambda x: x),
    Row(
        "hinge_embedding_loss(-1)",
        against("hinge_embedding_loss", -1.0),
        lambda x: J.maximum(1 - x, 0),
        kinks=(1.0,),
        domain=lambda x: x != 1,
    ),
    Row(
        "poisson_nll_loss(3)",
        against("poisson_nll_loss", 3.0),
        lambda x: J.exp(x) - 3 * x,
        domain=lambda x: abs(x) < 1e4,
        conditioned=(0, 1),
        bounds={("float16", 0): 4.0},
        why="zeros; a half is rounded twice",
    ),
    Row(
        "kl_div(0.5)",
        against("kl_div", 0.5),
        lambda x: (mp.log(mpf(0.5)) - x) / 2,
        conditioned=(0,),
    ),
    Row(
        "kl_div of target",
        _of_target("kl_div", -1.5),
        lambda y: y * J.log(y) + y * mpf(1.5),
        domain=lambda y: y > 1e-4,
        conditioned=(0, 1),
        why="zeros",
    ),
    Row(
        "binary_cross_entropy(1)",
        against("binary_cross_entropy", 1.0),
        lambda p: -J.log(p),
        domain=lambda p: 1e-3 < p < 0.99,
        edges=(0.0, 1.0),
        unsigned=True,
        differs=lambda p: p in (0, 1),
        bounds={("float64", 2): 16.0, ("float32", 2): 16.0, ("float16", 2): 16.0},
        why="(p - y) / (p (1 - p)) is two terms when differentiated; PyTorch's 1e-12 is rough",
    ),
    Row(
        "bce_with_logits(1)",
        against("binary_cross_entropy_with_logits", 1.0),
        lambda x: J.softplus(-x),
        **_SECOND,
    ),
    Row(
        "bce_with_logits(0)",
        against("binary_cross_entropy_with_logits", 0.0),
        J.softplus,
        **_SECOND,
    ),
    Row(
        "gaussian_nll_loss",
        _gaussian,
        lambda v: (J.log(v) + 1 / v) / 2,
        domain=lambda v: 0.01 < v,
        edges=(0.0, 1e-6, math.inf),
        conditioned=(0, 1, 2),
        why="zeros",
    ),
]
