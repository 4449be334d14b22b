"""The README and the guides keep their word: figures come from files, links lead somewhere, each
script runs as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from forking import Ready, forking

from benchmarks.readme import PAGES as RESULTS
from benchmarks.readme import filled
from minigrad.compiler.targets.cuda.device.host import compiler

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    *(path for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "contributing.md"),
    *sorted((ROOT / "docs" / "guides").glob("*.md")),
]
"""What people wrote; the site's other pages are made of the package."""


def test_figures_are_those_of_the_result_files() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert filled(text) == text, f"{page.name}: run python -m benchmarks.readme"


def test_every_result_has_a_place() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in RESULTS)
    assert set(re.findall(r"<!-- results: (\w+) -->", text)) == {
        "accuracy",
        "gpu",
        "memory",
        "quick",
        "ratios",
        "scaling",
        "steps",
    }


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len(README.encode()) <= 12_000


def test_links_lead_to_files() -> None:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in re.findall(r"\]\((?!http)([^)#]+)[^)]*\)", text):
            place = page.parent / link
            # When the site is built; Sphinx then looks whether it leads anywhere.
            room = link.removeprefix("../").split("/")[0].removesuffix(".md")
            made = room in ("api", "contributing", "course", "explained", "lessons", "ops")
            assert made or place.exists() or place.with_suffix(".md").exists(), (page.name, link)


def test_a_newcomer_finds_the_way_from_the_first_page() -> None:
    """To check a gradient, to add an op, and what to do when nothing is learned: by one click."""
    first = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    links = dict(re.findall(r"\[([^\]]+)\]\(([^)]+)\)", first))
    assert links["Check my own gradient"] == "guides/gradients"
    assert links["Why does my loss not fall?"] == "guides/troubleshooting"
    assert links["add an op"] == "contributing.md#how-to-add-an-op"
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "\n## How to add an op\n" in contributing


BLOCKS = {
    f"{page.stem}-{i}": block
    for page in PAGES
    for i, block in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    )
}
SAYS = {
    "README-0": r"^loss 0\.",
    "README-2": r"^gradient of .*: right",
    "README-3": r"validation accuracy (8[5-9]|9\d|100) %",
    "README-4": r"backward:",
    "gradients-0": r"^gradient of tanh \(torch\): right",
    "gradients-1": r"^gradient of .*: right",
    "gradients-2": r"^gradient of Linear \(torch\): right",
    "gradients-4": r"analytical 4.5, numerical 6.7",
    "saving-0": r"^True",
    "saving-1": r"without a break: True",
    "extending-0": r"^True",
    "extending-1": r"^tensor\(\[2., 3.\]\)",
    "extending-2": r"^\de-0[4-9]",
    "troubleshooting-0": r"^softmax-before-cross-entropy - .*\ngradients-not-zeroed - ",
    "troubleshooting-1": r"step 199: 0\.00",
    "troubleshooting-2": r"logits: 1\..* to 0\.1.*\nsoftmax twice: 1\..* to 0\.6",
    "troubleshooting-3": r"inner layer: None\n.*True\nmoved by \d\.\de-0[1-3]",
    "troubleshooting-4": r"lr 0\.1: .*e-0.\nlr 1: (inf|nan|.*e\+).*\n.*zero_grad: .*e\+00",
    "troubleshooting-5": r"sigmoid: +\de-0[67].*\nrelu: +\de-04.*\ninputs of 1000: +\de-01",
    "troubleshooting-6": r"nan\]\)\nsqrt backward",
    "troubleshooting-7": r"twice the same: False\n.*twice the same: True",
}
"""What some of them print, a part of it."""
WRITES = {"pictures-0": {"graph.svg", "model.pdf", "maps.png", "sheet.png"}}


@pytest.fixture(scope="module")
def ready() -> Iterator[Ready | None]:
    """A process that forks scripts; a warning is an error in it."""
    with forking("-W", "error") as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("name", BLOCKS)
def test_each_script_runs_as_it_stands(name: str, tmp_path: Path, ready: Ready | None) -> None:
    """Those of the README, and those that import PyTorch, in processes started for them."""
    if "simulated" in BLOCKS[name] and compiler() is None:
        pytest.skip("nobody could build the simulated GPU's kernels")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if ready is None or name.startswith("README") or "import torch" in BLOCKS[name]:
        found = subprocess.run(
            [sys.executable, "-W", "error", "-c", BLOCKS[name]],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
        )
    else:
        found = ready.run(tmp_path, environment, code=BLOCKS[name])
    assert found.returncode == 0, found.stderr
    assert re.search(SAYS.get(name, ""), found.stdout), found.stdout
    assert WRITES.get(name, set()) <= {path.name for path in tmp_path.iterdir()}


def test_the_commands_are_the_ones_that_exist() -> None:
    commands = (ROOT / "docs" / "guides" / "commands.md").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^python -m minigrad (\w+)", commands, flags=re.MULTILINE))
    helped = subprocess.run(
        [sys.executable, "-m", "minigrad", "--help"], capture_output=True, text=True
    )
    assert verbs and all(verb in helped.stdout for verb in verbs)
    assert 'python -m pip install -e ".[all]" && python -m pytest -n auto\n' in README, (
        ".ci/run reads this line"
    )
