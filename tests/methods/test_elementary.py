"""Elementary and special functions: how precise they and their derivatives are, and their ends.

The truth is Python's own mathematics, or tables and identities where it has none.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.gradcheck import gradcheck
from minigrad.ops.gamma import zeta

rng = np.random.default_rng(5)
EULER = 0.5772156649015328606


def applied(function: Callable[[Any], Any], x: np.ndarray, dtype: Any = np.float64) -> np.ndarray:
    return function(mg.from_numpy(x.astype(dtype))).numpy()


def close(have: np.ndarray, want: Any, rtol: float, atol: float = 0.0) -> None:
    np.testing.assert_allclose(have, np.asarray(want), rtol=rtol, atol=atol)


def slope(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """The derivative, from the tape."""
    t = mg.from_numpy(np.array(x, np.float64)).requires_grad_()
    (g,) = mg.autograd.grad(function(t).sum(), t)
    return g.numpy()


# -- the error function ----------------------------------------------------------------------------

SPREAD = np.concatenate([rng.uniform(-7, 7, 400), rng.normal(size=200) * 1e-3, [0.46875, 4, 0]])


def test_erf_is_python_s() -> None:
    close(applied(mg.erf, SPREAD), [math.erf(x) for x in SPREAD], 2e-15)
    close(applied(mg.erf, SPREAD, np.float32), [math.erf(np.float32(x)) for x in SPREAD], 5e-7)


def test_erfc_is_python_s_far_into_its_tail() -> None:
    x = np.concatenate([SPREAD, rng.uniform(4, 26, 200)])
    close(applied(mg.erfc, x), [math.erfc(v) for v in x], 1e-14)
    close(applied(mg.erfc, SPREAD, np.float32), [math.erfc(np.float32(v)) for v in SPREAD], 3e-6)


def test_erf_and_erfc_at_the_ends() -> None:
    ends = np.array([math.inf, -math.inf, 1e300, -1e300, -0.0])
    close(applied(mg.erf, ends), [1, -1, 1, -1, 0], 0)
    close(applied(mg.erfc, ends), [0, 2, 0, 2, 1], 0)
    assert np.isnan(applied(mg.erf, np.array([math.nan]))).all()
    assert np.isnan(applied(mg.erfc, np.array([math.nan]))).all()


def test_erfinv_is_the_quantile_of_the_normal_distribution() -> None:
    x = np.concatenate([rng.uniform(-1, 1, 300), rng.normal(size=100) * 1e-6])
    normal = NormalDist()
    want = [normal.inv_cdf((1 + v) / 2) / math.sqrt(2) for v in x if abs(v) > 1e-3]
    close(applied(mg.erfinv, x[np.abs(x) > 1e-3]), want, 1e-12)
    close(applied(mg.erf, applied(mg.erfinv, x)), x, 1e-14)


def test_erfinv_next_to_1_undoes_erfc() -> None:
    y = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 5.5])
    x = 1 - np.array([math.erfc(v) for v in y])
    # Where 1 - x has few digits left, so has the result.
    close(applied(mg.erfinv, x), y, 1e-3)
    close(applied(mg.erfinv, np.array([1.0, -1.0, 0.0])), [math.inf, -math.inf, 0], 0)
    assert np.isnan(applied(mg.erfinv, np.array([1.1, -2.0]))).all()


# -- the gamma function ----------------------------------------------------------------------------


def test_lgamma_is_python_s() -> None:
    x = np.concatenate(
        [rng.uniform(0, 12, 500), 10 ** rng.uniform(-12, 100, 200), [0.5, 1.5, 2.5, 8.0, 1e-300]]
    )
    close(applied(mg.lgamma, x), [math.lgamma(v) for v in x], 1e-14, 1e-15)
    near = np.concatenate([1 + rng.normal(size=50) * 1e-5, 2 + rng.normal(size=50) * 1e-5])
    # ln Γ(1 + z) = -γ z + π²/12 z² - ζ(3)/3 z³, ln Γ(2 + z) = ln Γ(1 + z) + ln(1 + z)
    z = near - np.rint(near)
    one = -EULER * z + math.pi**2 / 12 * z**2 - zeta(3, 1.0) / 3 * z**3
    close(applied(mg.lgamma, near), one + (near > 1.5) * np.log1p(z), 1e-13)


def test_lgamma_of_negative_numbers() -> None:
    x = -rng.uniform(0, 30, 300)
    close(applied(mg.lgamma, x), [math.lgamma(v) for v in x], 1e-12, 1e-13)
    ends = np.array([0.0, -1.0, -7.0, math.inf, -math.inf])
    close(applied(mg.lgamma, ends), [math.inf] * 5, 0)


def test_lgamma_of_whole_numbers_is_the_logarithm_of_factorials() -> None:
    n = np.arange(1, 30)
    close(applied(mg.lgamma, n), [math.log(math.factorial(k - 1)) for k in n], 1e-14, 1e-300)


def test_digamma_at_known_points() -> None:
    known = {
        1.0: -EULER,
        0.5: -EULER - 2 * math.log(2),
        0.25: -EULER - math.pi / 2 - 3 * math.log(2),
        2.0: 1 - EULER,
        10.0: sum(1 / k for k in range(1, 10)) - EULER,
        -0.5: -EULER - 2 * math.log(2) + 2,
        1e10: math.log(1e10) - 0.5e-10,
        1e-10: -1e10 - EULER,
    }
    close(applied(mg.digamma, np.array(list(known))), list(known.values()), 1e-14)
    close(applied(mg.digamma, np.array([0.0, math.inf])), [-math.inf, math.inf], 0)
    assert np.isnan(applied(mg.digamma, np.array([-1.0, -2.0]))).all()
    # Its zero, by N. J. A. Sloane's A030169.
    assert abs(applied(mg.digamma, np.array([1.4616321449683623]))[0]) < 1e-15


@given(st.floats(-20, 20).filter(lambda x: abs(x - round(x)) > 1e-3))
def test_digamma_follows_its_recurrence_and_reflection(x: float) -> None:
    ends = applied(mg.digamma, np.array([x, x + 1, 1 - x]))
    scale = np.abs(ends).max() + abs(1 / x)
    assert abs(ends[1] - ends[0] - 1 / x) < 4e-15 * max(scale, abs(x) / abs(x - round(x)))
    cot = math.pi / math.tan(math.pi * (x - round(x)))
    assert abs(ends[2] - ends[0] - cot) < 1e-14 * max(scale, abs(cot))


def test_polygamma_at_known_points() -> None:
    x = mg.tensor([1.0, 0.5], dtype=mg.float64)
    close(mg.polygamma(1, x).numpy(), [math.pi**2 / 6, math.pi**2 / 2], 1e-14)
    close(mg.polygamma(3, x).numpy(), [math.pi**4 / 15, math.pi**4], 1e-14)
    close(mg.polygamma(2, x).numpy(), np.array([-2, -14]) * 1.2020569031595942854, 1e-14)
    close(mg.polygamma(0, x).numpy(), x.digamma().numpy(), 0)
    with pytest.raises(RuntimeError, match="polygamma: expected n to be 0 or more, got -1"):
        mg.polygamma(-1, x)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_polygamma_of_negative_numbers_follows_its_recurrence(n: int) -> None:
    x = -rng.uniform(0, 6, 50)
    f = lambda v: applied(lambda t: mg.polygamma(n, t), v)  # noqa: E731
    step = (-1) ** n * math.factorial(n) * x ** -(n + 1.0)
    scale = np.abs(f(x)).max()
    close(f(x + 1), f(x) + step, 1e-11, 1e-13 * scale)


def test_derivatives_of_lgamma_to_the_fourth() -> None:
    x = mg.tensor([0.7, 3.2, -1.4, 9.5], dtype=mg.float64, requires_grad=True)
    y = x.lgamma()
    for n in range(4):
        (y,) = mg.autograd.grad(y.sum(), x, create_graph=True)
        close(y.detach().numpy(), mg.polygamma(n, x.detach()).numpy(), 1e-14)
    assert gradcheck(lambda t: mg.polygamma(2, t), x)


def test_zeta_is_riemann_s() -> None:
    assert zeta(2, 1.0) == pytest.approx(math.pi**2 / 6, rel=1e-15)
    assert zeta(4, 1.0) == pytest.approx(math.pi**4 / 90, rel=1e-15)
    assert zeta(3, 1.0) == pytest.approx(1.2020569031595942854, rel=1e-15)


# -- sigmoid and its like --------------------------------------------------------------------------


@given(st.floats(-700, 700))
def test_sigmoid_keeps_its_digits_at_both_ends(x: float) -> None:
    have = applied(mg.sigmoid, np.array([x]))[0]
    assert have == pytest.approx(1 / (1 + math.exp(-x)), rel=1e-15)


def test_sigmoid_does_not_overflow() -> None:
    x = np.array([-1e4, 1e4, -math.inf, math.inf])
    for dtype in (np.float64, np.float32, np.float16):
        with np.errstate(all="ignore"):  # of the cast alone
            close(applied(mg.sigmoid, x, dtype), [0, 1, 0, 1], 0)
    close(slope(mg.sigmoid, x), [0, 0, 0, 0], 0)


def test_derivatives_keep_small_numbers() -> None:
    """Where a formula through the result would have lost them."""
    x = np.array([-40.0, -20.0, 1e-12])
    close(slope(mg.expm1, x), np.exp(x), 1e-15)
    close(slope(mg.sigmoid, -np.array([40.0, 300.0])), np.exp([-40.0, -300.0]), 1e-14)
    close(slope(mg.log1p, np.array([1e-15])), [1.0], 1e-14)
    close(slope(mg.atanh, np.array([1 - 1e-12])), [1 / (1e-12 * 2)], 1e-4)
    close(slope(mg.asinh, np.array([1e200])), [1e-200], 1e-15)
    close(slope(mg.asin, np.array([1 - 1e-12])), [1 / math.sqrt(2e-12)], 1e-4)


def test_logaddexp_does_not_overflow() -> None:
    x = mg.tensor([1000.0, -1000.0], dtype=mg.float64, requires_grad=True)
    y = mg.tensor([999.0, -1001.0], dtype=mg.float64)
    z = x.logaddexp(y)
    close(z.detach().numpy(), np.array([1000, -1000]) + math.log1p(math.exp(-1)), 1e-15)
    z.sum().backward()
    close(x.grad.numpy(), [1 / (1 + math.exp(-1))] * 2, 1e-15)


def test_hypot_does_not_overflow() -> None:
    x = mg.tensor([3e200], dtype=mg.float64, requires_grad=True)
    z = x.hypot(mg.tensor([4e200], dtype=mg.float64))
    z.sum().backward()
    close(z.detach().numpy(), [5e200], 1e-15)
    close(x.grad.numpy(), [0.6], 1e-15)


# -- sinc ------------------------------------------------------------------------------------------


def test_sinc_is_0_at_whole_numbers_and_1_at_0() -> None:
    close(applied(mg.sinc, np.array([0.0, 1, -2, 100])), [1, 0, 0, 0], 0)
    assert mg.tensor(0).sinc().dtype == mg.float32


def test_derivatives_of_sinc_at_0() -> None:
    """sinc x = 1 - (πx)²/6 + (πx)⁴/120 - ..., so the even ones are -π²/3 and π⁴/5."""
    x = mg.tensor([0.0], dtype=mg.float64, requires_grad=True)
    y, found = x.sinc(), []
    for _ in range(4):
        (y,) = mg.autograd.grad(y.sum(), x, create_graph=True)
        found.append(y.item())
    close(np.array(found), [0, -(math.pi**2) / 3, 0, math.pi**4 / 5], 1e-14, 1e-300)


def test_the_slope_of_sinc_is_precise_everywhere() -> None:
    x = np.concatenate([10 ** rng.uniform(-9, 0, 100), [0.499999, 0.5, 0.500001]])
    a = math.pi * x.astype(np.longdouble)
    series = sum(
        (-1) ** k * 2 * k * a ** (2 * k - 1) / math.factorial(2 * k + 1) for k in range(1, 20)
    )
    close(slope(mg.sinc, x), (math.pi * series).astype(np.float64), 4e-15)


# -- types -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["exp", "sqrt", "erf", "lgamma", "sigmoid", "digamma", "erfinv"])
def test_integers_give_the_default_floating_type(name: str) -> None:
    for data in ([1], [True], 1):
        assert getattr(mg.tensor(data), name)().dtype == mg.float32


@pytest.mark.parametrize("name", ["erf", "erfc", "erfinv", "lgamma", "digamma", "sigmoid", "sinc"])
def test_half_precision_is_computed_in_more(name: str) -> None:
    x = rng.uniform(0.1, 0.9, 50).astype(np.float16)
    have = getattr(mg.from_numpy(x), name)()
    assert have.dtype == mg.float16
    want = applied(getattr(mg, name), x.astype(np.float64))
    close(have.numpy().astype(np.float64), want, 2e-3, 1e-3)


def test_deg2rad_and_back() -> None:
    x = mg.tensor([180.0, -90.0], dtype=mg.float64)
    close(x.deg2rad().numpy(), [math.pi, -math.pi / 2], 1e-15)
    close(x.deg2rad().rad2deg().numpy(), x.numpy(), 1e-15)
    assert mg.tensor([180]).deg2rad().dtype == mg.float32
