"""Lessons as notebooks: well formed, formulas in TeX, and run by a real kernel."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from minigrad.commands import main
from minigrad.lessons import LESSONS
from minigrad.lessons.formulas import tex, typeset
from minigrad.lessons.notebook import markdown, notebook

FORMULA = re.compile(r"\$\$\n(.*?)\n\$\$", re.DOTALL)


def words(lesson: Any) -> list[str]:
    return [
        "".join(cell["source"])
        for cell in notebook(lesson)["cells"]
        if cell["cell_type"] == "markdown"
    ]


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_every_lesson_is_a_notebook(lesson: Any) -> None:
    made = notebook(lesson)
    json.dumps(made)
    cells = made["cells"]
    assert "".join(cells[0]["source"]) == f"# {lesson.name}. {lesson.title}"
    assert len({cell["id"] for cell in cells}) == len(cells)
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    compile(code, lesson.script, "exec")
    script = lesson.path.read_text(encoding="utf-8")
    kept = [line for line in code.splitlines() if line.strip()]
    assert kept == [
        line for part in re.split(r"^# %%.*\n", script, flags=re.M)[1:]
        for line in part.splitlines() if line.strip()
        and part.strip("\n") in code
    ]  # fmt: skip
    assert sum(c["metadata"] == {"tags": ["parameters"]} for c in cells) == 1
    assert not any('"""' in text or "# %%" in text for text in words(lesson))


def test_the_formulas_are_tex() -> None:
    convert = pytest.importorskip("latex2mathml.converter").convert
    formulas = [
        f for lesson in LESSONS.values() for text in words(lesson) for f in FORMULA.findall(text)
    ]
    assert len(formulas) > 25
    for formula in formulas:
        assert formula.isascii(), formula  # no sign was left as it was
        assert "\\" not in re.sub(r"&#x[0-9A-F]{5};", "", convert(formula)), formula


FORMULAS = {
    "∂L/∂a = 2/N Σ r x²": r"\dfrac{\partial L}{\partial a} = \dfrac{2}{N} \sum r x^{2}",
    "pᵢ = e^zᵢ / Σⱼ e^zⱼ": r"p_{i} = e^{z_{i}} / \sum_{j} e^{z_{j}}",
    "e^(zᵢ−m)": r"e^{z_{i} - m}",
    "A⁻¹ A = I": r"A^{-1} A = I",
    "ŷ[i, j]": r"\hat{y} [ i , j ]",
    "G X̃ᵀ": r"G \tilde{X}^{\mathsf{T}}",
    "√det M": r"\sqrt{\det M}",
    "x ≠ 0": r"x \neq 0",
    "OH = ⌊H / S⌋": r"\mathit{OH} = \lfloor H / S \rfloor",
    "1 where x > 0, else 0": r"1 \text{ where } x > 0 , \text{ else } 0",
    "the error at a point": r"\text{the error at a point}",
    "S_min": r"S_{\min}",
}


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula(text: str) -> None:
    assert tex(text) == FORMULAS[text]


def test_tables_of_code_stay_as_they_are() -> None:
    text = "Words:\n\n    x.sum(dim=0)     a row\n    x[1]             another\n\nMore.\n"
    assert typeset(text) == text
    assert typeset("So\n\n    y = x²\n\nand so on.\n").startswith(
        "So\n\n$$\n\\begin{array}{l}\ny = x^{2}"
    )


def test_the_command_writes_one_or_all(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["lesson", "c1", "--notebook", "made/one"]) == 0
    assert json.loads((tmp_path / "made" / "one.ipynb").read_text())["nbformat"] == 4
    assert main(["lesson", "all", "--notebook", "every"]) == 0
    assert len(list((tmp_path / "every").glob("*.ipynb"))) == len(LESSONS)
    assert "one.ipynb" in capsys.readouterr().out


WITH_A_BAR = """
import minigrad as torch
from minigrad import nn
from minigrad.bars import track

x = torch.randn(64, 4)
history = torch.fit(nn.Linear(4, 1), x, x[:, :1], loss="mse", optimizer="sgd", lr=0.1, epochs=3)
for i in track(range(5), lambda: f"step {i}"):
    pass
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the kernel's own libraries
def test_a_kernel_runs_it_with_figures_and_bars(tmp_path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    made = nbformat.reads(json.dumps(notebook(LESSONS["C2"])), 4)
    nbformat.validate(made)
    made.cells.append(nbformat.v4.new_code_cell(WITH_A_BAR))
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(made, timeout=300, kernel_name="python3", resources=where).execute()
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 3
    assert not [output for output in outputs if output.get("name") == "stderr"]
    shown = [output["data"].get("text/html", "") for output in outputs if "data" in output]
    bars = [text for text in shown if "<progress" in text]
    assert len(bars) == 2 and "6/6" in bars[0] and "5/5" in bars[1] and "step 4" in bars[1]
    assert "epoch 3/3" in "".join(output.get("text", "") for output in outputs)


def test_a_line_that_goes_on_with_a_sign_is_no_list() -> None:
    assert markdown("the new w is w\n- 0.01 times g")["source"][1] == "\\- 0.01 times g"
    for text in ("such are:\n- a\n- b", "such are\n\n- a\n- b"):
        assert "".join(markdown(text)["source"]) == text
