"""CONTRIBUTING keeps its word: who does what it says has an op with all that belongs to one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECIPE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPE = RECIPE[RECIPE.index("## How to add an op") : RECIPE.index("## How to add a kernel")]
PLACES = {
    "minigrad/ops/elementary.py": "",  # at its end
    "minigrad/methods/elementary.py": "    sin, sin_ = unary(ops.sin)\n",
    "minigrad/functions/elementary.py": "sin = function(Tensor.sin)\n",
    "tests/opdb/elementary.py": "ROWS = [\n",
}
"""Each file of the recipe, and a line of it behind which what is added belongs."""

LOOK = """
import minigrad as torch
from minigrad.op import register

x = torch.linspace(-1, 1, 5, dtype=torch.float64, requires_grad=True)
y = torch.cosm1(x)
y.sum().backward()
assert torch.allclose(y, x.cos() - 1) and torch.allclose(x.grad, -x.sin())
assert torch.cosm1(torch.tensor(1e-9, dtype=torch.float64)).item() == -5e-19
with torch.no_grad():
    assert torch.equal(x.clone().cosm1_(), y)
assert "cosm1" in torch.__all__ and torch.Tensor.cosm1.__doc__ in torch.cosm1.__doc__
assert torch.Tensor.cosm1.__doc__ == "y = cos x - 1, precise for small x"
assert torch.autograd.gradgradcheck(torch.cosm1, (x,))
step = torch.compile(lambda x: torch.cosm1(x).exp())
first, second = step(x.detach()), step(x.detach())
assert torch.equal(first, second) and "cosm1" in str(step)
print(register["cosm1"].scalar, step.path)
"""


@pytest.mark.slow
def test_an_op_is_added_as_it_says(tmp_path: Path) -> None:
    for name in ("minigrad", "tests"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "results")
        )
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    blocks = re.findall(r"   ```python\n(.*?)   ```\n", RECIPE, flags=re.DOTALL)
    assert len(blocks) == len(PLACES)
    for (name, behind), block in zip(PLACES.items(), blocks, strict=True):
        assert f"`{name}`" in RECIPE
        file = tmp_path / name
        text, added = file.read_text(encoding="utf-8"), textwrap.dedent(block)
        if behind:
            indent = " " * (4 if behind.startswith((" ", "ROWS")) else 0)
            assert text.count(behind) == 1
            text = text.replace(behind, behind + textwrap.indent(added, indent))
        else:
            text += f"\n\n{added}"
        file.write_text(text, encoding="utf-8")

    def run(*arguments: str) -> str:
        found = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout

    assert "sin(x / 2)" in run("-c", LOOK)
    tests = ["tests/ops", "tests/compiler/test_compiled_rows.py", "-k", "cosm1"]
    counted = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert int(re.findall(r"(\d+) passed", counted)[-1]) >= 8, counted
