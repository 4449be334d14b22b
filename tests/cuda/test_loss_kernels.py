"""Cross entropy by kernels: few and many rows and classes, rows ignored, targets that are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from on_host import BOUNDS, Case, close, compare, poisoned, run

from minigrad.compiler.targets.cuda.kernels.losses import class_loss
from minigrad.device import Array
from minigrad.ops.loss import class_cross_entropy, class_residual

pytestmark = pytest.mark.usefixtures("gxx")
SHAPES = [
    (64, 10),
    (1, 2),
    (5, 1),
    (8, 1000),
    (300, 33),
    (3, 7, 11),
    (40, 900),
    (40, 5, 200),
    (2, 40, 6, 7),
]


def batch(shape: tuple[int, ...], dtype: str) -> tuple[Array, Array]:
    rng = np.random.default_rng(shape[0])
    target = rng.integers(0, shape[1], (shape[0], *shape[2:]))
    return (3 * rng.standard_normal(shape)).astype(dtype), target


@pytest.mark.parametrize("dtype", ["f", "d"])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_loss_and_derivative(dtype: str, reduction: str) -> None:
    params = {"ignore_index": -100, "reduction": reduction}
    ops = ("class_cross_entropy", "class_residual")
    compare([Case(op, batch(shape, dtype), params) for shape in SHAPES for op in ops])


@pytest.mark.parametrize("ignored", [-100, 3])
def test_rows_that_do_not_count(ignored: int) -> None:
    cases = []
    for shape in [(64, 10), (40, 900), (8, 5, 4)]:
        x, target = batch(shape, "d")
        target[::3] = ignored
        for op in ("class_cross_entropy", "class_residual"):
            for reduction in ("mean", "sum", "none"):
                params = {"ignore_index": ignored, "reduction": reduction}
                cases.append(Case(op, (x, target), params))
    compare(cases)


def both(x: Array, target: Array, **params: Any) -> tuple[Array, Array]:
    shape = target.shape if params["reduction"] == "none" else ()
    loss, residual = poisoned(shape, x.dtype), poisoned(x.shape, x.dtype)
    works = class_loss(x, target, loss, residual, poisoned, **params)
    assert works is not None
    run(works)
    return loss, residual


@pytest.mark.parametrize("shape", [(64, 10), (40, 900), (3, 7, 11)])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_both_at_once(shape: tuple[int, ...], reduction: str) -> None:
    x, target = batch(shape, "d")
    params = {"ignore_index": 1, "reduction": reduction}
    loss, residual = both(x, target, **params)
    close(loss, np.asarray(class_cross_entropy.plain(np, x, target, **params)), "loss")
    close(residual, class_residual.plain(np, x, target, **params), "residual")


def test_a_usual_batch_is_one_launch() -> None:
    x, target = batch((256, 10), "f")
    loss, residual = poisoned((), "f"), poisoned(x.shape, "f")
    works = class_loss(x, target, loss, residual, poisoned, -100, "mean")
    assert works is not None and len(works) == 1


@pytest.mark.parametrize("shape", [(64, 10), (40, 900)])
@pytest.mark.parametrize("wrong", [-1, -99, 10_000])
def test_a_target_that_is_no_class_makes_nan(shape: tuple[int, ...], wrong: int) -> None:
    x, target = batch(shape, "d")
    target[5] = wrong
    loss, residual = both(x, target, ignore_index=-100, reduction="mean")
    assert np.isnan(loss)
    assert np.isnan(residual[5]).all() and not np.isnan(np.delete(residual, 5, 0)).any()


@pytest.mark.parametrize("shape", [(6, 4), (40, 900)])
def test_nothing_counts(shape: tuple[int, ...]) -> None:
    x, target = batch(shape, "d")
    target[...] = -100
    loss, residual = both(x, target, ignore_index=-100, reduction="mean")
    assert np.isnan(loss) and (residual == 0).all()  # 0 / 0, and no row has any part in it
    loss, residual = both(x, target, ignore_index=-100, reduction="sum")
    assert loss == 0 and (residual == 0).all()


def test_large_logits_stay_finite() -> None:
    x, target = batch((16, 10), "f")
    loss, residual = both(x * 1000, target, ignore_index=-100, reduction="mean")
    exact = class_cross_entropy.plain(
        np, x.astype("d") * 1000, target, ignore_index=-100, reduction="mean"
    )
    assert np.isfinite(residual).all() and abs(loss / exact - 1) < BOUNDS[x.dtype]


def test_logits_in_any_layout() -> None:
    x, target = batch((12, 9), "d")
    params = {"ignore_index": -100, "reduction": "mean"}
    turned = (np.asfortranarray(x), np.repeat(target, 2)[::2])
    compare([Case("class_residual", turned, params), Case("class_cross_entropy", turned, params)])
