"""What an installed minigrad is: the one package of the wheel, without the checkout around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the path of imports that holds what the wheel would hold."""
    site = tmp_path_factory.mktemp("site")
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    for package in built["targets"]["wheel"]["packages"]:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, site / package, ignore=ignored)
    return site


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in an empty folder, with nothing of the checkout to import."""
    code = (
        "import os, sys; "
        "sys.path[:] = [p for p in sys.path if not os.path.exists(f'{p}/reference/compare.py')]; "
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in repr(f)]; "
        "from minigrad.commands import main; sys.exit(main())"
    )
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(site)},
    )


def test_it_is_minigrad_alone(installed: Path) -> None:
    assert [path.name for path in installed.iterdir()] == ["minigrad"]


def test_it_runs_without_the_checkout(installed: Path) -> None:
    done = run(installed, "train", "E")
    assert done.returncode == 0 and "step 300   loss 0.000000" in done.stdout, done.stderr


def test_comparing_says_where_to_get_the_other_side(installed: Path) -> None:
    done = run(installed, "compare", "E")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith(
        "compare: the networks in PyTorch are no part of what is installed"
    )
    assert "source checkout" in done.stderr and '".[reference]"' in done.stderr
    assert done.stderr.count("\n") == 1
