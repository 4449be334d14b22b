"""Every op and every public function, against its row of the op database."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import opdb
from minigrad.gradcheck import gradcheck, gradgradcheck
from minigrad.op import register
from minigrad.opdb import Row, Sample
from minigrad.tensor import Tensor

torch = pytest.importorskip("torch")
ROWS = opdb.rows()
every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def samples(row: Row) -> list[Sample]:
    return list(row.samples(opdb.Draw(len(row.name))))


def convert(x: Any, make: Any) -> Any:
    if isinstance(x, np.ndarray):
        return make(x)
    if isinstance(x, (list, tuple)) and any(isinstance(item, np.ndarray) for item in x):
        return type(x)(convert(item, make) for item in x)
    return x


def ours(x: np.ndarray, grad: bool = True) -> Tensor:
    return minigrad.from_numpy(np.array(x)).requires_grad_(grad and x.dtype == np.float64)


def theirs(x: np.ndarray, grad: bool = True) -> Any:
    return torch.from_numpy(np.array(x)).requires_grad_(grad and x.dtype == np.float64)


def leaves(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in leaves(item)]
    return [x] if isinstance(x, (Tensor, torch.Tensor)) else []


def torch_call(row: Row) -> Any:
    if row.torch_call is not None:
        return row.torch_call
    if not row.torch_name:
        return None
    found = torch
    for part in row.torch_name.split("."):
        found = getattr(found, part, None) or getattr(torch.Tensor, part)
    return found


def close(a: Any, b: Any, tolerance: float, what: str) -> None:
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape, f"{what}: shape {a.shape}, expected {b.shape}"
    if a.dtype.kind == "f":
        scale = np.max(np.abs(b[np.isfinite(b)]), initial=0.0)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * scale, err_msg=what)
    else:
        np.testing.assert_array_equal(a, b, err_msg=what)


def numbers(t: Any) -> np.ndarray:
    return t.detach().numpy()


def test_every_op_has_a_row() -> None:
    covered = {name for row in ROWS for name in ((row.name.split(".")[-1],) if row.ops is None else row.ops)}
    assert set(register) <= covered, f"ops without a row: {sorted(set(register) - covered)}"


def test_every_rule_is_written_out() -> None:
    for row in ROWS:
        for name in (row.name.split(".")[-1],) if row.ops is None else row.ops:
            if name in register and register[name].rules and row.ops is None:
                assert row.rules, f"{row.name}: the row does not say its rules"
        assert row.formula


@every_row
def test_forward_and_gradient_agree_with_torch(row: Row) -> None:
    call = torch_call(row)
    if call is None:
        pytest.skip("PyTorch has no such function; the numeric test below is the truth")
    for sample in samples(row):
        args, targs = convert(sample.args, ours), convert(sample.args, theirs)
        params = {k: convert(v, ours) for k, v in sample.params.items()}
        tparams = {k: convert(v, theirs) for k, v in sample.params.items()}
        results, expected = leaves(row.call(*args, **params)), leaves(call(*targs, **tparams))
        assert len(results) == len(expected), f"{row.name}{sample}"
        rng = np.random.default_rng(7)
        total: Any = 0
        ttotal: Any = 0
        for y, t in zip(results, expected, strict=True):
            what = f"{row.name}{sample}"
            assert str(y.dtype) == str(t.dtype).removeprefix("torch."), what
            if row.random:
                assert tuple(y.shape) == tuple(t.shape), what
                continue
            close(numbers(y), numbers(t), row.tolerance, what)
            assert y.requires_grad == t.requires_grad, f"{what}: requires_grad"
            if y.requires_grad:
                g = rng.standard_normal(y.shape)
                total = (y * minigrad.from_numpy(g)).sum() + total
                ttotal = (t * torch.from_numpy(g)).sum() + ttotal
        if not isinstance(total, Tensor):
            continue
        total.backward()
        ttotal.backward()
        mine, their = leaves([args, *params.values()]), leaves([targs, *tparams.values()])
        for i, (x, t) in enumerate(zip(mine, their, strict=True)):
            want = np.zeros(x.shape) if t.grad is None else numbers(t.grad)
            have = np.zeros(x.shape) if x.grad is None else numbers(x.grad)
            close(have, want, row.tolerance, f"gradient {i} of {row.name}{sample}")


@every_row
def test_derivatives_agree_with_the_numbers(row: Row) -> None:
    if not row.differentiable or row.random:
        pytest.skip("no derivative")
    for sample in samples(row):
        args = convert(sample.args, ours)
        inputs = [x for x in leaves(args) if x.requires_grad and x.numel()]
        if not inputs:
            continue

        def function(*xs: Tensor, sample: Sample = sample, args: Any = args) -> Any:
            results = leaves(row.call(*args, **{k: convert(v, ours) for k, v in sample.params.items()}))
            return tuple(y for y in results if y.requires_grad)

        assert gradcheck(function, inputs), f"{row.name}{sample}"
        if row.second:
            assert gradgradcheck(function, inputs), f"{row.name}{sample}"


@every_row
def test_numpy_agrees(row: Row) -> None:
    if row.numpy is None:
        pytest.skip("PyTorch is the truth")
    for sample in samples(row):
        y = row.call(*convert(sample.args, ours), **sample.params)
        close(numbers(y), row.numpy(*sample.args, **sample.params), 1e-12, f"{row.name}{sample}")


@every_row
def test_layout_of_operands_does_not_matter(row: Row) -> None:
    if row.random:
        pytest.skip("random")

    def strided(x: np.ndarray) -> Tensor:
        roomy = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
        view = roomy[tuple(slice(None, None, -2) if n else slice(0) for n in x.shape)]
        view[...] = x
        return minigrad.from_numpy(view)

    for sample in samples(row):
        plain = leaves(row.call(*convert(sample.args, lambda x: ours(x, False)), **{k: convert(v, ours) for k, v in sample.params.items()}))
        other = leaves(row.call(*convert(sample.args, strided), **{k: convert(v, ours) for k, v in sample.params.items()}))
        for y, z in zip(plain, other, strict=True):
            close(numbers(z), numbers(y), 1e-12, f"{row.name}{sample}, strided operands")


@every_row
@pytest.mark.parametrize("dtype", ["float32", "int64", "int32", "bool"])
def test_types_agree_with_torch(row: Row, dtype: str) -> None:
    call = torch_call(row)
    if call is None or not row.types:
        pytest.skip("not compared")

    def of(x: np.ndarray) -> np.ndarray:
        return np.array(x, dtype=dtype) if x.dtype == np.float64 else np.array(x)

    for sample in samples(row):
        what = f"{row.name}{sample} in {dtype}"
        try:
            expected = leaves(call(*convert(sample.args, lambda x: torch.from_numpy(of(x))), **{k: convert(v, lambda x: torch.from_numpy(of(x))) for k, v in sample.params.items()}))
        except (RuntimeError, TypeError, ValueError, IndexError):
            with pytest.raises((RuntimeError, TypeError, ValueError, IndexError)):
                row.call(*convert(sample.args, lambda x: minigrad.from_numpy(of(x))), **{k: convert(v, lambda x: minigrad.from_numpy(of(x))) for k, v in sample.params.items()})
                pytest.fail(f"{what}: PyTorch raises an error here")
            continue
        results = leaves(row.call(*convert(sample.args, lambda x: minigrad.from_numpy(of(x))), **{k: convert(v, lambda x: minigrad.from_numpy(of(x))) for k, v in sample.params.items()}))
        for y, t in zip(results, expected, strict=True):
            assert str(y.dtype) == str(t.dtype).removeprefix("torch."), what
            assert tuple(y.shape) == tuple(t.shape), what


def test_results_are_arrays_and_destinations_are_filled() -> None:
    """The contract of every op at the door: what it returns, where it writes, what it aliases."""
    seen: set[str] = set()

    def listen(op: Any, operands: Any, params: Any, y: Tensor, into: Tensor | None) -> None:
        if op.name in seen or into is not None:
            return
        seen.add(op.name)
        arrays = [x.array if isinstance(x, Tensor) else x for x in operands]
        before = [np.array(a) for a in arrays]
        out = np.full_like(y.array, 1) if y.array.size else np.empty_like(y.array)
        with np.errstate(all="ignore"):
            returned = op.forward(np, *arrays, out=out, **params)
        assert returned is out, f"{op.name}: out= was not returned"
        np.testing.assert_array_equal(out, y.array, err_msg=f"{op.name}: out= holds other numbers")
        for a, b in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=f"{op.name}: it wrote into an operand")
        if not op.view and y.array.size:
            for a in arrays:
                if isinstance(a, np.ndarray):
                    assert not np.shares_memory(a, y.array), f"{op.name}: the result aliases an operand"

    from minigrad import tape

    tape.listeners.append(listen)
    try:
        for row in ROWS:
            if not row.random:
                for sample in samples(row):
                    row.call(*convert(sample.args, ours), **{k: convert(v, ours) for k, v in sample.params.items()})
    finally:
        tape.listeners.remove(listen)
    assert seen
