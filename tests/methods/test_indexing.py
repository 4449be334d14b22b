"""Brackets: every form, compared with PyTorch and NumPy on random keys, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg

torch = pytest.importorskip("torch")

REFUSED = (IndexError, RuntimeError, ValueError, TypeError)
WHOLE = np.s_[:]


@st.composite
def keyed(draw: st.DrawFn, *, masks: bool = True) -> tuple[np.ndarray, tuple[Any, ...]]:
    """An array and a key for it: integers, slices, index arrays that broadcast, a mask, None and an
    ellipsis, in any order."""
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    x = np.random.default_rng(draw(st.integers(0, 99))).standard_normal(shape)
    common = draw(st.sampled_from([(), (1,), (2,), (3,), (2, 2)]))
    parts: list[Any] = []
    dims = list(shape)
    masked = False
    while dims and draw(st.integers(0, 5)):
        n = dims.pop(0)
        kind = draw(st.sampled_from(["int", "slice", "slice", "array", "array", "mask"]))
        if kind == "int" and n:
            parts.append(draw(st.integers(-n, n - 1)))
        elif kind == "array" and n:
            wanted = tuple(m if draw(st.booleans()) else 1 for m in common)
            numbers = draw(
                st.lists(
                    st.integers(-n, n - 1),
                    min_size=int(np.prod(wanted)),
                    max_size=int(np.prod(wanted)),
                )
            )
            parts.append(np.array(numbers, np.int64).reshape(wanted))
        elif kind == "mask" and masks and not masked:
            masked = True
            covered = [n]
            if dims and draw(st.booleans()):
                covered.append(dims.pop(0))
            bits = draw(
                st.lists(
                    st.booleans(), min_size=int(np.prod(covered)), max_size=int(np.prod(covered))
                )
            )
            parts.append(np.array(bits, bool).reshape(covered))
        else:
            bounds = st.none() | st.integers(-n - 1, n + 1)
            parts.append(slice(draw(bounds), draw(bounds), draw(st.none() | st.integers(1, 3))))
    for extra in draw(st.lists(st.just(None), max_size=2)):
        parts.insert(draw(st.integers(0, len(parts))), extra)
    if not dims and draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), Ellipsis)
    elif dims and draw(st.booleans()):
        parts.append(Ellipsis)
    return x, tuple(parts)


def ours(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(mg.from_numpy(part) if isinstance(part, np.ndarray) else part for part in key)


def theirs(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(torch.from_numpy(part) if isinstance(part, np.ndarray) else part for part in key)


@settings(max_examples=150)
@given(keyed())
def test_getitem_and_its_gradient_agree_with_torch(
    case: tuple[np.ndarray, tuple[Any, ...]],
) -> None:
    array, key = case
    x = mg.tensor(array, requires_grad=True)
    t = torch.tensor(array, requires_grad=True)
    try:
        expected = t[theirs(key)]
    except REFUSED:
        with pytest.raises(REFUSED):
            x[ours(key)]
        return
    y = x[ours(key)]
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    g = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(mg.from_numpy(g))
    expected.backward(torch.from_numpy(g))
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-12, atol=1e-12)


@settings(max_examples=100)
@given(keyed(masks=False))
def test_getitem_agrees_with_numpy(case: tuple[np.ndarray, tuple[Any, ...]]) -> None:
    array, key = case
    if any(isinstance(part, int) for part in key):
        key = tuple(WHOLE if isinstance(part, np.ndarray) else part for part in key)
    if any(isinstance(part, np.ndarray) and not part.ndim for part in key):
        return  # NumPy counts a 0-d array among the arrays, PyTorch among the integers
    given = key
    if sum(part is not None and part is not Ellipsis for part in key) == array.ndim:
        # To NumPy, not to PyTorch, an Ellipsis that stands for no dimension parts two arrays.
        given = tuple(part for part in key if part is not Ellipsis)
    np.testing.assert_array_equal(mg.tensor(array)[ours(key)].numpy(), array[given])


@settings(max_examples=150)
@given(keyed(), st.sampled_from(["number", "scalar", "whole", "ones in front", "a one"]))
def test_setitem_and_its_gradients_agree_with_torch(
    case: tuple[np.ndarray, tuple[Any, ...]], kind: str
) -> None:
    array, key = case
    try:
        shape = tuple(torch.from_numpy(array)[theirs(key)].shape)
    except REFUSED:
        with pytest.raises(REFUSED):
            mg.tensor(array)[ours(key)] = 1.0
        return
    given = {
        "number": 1.5,
        "scalar": np.array(2.5),
        "whole": np.random.default_rng(2).standard_normal(shape),
        "ones in front": np.random.default_rng(2).standard_normal((1, 1, *shape)),
        "a one": np.random.default_rng(2).standard_normal((*shape[:-1], 1)),
    }[kind]
    if len(set(_places(array, key))) < len(_places(array, key)):
        given = 1.5  # which number wins where a place comes twice is nobody's promise
    x, t = mg.tensor(array, requires_grad=True), torch.tensor(array, requires_grad=True)
    v: Any = given if isinstance(given, float) else mg.tensor(given, requires_grad=True)
    w: Any = given if isinstance(given, float) else torch.tensor(given, requires_grad=True)
    y, expected = x.clone(), t.clone()
    try:
        expected[theirs(key)] = w
    except REFUSED:
        with pytest.raises(REFUSED):
            y[ours(key)] = v
        return
    y[ours(key)] = v
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    g = np.random.default_rng(1).standard_normal(y.shape)
    y.backward(mg.from_numpy(g))
    expected.backward(torch.from_numpy(g))
    for mine, other in ((x, t), (v, w)):
        if isinstance(mine, mg.Tensor):
            have = np.zeros(mine.shape) if mine.grad is None else mine.grad.numpy()
            want = np.zeros(mine.shape) if other.grad is None else other.grad.numpy()
            np.testing.assert_allclose(have, want, rtol=1e-12, atol=1e-12)


def _places(array: np.ndarray, key: tuple[Any, ...]) -> list[int]:
    counted = torch.arange(array.size).reshape(array.shape)
    return counted[theirs(key)].reshape(-1).tolist()  # type: ignore[no-any-return]


def test_keys_of_integers_and_slices_give_views() -> None:
    x = mg.tensor(np.arange(6.0)).reshape(2, 3)
    for key in (0, (0, 1), np.s_[:, 1:], (..., None), np.s_[::2], mg.tensor(1), np.int64(1)):
        y = x[key]
        y += 10
        assert np.shares_memory(y.numpy(), x.numpy())
    assert not np.shares_memory(x[mg.tensor([0])].numpy(), x.numpy())
    assert not np.shares_memory(x[[True, False]].numpy(), x.numpy())


def test_every_way_to_write_a_key() -> None:
    array = np.arange(12.0).reshape(3, 4)
    x, t = mg.tensor(array), torch.tensor(array)
    keys: list[Any] = [
        [0, 2],
        range(2),
        [True, False, True],
        [],
        (),
        True,
        False,
        (np.s_[:], [1, 1]),
        np.array([2, 0]),
        np.array([True, False, True]),
        (..., ...),
        (None, ..., None),
    ]
    for key in keys:
        np.testing.assert_array_equal(x[key].numpy(), t[key].numpy(), err_msg=repr(key))
    np.testing.assert_array_equal(x[np.bool_(True)].numpy(), array[None])
    between = x[mg.tensor(1) : mg.tensor(3)]
    np.testing.assert_array_equal(between.numpy(), array[1:3])
    byte = x[mg.tensor(np.array([1, 0, 1], np.uint8))]
    np.testing.assert_array_equal(byte.numpy(), array[[0, 2]])


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        (3, IndexError, "index 3 is out of bounds for dimension 0 with size 3"),
        ((0, -5), IndexError, "index -5 is out of bounds for dimension 1 with size 4"),
        ((0, 0, 0), IndexError, "too many indices"),
        (mg.tensor([0, 7]), IndexError, "index 7 is out of bounds for dimension 0"),
        ((np.s_[:], mg.tensor([-5])), IndexError, "index -5 is out of bounds for dimension 1"),
        (mg.tensor([True, False]), IndexError, "mask has shape"),
        (mg.tensor([1.0]), IndexError, "long, int, byte or bool"),
        (1.0, IndexError, "valid indices"),
        ("a", TypeError, "invalid data type 'str'"),
        ([mg.tensor(0), mg.tensor(1)], IndexError, "with Tensor in it, write a tuple"),
        ([np.s_[:], 1], IndexError, "with slice in it, write a tuple"),
        (np.s_[::-1], ValueError, "step must be greater than zero"),
        ((mg.tensor([0, 1]), mg.tensor([0, 1, 2])), IndexError, "shape mismatch"),
    ],
)
def test_wrong_keys_are_refused(key: Any, error: type[Exception], words: str) -> None:
    x = mg.zeros(3, 4)
    with pytest.raises(error, match=words):
        x[key]
    with pytest.raises(error, match=words):
        x[key] = 1.0


def test_a_tensor_without_dimensions_has_no_places() -> None:
    with pytest.raises(IndexError, match=r"use \.item\(\)"):
        mg.tensor(3.0)[0]


def test_setitem_refuses_other_types_and_shapes() -> None:
    x = mg.zeros(3, 4)
    with pytest.raises(RuntimeError, match="dtypes match"):
        x[mg.tensor([0])] = mg.ones(4, dtype=mg.float64)
    x[:1] = mg.ones(4, dtype=mg.float64)  # a slice takes it over in its own type
    assert x.dtype == mg.float32
    assert x.numpy()[0].sum() == 4
    with pytest.raises((RuntimeError, ValueError)):
        x[:2] = mg.ones(3)
    with pytest.raises((RuntimeError, ValueError)):
        x[mg.tensor([0, 1])] = mg.ones(3)


def test_setitem_respects_the_tape() -> None:
    leaf = mg.zeros(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        leaf[0] = 1.0
    with mg.no_grad():
        leaf[0] = 1.0
    assert leaf.detach().numpy()[0] == 1
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    z = y * y
    y[mg.tensor([0])] = 0.0
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_writing_through_a_chain_of_views() -> None:
    x = mg.tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)
    t = torch.arange(12.0, dtype=torch.float64).reshape(3, 4).requires_grad_()
    results = []
    for leaf, places in ((x, mg.tensor([0, 2])), (t, torch.tensor([0, 2]))):
        y = leaf * 2
        inner = y[1:].transpose(0, 1)[1:]
        inner[places] = inner[places] ** 2
        inner[0] *= 3
        (y * y).sum().backward()
        results.append((y.detach().numpy(), leaf.grad.numpy()))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-12)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-12)


def test_a_tensor_may_be_written_into_itself() -> None:
    x = mg.tensor(np.arange(5.0))
    x[mg.tensor([1, 2, 3, 4])] = x[:4]
    assert x.tolist() == [0, 0, 1, 2, 3]
    x[x > 1] = x[:2]
    assert x.tolist() == [0, 0, 1, 0, 0]


def test_only_the_places_are_written() -> None:
    memory = np.zeros(4)
    x = mg.from_numpy(memory)
    x[mg.tensor([1, -1])] = mg.tensor([2.0, 3.0], dtype=mg.float64)
    assert memory.tolist() == [0, 2, 0, 3]


def test_second_derivative_through_repeated_places() -> None:
    x = mg.tensor([1.0, 2.0, 3.0], dtype=mg.float64, requires_grad=True)
    y = (x[mg.tensor([0, 0, 2])] ** 3).sum()
    (g,) = mg.autograd.grad(y, x, create_graph=True)
    np.testing.assert_allclose(g.detach().numpy(), [6, 0, 27])
    (h,) = mg.autograd.grad(g.sum(), x)
    np.testing.assert_allclose(h.numpy(), [12, 0, 18])
