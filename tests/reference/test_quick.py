"""Quick comparisons: what passes, and what does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from minigrad.recipes import RECIPES  # noqa: E402
from reference import quick as module  # noqa: E402
from reference.compare import pair  # noqa: E402
from reference.parity import Difference  # noqa: E402
from reference.quick import Quick, largest, quick  # noqa: E402


def found(**changes: object) -> Quick:
    fine = Quick(
        RECIPES["D1"],
        {"minigrad": [1.0, 0.5], "torch": [1.0, 0.5]},
        Difference(1, "gradient", "w", 1e-6),
        None,
        1.0,
    )
    return replace(fine, **changes)


def test_what_passes():
    assert found().passed
    assert found(losses={"minigrad": [1.0, 0.5004], "torch": [1.0, 0.5]}).passed
    assert not found(losses={"minigrad": [1.0, 0.501], "torch": [1.0, 0.5]}).passed
    assert not found(losses={"minigrad": [1.001, 0.5], "torch": [1.0, 0.5]}).passed
    for bad in ([1.0, np.nan, 0.5], [1.0, 0.5, np.nan], [np.nan, 0.5, 0.5]):
        assert not found(losses={"minigrad": bad, "torch": [1.0, 0.5, 0.5]}).passed
    assert "DIFFERS" in str(found(losses={"minigrad": [2.0], "torch": [1.0]}))


@pytest.mark.parametrize(
    ("ours", "theirs", "passes"), [(3e-5, 4e-5, True), (5e-5, 4e-5, False), (9e-6, 1e-6, True)]
)
def test_where_float32_itself_rounds_more_float64_decides(ours, theirs, passes):
    rounding = {
        name: Difference(1, "gradient", "w", size)
        for name, size in (("minigrad", ours), ("torch", theirs))
    }
    far = found(gradient=Difference(1, "gradient", "w", 6e-5), rounding=rounding)
    assert far.passed == passes
    assert "from PyTorch's float64" in str(far)
    assert not replace(far, rounding=None).passed


def test_the_largest_difference_counts_what_is_missing_or_no_number():
    one = np.ones(2)
    assert largest({"a": one, "b": one * 2}, {"a": one, "b": one}).name == "b"
    assert largest({"a": one}, {"a": one, "b": one}).relative == np.inf
    assert largest({"a": one * np.nan, "b": one * 2}, {"a": one, "b": one}).name == "a"


def test_a_wrong_gradient_and_a_wrong_optimizer_are_caught(monkeypatch):
    recipe = replace(RECIPES["N3"], options={"samples": (64, 8)}, batch=8)
    fine = quick(recipe)
    assert fine.passed, str(fine)
    assert len(fine.losses["torch"]) == 20

    def spoiled(*arguments):
        ours, theirs = pair(*arguments)
        theirs.model.fc3.bias.register_hook(lambda g: g * 1.001)
        return ours, theirs

    monkeypatch.setattr(module, "pair", spoiled)
    wrong = quick(recipe)
    assert not wrong.exact and wrong.gradient.name == "fc3.bias"
    assert wrong.rounding is not None and not wrong.passed

    def hurried(*arguments):
        ours, theirs = pair(*arguments)
        theirs.optimizers["optimizer"].param_groups[0]["lr"] *= 1.5
        return ours, theirs

    monkeypatch.setattr(module, "pair", hurried)
    wrong = quick(recipe)
    assert wrong.exact and wrong.apart > 1e-3 and not wrong.passed
