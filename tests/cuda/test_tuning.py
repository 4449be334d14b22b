"""Tables by which a GPU's work is decided: what is read, what is refused, what is in use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import minigrad
from minigrad import nn
from minigrad.compiler.targets.cuda import tuning
from minigrad.compiler.targets.cuda.device.simulation import Simulated
from minigrad.compiler.targets.cuda.tuning import (
    Limits,
    Table,
    limits,
    made_for,
    model,
    path,
    read,
    table,
    trying,
)

NAME = "Paper H100"
ALGORITHM = "0f" * 64
FULL = Table(NAME, Limits(few_filters=16, slab=1 << 20), {'["f", 1]': ALGORITHM})


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MINIGRAD_CACHE", str(tmp_path))
    table.cache_clear()
    yield
    table.cache_clear()


def write(found: Any) -> None:
    place = path(NAME)
    place.parent.mkdir(exist_ok=True)
    place.write_text(found if isinstance(found, str) else json.dumps(found))


def test_a_table_goes_and_comes() -> None:
    assert table(NAME) == Table(NAME) and path(NAME).name == "Paper-H100.json"
    table.cache_clear()
    write(FULL.told())
    assert table(NAME) == FULL == read(json.loads(json.dumps(FULL.told())), NAME)
    assert model("cuda:1 (Paper H100)") == NAME and model("simulated") == "simulated"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"format": 2}, "expected a table of format 1 for Paper H100"),
        ({"model": "another"}, "expected a table of format 1"),
        ({"limits": None}, "expected limits and products"),
        ({"limits": {"slab": 0}}, "limits: slab is 0, expected 1024 to"),
        ({"limits": {"slab": True}}, "limits: slab is True"),
        ({"limits": {"slab": 2048.0}}, "limits: slab is 2048.0"),
        ({"limits": {"slab": "__import__('os')"}}, "limits: slab is "),
        ({"limits": {"speed": 7}}, "limits: speed is 7"),
        ({"products": {"x": "0f"}}, "products: x: expected 128 hexadecimal digits"),
        ({"products": {"x": 7}}, "products: x: expected 128"),
    ],
)
def test_what_is_no_table_is_told_once_and_not_used(change: dict[str, Any], wrong: str) -> None:
    write({**FULL.told(), **change})
    with pytest.warns(RuntimeWarning, match=wrong):
        assert table(NAME) == Table(NAME)
    assert table(NAME) == Table(NAME)  # not once more


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, " " * (tuning.LARGEST + 1)])
def test_damaged_files_are_told(text: str) -> None:
    write(text)
    with pytest.warns(RuntimeWarning, match="is not used"):
        assert table(NAME) == Table(NAME)


def test_limits_are_those_of_the_device_that_work_is_made_for() -> None:
    write(FULL.told())
    assert limits() == Limits()
    with made_for(f"cuda:0 ({NAME})"):
        assert limits() == FULL.limits
        with trying(Limits(long=77)):
            assert limits() == Limits(long=77)
    assert limits() == Limits()


@pytest.mark.usefixtures("gxx")
def test_a_compiled_step_goes_by_the_table(tmp_path: Path) -> None:
    """Where few filters are too many for a kernel without columns, there are columns, and the same
    numbers."""

    class Other(Simulated):
        name = f"simulated:0 ({NAME})"

    x = minigrad.randn(2, 3, 12, 12)
    made = {}
    for few in (32, 2):
        write({**FULL.told(), "limits": {"few_filters": few}})
        table.cache_clear()
        minigrad.manual_seed(0)
        conv = nn.Conv2d(3, 4, 3)
        step = minigrad.compile(lambda conv=conv: conv(x))
        with minigrad.cuda.simulated(Other()) as device:
            step()
            made[few] = step().detach().numpy(), " ".join(device.log)
    assert "conv_few" in made[32][1] and "image_to_columns" not in made[32][1]
    assert "image_to_columns" in made[2][1] and "conv_few" not in made[2][1]
    assert abs(made[2][0] - made[32][0]).max() < 1e-6
