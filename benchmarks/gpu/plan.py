"""Which parts there are, how long each may take, and which comes first: the one that is worth
most. A GPU may be had once, and for minutes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.gpu.contenders import CONTENDERS
from benchmarks.gpu.large import SMALL
from benchmarks.gpu.part import Part

ROOT = Path(__file__).parents[2]
CASES = ("mlp", "lenet5", "cnn", "gan", "alexnet28", "resnet34")
KINDS = (
    "environment", "prepare", "questions", "ceilings", "suite", "truths", "kernels", "steps",
    "accuracy", "profile", "tune",
)  # fmt: skip
SYSTEMS = ("D3", "N1")
LARGE = "resnet34-224-128"
QUICK = tuple(x for x in CONTENDERS if "compile" not in x and x != "minigrad-launches")
COMPILED = ("torch-eager", "torch-compile", "torch-compile-ro", "minigrad-graph-x8")
BEST = ("torch-eager", "torch-eager-tuned", "minigrad-graph")
"""What is timed of a step: what is there in seconds; what compiles for long, beside what it is
compared with; and of what fills the GPU."""
CELLS = (
    *((case, "default", QUICK, 22.0) for case in CASES[:5]),
    *((case, "default", COMPILED, 36.0) for case in CASES[:3]),
    (CASES[5], "default", QUICK, 24.0),
    *(("alexnet28", policy, QUICK, 20.0) for policy in ("tf32", "fp32", "bf16")),
    (LARGE, "default", BEST, 32.0),
    ("gan", "default", COMPILED, 36.0),
)
"""Step times: a case, a policy, contenders, seconds. The first five belong to the first half."""
FIRST = 5
BRIEF = ("minigrad-eager", "minigrad-graph")
ROWS = 2
"""In most parts of a dry run: who takes part, and with how many rows."""
HEAVY = {"tests/ops/test_database.py": 6, "tests/nn/test_every_layer.py": 2}
"""Files of thousands of tests that a GPU sees, and into how many parts they are shared out."""
CORE = ("tests/cuda/test_on_a_gpu.py",)
"""Of the tests, what comes first."""
_MEETS = re.compile(r"mark\.gpu|ON_CUDA|def test\w*\([^)]*\b(?:device|real_device|gpu)\b[:,)]")
"""What stands in a file whose tests may run on a GPU: a mark, or a fixture that is a device."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SHARING = {**dict.fromkeys(_THREADS, "2"), "CUPY_ACCELERATORS": ""}
"""For parts beside each other: they share the cores, and reductions by CUB, each of which CuPy
compiles for two seconds, are left out."""


def plan() -> list[Part]:
    """All of it: what the first five minutes are for, then the rest."""
    return [
        *_prepared(CASES),
        Part("questions", "questions", 20.0),
        Part("ceilings", "ceilings", 15.0),
        *_checks(CASES, [*CORE, *_light()]),
        *(_cell(*each) for each in CELLS[:FIRST]),
        *_shared(),
        *(_cell(*each) for each in CELLS[FIRST:-2]),
        *(_accuracy(name) for name in SYSTEMS),
        _cell(*CELLS[-2]),
        *(_profile(case) for case in ("mlp", "alexnet28")),
        _cell(*CELLS[-1]),
    ]


def chosen(cases: Sequence[str], policies: Sequence[str], contenders: Sequence[str]) -> list[Part]:
    """Everything of these cases under these policies by these contenders."""
    known = [case for case in cases if case in CASES]
    cells = ((case, policy, tuple(contenders), 60.0) for policy in policies for case in cases)
    return [
        *_prepared(known),
        Part("questions", "questions", 20.0),
        Part("ceilings", "ceilings", 15.0),
        *_checks(known, [*CORE, *_light()]),
        *(_cell(*each) for each in cells),
        *_shared(),
        *(_accuracy(name) for name in SYSTEMS),
        *(_profile(case) for case in known),
    ]


def rehearsal(
    cases: Sequence[str], policies: Sequence[str], contenders: Sequence[str]
) -> list[Part]:
    """Every kind of part for each of these cases, small, for a simulated device. All is done for
    the first case as on a GPU; in parts of the others contenders share a process."""
    first, *others = cases
    few = tuple(x for x in BRIEF if x in contenders)
    parts = [
        *_prepared([first]),
        Part("questions", "questions", 20.0),
        Part("ceilings", "ceilings", 15.0),
        *_checks(cases, CORE),
        *(
            _cell(case, policies[0], few if others.count(case) else contenders, 60.0)
            for case in cases
        ),
        *(_cell(first, policy, ("torch-eager", *few[1:]), 60.0) for policy in policies[1:]),
        _accuracy(",".join(SYSTEMS)),
        *(_profile(case) for case in cases),
        *tuning([first]),
    ]
    return [replace(part, facts=_small(part.facts, first, policies[0])) for part in parts]


def _small(facts: dict[str, Any], first: str, policy: str) -> dict[str, Any]:
    """What a part of a dry run is told in place of this."""
    case = facts.get("case", first)
    brief = (case, facts.get("policy", policy)) != (first, policy)
    small = {"case": SMALL[case].name} if case in SMALL else {}
    return {**facts, **small, "rows": ROWS, "brief": brief}


def tuning(cases: Sequence[str]) -> list[Part]:
    """What fills the tables by which later runs decide."""
    found = [Part(f"tune:{case}", "tune", 30.0, {"case": case}) for case in cases]
    return [*found, Part("tune:limits", "tune", 180.0, {"file": ",".join(cases)})]


def _prepared(cases: Sequence[str]) -> list[Part]:
    shares = {"eager": cases[::2], "eager too": cases[1::2]}
    made = {"library": "library", "torch": "torch"}
    made |= {name: ",".join(found) for name, found in shares.items() if found}
    return [
        Part("environment", "environment", 20.0, beside="first"),
        *(
            Part(f"prepare:{name}", "prepare", 30.0, {"file": found}, "first")
            for name, found in made.items()
        ),
    ]


def _checks(cases: Sequence[str], files: Sequence[str]) -> list[Part]:
    """What is right or wrong, whoever else is at work."""
    parts = [Part(f"truths:{case}", "truths", 30.0, {"case": case}) for case in cases]
    parts += [_tests(file, 25.0, (0, 1)) for file in files]
    parts += [Part(f"kernels:{case}", "kernels", 30.0, {"case": case}) for case in cases]
    # What takes longest begins first.
    return [_beside(part, "checks") for part in parts]


def _shared() -> list[Part]:
    """Files of many tests: every op on every type, each by CuPy."""
    return [
        _beside(_tests(file, 45.0, (i, count)), "ops")
        for file, count in HEAVY.items()
        for i in range(count)
        if (ROOT / file).exists()
    ]


def _beside(part: Part, word: str) -> Part:
    return Part(part.name, part.kind, part.seconds, part.facts, word, _SHARING)


def _tests(file: str, seconds: float, share: tuple[int, int]) -> Part:
    part = "" if share[1] == 1 else f" {share[0] + 1} of {share[1]}"
    name = file.removeprefix("tests/").removesuffix(".py")
    return Part(f"suite:{name}{part}", "suite", seconds, {"file": file, "share": share})


def _light() -> list[str]:
    """The other files with tests for a GPU; none where the package was installed without them."""
    files = sorted(path for path in (ROOT / "tests").rglob("test_*.py") if path.is_file())
    names = (str(path.relative_to(ROOT)) for path in files if _MEETS.search(path.read_text()))
    return [name for name in names if name not in HEAVY and name not in CORE]


def _cell(case: str, policy: str, contenders: Sequence[str], seconds: float) -> Part:
    facts = {"case": case, "policy": policy, "contenders": tuple(contenders)}
    what = "compile" if contenders == COMPILED else "steps"
    return Part(f"{what}:{case}:{policy}", "steps", seconds, facts)


def _accuracy(name: str) -> Part:
    return Part(f"accuracy:{name}", "accuracy", 22.0, {"case": name})


def _profile(case: str) -> Part:
    return Part(f"profile:{case}", "profile", 10.0, {"case": case})
