"""The table of passes: what `disable=` takes, what `explain=` tells and what the site lists are
made of one row each."""

from __future__ import annotations

import re
from contextlib import nullcontext
from pathlib import Path

import pytest

import minigrad
from minigrad.compiler.targets.cuda.device.host import compiler
from minigrad.compiler.targets.register import PASSES, TARGETS, documented
from minigrad.native.library import enabled

PAGE = Path(__file__).parent.parent.parent / "docs" / "architecture.md"
TOLD = re.compile(r"^  (\w+) +\d+ steps .* moved  (.*)$", re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("native", [False, True])
def test_each_pass_is_left_out_by_its_name_and_told_where_it_is_not(
    target: str, native: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if native and not (compiler() and enabled()):
        pytest.skip("no compiler")
    rows = [each for each in TARGETS[target] if each.rewrite]
    needed = {"", "kernels"} if native else {"", "numpy"}
    for left_out in [None, *PASSES]:
        disable = [] if left_out is None else [left_out]
        with minigrad.cuda.simulated() if target == "CUDA" else nullcontext():
            options = {"explain": True, "disable": disable, "native": native}
            minigrad.compile(lambda x: x * 2, **options)(minigrad.ones(3))
        told = TOLD.findall(capsys.readouterr().out)
        assert told[1:] == [
            (each.name, each.says)
            for each in rows
            if each.needs in needed and each.name != left_out
        ]


def test_a_name_that_is_none_is_answered_by_those_that_are() -> None:
    with pytest.raises(ValueError, match=f"no pass 'nosuch'; there are {', '.join(PASSES)}"):
        minigrad.compile(lambda x: x, disable=["nosuch"])


def test_each_name_is_one_pass() -> None:
    for passes in TARGETS.values():
        assert len({each.name for each in passes}) == len(passes)
        assert all(PASSES[each.name] is each for each in passes)


def test_the_readme_lists_them() -> None:
    assert documented() in PAGE.read_text(encoding="utf-8"), f"it should:\n{documented()}"
