"""Training, evaluation and prediction in one call, as Keras users expect them."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from minigrad.autograd import no_grad
from minigrad.callbacks.callback import Callback
from minigrad.creation import from_numpy
from minigrad.functions import cat
from minigrad.nn import Module
from minigrad.tensor import Tensor
from minigrad.training.history import History
from minigrad.training.learner import Learner
from minigrad.training.loop import Loop, in_order, look
from minigrad.training.mode import evaluating
from minigrad.training.named import (
    LossLike,
    Metrics,
    OptimizerLike,
    loss_of,
    metrics_of,
    optimizer_of,
)
from minigrad.training.progress import Progress
from minigrad.training.run import logs_of
from minigrad.training.samples import batches, inputs, pairs, parts
from minigrad.training.stop import Stop
from minigrad.utils.data import DataLoader

BATCH = 32
"""Samples a batch where nobody says otherwise, as in Keras."""
OURS = SimpleNamespace(__name__="minigrad", from_numpy=from_numpy, no_grad=no_grad)
"""What a learner asks of its library; the package itself is the roof, which none below imports."""


def fit(
    model: Module,
    x: Any,
    y: Any = None,
    *,
    loss: LossLike,
    optimizer: OptimizerLike,
    lr: float | None = None,
    batch_size: int | None = None,
    epochs: int = 1,
    validation_split: float = 0.0,
    validation_data: Any = None,
    metrics: Metrics = (),
    callbacks: Sequence[Callback] = (),
    shuffle: bool = True,
    seed: int | None = None,
    verbose: int = 1,
    initial_epoch: int = 0,
) -> History:
    """Train the model; returns the history of its epochs.

    It is the textbook's loop, to the bit: of each batch the loss, its gradients, a step. Afterwards
    the model is in training mode. Ctrl-C ends the training after the step that is under way, and
    the history so far is returned. SIGTERM ends it in the same way, and then does what it would
    have done.

    Args:
        model: what is trained.
        x, y: inputs and targets, as tensors, arrays or lists; or x alone, a Dataset of pairs or a
            DataLoader, which has batches and an order of its own. On the CPU: each batch is moved
            to the model, and numbers with a fraction take its type.
        loss: a loss of `nn`, a function (outputs, targets) -> mean over the batch, or the name of a
            class, "MSELoss" or "mse" for short.
        optimizer: one of `optim`, or its name: "sgd", "adam". Then all parameters are trained, with
            PyTorch's defaults, and ``lr`` if it is given.
        batch_size: 32 if None. The last batch is what is left.
        epochs: the number of the last epoch: how often all samples are seen, those before
            ``initial_epoch`` included.
        validation_split: the share of the samples that is kept back to look at after each epoch:
            the last ones, before any shuffling.
        validation_data: (x, y), a Dataset or a DataLoader to look at instead.
        metrics: "accuracy" (in percent, where Keras gives a share), "mse", "mae", or functions
            (outputs, targets) -> mean over the batch, which are given tensors.
        callbacks: of `minigrad.callbacks`.
        shuffle: whether each epoch has a new order, which the seed decides; ``seed`` None draws one
            from the default generator, so that `manual_seed` decides.
        verbose: 0 shows nothing, 1 a line an epoch and a bar on a terminal, 2 the lines alone.
        initial_epoch: how many epochs are done; to go on with ``seed`` as if there had been no
            break, give the same optimizer, or one with its state.

    Errors: ValueError and TypeError, before the first step, for what does not fit together, with
    the close ones of a name that is unknown; FloatingPointError for a loss that is no number.
    """
    _check_model("fit", model)
    _check_callbacks(callbacks)
    if isinstance(x, DataLoader) and batch_size is not None:
        raise ValueError("fit: a DataLoader has its own batches; expected no batch_size beside it")
    size = BATCH if batch_size is None else _at_least(1, "fit", "batch_size", batch_size)
    _at_least(1, "fit", "epochs", epochs)
    if _at_least(0, "fit", "initial_epoch", initial_epoch) > epochs:
        raise ValueError(f"fit: initial_epoch {initial_epoch} is after the last of {epochs} epochs")
    if verbose not in (0, 1, 2):
        raise ValueError(f"fit: expected verbose to be 0, 1 or 2, got {verbose!r}")
    train, validation = parts(x, y, validation_split, validation_data)
    loss = loss_of("fit", loss)
    measures = metrics_of("fit", metrics, loss)
    optimizer = optimizer_of("fit", optimizer, model, lr)

    learner = Learner(OURS, model.train(), loss, optimizer=optimizer)
    loop = Loop(
        [learner],
        batches(train, size, shuffle, seed),
        validation,
        epochs=epochs,
        metrics=measures,
        look=size,
    )
    if initial_epoch:
        loop.skip(initial_epoch)
    shown = [Progress(bar=verbose == 1)] if verbose else []
    with Stop() as stop:
        loop.run([*shown, *callbacks], stop)
    if verbose and loop.epoch < epochs:
        rest = f" and {loop.batch} batches of the next" if loop.batch else ""
        print(f"stopped after epoch {loop.epoch} of {epochs}{rest}", flush=True)
    stop.pass_on()
    return History(loop.history[learner.name])


def evaluate(
    model: Module,
    x: Any,
    y: Any = None,
    *,
    loss: LossLike,
    metrics: Metrics = (),
    batch_size: int = BATCH,
) -> dict[str, float]:
    """The loss and the metrics on these samples, {"loss": ..., "accuracy": ...}, in evaluation mode
    and without a tape; then every module has the mode that it had. Arguments and errors as `fit`'s.

    Args:
        model: the network.
        x, y: inputs and targets, or x alone, a Dataset or DataLoader.
        loss, metrics: what is measured.
        batch_size: samples at once; it changes no result but for rounding.
    """
    _check_model("evaluate", model)
    _at_least(1, "evaluate", "batch_size", batch_size)
    samples = pairs("evaluate", x, y)
    loss = loss_of("evaluate", loss)
    learner = Learner(OURS, model, loss)
    tally = look(learner, samples, metrics_of("evaluate", metrics, loss), batch_size)
    if not tally.seen:
        raise ValueError("evaluate: the data gave no batches")
    return logs_of(tally.result("train"))


def predict(model: Module, x: Any, *, batch_size: int = BATCH) -> Tensor:
    """The outputs for these inputs, one after another along the first dimension, in evaluation mode
    and without a tape; then every module has the mode that it had.

    ``x`` is a tensor, an array or a list, or a Dataset or DataLoader, whose samples' first parts
    are the inputs. Errors: as `fit`'s; TypeError for a model that gives no tensor.

    Args:
        model: the network.
        batch_size: samples at once.
    """
    _check_model("predict", model)
    _at_least(1, "predict", "batch_size", batch_size)
    samples = inputs("predict", x)
    learner = Learner(OURS, model, None)
    outputs = []
    with evaluating(model), no_grad():
        for batch in in_order(samples, batch_size):
            first = batch[0] if isinstance(batch, list | tuple) else batch
            output = model(learner.tensor(first.numpy()))
            if not isinstance(output, Tensor):
                raise TypeError(
                    "predict: expected a model whose output is a tensor, got "
                    f"{type(output).__name__} from {type(model).__name__}; call the model itself"
                )
            outputs.append(output)
    if not outputs:
        raise ValueError("predict: the data gave no batches")
    return cat(outputs)


def _at_least(least: int, caller: str, name: str, number: int) -> int:
    """The number. Errors: TypeError for what is no whole number, ValueError for one below."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{caller}: expected {name} to be a whole number, got {number!r}")
    if number < least:
        raise ValueError(f"{caller}: expected {name} of at least {least}, got {number}")
    return number


def _check_model(caller: str, model: object) -> None:
    if not isinstance(model, Module):
        raise TypeError(
            f"{caller}: expected an nn.Module of minigrad first, got {type(model).__name__}"
        )


def _check_callbacks(callbacks: object) -> None:
    if not isinstance(callbacks, Sequence) or not all(isinstance(c, Callback) for c in callbacks):
        raise TypeError(
            "fit: expected callbacks to be a list of callbacks, such as [EarlyStopping()], got "
            f"{callbacks!r}"
        )
