"""What a signature says is an integer is asked to be one: every method, against PyTorch."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

import minigrad

NUMBERS = np.arange(1.0, 28).reshape(3, 3, 3)
OTHERS = {
    "dim": 0, "dims": 0, "k": 1, "chunks": 2, "size": 1, "step": 1, "dimension": 0, "start": 0,
    "length": 1, "index": 0, "n": 1, "repeats": 1, "shifts": 1, "dim0": 0, "dim1": 1, "source": 0,
    "destination": 0, "split_size": 1, "indices_or_sections": 1,
}  # fmt: skip
"""What stands in for the other arguments."""
ROWS = [
    (name, argument)
    for name in dir(minigrad.Tensor)
    if not name.startswith("_") and callable(getattr(torch.Tensor, name, None))
    for argument, parameter in inspect.signature(getattr(minigrad.Tensor, name)).parameters.items()
    if "int" in str(parameter.annotation) and parameter.kind is not parameter.VAR_POSITIONAL
]


def outcome(side: Any, name: str, arguments: dict[str, Any]) -> str:
    try:
        getattr(side.tensor(NUMBERS), name)(**arguments)
    except Exception as error:
        return type(error).__name__
    return "done"


@pytest.mark.filterwarnings("ignore")
def test_no_fraction_and_no_word_is_taken_for_an_integer() -> None:
    asked, wrong = 0, []
    for name, argument in ROWS:
        parameters = inspect.signature(getattr(minigrad.Tensor, name)).parameters.values()
        needed = [p.name for p in parameters if p.default is p.empty and p.name != "self"]
        if not OTHERS.keys() >= {*needed} - {argument}:
            continue
        for value in ("a", 1.5):
            arguments = {**{n: OTHERS[n] for n in needed if n != argument}, argument: value}
            if outcome(torch, name, arguments) == "TypeError":
                asked += 1
                found = outcome(minigrad, name, arguments)
                if found not in (
                    "TypeError",
                    "RuntimeError",
                ):  # other arguments may be refused first
                    wrong.append(f"{name}({argument}={value!r}): {found}")
    assert asked > 150 and not wrong, "\n".join(wrong)
