"""What there is to know about a tensor, and the names that old scripts use for types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import Tensor

torch = pytest.importorskip("torch")


def both(code: str) -> tuple[Any, Any]:
    """The value of an expression on either side."""
    ours, theirs = (eval(code, {"t": side, "np": np}) for side in (minigrad, torch))
    return ours, theirs


FACTS = [
    "t.ones(2, 3).ndimension()",
    "t.ones(2, 3).nelement()",
    "t.ones(2, 3).nbytes",
    "t.ones(2, dtype=t.float64).itemsize",
    "t.ones(2).is_cpu",
    "t.ones(2).is_signed(), t.tensor([1]).is_signed(), t.tensor([True]).is_signed()",
    "t.tensor([1]).byte().is_signed()",
    "t.is_complex(t.ones(1))",
    "t.is_nonzero(t.tensor([0.5])), t.tensor(0).is_nonzero()",
    "t.is_same_size(t.ones(2), t.zeros(2)), t.ones(2).is_same_size(t.ones(2, 1))",
    "t.get_device(t.ones(2))",
    "t.can_cast(t.float64, t.float32), t.can_cast(t.float32, t.int64), t.can_cast(t.bool, t.int8)",
    "str(t.promote_types(t.int32, t.float32))",
    "str(t.result_type(t.tensor([1]), 1.5)), str(t.result_type(t.tensor([1.0]), t.tensor(1)))",
    "str(t.get_default_dtype())",
    "isinstance(t.float32, t.dtype)",
    "t.broadcast_shapes((2, 1), (3,), (1, 1)), t.broadcast_shapes(2, (1, 2))",
    "t.accelerator.is_available(), t.accelerator.device_count()",
    "t.backends.mps.is_available(), t.backends.mps.is_built()",
    "isinstance(t.ones(1), t.FloatTensor), isinstance(t.ones(1), t.LongTensor)",
    "isinstance(t.tensor([1]), t.LongTensor), isinstance([1.0], t.FloatTensor)",
    "(lambda x: x.data_ptr() == x.view(4).data_ptr())(t.ones(2, 2))",
    "(lambda x: x[1].data_ptr() - x.data_ptr())(t.ones(2, 2))",
]


@pytest.mark.parametrize("code", FACTS)
def test_facts_are_pytorch_s(code: str) -> None:
    ours, theirs = both(code)
    found = theirs if isinstance(theirs, tuple) else (theirs,)
    plain = [
        # Types have no prefix, and shapes are tuples.
        x.removeprefix("torch.") if isinstance(x, str) else tuple(x) if isinstance(x, tuple) else x
        for x in found
    ]
    assert [*ours] == plain if isinstance(theirs, tuple) else ours == plain[0]


MADE = [
    "t.ones(2).to('cpu', t.float64, non_blocking=True)",
    "t.ones(2).to(device='cpu', dtype=t.int64, non_blocking=True, copy=True)",
    "t.zeros(2).copy_(t.ones(2), non_blocking=True)",
    "t.nn.Identity().to('cpu', non_blocking=True)(t.ones(1))",
    "t.tensor([1.7, -1.2]).type(t.LongTensor)",
    "t.tensor([1, 0]).type(t.BoolTensor)",
    "t.tensor([1]).to(t.float64).short()",
    "t.tensor([1.0]).char()",
    "t.tensor([200.0]).byte()",
    "t.tensor([1, 2]).new([3.0, 4.0])",
    "t.where(t.tensor([[0, 1], [1, 0]]) > 0)",
    "t.where(t.tensor(True))",
    "t.zeros(3, 3).fill_diagonal_(5)",
    "t.zeros(2, 4, dtype=t.int64).fill_diagonal_(1)",
    "t.zeros(7, 3).fill_diagonal_(1)",
    "t.zeros(7, 3).fill_diagonal_(1, wrap=True)",
    "t.zeros(8, 3).fill_diagonal_(1, wrap=True)",
    "t.zeros(2, 3).fill_diagonal_(1, wrap=True)",
    "t.zeros(2, 2, 2).fill_diagonal_(4)",
    "t.tril_indices(3, 4), t.tril_indices(3, 3, -1), t.tril_indices(2, 2, offset=1)",
    "t.triu_indices(3, 4), t.triu_indices(3, 3, 1, dtype=t.int32)",
    "t.isin(2, t.tensor([1, 2])), t.isin(t.tensor([1, 2]), 2, invert=True)",
    "t.add(t.ones(1), 2, alpha=3), t.ones(2).sub(1, alpha=0.5), t.ones(2).add_(1, alpha=2)",
    "t.nn.utils.rnn.pad_sequence([t.ones(2), t.ones(3)])",
    "t.nn.utils.rnn.pad_sequence([t.ones(1, 2), t.ones(2, 2)], True, -1.0)",
    "t.nn.utils.rnn.pad_sequence([t.ones(1), t.ones(2)], True, padding_side='left')",
]


@pytest.mark.parametrize("code", MADE)
def test_tensors_are_pytorch_s(code: str) -> None:
    ours, theirs = both(code)
    pairs = [(ours, theirs)] if isinstance(ours, Tensor) else zip(ours, theirs, strict=True)
    for y, z in pairs:
        assert str(z.dtype) == f"torch.{y.dtype}"
        np.testing.assert_array_equal(y.numpy(), z.numpy())


FORMATS = ["", ".4f", "10.3e", ">12"]


@pytest.mark.parametrize("spec", FORMATS)
@pytest.mark.parametrize("number", [0.123456, 3, True])
def test_a_single_number_is_formatted_as_a_number(number: float, spec: str) -> None:
    ours, theirs = (format(side.tensor(number), spec) for side in (minigrad, torch))
    assert ours == theirs


def test_what_is_no_single_number_is_formatted_as_a_whole() -> None:
    assert f"{minigrad.ones(2)}" == "tensor([1., 1.])"
    assert f"{minigrad.nn.Parameter(minigrad.tensor(1.0))}".startswith("Parameter containing")
    assert f"{minigrad.nn.Parameter(minigrad.tensor(1.0)):.2f}" == "1.00"
    with pytest.raises(TypeError, match=r"unsupported format string passed to Tensor"):
        f"{minigrad.ones(2):.2f}"


def test_refused() -> None:
    with pytest.raises(RuntimeError, match=r"bool: Boolean value of Tensor with 2 values"):
        minigrad.is_nonzero(minigrad.ones(2))
    with pytest.raises(RuntimeError, match=r"fill_diagonal_: expected a matrix.*\(3,\)"):
        minigrad.ones(3).fill_diagonal_(1)
    with pytest.raises(RuntimeError, match=r"fill_diagonal_: .*\(2, 3, 2\)"):
        minigrad.ones(2, 3, 2).fill_diagonal_(1)
    with pytest.raises(RuntimeError, match=r"broadcast_shapes: shapes do not broadcast: \(2,\), "):
        minigrad.broadcast_shapes((2,), (3,))
    with pytest.raises(RuntimeError, match=r"cartesian_prod: expects 1D vectors"):
        minigrad.cartesian_prod(minigrad.ones(2, 2))
    with pytest.raises(RuntimeError, match=r"combinations: expects a 1D vector"):
        minigrad.combinations(minigrad.ones(2, 2))
    with pytest.raises(RuntimeError, match=r"block_diag: .*Input 1 has 3"):
        minigrad.block_diag(minigrad.ones(1), minigrad.ones(1, 1, 1))
    with pytest.raises(RuntimeError, match=r"cdist: .*\(2, 3\) and \(2, 2\)"):
        minigrad.cdist(minigrad.ones(2, 3), minigrad.ones(2, 2))
    with pytest.raises(RuntimeError, match=r"cov: .*\(1, 1, 1\)"):
        minigrad.ones(1, 1, 1).cov()
    with pytest.raises(RuntimeError, match=r"corrcoef: .*\(1, 1, 1\)"):
        minigrad.ones(1, 1, 1).corrcoef()
    with pytest.raises(TypeError, match="randint: missing the size"):
        minigrad.randint(3, 5)
    with pytest.raises(RuntimeError, match="pad_sequence: received an empty list"):
        minigrad.nn.utils.rnn.pad_sequence([])
    with pytest.raises(ValueError, match=r"pad_sequence: padding_side .* 'up'"):
        minigrad.nn.utils.rnn.pad_sequence([minigrad.ones(1)], padding_side="up")


def test_switches_of_libraries_that_are_not_here_may_be_set() -> None:
    switches = minigrad.backends.cudnn
    before = switches.deterministic, switches.benchmark
    switches.deterministic, switches.benchmark = True, False
    assert (switches.deterministic, switches.benchmark) == (True, False)
    switches.deterministic, switches.benchmark = before
    assert not switches.is_available()


def test_seeds_of_gpus_do_not_disturb_the_cpu() -> None:
    minigrad.manual_seed(3)
    expected = minigrad.rand(3)
    minigrad.manual_seed(3)
    if not minigrad.cuda.is_available():
        minigrad.cuda.manual_seed(5)
        minigrad.cuda.manual_seed_all(5)
        assert minigrad.accelerator.current_accelerator() is None
    assert minigrad.equal(minigrad.rand(3), expected)
