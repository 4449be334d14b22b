"""What is no tensor where one is asked for: never an AttributeError out of the inside."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import linalg, nn
from minigrad.nn import functional

STRANGERS: list[Any] = [1.5, None, "a", [1.0, 2.0], {}, np.ones((2, 3)), object()]


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for space in (minigrad, functional, linalg, minigrad.Tensor):
        for name in dir(space):
            found = getattr(space, name)
            if name[0] != "_" and inspect.isfunction(found):
                yield f"{space.__name__}.{name}", found


def needed(function: Callable[..., Any]) -> list[str]:
    """The annotations of what has to be given."""
    return [
        "Tensor" if p.name == "self" else str(p.annotation)
        for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ]


def told(call: Callable[[], Any], what: str) -> None:
    """Whatever it says, it says it itself."""
    try:
        call()
    except AttributeError as error:
        if "has no attribute" in str(error):
            pytest.fail(f"{what}: {error}")
    except Exception as error:
        assert not isinstance(error, (KeyError, UnboundLocalError)), what


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda x: type(x).__name__)
def test_functions_and_methods(stranger: Any) -> None:
    for name, function in functions():
        asked = needed(function)
        for i, kind in enumerate(asked):
            if "Tensor" in kind and not (i == 0 and name.startswith("Tensor.")):
                args = [minigrad.ones(2, 3) if "Tensor" in k else 1 for k in asked]
                args[i] = stranger
                told(lambda f=function, a=args: f(*a), f"{name}, argument {i}")  # type: ignore[misc]


@pytest.mark.filterwarnings("ignore")
def test_layers() -> None:
    tried = 0
    for name in dir(nn):
        kind = getattr(nn, name)
        if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
            continue
        for arguments in ((), (1,), (2, 2), (2, 2, 1)):
            try:
                layer = kind(*arguments)
                break
            except (TypeError, ValueError):
                continue
        else:
            continue
        tried += 1
        for stranger in STRANGERS:
            given = [stranger] * len(needed(layer.forward))
            told(lambda m=layer, a=given: m(*a), name)  # type: ignore[misc]
    assert tried > 100


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda x: x.mm([[1.0]]), r"mm: argument 'mat2' must be Tensor, not list; make it one"),
        (lambda x: minigrad.mm(x, np.ones(3)), r"mm: argument 'mat2' must be Tensor, not ndarray"),
        (lambda x: linalg.inv(np.ones((2, 2))), r"inv: argument 'A' must be Tensor, not ndarray"),
        (lambda x: minigrad.cat([x, 1.0]), r"cat: expected Tensor as element 1 .* got float"),
        (lambda x: minigrad.stack(3), r"stack: argument 'tensors' must be a list or tuple"),
        (lambda x: functional.mse_loss(x, 1.0), r"mse_loss: argument 'target' must be Tensor"),
        (lambda x: x.gather(0, None), r"gather: argument 'index' must be Tensor, not NoneType"),
        (lambda x: linalg.multi_dot([x, 2.0]), r"multi_dot: expected Tensor as element 1"),
        (lambda x: minigrad.result_type(x, "a"), r"result_type: expected tensors or numbers"),
    ],
)
def test_the_words(call: Callable[[Any], Any], text: str) -> None:
    with pytest.raises(TypeError, match=text):
        call(minigrad.ones(2, 2))
