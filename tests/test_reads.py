"""What a recorder is told of besides ops: numbers that are read, constants, settings."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
import minigrad.nn as nn
import minigrad.nn.functional as F
from minigrad.datasets.arrays import ArrayDataset
from minigrad.errors import CompileError
from minigrad.lines import line, show_line
from minigrad.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from minigrad.recording import Recorder, followed
from minigrad.utils.data import DataLoader


class Strict(Recorder):
    """Lets no number be read."""

    def __init__(self) -> None:
        self.constants: list[Any] = []
        self.things: list[Any] = []

    def read(self, what: str) -> None:
        raise CompileError(f"{what} at {show_line(line())}")

    def made(self, tensor: Any) -> None:
        self.constants.append(tensor)

    def depends(self, thing: Any) -> None:
        self.things.append((thing, thing.settings()))


def sgd(p: Any) -> Any:
    p.grad = p.detach().clone()
    return minigrad.optim.SGD([p], lr=0.1)


X = minigrad.tensor([[1.0, 2.0, 0.0], [0.5, 1.0, 3.0]])
ROW = minigrad.tensor([0.2, 0.3, 0.5])
ONE = minigrad.tensor(1)
PLACES = minigrad.tensor([1, 0, 1])
MASK = minigrad.tensor([True, False, True])


def lbfgs() -> None:
    p = minigrad.ones(2, requires_grad=True)

    def closure() -> Any:
        p.grad = None
        loss = (p * p).sum()
        loss.backward()
        return loss

    minigrad.optim.LBFGS([p]).step(closure)


READING: dict[str, Callable[[], Any]] = {
    "item": lambda: ONE.item(),
    "tolist": lambda: X.tolist(),
    "numpy": lambda: X.numpy(),
    "numpy, force": lambda: X.numpy(force=True),
    "asarray": lambda: np.asarray(X),
    "a function of NumPy": lambda: np.exp(X),
    "dlpack": lambda: np.from_dlpack(X),
    "bool": lambda: bool(ONE),
    "is_nonzero": lambda: ONE.is_nonzero(),
    "if": lambda: 1 if (X > 0).all() else 0,
    "while": lambda: [None for _ in range(1) if ONE],
    "and": lambda: ONE and ONE,
    "int": lambda: int(ONE),
    "float": lambda: float(ONE),
    "complex": lambda: complex(ONE),
    "index": lambda: [1, 2][ONE],
    "range": lambda: range(ONE),
    "format": lambda: f"{ONE:d}",
    "format of several": lambda: f"{X}",
    "repr": lambda: repr(X),
    "str": lambda: str(X),
    "print": lambda: print(X, file=io.StringIO()),
    "repr of a parameter": lambda: repr(nn.Parameter(X)),
    "allclose": lambda: X.allclose(X),
    "equal": lambda: minigrad.equal(X, X),
    "in": lambda: 1.0 in X,
    "in a list": lambda: X[0, 0] in [X[0, 1], X[0, 2]],
    "nonzero": lambda: X.nonzero(),
    "nonzero, as_tuple": lambda: X.nonzero(as_tuple=True),
    "argwhere": lambda: minigrad.argwhere(X),
    "masked_select": lambda: X.masked_select(X > 0),
    "masked_scatter": lambda: ROW.masked_scatter(MASK, ROW),
    "a mask": lambda: ROW[MASK],
    "a mask behind a slice": lambda: X[:, MASK],
    "a mask of bytes": lambda: ROW[MASK.byte()],
    "a tensor put by a mask": lambda: ROW.clone().__setitem__(MASK, ROW[:2]),
    "index_put by a mask": lambda: ROW.index_put((MASK,), ROW[:2]),
    "an index of one number": lambda: ROW[ONE],
    "an index in a slice": lambda: ROW[:ONE],
    "narrow": lambda: ROW.narrow(0, ONE, 1),
    "select": lambda: ROW.select(0, ONE),
    "tensor_split": lambda: ROW.tensor_split(minigrad.tensor([1])),
    "tensordot": lambda: minigrad.tensordot(X, X, minigrad.tensor([[0], [0]])),
    "unique": lambda: X.unique(),
    "unique with counts": lambda: X.unique(return_counts=True),
    "bincount": lambda: PLACES.bincount(),
    "histc": lambda: X.histc(4),
    "nanmedian": lambda: X.nanmedian(),
    "repeat_interleave": lambda: ROW.repeat_interleave(PLACES),
    "one_hot": lambda: F.one_hot(PLACES),
    "multinomial": lambda: ROW.multinomial(2),
    "tensor of tensors": lambda: minigrad.tensor([ROW[0], ROW[1]]),
    "FloatTensor": lambda: minigrad.FloatTensor(X),
    "full": lambda: minigrad.full((2,), ROW[0]),
    "arange": lambda: minigrad.arange(ONE),
    "ctc_loss": lambda: F.ctc_loss(
        minigrad.zeros(4, 1, 3).log_softmax(-1), PLACES[None, :1], (4,), (1,)
    ),
    "lstsq": lambda: minigrad.linalg.lstsq(minigrad.ones(3, 2), minigrad.ones(3, 1)),
    "clip_grad_norm_ that looks": lambda: nn.utils.clip_grad_norm_(
        sgd(nn.Parameter(X)).param_groups[0]["params"], 1.0, error_if_nonfinite=True
    ),
    "LBFGS": lbfgs,
    "a schedule": lambda: StepLR(sgd(nn.Parameter(X)), 1),
    "a schedule that waits": lambda: ReduceLROnPlateau(sgd(nn.Parameter(X))).step(ROW.sum()),
    "gradcheck": lambda: minigrad.autograd.gradcheck(
        minigrad.exp, [X.double().requires_grad_()]
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", READING)
def test_a_recorder_is_told_of_every_reading(what: str) -> None:
    """With the line of the user who reads."""
    READING[what]()
    with followed(Strict()), pytest.raises(CompileError, match=r"test_reads\.py:\d+$"):
        READING[what]()


def test_saving_and_datasets_read(tmp_path: Path) -> None:
    samples = ArrayDataset(X, ROW[:2])
    for read in (
        lambda: minigrad.save({"x": X}, tmp_path / "x.safetensors"),
        lambda: samples[0],
        lambda: next(iter(DataLoader(samples, batch_size=2))),
    ):
        with followed(Strict()), pytest.raises(CompileError):
            read()


def looked_at() -> Any:
    """Everything that checks its operands, and changes nothing by what it finds."""
    logits = minigrad.zeros(2, 3, requires_grad=True)
    labels = minigrad.tensor([1, 2])
    F.cross_entropy(logits, labels).backward()
    F.binary_cross_entropy(ROW, ROW)
    F.gaussian_nll_loss(ROW, ROW, ROW)
    F.nll_loss(logits, labels)
    F.embedding(labels, X.mT)
    F.one_hot(labels, 3)
    F.max_unpool1d(*F.max_pool1d(X[None], 3, return_indices=True), 3)
    ROW.quantile(0.5)
    ROW.quantile(ROW)
    X.histc(4, 0, 3)
    X.gather(1, PLACES[None])
    X[PLACES[:1]]
    X[:, [0, 1]]
    X.clone().__setitem__(X > 1, 0.0)
    X.masked_fill(X > 1, 0.0)
    ROW.bernoulli()
    ROW.repeat_interleave(2)
    X.index_select(0, PLACES)
    nn.utils.clip_grad_norm_([logits], 0.1)
    nn.utils.clip_grad_value_([logits], 0.1)
    return copy.deepcopy(ROW), minigrad.tensor(ROW), ROW.new_tensor(ROW)


def test_checks_and_shapes_are_no_readings() -> None:
    with followed(Strict()):
        copies = looked_at()
    for each in copies:
        assert each.tolist() == ROW.tolist() and each.data_ptr() != ROW.data_ptr()


def test_recorder_is_told_of_constants_but_not_of_results() -> None:
    recorder = Strict()
    x = minigrad.ones(2, 3, requires_grad=True)
    with followed(recorder):
        made = [
            minigrad.zeros(2),
            minigrad.ones_like(x),
            minigrad.arange(3),
            minigrad.eye(2),
            minigrad.tensor([1.0]),
            minigrad.from_numpy(np.ones(2)),
            minigrad.as_tensor([1, 2]),
            minigrad.Tensor(2, 2),
            minigrad.LongTensor([1]),
            x.new_zeros(2),
            x.new_full((2,), 3),
            x.new_tensor([1.0]),
        ]
        assert [id(t) for t in recorder.constants] == [id(t) for t in made]
        recorder.constants.clear()
        y = (x * 2).reshape(3, 2).detach().data
        assert not recorder.constants and y.shape == (3, 2)
        (x * x).sum().backward()  # from a cotangent of 1
    assert [t.tolist() for t in recorder.constants] == [1.0]


def test_recorder_is_told_of_modules_and_optimizers_with_their_settings() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout())
    optimizer = minigrad.optim.Adam(model.parameters(), lr=0.1)

    def step() -> dict[Any, Any]:
        recorder = Strict()
        with followed(recorder):
            optimizer.zero_grad()
            model(X).sum().backward()
            optimizer.step()
        return dict(recorder.things)

    step()
    first, again = step(), step()
    assert set(first) == {model, model[0], model[1], optimizer}
    assert again == first
    optimizer.param_groups[0]["lr"] = 0.5
    assert step() == first
    optimizer.param_groups[0]["betas"] = (0.5, 0.9)
    changed = step()
    assert {thing for thing in first if changed[thing] != first[thing]} == {optimizer}
    model[1].eval()
    assert step()[model[1]] != first[model[1]]
