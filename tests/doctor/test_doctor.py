"""The doctor finds the fault of each broken script, on its line, and none in the clean ones."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import minigrad
from doctor.catalogue import IMPORTS, Script, scripts
from minigrad import nn, optim
from minigrad.commands import main
from minigrad.diagnosis import CODES, examine
from minigrad.diagnosis.codes import table
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
    assert report.error is None and not report.failed and (script.code, script.line) in found, (
        report
    )
    assert switch.anomaly is None and not following


@pytest.mark.parametrize("script", [*CLEAN, *MORE_CLEAN], ids=lambda script: script.name)
def test_a_clean_script(script: Script, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(script.text, encoding="utf-8")
    report = examine(file)
    assert not report and report.error is None and not report.failed, report


def test_every_code_is_in_the_catalogue_twice() -> None:
    counted = Counter(script.code for script in BROKEN)
    assert {code: counted[code] for code in CODES if counted[code] < 2} == {}
    assert counted.keys() == CODES.keys() and len(BROKEN) >= 60 and len(CLEAN) >= 60


# -- the report ------------------------------------------------------------------------------------


BAD = next(each for each in BROKEN if "as the last layer" in each.name)


def test_the_command_tells_and_writes_and_exits(tmp_path: Path) -> None:
    script, out = tmp_path / "train.py", tmp_path / "found.json"
    script.write_text(BAD.text + "print('the end of the script')\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "minigrad", "doctor", str(script), "--json", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert "the end of the script" in ran.stdout
    assert f"{script}:{BAD.line}: {BAD.code}: " in ran.stdout
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [(each["code"], each["line"]) for each in found] == [(BAD.code, BAD.line)]
    assert set(found[0]) == {"code", "line", "message"}


def run_here(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    file = tmp_path / "script.py"
    file.write_text(text, encoding="utf-8")
    code = main(["doctor", str(file)])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_clean_script_exits_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = run_here(
        "import sys\nprint(sys.argv[1:], __name__)\nsys.exit(0)\n", tmp_path, capsys
    )
    assert code == 0 and "[] __main__" in told and "nothing found in 0 steps" in told
    assert "import minigrad as torch" in told  # it may be PyTorch's
    assert "import minigrad" not in run_here(BAD.text, tmp_path, capsys)[1]


def test_what_is_no_script_is_said_in_a_line_or_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run_here("x = (1,\n", tmp_path, capsys)
    assert code == 1 and "never closed" in told and "minigrad" not in told
    code = main(["doctor", str(tmp_path / "none.py")])
    assert code == 1 and "there is no file" in capsys.readouterr().err


def test_an_error_of_the_script_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run_here("x = 1\nx / 0\n", tmp_path, capsys)
    assert code == 1 and "ZeroDivisionError" in told and 'script.py", line 2' in told


def test_loops_are_cut_and_what_is_behind_them_is_seen(tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        IMPORTS + "model = nn.Linear(2, 1)\n"
        "opt = torch.optim.SGD(model.parameters(), lr=0.1)\n"
        "rows = [i for i in range(5000)]\n"
        "for i in rows:\n"
        "    rows[i] = i + 1\n"
        "x, y = torch.randn(8, 2), torch.randn(8, 1)\n"
        "while True:\n"
        "    for _ in range(10**9):\n"
        "        opt.zero_grad()\n"
        "        F.mse_loss(model(x), y).backward()\n"
        "        opt.step()\n"
        "assert rows == [i + 1 for i in range(5000)]\n"
        "out = model(x)\n",
        encoding="utf-8",
    )
    report = examine(script)
    assert report.error is None and report.cut and 30 <= report.steps <= 250
    assert [(e["code"], e["line"]) for e in report] == [("evaluating-with-gradients", 14)]


def test_a_step_from_python() -> None:
    model = nn.Linear(2, 1)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    x, y = minigrad.randn(8, 2), minigrad.randn(8, 1)

    def step(x: Any, y: Any) -> None:
        nn.MSELoss()(model(x), y).backward()
        optimizer.step()

    report = minigrad.doctor(step, x, y, steps=5)
    line = step.__code__.co_firstlineno + 1
    assert report.codes == ["gradients-not-zeroed"] and report[0]["line"] == line
    assert report.steps == 5 and f"{__file__}:{line}: " in str(report)
    assert not following and switch.anomaly is None
    with pytest.raises(TypeError, match="expected a function"):
        minigrad.doctor(3)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        minigrad.doctor(lambda: 1 / 0)


def test_the_guide_holds_the_table_of_codes() -> None:
    guide = Path(__file__).parents[2] / "docs" / "guides" / "doctor.md"
    assert table() in guide.read_text(encoding="utf-8")
