"""What shares memory with what is PyTorch's: over all rows of the op database, each also tried on
lengths of 1 and on params with which there is nothing to do, where a copy is easily forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import opdb
import pytest
from opdb import Row

import minigrad

torch = pytest.importorskip("torch")

Given = tuple[tuple[Any, ...], dict[str, Any]]
DIFFERS = {
    "cast",  # the op itself; that `to` gives the tensor itself is looked at below
    "sum_to",  # likewise for `sum_to_size`
    "broadcast_tensors",  # PyTorch's gives an empty one itself
    "nn.functional.dropout",  # likewise
    "nn.functional.dropout1d",  # views of the input there, the input here
    "nn.functional.dropout3d",
}
ROWS = [row for row in opdb.rows() if row.name not in DIFFERS]
FAMILIES = 8


def reference(row: Row) -> Any:
    """PyTorch's function, None where it has none."""
    if row.torch_call is not None or not row.torch_name:
        return row.torch_call
    found: Any = torch
    for part in row.torch_name.split("."):
        found = getattr(found, part, None)
    return found or getattr(torch.Tensor, row.torch_name, None)


def mapped(x: Any, change: Any) -> Any:
    if isinstance(x, np.ndarray):
        return change(x)
    if isinstance(x, (list, tuple)):
        return type(x)(mapped(item, change) for item in x)
    if isinstance(x, dict):
        return {name: mapped(item, change) for name, item in x.items()}
    return x


def one(x: Any) -> Any:
    """Only the first number in each dimension; an index to it."""
    return (x * 0 if x.dtype.kind == "i" else x)[(slice(0, 1),) * x.ndim].copy()


def idle(x: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    """Params instead of this one that may ask for nothing to be done."""
    if isinstance(x, bool):
        return [not x]
    if isinstance(x, int):
        return [0, 1, -1]
    if isinstance(x, float):
        return [0.0, 1.0]
    if isinstance(x, tuple) and x and all(type(n) is int for n in x):
        return [(0,) * len(x), (1,) * len(x), *(shape[-len(x) :] for shape in shapes)]
    return []


def variants(row: Row) -> Iterator[Given]:
    for k, sample in enumerate(row.samples(opdb.Draw(len(row.name)))):
        args, params = sample.args, sample.params
        yield args, params
        yield mapped(args, one), mapped(params, one)
        if k > 1:
            continue
        shapes = list({x.shape for x in args if isinstance(x, np.ndarray)})
        for i, x in enumerate(args):
            for y in idle(x, shapes):
                yield (*args[:i], y, *args[i + 1 :]), params
        for name, x in params.items():
            for y in idle(x, shapes):
                yield args, {**params, name: y}


def leaves(y: Any, side: Any) -> list[Any]:
    if isinstance(y, (list, tuple)):
        return [leaf for item in y for leaf in leaves(item, side)]
    return [y] if isinstance(y, side.Tensor) else []


def shares(a: Any, b: Any) -> bool:
    x, y = a.detach().numpy(), b.detach().numpy()
    return bool(x.size and y.size and np.may_share_memory(x, y) and np.shares_memory(x, y))


def facts(side: Any, function: Any, given: Given) -> Any:
    """For each result which operands and which other results it shares memory with, which operand
    it is, and whether it lies in order."""
    made: list[Any] = []

    def tensor(x: Any) -> Any:
        made.append(side.from_numpy(np.array(x)))
        return made[-1]

    args, params = mapped(given, tensor)
    results = leaves(function(*args, **params), side)
    return (
        [[shares(y, x) for x in made] for y in results],
        [[shares(y, z) for z in results[:i]] for i, y in enumerate(results)],
        [[y is x for x in made] for y in results],
        # What LAPACK gives lies there in its order of columns.
        [y.is_contiguous() or not any(shares(y, x) for x in made) for y in results],
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("family", range(FAMILIES))
def test_results_share_memory_as_pytorchs_do(family: int) -> None:
    looked = 0
    for row in ROWS[family::FAMILIES]:
        function = reference(row)
        if function is None:
            continue
        for given in variants(row):
            try:
                have = facts(minigrad, row.call, given)
                want = facts(torch, function, given)
            except Exception:  # what one side refuses is looked at elsewhere
                continue
            looked += 1
            assert have == want, f"{row.name}{given}: {have}, PyTorch's {want}"
    assert looked > 200


SAME = """
x.contiguous() x.ravel() x.flatten() x.reshape(-1) x.reshape(x.shape) x.view(x.shape)
x.to(s.float64) x.to("cpu") x.to(x) x.to(x,copy=True) x.double() x.float().float() x.cpu()
x.type_as(x) x.data x.detach() x.squeeze() x.unsqueeze(0) x.expand(x.shape) x.expand_as(x)
x.view_as(x) x.reshape_as(x) x[...] x[:] x[None] x[0] x[-1:] x[s.tensor(0)] x[s.tensor([0])]
x[[0]] x[x==x] x.split(1)[0] x.chunk(2)[0] x.unbind(0)[0] x.movedim(0,-1) x.narrow(0,0,1)
x.select(0,0) x.unfold(0,1,1) x.clone() +x x.abs() x.sum(()) x.repeat(1,1,1) x.roll(0) x.flip(0)
s.atleast_1d(x) s.atleast_3d(x) s.as_tensor(x) s.tensor(x) s.asarray(x) s.asarray(x,copy=True)
s.cat([x]) s.stack([x]) s.where(x==x,x,x) s.einsum("...->...",x) s.einsum("i...->...i",x)
s.einsum("i...->...",x) x.long().floor() x.cumsum(0) x.sum_to_size(x.shape) x.sum(0) x.mean(0)
x.nan_to_num() x.pow(1) x*1 x+0 s.nn.functional.pad(x,(0,0)) s.nn.functional.dropout(x,0.5,False)
s.nn.functional.interpolate(x,size=x.shape[-1])
s.nn.functional.interpolate(x,size=x.shape[-1],mode="linear")
s.nn.functional.interpolate(x,scale_factor=1.0) s.nn.functional.pixel_shuffle(x,1)
s.nn.Identity()(x) s.nn.Flatten()(x) s.nn.Upsample(scale_factor=1)(x)
s.nn.functional.embedding(s.tensor(0),x) x.tensor_split(1)[0] x.view(-1) x.requires_grad_(False)
""".split()
LAYOUTS = {
    "in order": lambda x: x,
    "turned": lambda x: x.permute(2, 1, 0),
    "every second": lambda x: x[:, ::2],
    "repeated": lambda x: x[:1].expand(2, 3, 4),
    "one number": lambda x: x[:1, :1, :1],
    "no dimension": lambda x: x[0, 0, 0],
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_methods_that_copy_only_if_they_must(layout: str) -> None:
    def looked(side: Any, text: str) -> Any:
        x = LAYOUTS[layout](side.arange(24.0, dtype=side.float64).reshape(2, 3, 4))
        try:
            y = eval(text, {"s": side, "x": x})
        except (RuntimeError, IndexError, TypeError, NotImplementedError) as error:
            return type(error)
        return y is x, shares(y, x), (y.is_contiguous() if shares(y, x) else None), tuple(y.shape)

    for text in SAME:
        have, want = looked(minigrad, text), looked(torch, text)
        if isinstance(want, tuple) or isinstance(have, tuple):
            assert have == want, f"{text}: {have}, PyTorch's {want}"


def test_what_is_computed_of_a_turned_tensor_can_be_viewed() -> None:
    x = minigrad.arange(24.0).reshape(2, 3, 4).permute(2, 1, 0)
    results = [x.sum(0), x.cumsum(0), x.tril(), minigrad.cat([x]), x.logsumexp(0), x.long()]
    for y in [*results, x.expand(2, 4, 3, 2).half(), x[:, [0, 1]]]:
        assert y.view(-1).shape == (y.numel(),)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arrays_are_copied_or_shared(dtype: str) -> None:
    for make in ("tensor", "as_tensor", "asarray", "from_numpy"):
        kept = []
        for side in (torch, minigrad):
            array = np.zeros(3, dtype)
            x = getattr(side, make)(array)
            array[0] = 1
            kept.append(x.tolist())
        assert kept[0] == kept[1], make


def test_a_loss_keeps_its_value_when_the_parameters_are_updated() -> None:
    model = minigrad.nn.Linear(1, 1, bias=False)
    optimizer = minigrad.optim.SGD(model.parameters(), lr=1.0)

    def step() -> Any:
        optimizer.zero_grad()
        loss = minigrad.einsum("ij->", model.weight)
        loss.backward()
        optimizer.step()
        return loss.detach()

    for run in (step, minigrad.compile(step), minigrad.compile(step, native=False)):
        before = model.weight.item()
        losses = [run() for _ in range(3)]
        assert [x.item() for x in losses] == pytest.approx([before, before - 1, before - 2])
