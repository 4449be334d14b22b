"""The house: what may import what, and what is promised of every module."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

from minigrad.lessons import LESSONS
from minigrad.lessons.program import PARAMETERS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "minigrad"
FILES = sorted(PACKAGE.rglob("*.py"))

FLOORS = [
    [
        *("arguments", "bars", "cache", "calls", "content", "errors", "late", "lines", "locks"),
        "names",
        "notation",
        *("recording", "safety"),
    ],
    [
        *("constants", "device", "dtypes", "foreign", "layouts", "native", "notation.rules", "op"),
        *("rule", "threads"),
    ],
    ["ops"],
    ["operands", "tape", "cotangents", "walk", "asked", "gradients", "printing", "random"],
    ["methods", "strangers", "arrays", "tensor", "compute", "marking", "writing", "door", "replay"],
    ["anomaly"],
    ["gradcheck"],
    ["creation", "ranges", "sampling", "autograd", "func", "functions", "linalg", "cuda"],
    ["accelerator", "backends", "precision"],
    ["nn.functional"],
    ["nn", "serialization", "optim", "utils", "datasets"],
    ["compiler.program"],
    ["compiler.passes.row"],
    ["compiler.plan", "compiler.targets.cuda.launch", "compiler.targets.cuda.tuning"],
    [
        "compiler.passes",
        "compiler.targets.target",
        "compiler.targets.eager",
        "compiler.targets.cuda.fused",
    ],
    ["compiler.record", "compiler.targets.cpu", "compiler.targets.cuda.kernels"],
    [f"compiler.targets.cuda.{stage}" for stage in ("device", "lower", "passes")],
    ["compiler.targets"],
    ["compiler"],
    ["draw", "exercise", "models", "recipes", "lessons", "diagnosis"],
    ["course", "explainer"],
    ["callbacks", "training", "commands"],
]
"""From the ground up. A module may import from its own floor and from those below."""

# The roof: these say what there is, or bring everything together.
ROOF = {"minigrad", "minigrad.__main__"}
COMMANDS = "minigrad.commands"
HEAVY = {"matplotlib", "rich", "pooch", "safetensors", "PIL", "torch", "cupy", "tqdm", "sklearn"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in FILES}
PROGRAMS = {module_name(lesson.path) for lesson in LESSONS.values()}
"""The lessons: scripts that are run and never imported. They may print and draw as they go."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(node: ast.AST) -> list[str]:
    """The modules that an import statement asks for, as full names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        base = node.module or ""
        below = [f"{base}.{alias.name}" for alias in node.names]
        found = [name for name in below if name in MODULES]
        return found if len(found) == len(below) else [base, *found]
    return []


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


@cache
def at_import(path: Path, inside: bool = False) -> set[str]:
    """What a module imports when it is imported; ``inside``: what its functions import as well."""
    found: set[str] = set()
    todo: list[ast.AST] = list(tree(path).body)
    while todo:
        node = todo.pop()
        function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if (function and not inside) or for_types_only(node):
            continue
        found.update(imported(node))
        todo += list(ast.iter_child_nodes(node))
    return found


def when_run(path: Path) -> set[str]:
    """What a module imports at all, but for types."""
    return at_import(path, inside=True)


def anywhere(path: Path) -> set[str]:
    return {name for node in ast.walk(tree(path)) for name in imported(node)}


def floor(name: str) -> int | None:
    inner = name.removeprefix("minigrad.")
    best: tuple[int, int] | None = None
    for height, rooms in enumerate(FLOORS):
        for room in rooms:
            if inner == room or inner.startswith(room + "."):
                best = max(best or (0, 0), (len(room), height))
    return None if best is None else best[1]


def every_module(check: Callable[[str], None]) -> Callable[[], None]:
    """What is promised of each module as one test, which tells all that break the promise: a test
    a module and promise would take longer to be counted than to be run."""

    def test() -> None:
        wrong = []
        for name in MODULES:
            try:
                check(name)
            except AssertionError as error:
                wrong.append(f"{name}: {error}")
        assert not wrong, "\n".join(wrong)

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


@every_module
def test_every_module_has_a_floor(name: str) -> None:
    assert name in ROOF or floor(name) is not None, f"{name}: on no floor of tests/test_house.py"


@every_module
def test_imports_go_downwards(name: str) -> None:
    own = floor(name)
    if name in ROOF or own is None:
        return
    for other in at_import(MODULES[name]):
        if other.startswith("minigrad"):
            if other == "minigrad" and (name.startswith(COMMANDS) or name in PROGRAMS):
                continue
            assert other != "minigrad", f"{name} imports the roof"
            height = floor(other)
            assert height is not None and height <= own, f"{name} imports {other}, which is above"


def test_every_room_is_there() -> None:
    """FLOORS names nothing that does not exist."""
    rooms = {f"minigrad.{room}" for floor in FLOORS for room in floor}
    assert rooms <= set(MODULES), sorted(rooms - set(MODULES))


def test_nobody_below_imports_the_roof() -> None:
    """Inside a function neither: what is imported late has a floor as well."""
    below = [n for n in MODULES if n not in ROOF | PROGRAMS and not n.startswith(COMMANDS)]
    wrong = [n for n in below if ROOF & when_run(MODULES[n])]
    assert not wrong, f"{wrong} import the roof"


def test_no_cycles() -> None:
    """None at import, and none when what is imported inside functions is counted."""
    links = {
        name: {other for other in when_run(path) if other in MODULES and other != name}
        for name, path in MODULES.items()
        if name not in ROOF
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in sorted(links.get(name, ())):
                # A package's __init__ gathers its modules: to import one of them is no cycle.
                if not name.startswith(other + "."):
                    visit(other, (*path, name))
            done.add(name)

    for name in sorted(links):
        visit(name, ())


@every_module
def test_no_pickle_and_no_torch(name: str) -> None:
    for other in anywhere(MODULES[name]):
        top = other.partition(".")[0]
        assert top not in {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal"}
        assert top not in {"shelve", "joblib", "torch", "torchvision"}, f"{name} imports {top}"
        if top in {"reference", "benchmarks", "tests"}:
            assert name == "minigrad.__main__" or name.startswith(COMMANDS), other


@every_module
def test_heavy_libraries_are_imported_where_they_are_used(name: str) -> None:
    if name in PROGRAMS:
        return  # matplotlib and rich are what a program of pictures uses
    heavy = {other for other in at_import(MODULES[name]) if other.partition(".")[0] in HEAVY}
    assert not heavy, f"{name} imports {heavy} at its top"


def test_cupy_is_imported_in_one_place() -> None:
    places = {
        name
        for name, path in MODULES.items()
        if any(other.partition(".")[0] in {"cupy", "cupyx"} for other in anywhere(path))
    }
    assert places == {"minigrad.device"}


@every_module
def test_all_is_sorted_and_complete(name: str) -> None:
    body = tree(MODULES[name]).body
    listed = next(
        (
            [str(ast.literal_eval(item)) for item in node.value.elts]
            for node in body
            if isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "__all__"
            and isinstance(node.value, ast.List)
        ),
        None,
    )
    if listed is None:
        return
    assert len(set(listed)) == len(listed), f"{name}: twice in __all__"
    constants = [n for n in listed if n.isupper()]
    classes = [n for n in listed if n not in constants and n[:1].isupper()]
    others = [n for n in listed if n not in constants and n not in classes]
    for group in (constants, classes, others):
        plain = [n for n in group if not any(c.isdigit() for c in n)]
        assert plain == sorted(plain), f"{name}: __all__ is not sorted"
    if MODULES[name].name == "__init__.py":
        return  # says which names of its modules are public
    defined = {
        node.name
        for node in body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    }
    held = defined | {
        target.id
        for node in body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    held |= {
        alias.asname or alias.name
        for node in body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(listed) <= held, f"{name}: in __all__, but not there: {set(listed) - held}"


@every_module
def test_every_module_says_what_it_is(name: str) -> None:
    module = tree(MODULES[name])
    assert ast.get_docstring(module), f"{name}: no docstring"
    prints = any(
        isinstance(node, ast.Expr) and ast.unparse(node).startswith("print(")
        for node in module.body
    )
    assert not prints or name in PROGRAMS, f"{name} prints at import"


@every_module
def test_lessons_are_imported_by_nobody(name: str) -> None:
    assert not PROGRAMS & anywhere(MODULES[name]), f"{name} imports a lesson, which is a program"


def test_every_lesson_has_its_row() -> None:
    scripts = {path.stem for path in (PACKAGE / "lessons").glob("*.py") if is_lesson(path)}
    assert scripts == {lesson.script for lesson in LESSONS.values()}


def is_lesson(path: Path) -> bool:
    """Whether the file has the cell that only lessons have."""
    return PARAMETERS in path.read_text(encoding="utf-8").splitlines()


@every_module
def test_files_have_a_readable_length(name: str) -> None:
    lines = len(MODULES[name].read_text(encoding="utf-8").splitlines())
    code = lines - sum(map(docstring_lines, ast.walk(tree(MODULES[name]))))
    assert code <= 370 and lines <= 540, f"{name}: {lines} lines, {code} of them code"


def docstring_lines(node: ast.AST) -> int:
    """How long a docstring is: what public names say of themselves is read by itself."""
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
        return 0
    first = node.body[0] if ast.get_docstring(node) is not None else None
    return 0 if first is None else (first.end_lineno or 0) - first.lineno + 1


def test_import_is_light() -> None:
    """In a fresh interpreter: nothing heavy is imported, nothing printed."""
    code = f"import sys, minigrad; print([m for m in {sorted(HEAVY)} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert found.stdout.strip() == "[]" and found.stderr == ""


def test_test_files_have_names_of_their_own() -> None:
    """The tests' folders are no packages: of two files with one name pytest collects one."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert not [name for name, count in names.items() if count > 1]


def test_families_of_methods_stand_side_by_side() -> None:
    """None inherits from another, and a name is in one of them, so that one look finds it."""
    from minigrad.methods.families import Families

    families = Families.__bases__
    assert all(family.__bases__ == (object,) for family in families)
    plain = {"__module__", "__doc__", "__dict__", "__weakref__", "__annotations__", "__hash__"}
    names = Counter(name for family in families for name in vars(family) if name not in plain)
    assert len(names) > 500
    assert not {name for name, count in names.items() if count > 1}
