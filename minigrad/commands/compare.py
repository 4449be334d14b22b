"""``compare``: a system with minigrad and PyTorch, side by side."""

from __future__ import annotations

import argparse
import io
from contextlib import redirect_stdout
from typing import Any

from minigrad.commands import options
from minigrad.commands.systems import SYSTEMS, find
from minigrad.commands.tables import show, tell
from minigrad.draw import draw_curves
from minigrad.lessons import Lesson
from minigrad.recipes import Recipe
from minigrad.training import data, report
from minigrad.training.progress import Progress
from minigrad.training.stop import Stop

DESCRIPTION = """\
Train a recipe with minigrad and PyTorch in turns, from the same weights and on the same batches,
and print one table: accuracy, loss, seconds a step, peak memory, and by how much the gradients
differ. A lesson runs beside its twin, and each of its results is compared. NAME 'all' takes every
system. Needs a source checkout, and PyTorch (its extra 'reference').
"""


def add_to(verbs: Any) -> None:
    """Make the verb known."""
    verb = verbs.add_parser(
        "compare",
        help="run a recipe or a lesson with minigrad and with PyTorch",
        description=DESCRIPTION,
    )
    options.add_to(verb)
    verb.add_argument(
        "--quick",
        action="store_true",
        help="only the first step's loss and gradients and the losses of 20 steps, in seconds; "
        "the exit code says whether they agree",
    )
    verb.set_defaults(run=run)


def _reach_up() -> None:
    """See that the side of PyTorch is there: the one reach upwards. Errors: ImportError that says
    how to get what is missing, the package (here) or PyTorch (there)."""
    try:
        import reference  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "reference":
            raise
        raise ImportError(
            "the networks in PyTorch are no part of what is installed: they stand in the package "
            "'reference' of a source checkout; run this there, after "
            'python -m pip install -e ".[reference]"'
        ) from None


def run(asked: argparse.Namespace) -> int:
    """Compare; 0, 1 where a quick comparison or a lesson does not agree, 130 after Ctrl-C,
    143 after SIGTERM."""
    _reach_up()
    together = asked.name == "all"
    systems = list(SYSTEMS.values()) if together else [find(asked.name)]
    rows: dict[str, dict[str, Any]] = {}
    passed = True
    with Stop() as stop:
        for system in systems:
            if isinstance(system, Lesson):
                result, agrees = _lesson(asked, system)
            elif asked.quick:
                result, agrees = _quick(asked, system)
            else:
                result, agrees = _recipe(asked, system, stop)
            if stop():
                tell("stopped before the end: no comparison")
                return stop.status
            rows[system.name] = result
            passed &= agrees
    if asked.quick:
        tell(f"{len(rows)} compared: " + ("all agree with PyTorch" if passed else "not all agree"))
    if asked.json:
        whole = {"passed": passed, "rows": rows} if together else rows[systems[0].name]
        report.write_json({**whole, **report.surroundings()}, asked.json)
    return 0 if passed else 1


Outcome = tuple[dict[str, Any], bool]
"""What a comparison came to as plain data, and whether both sides agree."""


def _recipe(asked: argparse.Namespace, recipe: Recipe, stop: Stop) -> Outcome:
    """The whole recipe on both sides; how close they end is told, not judged."""
    from reference.compare import compare

    recipe = options.changed(asked, recipe)
    splits = data.read(recipe, asked.data, asked.seed)
    recipe = options.stretched(asked, recipe, splits)
    result = compare(
        recipe,
        root=asked.data,
        seed=asked.seed,
        device=asked.device,
        dtype=asked.dtype,
        progress=Progress(),
        stop=stop,
        compiled=not asked.eager,
        splits=splits,
    )
    if result is None:
        return {}, False
    out = options.folder(asked, recipe.name)
    title = f"{recipe.name}: {recipe.title}"
    draw_curves(result.history, out / "compare.png", title=title)
    report.write_json({**result.as_dict(), **report.surroundings()}, out / "compare.json")
    show(title, ("result", "minigrad", "PyTorch", "apart"), result.rows())
    for line in (*result.notes(), *result.verdict()):
        tell(line)
    return result.as_dict(), True


def _quick(asked: argparse.Namespace, recipe: Recipe) -> Outcome:
    from reference.quick import quick

    hurried = options.changed(asked, recipe.in_a_hurry())
    found = quick(hurried, asked.data, asked.seed, asked.device, not asked.eager)
    tell(found)
    return found.as_dict(), found.passed


def _lesson(asked: argparse.Namespace, lesson: Lesson) -> Outcome:
    """The lesson and its twin; what it prints itself is left out of a quick comparison."""
    from reference.lessons import compare_lesson

    changes = options.parameters_of(asked, lesson)
    if asked.quick:
        with redirect_stdout(io.StringIO()):
            found = compare_lesson(lesson, None, **{**lesson.quick, **changes})
        tell(found)
        return found.as_dict(), found.agrees
    out = options.folder(asked, lesson.name)
    found = compare_lesson(lesson, out, **changes)
    report.write_json({**found.as_dict(), **report.surroundings()}, out / "compare.json")
    title = f"{lesson.name}: {lesson.title}"
    show(title, ("result", "apart", "allowed", "verdict"), found.rows())
    return found.as_dict(), found.agrees
