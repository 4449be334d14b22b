"""The README keeps its word: figures come from files, links lead somewhere, its code runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.readme import filled
from minigrad.compiler.targets.cuda.device.host import compiler

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_figures_are_those_of_the_result_files() -> None:
    assert filled(README) == README, "run python -m benchmarks.readme"


def test_every_result_has_a_place() -> None:
    assert {name for name in re.findall(r"<!-- results: (\w+) -->", README)} == {
        "accuracy",
        "gpu",
        "memory",
        "quick",
        "ratios",
        "scaling",
        "steps",
    }


def test_links_lead_to_files() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


@pytest.mark.slow
def test_the_scripts_run(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(blocks) == 6
    if compiler() is None:  # nobody who could build the simulated GPU's kernels
        blocks = [block for block in blocks if "simulated" not in block]
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("loss 0.")
    accuracy = re.search(r"validation accuracy (\d+) %", found.stdout)
    assert accuracy and int(accuracy[1]) >= 85, found.stdout
    written = {path.name for path in tmp_path.iterdir()}
    assert {"graph.svg", "model.pdf", "maps.png", "sheet.png"} <= written


def test_the_commands_are_the_ones_that_exist() -> None:
    verbs = set(re.findall(r"^python -m minigrad (\w+)", README, flags=re.MULTILINE))
    helped = subprocess.run(
        [sys.executable, "-m", "minigrad", "--help"], capture_output=True, text=True
    )
    assert verbs and all(verb in helped.stdout for verb in verbs)
    assert 'python -m pip install -e ".[all]" && python -m pytest\n' in README, (
        ".ci/run reads this line"
    )
