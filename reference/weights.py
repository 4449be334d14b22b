"""Moving weights between a model and its twin, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

import minigrad
from minigrad.nn import Module


def to_torch(module: Module, twin: torch.nn.Module) -> None:
    """Copy every parameter and buffer of the minigrad module into its PyTorch twin.

    Errors: ValueError that lists every name, shape and type in which the two differ; then nothing
    was copied.
    """
    source = {name: t.numpy(force=True) for name, t in module.state_dict().items()}
    goal = twin.state_dict()
    _check(source, {name: t.cpu().numpy() for name, t in goal.items()}, "minigrad", "PyTorch")
    for name, tensor in goal.items():
        tensor.copy_(torch.from_numpy(source[name].copy()))  # state_dict shares the memory


def from_torch(twin: torch.nn.Module, module: Module) -> None:
    """Copy every parameter and buffer of the PyTorch module into its minigrad twin.

    Errors: as `to_torch`.
    """
    source = {name: t.detach().cpu().numpy() for name, t in twin.state_dict().items()}
    goal = {name: t.numpy(force=True) for name, t in module.state_dict().items()}
    _check(source, goal, "PyTorch", "minigrad")
    module.load_state_dict({name: minigrad.tensor(array) for name, array in source.items()})


def _check(
    source: dict[str, np.ndarray[Any, Any]],
    goal: dict[str, np.ndarray[Any, Any]],
    here: str,
    there: str,
) -> None:
    problems = [f"{name}: only in {here}" for name in source if name not in goal]
    problems += [f"{name}: only in {there}" for name in goal if name not in source]
    for name, a in source.items():
        b = goal.get(name)
        if b is not None and (a.shape != b.shape or a.dtype != b.dtype):
            problems.append(
                f"{name}: {a.dtype} of shape {a.shape} in {here}, {b.dtype} of shape {b.shape} "
                f"in {there}"
            )
    if problems:
        raise ValueError("weights: the two models differ:\n  " + "\n  ".join(problems))
