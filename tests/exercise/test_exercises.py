"""The exercises: every solution is right, every wrong answer fails with its class of fault."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import minigrad
from minigrad.exercise.answers import judge_source
from minigrad.exercise.book import EXERCISES, PARTS
from minigrad.exercise.exercise import Exercise
from minigrad.exercise.inputs import normal
from minigrad.exercise.mistakes import mistakes
from minigrad.exercise.process import judged
from minigrad.exercise.rules import Rules
from minigrad.exercise.values import Values
from minigrad.gradcheck.suspects import Evidence, suspects

ALL = list(EXERCISES.values())


def test_there_are_many_and_each_is_whole():
    assert len(ALL) >= 60
    assert len(ALL) == sum(len(part.EXERCISES) for part in PARTS), "a name is given twice"
    for exercise in ALL:
        told = exercise.name
        assert len(exercise.hints) == 3, told
        assert len(set(exercise.wrong)) >= 6, told
        assert exercise.words.strip() and exercise.title, told
        assert len({fault for fault, *_ in exercise.wrong}) >= 2, told
        assert max(map(len, exercise.words.splitlines())) <= 80, told
        assert exercise.name == exercise.name.lower().replace("_", "-"), told
    assert {e.kind for e in ALL} == {"rule", "value", "number", "network", "repair"}


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_solutions_are_right_and_wrong_answers_are_named(exercise: Exercise):
    verdict = judge_source(exercise, exercise.solution)
    assert verdict.ok, verdict
    for fault, old, new in exercise.wrong:
        text = exercise.mistaken(old, new)
        assert text != exercise.solution.strip() + "\n"
        verdict = judge_source(exercise, text)
        found = (verdict.ok, verdict.fault)
        assert found == (False, fault), f"{old!r} -> {new!r}: {verdict.fault}: {verdict.message}"
        assert verdict.message and "\n" not in verdict.message


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_the_file_that_one_begins_with_is_python_and_wrong(exercise: Exercise):
    text = exercise.file()
    ast.parse(text)
    verdict = judge_source(exercise, text)
    assert not verdict.ok
    if not exercise.start:
        assert verdict.fault == "not done", verdict


# What the words of these say is the same at each turn.
SAID = {"broadcast-rule", "net-2-2-1", "prelu-rule", "rnn-rule"}


@pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)
def test_no_number_and_no_size_is_the_same_at_each_turn(exercise: Exercise):
    """Else an answer passes that has it written into it."""
    grader = exercise.grader
    if not isinstance(grader, (Rules, Values)) or exercise.name in SAID:
        return
    rng, seen = np.random.default_rng(0), {}
    for turn in range(grader.turns if isinstance(grader, Values) else 3):
        for i, x in enumerate(grader.inputs(rng, turn)):
            for k, n in enumerate(x.shape if isinstance(x, np.ndarray) else [str(x)]):
                seen.setdefault((i, k), set()).add(n)
    fixed = {at for at, values in seen.items() if len(values) == 1}
    assert fixed <= ({(0, 0)} if exercise.name == "difference-quotient" else set()), fixed


# -- the grader by itself --------------------------------------------------------------------------

PRODUCT = Rules(lambda x, w: x @ w, normal((5, 3), (3, 7)))


def fault(grader: object, source: str, asks: str = "f") -> str:
    right = "def f(g, x, w): return g @ w.T, x.T @ g"
    exercise = Exercise("x", "x", "1", "x", asks, right, grader, (), ())  # type: ignore[arg-type]
    return judge_source(exercise, source).fault


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("def f(g, x, w): return g @ w.T, x.T @ g", ""),
        ("def f(g, x, w): return [g @ w.T, x.T @ g]", ""),
        ("def f(g, x, w): return g @ w.T, x.T @ g * (1 + 1e-5)", "constant"),
        ("def f(g, x, w): return g @ w.T, x.T @ g * 1.01", "constant"),
        ("def f(g, x, w): return g @ w.T, x.T @ g / 2", "constant"),
        ("def f(g, x, w): return g @ w.T, x.T @ g * 5", "sum for mean"),
        ("def f(g, x, w): return x.T @ g, g @ w.T", "wrong shape"),
        ("def f(g, x, w): return g @ w.T, None", "nothing returned"),
        ("def f(g, x, w): return 'a', 'b'", "type"),
        ("def f(g, x, w): return 1", "count"),
        ("def f(g, x): return 1", "raises"),
        ("def f(g, x, w): raise SystemExit", "raises"),
        ("def f(g, x, w): return f(g, x, w)", "raises"),
        ("def f(g, x, w): x *= 2; return g @ w.T, x.T @ g", "writes"),
        ("def f(g, x, w): g[:] = 0; return g @ w.T, x.T @ g", "writes"),
        ("n = []\ndef f(g, x, w): n.append(1); return g @ w.T, x.T @ g * (len(n) < 4)", "state"),
        ("import sys; sys.exit(0)", "raises"),
        ("def h(): pass", "name"),
        ("def f(:", "syntax"),
        ("f = 3", "type"),
        ("f = None", "type"),
        ("def f(g, x, w): ...", "nothing returned"),
        ("def f(g, x, w): return g @ w.T, x.T @ g + 1e-6", "constant added"),
        ("def f(g, x, w): return g @ w.T * float('nan'), x.T @ g", "nan"),
        ("def f(g, x, w): return g @ w.T, (x.T @ g)[::-1]", "reversed"),
        ("def f(g, x, w): return g @ w.T, x.T @ g.astype('f')", "rounded"),
        ("def f(g, x, w): d = x.T @ g; d[0, 0] += 1e-3; return g @ w.T, d", "element"),
    ],
)
def test_what_an_answer_can_do_wrong(source: str, named: str):
    assert fault(PRODUCT, source) == named


def test_a_right_answer_passes_however_it_is_computed():
    """Other orders of the same sums, tensors, lists, and types that hold as much."""
    for source in (
        "import numpy as np\ndef f(g, x, w):\n"
        "    return np.einsum('nm,km->nk', g, w), np.einsum('nk,nm->km', x, g)",
        "import minigrad as t\ndef f(g, x, w):\n    x, w = (t.tensor(a, requires_grad=True) "
        "for a in (x, w))\n    (x @ w).backward(t.tensor(g))\n    return x.grad, w.grad",
        "def f(g, x, w): return (g @ w.T).tolist(), (x.T @ g).tolist()",
    ):
        assert fault(PRODUCT, source) == ""
    total = Values(lambda x: x.sum(), normal((7,)))
    assert fault(total, "def f(x): return sum(x)") == ""
    assert fault(total, "import math\ndef f(x): return math.fsum(x)") == ""
    assert fault(total, "def f(x): return x.sum().astype('f')") == "rounded"


def test_check_hint_solution_and_start_for_notebooks():
    exercise = minigrad.exercise
    found = exercise.check("bias_rule", lambda g, x, b: (g, np.ones(3)))
    assert not found and "db" in str(found) and found.seconds < 5
    assert exercise.check("shapes", {}).fault == "not done"
    assert exercise.hint("bias-rule", 3) == exercise.find("bias-rule").hints[2]
    with pytest.raises(KeyError, match="did you mean bias-rule"):
        exercise.check("bais-rule", None)
    with pytest.raises(ValueError, match="stage of 1, 2 or 3"):
        exercise.hint("bias-rule", 4)


def test_a_number_that_is_wrong_where_there_are_fewer_inputs_than_results():
    def gradients(x, y, a, b, c):
        r = a * x**2 + b * x + c - y
        return 2 * (r * x**2).mean(), 2 * (r * x).mean(), -2 * r.mean()

    assert minigrad.exercise.check("parabola-gradients", gradients).fault == "sign"
    few = Evidence([np.ones(2)] * 3, [np.ones(2), np.ones(2), np.arange(2.0)], inputs=[np.ones(2)])
    assert suspects(few)


class NoArray:
    """What np.asarray cannot take."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("it requires grad")


@pytest.mark.parametrize(
    "wrong",
    [
        NoArray(),
        10**400,
        [NoArray()],
        1j,
        b"a",
        {1.0},
        object(),
        [[1.0], [1.0, 2.0]],
        np.void(b"a"),
    ],
    ids=range(9),
)
def test_what_is_no_array_has_the_wrong_type(wrong: object):
    assert minigrad.exercise.check("sigmoid-rule", lambda g, x: wrong).fault == "type"
    right = {q.asked: q.truth() for q in minigrad.exercise.find("one-neuron").grader.questions}
    for asked in right:
        assert not minigrad.exercise.check("one-neuron", {**right, asked: wrong})


def test_the_tape_of_the_grader_is_switched_on_whatever_the_answer_switches_off():
    right = minigrad.exercise.find("tanh-rule").solution
    space: dict[str, object] = {}
    exec(right, space)

    def dark(g, x):
        minigrad.set_grad_enabled(False)
        return space["backward"](g, x)

    with minigrad.no_grad():
        assert minigrad.exercise.check("tanh-rule", space["backward"])
        assert not minigrad.is_grad_enabled()
    with minigrad.inference_mode():
        assert minigrad.exercise.check("zero-grad", loop())
    assert minigrad.exercise.check("tanh-rule", dark) and minigrad.is_grad_enabled()
    with np.errstate(all="raise"):
        named = minigrad.exercise.check("stable-softmax", lambda x: np.exp(x) / np.exp(x).sum(1))
        assert not named


def loop():
    space: dict[str, object] = {}
    exec(minigrad.exercise.find("zero-grad").solution, space)
    return space["train"]


# -- the command -----------------------------------------------------------------------------------


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "minigrad", "exercise", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
    )


def test_a_file_is_written_then_checked(tmp_path: Path):
    asked = minigrad.exercise.find("tanh-rule")
    done = command("tanh-rule", "mine/t.py", cwd=tmp_path)
    assert done.returncode == 0 and (tmp_path / "mine" / "t.py").read_text() == asked.file()
    (tmp_path / "mine" / "t.py").write_text(asked.mistaken("y**2", "x**2"))
    done = command("tanh-rule", "mine/t.py", cwd=tmp_path)
    assert done.returncode == 1 and "[x for y]" in done.stdout and "Traceback" not in done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80 and "\x1b" not in done.stdout


def test_a_folder_for_a_class_as_json(tmp_path: Path):
    right = minigrad.exercise.find("bias-rule")
    (tmp_path / "bias-rule-anna.py").write_text("print('hello')\n" + right.solution)
    (tmp_path / "bias_rule_bo.py").write_text(right.mistaken("sum", "mean"))
    (tmp_path / "notes.py").write_text("no exercise")
    done = command("all", str(tmp_path), "--json", cwd=tmp_path)
    told = {row["file"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1 and set(told) == {"bias-rule-anna.py", "bias_rule_bo.py"}
    assert told["bias-rule-anna.py"]["ok"] and told["bias_rule_bo.py"]["fault"] == "mean for sum"


def test_a_file_cannot_hang_or_end_the_grader(tmp_path: Path):
    exercise = minigrad.exercise.find("bias-rule")
    path = tmp_path / "a.py"
    path.write_text("while True:\n    pass\n")
    begun = time.perf_counter()
    assert judged(exercise, path, limit=0.5).fault == "time"
    assert time.perf_counter() - begun < 10
    path.write_text("import os; os._exit(0)")
    assert judged(exercise, path).fault == "ended"
    path.write_bytes(b"\xff\xfe\x00")
    assert judged(exercise, path).fault == "syntax"
    with pytest.raises(OSError):
        judged(exercise, tmp_path / "none.py")


def test_a_file_may_set_what_is_global(tmp_path: Path):
    exercise = minigrad.exercise.find("tanh-rule")
    path = tmp_path / "a.py"
    lines = (
        "import sys, minigrad, numpy\nminigrad.set_grad_enabled(False)\nnumpy.seterr(all='raise')\n"
    )
    for last in ("sys.stdout.close()", "sys.stdout = sys.stderr = None"):
        path.write_text(lines + last + "\n" + exercise.solution)
        assert judged(exercise, path), last


# -- mistakes that nobody foresaw ------------------------------------------------------------------

UNFORESEEN = [
    ("bias-rule", "return g, g.sum(axis=0)", "return g, g[:-1].sum(axis=0)"),
    ("net-2-2-1", "y * (1 - y)", "y * (1 + y)"),
    ("rnn-rule", "range(3)", "range(2)"),
    ("adam-step", "0.999**t", "0.99**t"),
    ("lstm-cell", "sigmoid(f) * c", "sigmoid(f) + c"),
    ("residual-rule", "g + da @ w.T", "g - da @ w.T"),
    ("conv-rule", "g[t] * w", "g[t] + w"),
    ("correlate", "- h + 1", "- h + 2"),
    ("clip-gradients", "a**2", "a"),
    ("selu-rule", "np.exp(x)", "np.exp(-x)"),
]


@pytest.mark.parametrize(("name", "old", "new"), UNFORESEEN)
def test_what_nobody_foresaw_does_not_pass_and_is_located(name: str, old: str, new: str):
    exercise = minigrad.exercise.find(name)
    verdict = judge_source(exercise, exercise.mistaken(old, new))
    assert not verdict.ok and verdict.fault, verdict
    assert verdict.seconds < 2


def test_mistakes_are_found_by_trying_them():
    exercise = minigrad.exercise.find("lstm-cell")
    verdict = judge_source(exercise, exercise.mistaken("sigmoid(f) * c", "sigmoid(f) + c"))
    assert verdict.fault == "operator" and "+ stands where * belongs" in verdict.message
    exercise = minigrad.exercise.find("net-2-2-1")
    verdict = judge_source(exercise, exercise.mistaken("da @ W.T", "da @ W"))
    assert verdict.fault == "not transposed" and "W has to be transposed" in verdict.message
    texts = [text for *_, text in mistakes(exercise.solution)]
    for text in texts:
        ast.parse(text)
    assert len(set(texts)) > 50
