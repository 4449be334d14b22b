"""The drawn pictures: always the same, all or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minigrad.datasets import ImageFolder, waste
from minigrad.datasets.waste import KINDS, drawn_waste

pytest.importorskip("PIL")


def test_a_folder_a_kind_of_pictures_that_differ(tmp_path: Path) -> None:
    images = ImageFolder(drawn_waste(tmp_path / "deep" / "waste", 3))
    assert images.classes == sorted(KINDS) and len(KINDS) == 6
    assert images.targets == [label for label in range(6) for _ in range(3)]
    assert [Path(path).name for path, _ in images.samples[:3]] == [
        "cardboard001.png",
        "cardboard002.png",
        "cardboard003.png",
    ]
    pictures = [images[i][0] for i in range(len(images))]
    assert all(p.dtype == np.uint8 and 96 <= min(p.shape[:2]) for p in pictures)
    assert max(max(p.shape[:2]) for p in pictures) <= 144
    assert len({p.tobytes() for p in pictures}) == 18
    for picture in pictures:  # a thing on a table: a good part has other colours than a corner
        apart = np.abs(picture - picture[:5, :5].mean((0, 1))).max(axis=2)
        assert 0.08 < (apart > 40).mean() < 0.8


def test_they_are_the_same_each_time_and_kept(tmp_path: Path) -> None:
    a, b = (drawn_waste(tmp_path / name, 2) for name in "ab")
    files = sorted(path.relative_to(a) for path in a.rglob("*.png"))
    assert len(files) == 12
    assert all((a / f).read_bytes() == (b / f).read_bytes() for f in files)
    (a / files[0]).unlink()
    assert not (drawn_waste(a, 2) / files[0]).exists()  # the folder was there: it is left alone


def test_a_folder_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, count = waste._picture, 0

    def breaks(*given: object) -> np.ndarray:
        nonlocal count
        count += 1
        if count == 7:
            raise OSError("No space left on device")
        assert not (tmp_path / "waste").exists()
        return drawn(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(waste, "_picture", breaks)
    with pytest.raises(OSError, match="No space left"):
        drawn_waste(tmp_path / "waste", 2)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_may_draw_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, count = waste._picture, 0

    def while_another_finishes(*given: object) -> np.ndarray:
        nonlocal count
        count += 1
        if count == 1:
            drawn_waste(tmp_path / "waste", 1)
        return drawn(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(waste, "_picture", while_another_finishes)
    assert drawn_waste(tmp_path / "waste", 1) == tmp_path / "waste"
    assert [path.name for path in tmp_path.iterdir()] == ["waste"]
    assert len(list((tmp_path / "waste").rglob("*.png"))) == 6
