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
        "float32",
        {"minigrad": [1.0, 0.5], "torch": [1.0, 0.5]},
        Difference(1, "gradient", "w", 1e-6),
        None,
        20,
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


def test_each_type_has_its_bound():
    for dtype, size, passes in (
        ("float32", 9e-6, True),
        ("float32", 2e-5, False),
        ("float64", 9e-11, True),
        ("float64", 2e-10, False),
    ):
        worst = Difference(1, "gradient", "w", size)
        assert found(dtype=dtype, gradient=worst).passed == passes
    told = str(found(dtype="float64", single={"minigrad": 2e-2, "torch": 3e-2}))
    assert "float32 is 2e-02 from it here, 3e-02 in PyTorch" in told


def test_only_what_pytorch_itself_repeats_is_compared():
    losses = {"minigrad": [1.0, 0.5, 0.3], "torch": [1.0, 0.5, 0.2]}
    assert not found(losses=losses).passed
    assert found(losses=losses, steady=2).passed
    assert "2 losses" in str(found(losses=losses, steady=2))
    wrong = {"minigrad": [1.0, 0.6, 0.2], "torch": [1.0, 0.5, 0.2]}
    assert not found(losses=wrong, steady=2).passed


@pytest.mark.slow
def test_float64_decides_where_float32_rounds_in_pytorch_too(monkeypatch):
    """Batches of two, normalised over a handful of numbers."""
    recipe = replace(RECIPES["N7"], options={"samples": (4, 2), "size": (64, 64)}, batch=2)
    monkeypatch.setattr(module, "STEPS", 3)
    outcome = quick(recipe)
    assert outcome.dtype == "float64" and outcome.passed, str(outcome)
    assert outcome.single is not None and outcome.single["torch"] > 1e-5
    assert outcome.as_dict()["float32_gradient_from_float64"] == outcome.single


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
    assert wrong.gradient.name == "fc3.bias" and wrong.gradient.relative > 1e-5
    assert wrong.dtype == "float64" and not wrong.passed

    def hurried(*arguments):
        ours, theirs = pair(*arguments)
        theirs.optimizers["optimizer"].param_groups[0]["lr"] *= 1.5
        return ours, theirs

    monkeypatch.setattr(module, "pair", hurried)
    wrong = quick(recipe)
    assert wrong.gradient.relative <= 1e-5 and wrong.apart > 1e-3 and not wrong.passed
