"""Losses, optimizers and metrics that are given by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from inspect import signature
from typing import Any

from minigrad import nn, optim
from minigrad.creation import from_numpy
from minigrad.nn import Module
from minigrad.nn import functional as F
from minigrad.nn.loss import Loss
from minigrad.optim import LBFGS, Optimizer
from minigrad.training.metrics import METRICS, Metric, NumpyArray, accuracy

LossLike = str | Callable[[Any, Any], Any]
OptimizerLike = str | Optimizer
MetricLike = str | Callable[[Any, Any], Any]
Metrics = MetricLike | Iterable[MetricLike] | Mapping[str, MetricLike]

LOSSES = {
    name: found
    for name, found in vars(nn).items()
    if isinstance(found, type)
    and issubclass(found, Loss)
    and [*signature(found.forward).parameters][1:] == ["input", "target"]
}
"""The losses of outputs and targets."""

SHORT = {"mae": "L1Loss"} | {
    name.removesuffix("Loss").lower(): name
    # CrossEntropy goes by its own name, not CrossEntropyLoss by a short one.
    for name in sorted(LOSSES, key=len, reverse=True)
}

KERAS = {
    "binarycrossentropy": "BCELoss",
    "categoricalcrossentropy": "CrossEntropyLoss",
    "crossentropy": "CrossEntropyLoss",
    "meanabsoluteerror": "L1Loss",
    "meansquarederror": "MSELoss",
    "sparsecategoricalcrossentropy": "CrossEntropyLoss",
}
"""What others call a loss that may not be quite the same here: told, and not taken."""

OPTIMIZERS = {
    name: found
    for name, found in vars(optim).items()
    if isinstance(found, type) and issubclass(found, Optimizer) and found is not Optimizer
}


def loss_of(caller: str, loss: LossLike) -> Callable[[Any, Any], Any]:
    """The loss: itself, or by the name of its class in `nn`, in any case: "MSELoss" or "mse".

    Errors: ValueError with the close names, TypeError for what can be no loss.
    """
    if isinstance(loss, str):
        name = SHORT.get(loss.lower()) or choose(caller, "loss", loss, LOSSES, KERAS)
        found: Callable[[Any, Any], Any] = LOSSES[name]()
        return found
    if isinstance(loss, type) or not callable(loss):
        raise TypeError(
            f"{caller}: expected loss to be a name, a loss such as nn.MSELoss() or a function "
            f"(outputs, targets) -> loss, got {_what(loss)}"
        )
    return loss


def optimizer_of(
    caller: str, optimizer: OptimizerLike, model: Module, lr: float | None
) -> Optimizer:
    """The optimizer: itself, or by the name of its class in `optim`, in any case, over all
    parameters of the model with PyTorch's defaults but for ``lr``.

    Errors: ValueError with the close names, for a rate beside an optimizer, for one that has none
    of the model's parameters, for LBFGS; TypeError for what is no optimizer.
    """
    if isinstance(optimizer, str):
        kind: Any = OPTIMIZERS[choose(caller, "optimizer", optimizer, OPTIMIZERS)]
        found: Optimizer = kind(model.parameters(), **({} if lr is None else {"lr": lr}))
    elif not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"{caller}: expected optimizer to be a name or an optimizer such as "
            f"optim.SGD(model.parameters(), lr=0.1), got {_what(optimizer)}"
        )
    elif lr is not None:
        raise ValueError(f"{caller}: lr is for an optimizer by name; this one has its own")
    else:
        found = optimizer
    if isinstance(found, LBFGS):
        raise ValueError(
            f"{caller}: LBFGS computes the loss several times a step; it needs a loop by hand"
        )
    own = {id(p) for group in found.param_groups for p in group["params"]}
    if not any(id(param) in own for param in model.parameters()):
        raise ValueError(
            f"{caller}: the optimizer has none of the model's parameters; make it with "
            "model.parameters() of this model"
        )
    return found


def metrics_of(caller: str, metrics: Metrics, loss: Any) -> dict[str, Metric]:
    """The metrics by name: names of `METRICS`, and functions (outputs, targets) -> mean, which take
    tensors and go by their own names or by those that a dictionary gives them.

    Errors: ValueError with the close names, and for a name that is taken; TypeError.
    """
    table = dict(METRICS)
    if isinstance(loss, nn.BCEWithLogitsLoss) or loss is F.binary_cross_entropy_with_logits:
        at_zero = partial(accuracy, threshold=0.0)  # where a logit is as likely as not
        table["accuracy"] = replace(table["accuracy"], of=at_zero)
    if isinstance(metrics, str) or not isinstance(metrics, Iterable):
        metrics = [metrics]
    named = metrics.items() if isinstance(metrics, Mapping) else ((None, each) for each in metrics)
    found: dict[str, Metric] = {}
    for name, metric in named:
        if isinstance(metric, str):
            own = choose(caller, "metric", metric, table)
            measure = table[own]
        elif callable(metric) and not isinstance(metric, type):
            own = getattr(metric, "__name__", type(metric).__name__)
            measure = Metric(partial(_measure, metric))
        else:
            raise TypeError(
                f"{caller}: expected metrics to be names or functions (outputs, targets) -> mean, "
                f"got {_what(metric)}"
            )
        name = own if name is None else str(name)
        if name in found or name == "loss":
            raise ValueError(
                f"{caller}: two metrics are named {name!r}; give them as a dictionary of names "
                "and functions"
            )
        found[name] = measure
    return found


def choose(
    caller: str, what: str, name: str, names: Iterable[str], others: Mapping[str, str] | None = None
) -> str:
    """The one of the names that is meant, in any case. Errors: ValueError with the close ones;
    ``others`` says which one goes by another word elsewhere."""
    lower = {each.lower(): each for each in names}
    if name.lower() in lower:
        return lower[name.lower()]
    close = [lower[c] for c in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.5)]
    if others and (other := others.get(name.lower().replace("_", ""))):
        close = [other]
    meant = f"did you mean {' or '.join(close)}? " if close else ""
    raise ValueError(
        f"{caller}: no {what} is named {name!r}; {meant}there are {', '.join(lower.values())}"
    )


def _measure(metric: Callable[[Any, Any], Any], output: NumpyArray, target: NumpyArray) -> float:
    return float(metric(from_numpy(output), from_numpy(target)))


def _what(found: Any) -> str:
    if isinstance(found, type):
        return f"the class {found.__name__}"
    return repr(found) if found is None else f"a {type(found).__name__}"
