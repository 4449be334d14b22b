"""Every op and every public function, against its row of the op database."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import opdb
import pytest
from opdb import Row, Sample

import minigrad
from minigrad.autograd import grad
from minigrad.device import CPU, Device, place
from minigrad.gradcheck import gradcheck, gradgradcheck
from minigrad.op import Op, register
from minigrad.ops.update import follow
from minigrad.recording import Recorder, followed
from minigrad.tensor import Tensor

torch = pytest.importorskip("torch")
ROWS = opdb.rows()
REFUSED = (RuntimeError, TypeError, ValueError, IndexError)


def over(fits: Callable[[Row], bool]) -> pytest.MarkDecorator:
    """The rows that a test applies to."""
    return pytest.mark.parametrize("row", [*filter(fits, ROWS)], ids=lambda row: row.name)


def in_torch(row: Row) -> bool:
    return bool(row.torch_call or row.torch_name)


def in_numpy(row: Row) -> bool:
    return row.numpy is not None


def differentiated(row: Row) -> bool:
    return row.differentiable and not row.random


def settled(row: Row) -> bool:
    return not row.random


def of_torch_types(row: Row) -> bool:
    return in_torch(row) and not row.types_differ


def stays(row: Row) -> bool:
    """Whether its result is where the row says and not where the operands are."""
    return row.name in ("draw", "transfer")


DIVISIONS = ("div", "floor_divide", "fmod", "remainder", "trunc_divide")


class Call:
    """A sample as operands of one side, minigrad's or PyTorch's."""

    def __init__(self, sample: Sample, make: Callable[[np.ndarray], Any]) -> None:
        self.args = converted(sample.args, make)
        self.params = {name: converted(x, make) for name, x in sample.params.items()}
        self.tensors = leaves([self.args, list(self.params.values())])
        self.varied = [x for x in self.tensors if x.requires_grad]

    def results(self, function: Callable[..., Any]) -> list[Any]:
        return leaves(function(*self.args, **self.params))


def converted(x: Any, make: Callable[[np.ndarray], Any]) -> Any:
    if isinstance(x, np.ndarray):
        return make(x)
    if isinstance(x, (list, tuple)):
        return type(x)(converted(item, make) for item in x)
    return x


def leaves(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple)):
        return [leaf for item in x for leaf in leaves(item)]
    return [x] if isinstance(x, (Tensor, torch.Tensor)) else []


def ours(x: np.ndarray, device: Device = CPU) -> Tensor:
    return minigrad.from_numpy(np.array(x)).to(device).requires_grad_(x.dtype == np.float64)


def theirs(x: np.ndarray) -> Any:
    return torch.from_numpy(np.array(x)).requires_grad_(x.dtype == np.float64)


def single(make: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    """Operands in float32 instead of float64."""

    def made(x: np.ndarray) -> Any:
        if x.dtype != np.float64:
            return make(x)
        return make(x.astype(np.float32)).requires_grad_()

    return made


def samples(row: Row) -> list[Sample]:
    return list(row.samples(opdb.Draw(len(row.name))))


def torch_function(row: Row) -> Any:
    """What to call in PyTorch."""
    if row.torch_call is not None:
        return row.torch_call
    found: Any = torch
    for part in row.torch_name.split("."):
        found = getattr(found, part, None) or getattr(torch.Tensor, part)
    return found


def numbers(t: Any) -> np.ndarray:
    return np.asarray(t.detach().cpu().numpy())


def dtype_name(t: Any) -> str:
    return str(t.dtype).removeprefix("torch.")


def close(a: np.ndarray, b: np.ndarray, tolerance: float, what: str, least: float = 0.0) -> None:
    """Equal up to ``tolerance`` times the largest number, or times ``least``."""
    assert a.shape == b.shape, f"{what}: the shape is {a.shape}, expected {b.shape}"
    if a.dtype.kind == "f":
        scale = np.max(np.abs(b[np.isfinite(b)]), initial=least)
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * scale, err_msg=what)
    else:
        np.testing.assert_array_equal(a, b, err_msg=what)


def gradients(results: list[Any], varied: list[Any], side: Any) -> list[np.ndarray]:
    """Of a weighted sum of the results, with the same weights on either side."""
    rng = np.random.default_rng(7)
    total: Any = 0
    for y in results:
        weights = rng.standard_normal(tuple(y.shape))
        if y.requires_grad:
            weights = side.from_numpy(np.asarray(weights)).to(y.dtype).to(y.device)
            total = (y * weights).sum() + total
    if isinstance(total, int) or not varied:
        return []
    found = side.autograd.grad(total, varied, allow_unused=True)
    zero = [np.zeros(tuple(x.shape)) for x in varied]
    return [z if g is None else numbers(g) for g, z in zip(found, zero, strict=True)]


def compare_with_torch(
    row: Row, wrap: Callable[[Any], Any], tolerance: float, device: Device
) -> None:
    function = torch_function(row)
    for sample in samples(row):
        what = f"{row.name}{sample}"
        mine, other = Call(sample, wrap(partial(ours, device=device))), Call(sample, wrap(theirs))
        results, expected = mine.results(row.call), other.results(function)
        if mine.tensors and not stays(row):
            assert all(y.device == device for y in results), f"{what}: on another device"
        assert len(results) == len(expected), f"{what}: another number of results"
        for i, (y, t) in enumerate(zip(results, expected, strict=True)):
            place = f"{what}, result {i}"
            assert dtype_name(y) == dtype_name(t), place
            assert y.requires_grad == t.requires_grad, f"{place}: requires_grad"
            if row.random:
                assert tuple(y.shape) == tuple(t.shape), place
            else:
                close(numbers(y), numbers(t), tolerance, place)
        if row.random:
            continue
        have = gradients(results, mine.varied, minigrad)
        want = gradients(expected, other.varied, torch)
        for i, (g, h) in enumerate(zip(have, want, strict=True)):
            close(g, h, tolerance, f"{what}, gradient {i}")


def covered(row: Row) -> tuple[str, ...]:
    """The names of the ops that a row covers."""
    return (row.name.split(".")[-1],) if row.ops is None else row.ops


def test_every_op_has_a_row() -> None:
    missing = set(register) - {name for row in ROWS for name in covered(row)}
    assert not missing, f"ops without a row in tests/opdb: {sorted(missing)}"


FACTS = {
    *("allclose", "broadcast_shapes", "can_cast", "detach", "equal", "get_default_dtype"),
    *("get_device", "is_complex", "is_floating_point", "is_inference", "is_nonzero"),
    *("is_same_size", "is_signed", "is_tensor", "numel", "promote_types", "result_type"),
    *("tril_indices", "triu_indices"),
}
"""Public functions that tell of tensors rather than compute with them: no rows."""


def without_row(module: Any) -> list[str]:
    """The public functions of a module that no row tries: not under their name, nor under another
    one, nor, for those in place, out of place."""
    known = {row.name.split(".")[-1] for row in ROWS}
    public = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    plumbing = ("minigrad.names", "minigrad.functions.method")
    functions = {
        name: f
        for name, f in public.items()
        if inspect.isroutine(f) and f.__module__ not in plumbing
    }
    tried = {id(f) for name, f in functions.items() if name in known}
    return [
        name
        for name, f in functions.items()
        if name.removesuffix("_") not in known and id(f) not in tried and name not in FACTS
    ]


@pytest.mark.parametrize(
    "module",
    [minigrad.functions, minigrad.nn.functional, minigrad.linalg],
    ids=lambda m: m.__name__,
)
def test_every_public_function_has_a_row(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not without_row(module), f"no row in tests/opdb: {without_row(module)}"
    monkeypatch.setattr(module, "planted", lambda x: x, raising=False)
    assert without_row(module) == ["planted"]


def test_names_of_rows_are_unique() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names), sorted({n for n in names if names.count(n) > 1})


def complaints(row: Row) -> list[str]:
    """What a row lacks."""
    own = register.get(row.name.split(".")[-1])
    found = []
    if not (row.formula or (own is not None and own.formula)):
        found.append("no formula")
    if not samples(row):
        found.append("no samples")
    if unknown := set(row.ops or ()) - set(register):
        found.append(f"it covers ops that do not exist: {sorted(unknown)}")
    if not in_torch(row) and row.types_differ:
        found.append("PyTorch has no types to differ from")
    if not (in_torch(row) or in_numpy(row) or differentiated(row)):
        found.append("no test compares it with numbers that are not its own")
    return [f"{row.name}: {each}" for each in found]


def test_rows_are_complete() -> None:
    wrong = [told for row in ROWS for told in complaints(row)]
    assert not wrong, "\n".join(wrong)


def test_a_row_that_lacks_something_is_complained_of() -> None:
    """A test of this test."""
    bare = Row(
        "none",
        lambda: 0,
        lambda draw: [],
        ops=("none",),
        torch="",
        types_differ="so",
        differentiable=False,
    )
    assert len(complaints(bare)) == 5


@over(in_torch)
def test_forward_and_gradient_agree_with_torch(row: Row, device: Device) -> None:
    compare_with_torch(row, lambda make: make, row.tolerance, device)


@over(in_torch)
def test_forward_and_gradient_agree_with_torch_in_float32(row: Row, device: Device) -> None:
    compare_with_torch(row, single, max(1e-5, row.tolerance), device)


# Docstrings of PyTorch call these arguments what they are called here; its parser does not.
OTHERWISE_NAMED = {"nn.functional.one_hot", *(f"linalg.{name}" for name in (
    "cond", "matrix_norm", "matrix_rank", "norm", "pinv", "solve_triangular"))}  # fmt: skip
# Called otherwise than in PyTorch: `indices_or_sections` is NumPy's name for two arguments, and
# vdot is dot.
OTHERWISE_NAMED |= {"dsplit", "hsplit", "tensor_split", "vsplit", "vdot"}


def dotted(side: Any, name: str) -> Any:
    """The function of that dotted name, None where there is none."""
    for part in name.split("."):
        side = getattr(side, part, None)
    return side


def named(row: Row) -> bool:
    """Whether all arguments of the function have names, and in PyTorch the same ones."""
    function = dotted(minigrad, row.name)
    if function is None or not in_torch(row) or row.torch_call or row.name in OTHERWISE_NAMED:
        return False
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    return inspect.Parameter.VAR_POSITIONAL not in kinds and bool(dotted(torch, row.torch_name))


@over(named)
def test_arguments_go_by_pytorch_names(row: Row) -> None:
    """Functions take every argument by its name in PyTorch: ``exp(input=x)``."""
    function = dotted(minigrad, row.name)
    for side, make, called in (
        (minigrad, ours, function),
        (torch, theirs, dotted(torch, row.torch_name)),
    ):
        sample = Call(samples(row)[0], make)
        arguments = inspect.signature(function).bind(*sample.args, **sample.params).arguments
        assert leaves(called(**arguments)), f"{row.name} in {side.__name__}"


@over(differentiated)
def test_derivatives_agree_with_the_numbers(row: Row, real_device: Device) -> None:
    order = 1e-12 if real_device.type == "cuda" else 0.0  # that of atomic sums changes
    tried = 0
    for sample in samples(row):
        call = Call(sample, partial(ours, device=real_device))
        if not call.varied:
            continue

        def function(*_: Tensor, call: Call = call) -> Any:
            return tuple(call.results(row.call))  # the operands are varied in place

        if not function():
            continue  # a dimension of length 0 has no slices, and gradcheck passes no nothing
        try:
            assert gradcheck(function, call.varied, atol=1e-6, rtol=1e-5, nondet_tol=order)
            if row.second:
                assert gradgradcheck(function, call.varied, atol=1e-6, rtol=1e-5, nondet_tol=order)
        except Exception as error:
            error.add_note(f"in {row.name}{sample}")
            raise
        tried += 1
    assert tried, f"{row.name}: no sample has an operand to differentiate"


@over(in_numpy)
def test_numpy_agrees(row: Row, device: Device) -> None:
    assert row.numpy is not None
    for sample in samples(row):
        (y,) = Call(sample, partial(ours, device=device)).results(row.call)
        expected = np.asarray(row.numpy(*sample.args, **sample.params))
        close(numbers(y), expected, 1e-12, f"{row.name}{sample}")


def backwards(x: np.ndarray, device: Device) -> Tensor:
    """Every other element of a larger array, from the last to the first."""
    key = (*(slice(None, None, -2) for _ in x.shape), ...)
    roomy = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
    roomy[key] = x
    return Op.wrap(place(roomy, device)[key]).requires_grad_(x.dtype == np.float64)


def columns_first(x: np.ndarray, device: Device) -> Tensor:
    """Fortran's order."""
    turned = place(np.array(x.T, order="C"), device)
    return Op.wrap(turned.T).requires_grad_(x.dtype == np.float64)


@over(settled)
def test_layout_of_operands_does_not_matter(row: Row, device: Device) -> None:
    for sample in samples(row):
        plain = Call(sample, partial(ours, device=device))
        expected = plain.results(row.call)
        for make in (backwards, columns_first):
            what = f"{row.name}{sample}, {make.__name__}"
            other = Call(sample, partial(make, device=device))
            results = other.results(row.call)
            for y, z in zip(expected, results, strict=True):
                close(numbers(z), numbers(y), 1e-12, what)
            for y, z in zip(expected, results, strict=True):
                if not y.requires_grad:
                    continue
                # A cotangent of ones, once in memory and once as one number repeated.
                whole = minigrad.ones(y.shape, dtype=y.dtype, device=y.device)
                single_number = minigrad.ones((), dtype=y.dtype, device=y.device).expand(y.shape)
                want = grad(y, plain.varied, whole, retain_graph=True, allow_unused=True)
                have = grad(z, other.varied, single_number, retain_graph=True, allow_unused=True)
                for g, h in zip(have, want, strict=True):
                    assert (g is None) == (h is None), what
                    if g is not None and h is not None:
                        # That gradient can be zero but for rounding, as of a normalisation.
                        close(numbers(g), numbers(h), 1e-12, f"{what}, gradient", least=1.0)


@over(of_torch_types)
def test_types_agree_with_torch(row: Row, device: Device) -> None:
    for dtype in ("float32", "int64", "int32", "bool"):
        types_agree(row, dtype, device)


def types_agree(row: Row, dtype: str, device: Device) -> None:
    function = torch_function(row)

    def of(x: np.ndarray) -> np.ndarray:
        return np.array(x, dtype=dtype) if x.dtype == np.float64 else np.array(x)

    for sample in samples(row):
        what = f"{row.name}{sample} in {dtype}"
        mine = Call(sample, lambda x: minigrad.from_numpy(of(x)).to(device))
        other = Call(sample, lambda x: torch.from_numpy(of(x)))
        try:
            expected = other.results(function)
        except REFUSED:
            if row.name in DIVISIONS and device != CPU:
                continue  # on a GPU a look for zeros would cost a transfer, in PyTorch as well
            with pytest.raises(REFUSED):
                mine.results(row.call)
                pytest.fail(f"{what}: PyTorch raises an error here")
            continue
        for y, t in zip(mine.results(row.call), expected, strict=True):
            assert dtype_name(y) == dtype_name(t), what
            assert tuple(y.shape) == tuple(t.shape), what


@over(settled)
def test_ops_keep_their_contract(row: Row) -> None:
    """What each op on the way returns, where it writes, and what its result aliases."""

    class Checker(Recorder):
        def op(self, op: Op, operands: Any, params: Any, y: Tensor, into: Tensor | None) -> None:
            if into is None:
                arrays = [x.array if isinstance(x, Tensor) else x for x in operands]
                with np.errstate(all="ignore"):
                    check_destination(op, arrays, params, y.array)
                    check_over_operand(op, arrays, params, y.array)
                check_alias(op, operands, y)

    with followed(Checker()):
        for sample in samples(row):
            Call(sample, ours).results(row.call)


def check_destination(op: Op, arrays: list[Any], params: Any, expected: np.ndarray) -> None:
    before = [np.array(a) for a in arrays]
    out = np.ones_like(expected)
    returned = op.forward(np, *arrays, out=out, **params)
    assert returned is out, f"{op.name}: out= was not returned"
    np.testing.assert_array_equal(out, expected, err_msg=f"{op.name}: out= holds other numbers")
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=f"{op.name}: it wrote into an operand")


def check_over_operand(op: Op, arrays: list[Any], params: Any, expected: np.ndarray) -> None:
    """An elementwise op may write its result over an operand."""
    for i, a in enumerate(arrays):
        if not (op.elementwise and isinstance(a, np.ndarray)):
            continue
        if a.shape == expected.shape and a.dtype == expected.dtype:
            own = [np.array(a) if j == i else b for j, b in enumerate(arrays)]
            op.forward(np, *own, out=own[i], **params)
            what = f"{op.name}: over operand {i} it holds other numbers"
            np.testing.assert_array_equal(own[i], expected, err_msg=what)


def check_alias(op: Op, operands: Any, y: Tensor) -> None:
    """``base`` and ``path`` say truly what the result looks into."""
    tensors = [x for x in operands if isinstance(x, Tensor)]
    aliased = [x for x in tensors if np.shares_memory(x.array, y.array)]
    if y.base is None:
        assert not aliased, f"{op.name}: the result aliases an operand, but says no base"
    else:
        x = operands[0]
        assert op.view, f"{op.name}: not declared a view, but the result has a base"
        assert y.base is (x if x.base is None else x.base), f"{op.name}: another base"
        found = follow(np, y.base.array, y.path)
        assert found.shape == y.array.shape and found.strides == y.array.strides, op.name
        assert found.__array_interface__["data"] == y.array.__array_interface__["data"], op.name
