"""Losses where they end: nothing to average, impossible classes, probabilities of 0, NaN.

Value, first and second derivative are PyTorch's to 1e-10, but for what `DIFFERS` says.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import minigrad

from .losses import CASES, Case, evaluated

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")

DIFFERS: list[tuple[Callable[[str], bool], float, str]] = [
    (
        lambda name: name.startswith("binary_cross_entropy: 0 and 1"),
        1e-8,
        "PyTorch's bound 1e-12 of p (1 - p) is rounded to float32; its second derivative there is "
        "not that of the first",
    ),
    (lambda name: name.startswith("cosine_embedding_loss"), 1e-8, "its ε is rounded to float32"),
]
UNLIKE = {
    "binary_cross_entropy_with_logits: infinite": "∞ for ∞ against 0, where PyTorch has NaN",
    "triplet_margin_loss: equal": "PyTorch's second derivative at distance 0 is NaN",
    "triplet_margin_loss: kink": "PyTorch's second derivative at distance 0 is NaN",
    "multi_margin_loss: NaN": "NaN passes; PyTorch's comparison with NaN drops it",
    "multi_margin_loss: NaN 2": "NaN passes; PyTorch's comparison with NaN drops it",
    "multi_margin_loss: empty": "the mean over nothing is NaN; PyTorch's is what memory held",
    "multilabel_margin_loss: empty": "the mean over nothing is NaN; PyTorch's is what memory held",
}


def orders(each: Case) -> int:
    """How many derivatives PyTorch's are compared with."""
    if each.name.startswith("binary_cross_entropy: 0 and 1") or "NaN target" in each.name:
        return 1
    return 2


@pytest.mark.parametrize("loss", sorted({each.loss for each in CASES}))
def test_edges_are_pytorchs(loss: str) -> None:
    for each in (c for c in CASES if c.loss == loss and c.name not in UNLIKE):
        for word in each.words:
            compare(each, word)


def compare(each: Case, word: str) -> None:
    what = f"{each.name} {word}"
    try:
        theirs = evaluated(torch, each, word, orders(each))
    except RuntimeError as error:
        if "not implemented" not in str(error):
            with pytest.raises(RuntimeError):
                evaluated(minigrad, each, word)
            return
        theirs = evaluated(torch, each, word, 1)
    ours = evaluated(minigrad, each, word, orders(each))
    tolerance = next((t for holds, t, _ in DIFFERS if holds(each.name)), 1e-10)
    if "label_smoothing': 0.1, 'weight" in each.name and not np.isfinite(theirs[0]).all():
        return  # the part by weight is 0/0, the smoothed one x/0: PyTorch adds NaN to ∞
    for k, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        assert a.shape == b.shape, f"{what} #{k}"
        if loss_without_way(each, a, b):
            continue
        scale = np.max(np.abs(b), where=np.isfinite(b), initial=1.0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=1e-14 * scale, err_msg=f"{what} #{k}")


def loss_without_way(each: Case, a: np.ndarray, b: np.ndarray) -> bool:
    """CTC of a target that does not fit: the loss is ∞ whatever the input is, the derivative 0;
    PyTorch's is NaN."""
    lost = np.isnan(b)
    return each.loss == "ctc_loss" and bool(lost.any()) and bool((a[lost] == 0).all())


@pytest.mark.parametrize("name", sorted(UNLIKE))
def test_where_it_is_not_pytorchs_it_is_still_so(name: str) -> None:
    """Ours is a number or NaN for a reason, and PyTorch's is what is said of it."""
    each = next(c for c in CASES if c.name == name)
    ours, theirs = (
        evaluated(side, each, each.words[-1], 1 if "margin" in name and "trip" not in name else 2)
        for side in (minigrad, torch)
    )
    same = all(np.array_equal(a, b, equal_nan=True) for a, b in zip(ours, theirs, strict=True))
    assert not same or "empty" in name  # memory may hold NaN


def test_a_mean_over_nothing_has_gradient_0() -> None:
    """Also compiled, in C and in NumPy; the value is NaN."""
    labels = minigrad.tensor([-100, -100])
    for native in (True, False):

        def step(x: minigrad.Tensor) -> tuple[minigrad.Tensor, minigrad.Tensor | None]:
            leaf = x.clone().requires_grad_()
            loss = minigrad.nn.functional.cross_entropy(leaf, labels)
            loss.backward()
            return loss, leaf.grad

        compiled = minigrad.compile(step, native=native)
        for x in ([[1.0, 2.0], [3.0, 4.0]], [[1.0, -np.inf], [3.0, 4.0]]):
            for run in (step, compiled, compiled):
                loss, g = run(minigrad.tensor(x))
                assert np.isnan(loss.detach().numpy()) and g is not None and (g.numpy() == 0).all()
