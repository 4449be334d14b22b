"""Comparisons, logic and choice: what types and shapes do, Python's protocols, and errors."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

import minigrad as mg

torch = pytest.importorskip("torch")

TYPES = ["float64", "float32", "int64", "int32", "bool"]


def candidates(s: Any) -> list[Any]:
    """What may stand on either side of a choice."""
    tensors = [s.from_numpy(np.array([[1, 0, 3]], kind)) for kind in TYPES]
    scalars = [s.from_numpy(np.array(2, kind)) for kind in TYPES]
    return [*tensors, *scalars, 7, 2.5, True]


def test_where_promotes_like_torch() -> None:
    mask = np.array([[True, False, True], [False, False, True]])
    for i, j in itertools.product(range(13), repeat=2):
        have, want = (
            s.where(s.from_numpy(mask), candidates(s)[i], candidates(s)[j]) for s in (mg, torch)
        )
        what = f"{candidates(torch)[i]!r}, {candidates(torch)[j]!r}"
        assert str(want.dtype) == f"torch.{have.dtype}", what
        np.testing.assert_array_equal(have.numpy(), want.numpy(), err_msg=what)


@given(data=st.data(), shapes=nps.mutually_broadcastable_shapes(num_shapes=3, max_dims=3))
@settings(max_examples=50)
def test_where_broadcasts_and_splits_the_gradient(
    data: st.DataObject, shapes: nps.BroadcastableShapes
) -> None:
    c, x, y = (
        data.draw(nps.arrays(kind, shape, elements=values))
        for kind, shape, values in zip(
            (np.bool_, np.float64, np.float64),
            shapes.input_shapes,
            (st.booleans(), st.floats(-9, 9), st.floats(-9, 9)),
            strict=True,
        )
    )
    a, b = mg.tensor(x, requires_grad=True), mg.tensor(y, requires_grad=True)
    z = mg.where(mg.tensor(c), a, b)
    np.testing.assert_array_equal(z.detach().numpy(), np.where(c, x, y))
    z.sum().backward()
    chosen = np.broadcast_to(c, shapes.result_shape)
    assert a.grad.numpy().sum() == chosen.sum()
    assert b.grad.numpy().sum() == (~chosen).sum()


def test_where_keeps_nan_out_of_the_other_branch() -> None:
    x = mg.tensor([-1.0, 4.0], requires_grad=True)
    mg.where(x > 0, x, 0).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [0, 1])
    g = mg.tensor([np.nan, 1.0])
    np.testing.assert_array_equal(mg.where(mg.tensor([False, True]), g, 0.0).numpy(), [0, 1])


def test_the_method_where_keeps_self() -> None:
    x = mg.tensor([1.0, -2.0])
    np.testing.assert_array_equal(x.where(x > 0, 9).numpy(), [1, 9])


def test_equality_is_elementwise_but_tensors_stay_hashable() -> None:
    x, y = mg.tensor([1, 2]), mg.tensor([1, 3])
    assert (x == y).tolist() == [True, False]
    assert (x != y).tolist() == [False, True]
    assert len({x, y, x}) == 2
    assert {x: "one"}[x] == "one"


@pytest.mark.parametrize("other", [None, "a", [1], object()])
def test_equality_with_what_is_no_number_is_false(other: Any) -> None:
    x = mg.tensor([1, 2])
    assert (x == other) is False
    assert (x != other) is True


def test_order_with_what_is_no_number_is_refused() -> None:
    with pytest.raises(TypeError, match="not supported between instances of 'Tensor' and 'str'"):
        mg.tensor([1, 2]) < "a"  # noqa: B015


def test_comparison_with_arrays_and_numbers_on_either_side() -> None:
    x = mg.tensor([1.0, 2.0])
    assert (x == np.array([1.0, 3.0])).tolist() == [True, False]
    assert (np.array([1.0, 3.0]) == x).tolist() == [True, False]
    assert (np.float32(1.5) < x).tolist() == [False, True]
    assert (1.5 < x).tolist() == [False, True]
    assert (x <= 1).tolist() == [True, False]


def test_in_asks_for_any_element() -> None:
    x = mg.tensor([[1.0, 2.0]])
    assert 2 in x
    assert 3 not in x
    assert mg.tensor(1.0) in x


def test_results_of_comparisons_are_off_the_tape() -> None:
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    for y in (x > 0, x == x, x.isnan(), x.logical_not(), x.isclose(x), ~(x > 0)):
        assert y.dtype == mg.bool
        assert not y.requires_grad


def test_masks_combine() -> None:
    x = mg.tensor([-1, 0, 1, 2])
    assert ((x > 0) & (x < 2)).tolist() == [False, False, True, False]
    assert ((x < 0) | (x > 1)).tolist() == [True, False, False, True]
    assert ((x < 1) ^ (x > -1)).tolist() == [True, False, True, True]
    assert (~(x == 0)).tolist() == [True, False, True, True]
    assert (True & (x > 0)).tolist() == [False, False, True, True]


@pytest.mark.parametrize("name", ["__and__", "__or__", "__xor__", "__lshift__", "__rshift__"])
def test_bits_of_floating_point_numbers_are_refused(name: str) -> None:
    with pytest.raises(NotImplementedError, match="expected integers or truth values"):
        getattr(mg.tensor([1.0]), name)(1)
    with pytest.raises(NotImplementedError, match="bitwise_not: expected integers"):
        mg.tensor([1.0]).bitwise_not()


def test_a_condition_must_be_of_type_bool() -> None:
    x = mg.tensor([1.0, 2.0])
    with pytest.raises(RuntimeError, match="where: expected condition to be a boolean tensor"):
        mg.where(x, x, x)


VALUES = np.array([0.0, 1.0, 1.0 + 1e-9, 1.001, np.nan, np.inf, -np.inf])


@pytest.mark.parametrize("equal_nan", [False, True])
@pytest.mark.parametrize("tolerance", [(1e-5, 1e-8), (0.0, 0.0), (0.1, 0.0), (0.0, 0.5)])
def test_isclose_agrees_with_torch(tolerance: tuple[float, float], equal_nan: bool) -> None:
    x, y = (np.array(pair) for pair in zip(*itertools.product(VALUES, VALUES), strict=True))
    have, want = (
        s.from_numpy(x).isclose(s.from_numpy(y), *tolerance, equal_nan=equal_nan)
        for s in (mg, torch)
    )
    np.testing.assert_array_equal(have.numpy(), want.numpy())


def test_isclose_of_integers() -> None:
    x, y = mg.tensor([10, 20]), mg.tensor([11, 30])
    assert x.isclose(y, rtol=0.1).tolist() == [True, False]
    assert mg.tensor([True]).isclose(mg.tensor([True])).tolist() == [True]


def test_isclose_refuses_mixed_types_and_negative_tolerances() -> None:
    x = mg.tensor([1.0])
    with pytest.raises(RuntimeError, match="isclose: float32 did not match float64"):
        x.isclose(x.double())
    with pytest.raises(RuntimeError, match="rtol and atol must not be negative"):
        x.isclose(x, atol=-1)


def test_allclose_and_equal() -> None:
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    assert mg.allclose(x, x + 1e-7) is True
    assert mg.allclose(x, x + 1e-2) is False
    assert mg.equal(x, x) is True
    assert mg.equal(x, x + 1) is False
    assert mg.equal(x, mg.tensor([1.0])) is False, "broadcasting does not count"
    assert mg.equal(mg.tensor([]), mg.tensor([])) is True
    assert mg.equal(mg.tensor([np.nan]), mg.tensor([np.nan])) is False
    assert mg.allclose(mg.tensor([np.nan]), mg.tensor([np.nan]), equal_nan=True) is True
