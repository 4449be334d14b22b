"""Tensors of PyTorch where minigrad takes tensors: their numbers, to the last bit."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim

torch = pytest.importorskip("torch")

DRAWN = torch.randn(3, 2, generator=torch.Generator().manual_seed(0))
TAKEN = {
    "dense": DRAWN,
    "of float64": DRAWN.double(),
    "of float16": DRAWN.half(),
    "of whole numbers": (DRAWN * 9).int(),
    "of truth values": DRAWN > 0,
    "turned": DRAWN.t(),
    "cut": DRAWN[::2, 1:],
    "spread": DRAWN[:1].expand(4, 2),
    "negated lazily": torch._neg_view(DRAWN),
    "empty": DRAWN[:0],
    "a number": DRAWN[0, 0],
    "tracked": DRAWN.clone().requires_grad_(),
    "a parameter": torch.nn.Parameter(DRAWN),
    "a result": DRAWN.clone().requires_grad_() * 2,
    "of bfloat16": DRAWN.bfloat16(),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_tensor_takes_a_copy(kind: str) -> None:
    given = TAKEN[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = minigrad.tensor(given)
    truth = given.detach()
    truth = (truth.float() if truth.dtype == torch.bfloat16 else truth).resolve_neg().numpy()
    np.testing.assert_array_equal(found.numpy(), truth, strict=True)
    assert not found.requires_grad and not np.shares_memory(found.numpy(), truth)


def test_as_tensor_shares_memory_and_ends_no_gradient() -> None:
    given = torch.ones(3)
    found = minigrad.as_tensor(given)
    given[0] = 7
    assert found[0].item() == 7
    with pytest.raises(RuntimeError, match=r"as_tensor: .*requires a gradient.*detach"):
        minigrad.as_tensor(given.requires_grad_())


def test_tensors_in_lists_are_numbers() -> None:
    listed = [torch.tensor(1.5, requires_grad=True), torch.tensor([2.5]), torch.tensor(1)]
    found = minigrad.tensor(listed)
    assert found.tolist() == [1.5, 2.5, 1.0] and found.dtype == minigrad.float32
    with pytest.raises(ValueError, match="only one element tensors"):
        minigrad.tensor([DRAWN, DRAWN])


REFUSED = {
    "sparse": (DRAWN.to_sparse(), "layout sparse_coo"),
    "without numbers": (DRAWN.to("meta"), "meta"),
    "complex": (DRAWN.to(torch.complex64), "complex64"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_has_no_numbers_here_is_named(kind: str) -> None:
    given, why = REFUSED[kind]
    with pytest.raises(TypeError, match=rf"tensor: expected .*{why}"):
        minigrad.tensor(given)
    model = nn.Linear(2, 3)
    before = model.weight.numpy(force=True).copy()
    with pytest.raises(RuntimeError, match=f'"weight": .*{why}'):
        model.load_state_dict({"weight": given, "bias": torch.zeros(3)})
    assert (model.weight.numpy(force=True) == before).all()


def layers(library: Any) -> Any:
    nn = library.nn
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2))


@pytest.mark.parametrize("form", ["as it is", "bfloat16", "turned", "parameters"])
def test_load_state_dict_takes_it(form: str) -> None:
    torch.manual_seed(0)
    theirs, ours = layers(torch), layers(minigrad)
    theirs[1].running_mean += 0.5
    state: dict[str, Any] = dict(theirs.state_dict(keep_vars=form == "parameters"))
    if form == "bfloat16":
        theirs.bfloat16()
        state = theirs.state_dict()
        theirs.float()
    if form == "turned":
        state = {k: x.t().contiguous().t() if x.ndim == 2 else x for k, x in state.items()}
    assert ours.load_state_dict(state) == ([], [])
    x = torch.randn(5, 4)
    mine = ours.double().eval()(minigrad.tensor(x).double()).numpy(force=True)
    np.testing.assert_allclose(
        mine, theirs.double().eval()(x.double()).detach().numpy(), rtol=0, atol=1e-12
    )
    assert all(isinstance(p, nn.Parameter) and p.requires_grad for p in ours.parameters())


def test_load_state_dict_names_what_does_not_fit() -> None:
    with pytest.raises(RuntimeError, match=r"size mismatch for weight: .*\(2, 3\).*\(3, 2\)"):
        nn.Linear(2, 3).load_state_dict(
            torch.nn.Linear(3, 2, bias=False).state_dict(), strict=False
        )
    with pytest.raises(RuntimeError, match=r'named "weight", expected a tensor .*list'):
        nn.Linear(2, 3).load_state_dict({"weight": [[1.0]], "bias": torch.zeros(3)})


OPTIMIZERS = [
    ("SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    ("Adam", {"lr": 0.01, "amsgrad": True}),
    ("RMSprop", {"lr": 0.01, "momentum": 0.9, "centered": True}),
    *((name, {"lr": 0.01}) for name in ("Adadelta", "Adagrad", "AdamW", "Adamax", "ASGD")),
    *((name, {"lr": 0.01}) for name in ("NAdam", "RAdam", "Rprop")),
]


@pytest.mark.parametrize(("name", "options"), OPTIMIZERS, ids=[name for name, _ in OPTIMIZERS])
def test_a_training_goes_on_from_the_optimizers_state(name: str, options: dict[str, Any]) -> None:
    torch.manual_seed(0)
    theirs, ours = torch.nn.Linear(3, 2).double(), nn.Linear(3, 2).double()
    x = torch.randn(5, 3).double()
    mine = minigrad.tensor(x)
    other = getattr(torch.optim, name)(theirs.parameters(), **options)
    own = getattr(optim, name)(ours.parameters(), **options)

    def step(model: Any, optimizer: Any, x: Any) -> None:
        optimizer.zero_grad()
        (model(x) ** 2).sum().backward()
        optimizer.step()

    for _ in range(3):
        step(theirs, other, x)
    ours.load_state_dict(theirs.state_dict())
    own.load_state_dict(other.state_dict())
    for _ in range(3):
        step(theirs, other, x)
        step(ours, own, mine)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=0, atol=1e-14)


def test_numpys_numbers_keep_their_type() -> None:
    for number in (np.float32(1.5), np.float64(1.5), np.int16(3), np.uint8(3), np.bool_(True)):
        found = minigrad.tensor(number)
        assert found.dtype == number.dtype and found.item() == number.item()
        theirs = torch.tensor(number)
        assert str(theirs.dtype) == f"torch.{found.dtype}"


def test_nobody_imports_pytorch() -> None:
    code = "import sys, minigrad as m; m.tensor([1.0]); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
