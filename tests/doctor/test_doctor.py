"""The doctor finds the fault of each broken script, on its line, and none in the clean ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from doctor.catalogue import Script, scripts
from minigrad.diagnosis import CODES, examine
from minigrad.recording import following, switch

BROKEN, CLEAN = scripts("broken.txt"), scripts("clean.txt")
MORE = [pytest.param(each, marks=pytest.mark.slow) for each in scripts("more_broken.txt")]
MORE_CLEAN = [pytest.param(each, marks=pytest.mark.slow) for each in scripts("more_clean.txt")]


@pytest.mark.parametrize("script", [*BROKEN, *MORE], ids=lambda script: script.name)
def test_a_broken_script(script: Script, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(script.text, encoding="utf-8")
    report = examine(file)
    found = [(each["code"], each["line"]) for each in report]
    assert report.error is None and (script.code, script.line) in found, report
    assert switch.anomaly is None and not following


@pytest.mark.parametrize("script", [*CLEAN, *MORE_CLEAN], ids=lambda script: script.name)
def test_a_clean_script(script: Script, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(script.text, encoding="utf-8")
    report = examine(file)
    assert not report and report.error is None, report


def test_every_code_is_in_the_catalogue_twice() -> None:
    counted = Counter(script.code for script in BROKEN)
    assert {code: counted[code] for code in CODES if counted[code] < 2} == {}
    assert counted.keys() == CODES.keys() and len(BROKEN) >= 60 and len(CLEAN) >= 60
