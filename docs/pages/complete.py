"""What every public name has to say of itself, and where it does not: the site is not built then,
and a test fails."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from minigrad import nn
from pages.docstring import arguments, entries, parts

MODULES = {
    "minigrad": "Tensors and functions",
    "minigrad.nn": "Layers and losses",
    "minigrad.nn.functional": "Functions of layers",
    "minigrad.nn.init": "Initialization",
    "minigrad.nn.utils": "Parameters and gradients at once",
    "minigrad.nn.utils.rnn": "Sequences",
    "minigrad.optim": "Optimizers",
    "minigrad.optim.lr_scheduler": "Schedules",
    "minigrad.autograd": "Differentiation",
    "minigrad.func": "Transforms of functions",
    "minigrad.gradcheck": "Checks of gradients",
    "minigrad.diagnosis": "The doctor",
    "minigrad.linalg": "Linear algebra",
    "minigrad.utils.data": "Datasets and loaders",
    "minigrad.utils.dlpack": "Arrays of other libraries",
    "minigrad.datasets": "Data",
    "minigrad.datasets.transforms": "Transforms",
    "minigrad.models": "Networks",
    "minigrad.callbacks": "Callbacks",
    "minigrad.draw": "Pictures",
    "minigrad.exercise": "Exercises",
    "minigrad.cuda": "GPUs",
    "minigrad.accelerator": "Whichever device is faster",
}
"""The modules whose names are public, with the titles of their pages."""

STRICT = (
    "minigrad.callbacks",
    "minigrad.datasets",
    "minigrad.nn",
    "minigrad.optim",
    "minigrad.utils.data",
)
"""Here each argument has an entry of its own under Args; elsewhere prose may name it."""

EXEMPLARY = (
    "minigrad.datasets",
    "minigrad.datasets.transforms",
    "minigrad.nn",
    "minigrad.optim",
    "minigrad.optim.lr_scheduler",
    "minigrad.utils.data",
)
"""Here every class shows an example."""


IN_PLACE = re.compile(r"`\w+`, in place\.")
"""All that the twin of another function has to say."""


def public(module: str) -> Iterator[tuple[str, Any]]:
    """The classes and functions of a module, with their names."""
    space = importlib.import_module(module)
    for name in space.__all__:
        x = getattr(space, name)
        ours = getattr(x, "__module__", module).startswith("minigrad")
        if ours and not name.startswith("__") and callable(x) and not isinstance(x, ModuleType):
            yield f"{module}.{name}", x


def members(x: type) -> list[str]:
    """The public methods and properties of the class itself; of a tensor all."""
    names = dir(x) if x.__name__ == "Tensor" else vars(x)
    return sorted(name for name in names if name[0] != "_" and name != "forward" and _told(x, name))


def _told(x: type, name: str) -> bool:
    value = inspect.getattr_static(x, name)
    if isinstance(value, property):
        return True
    method = isinstance(value, (classmethod, staticmethod)) or inspect.isroutine(value)
    return method and callable(getattr(x, name))


def missing(module: str) -> list[str]:
    """What the docstrings of a module lack."""
    strict = module.startswith(STRICT)
    found = []
    for name, x in public(module):
        found += lacking(name, x, strict)
        if inspect.isclass(x):
            layer = issubclass(x, nn.Module) and x.forward is not nn.Module.forward
            if (
                module == "minigrad.nn"
                and layer
                and not any(p.kind == "Shapes" for p in parts(x.__doc__))
            ):
                found.append(f"{name}: no shapes")
            if module in EXEMPLARY and not any(p.kind == "Example" for p in parts(x.__doc__)):
                found.append(f"{name}: no example")
            for member in members(x):
                value = inspect.getattr_static(x, member)
                if isinstance(value, property):
                    if not inspect.getdoc(value):
                        found.append(f"{name}.{member}: no docstring")
                else:
                    found += lacking(f"{name}.{member}", getattr(x, member), False, x.__doc__)
    return found


def lacking(name: str, x: Any, strict: bool, around: str | None = None) -> list[str]:
    """What the docstring of a class or function lacks; ``around`` is that of its class."""
    own = x.__doc__ if inspect.isclass(x) else inspect.getdoc(x)  # a method may go by its base's
    texts = [own, around]
    if inspect.isclass(x):
        texts.append(x.__init__.__doc__)  # type: ignore[misc]
    if not own:
        return [f"{name}: no docstring"]
    if IN_PLACE.match(own) or (inspect.isclass(x) and _made_as_its_base(x)):
        return []
    try:
        parameters = inspect.signature(x).parameters
    except ValueError:  # made by NamedTuple and its like
        return []
    known = set().union(*map(arguments, texts))
    for part in parts(own):
        if part.kind == "Attributes":  # of a tuple or a dataclass they are the arguments as well
            known |= {name for names, _ in entries(part.lines) for name in names.split(", ")}
    if not strict:
        known |= set(re.findall(r"``\*{0,2}(\w+)", "\n".join(filter(None, texts))))
    return [
        f"{name}: nothing about {parameter}"
        for parameter in parameters
        if parameter not in known | {"self", "cls"} and not parameter.startswith("_")
    ]


def _made_as_its_base(x: type) -> bool:
    """Whether the class takes what object, list or Exception takes."""
    return not any(map(inspect.isfunction, (x.__init__, x.__new__)))  # type: ignore[misc]
