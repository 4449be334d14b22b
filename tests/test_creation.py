"""New tensors: of data, of constants, random ones; the same types, shapes and errors as PyTorch."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sides import Program, Programs, compare

import minigrad
from minigrad.device import Device

program = Programs()

DATA: dict[str, Any] = {
    "float": 1.5,
    "int": 3,
    "bool": True,
    "list of floats": [1.0, 2.5],
    "list of ints": [[1, 2], [3, 4]],
    "bools and ints": [True, 2],
    "ints and floats": [1, 2.5],
    "tuple": (1, 2),
    "range": range(3),
    "nothing": [],
    "nothing twice": [[], []],
    "float64 scalar": np.float64(1.5),
    "int32 scalar": np.int32(3),
    "list of float64": [np.float64(1.5)],
    "list of float32": [np.float32(1.5)],
    "list of int32": [np.int32(1)],
    "list of arrays": [np.ones(2), np.zeros(2)],
    "array": np.arange(6, dtype=np.float64).reshape(2, 3),
    "float16": np.ones(2, np.float16),
    "uint8": np.ones(2, np.uint8),
    "reversed": np.arange(6)[::-1].copy(),
    "0-d": np.array(2.5, np.float32),
    "text": "a",
    "texts": ["a"],
    "none": None,
    "nones": [None],
    "ragged": [[1, 2], [3]],
    "dict": {1: 2},
    "object": object(),
    "too large": 2**63,
    "far too large": [2**70],
    "nan": float("nan"),
}


# Of these PyTorch's error depends on the type that is asked for.
FICKLE = {"nan", "none", "nones", "dict", "object", "list of float32"}
PLAIN = [name for name in DATA if name not in FICKLE]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [(name, None) for name in DATA]
    + [(name, dtype) for name in PLAIN for dtype in ("float64", "int32", "bool")],
)
def test_data_as_torch(name: str, dtype: str | None) -> None:
    def make(s: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return s.tensor(DATA[name], dtype=dtype and getattr(s, dtype))

    compare(make)


def test_numbers_beside_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="expected sequences of equal length"):
        minigrad.tensor([[1, 2], 3])


@program
def list_of_tensors(s: Any) -> Any:
    return s.tensor([s.tensor(1.5), s.tensor(2.5)]), s.tensor([s.tensor(1), s.tensor([2])])


@program
def list_of_long_tensors(s: Any) -> Any:
    return s.tensor([s.ones(2)])


@program
def integers_that_do_not_fit(s: Any) -> Any:
    return s.tensor([300], dtype=s.uint8)


@program
def as_tensor_of_everything(s: Any) -> Any:
    x = s.ones(2, requires_grad=True)
    a = np.ones(3)
    return s.as_tensor([1, 2]), s.as_tensor(x) is x, s.as_tensor(a), s.as_tensor(a, dtype=s.int64)


@program
def constants(s: Any) -> Any:
    found = [s.zeros(2, 3), s.ones((2, 3)), s.zeros(()), s.ones([4]), s.zeros(0, 2)]
    found += [s.full((2,), 1), s.full((2,), 1.5), s.full((), True), s.full([2], 3, dtype=s.float64)]
    found += [s.full((2,), s.tensor(2)), s.eye(3), s.eye(2, 3), s.eye(2, dtype=s.int64)]
    found += [s.scalar_tensor(2), s.zeros(2, dtype=s.bool), s.empty(2, 3) * 0 == 0]
    return found[:-1]


@program
def like_another(s: Any) -> Any:
    x = s.ones(2, 3, dtype=s.float64)
    n = s.ones(2, dtype=s.int32)
    return [
        s.zeros_like(x),
        s.ones_like(n),
        s.full_like(x, 2.5),
        s.full_like(n, 2.7),
        s.zeros_like(x, dtype=s.int64),
        s.empty_like(n).shape[0],
        s.ones_like(x, requires_grad=True).requires_grad,
    ]


@program
def new_from_another(s: Any) -> Any:
    x, n = s.ones(2, dtype=s.float64), s.ones(2, dtype=s.int64)
    return [
        x.new_zeros(2, 3),
        x.new_ones((3,)),
        n.new_full((2,), 3),
        n.new_full((2,), 3.7),
        x.new_tensor([1, 2]),
        n.new_tensor([1.5]),
        x.new_zeros(2, dtype=s.int32),
        tuple(x.new_empty(2, 3).shape),
        x.new_ones(2, requires_grad=True).requires_grad,
    ]


@program
def ranges(s: Any) -> Any:
    return [
        s.arange(5),
        s.arange(1, 4),
        s.arange(0, 10, 3),
        s.arange(3, 0, -1),
        s.arange(5.0),
        s.arange(0.0, 1.0, 0.1),
        s.arange(1, 2, 0.3),
        s.arange(2, 2),
        s.arange(0, 3, dtype=s.float64),
        s.arange(0, 2.5, 1, dtype=s.int64),
        s.arange(s.tensor(3)),
        s.linspace(0, 1, 5, dtype=s.float64),
        s.linspace(-2, 3, 1),
        s.linspace(0, 1, 0),
        s.linspace(0, 10, 4, dtype=s.int64),
        s.logspace(0, 2, 3),
        s.logspace(0, 3, 4, base=2, dtype=s.float64),
    ]


@program
def typed_spellings(s: Any) -> Any:
    found = [s.FloatTensor([1, 2]), s.DoubleTensor([1.5]), s.IntTensor([1.7, 3]), s.LongTensor([2])]
    found += [s.BoolTensor([1, 0]), s.ByteTensor([7]), s.ShortTensor([1]), s.HalfTensor([1.5])]
    found += [
        s.Tensor([[1, 2]]),
        s.Tensor((2, 3)),
        s.Tensor(np.ones(2)),
        s.Tensor(),
        s.Tensor(0, 2),
    ]
    found += [s.FloatTensor(), s.CharTensor([-1])]
    return [*found, tuple(s.FloatTensor(3, 2).shape), tuple(s.Tensor(3).shape)]


def refuse(name: str, *args: Any, **kwargs: Any) -> None:
    def make(s: Any) -> Any:
        return getattr(s, name)(*args, **kwargs)

    make.__name__ = f"{name}{args}"
    program(make)


refuse("Tensor", 2.5)
refuse("FloatTensor", [[1, 2], [3]])
refuse("arange", 0, 1, 0)
refuse("arange", 3, 0)
refuse("linspace", 0, 1, -1)
refuse("linspace", 0, 1, 2.5)
refuse("eye", -1)
refuse("zeros", 2, -1)
refuse("zeros", 2.5)
refuse("zeros")
refuse("randint", 5, 5, (2,))
refuse("randint", 0, (2,))
refuse("randperm", -1)
refuse("normal", 0.0, -1.0, (2,))
refuse("from_numpy", [1])
refuse("from_numpy", np.array(["a"]))
refuse("tensor", [1], requires_grad=True)


@program
def integers_are_not_uniform(s: Any) -> Any:
    return s.rand(2, dtype=s.int64)


@program
def integers_are_not_normal(s: Any) -> Any:
    return s.randn_like(s.ones(2, dtype=s.int64))


@program
def uniform_backwards(s: Any) -> Any:
    return s.ones(2).uniform_(3, 1)


@program
def uniform_integers(s: Any) -> Any:
    return s.ones(2, dtype=s.int64).uniform_()


@program
def normal_with_a_negative_deviation(s: Any) -> Any:
    return s.normal(s.zeros(2), s.tensor([-1.0, 1.0]))


@program
def exponential_of_a_negative_rate(s: Any) -> Any:
    return s.ones(2).exponential_(-1)


@program
def bernoulli_of_two(s: Any) -> Any:
    return s.bernoulli(s.tensor([2.0]))


@program
def bernoulli_of_integers(s: Any) -> Any:
    return s.bernoulli(s.tensor([1]))


@program
def bernoulli_in_place_of_two(s: Any) -> Any:
    return s.ones(2).bernoulli_(1.5)


@program
def random_of_nothing(s: Any) -> Any:
    return s.ones(2).random_(3, 3)


def weigh(weights: Any, *args: Any) -> None:
    def draw(s: Any) -> Any:
        s.multinomial(s.tensor(weights), *args)

    draw.__name__ = f"multinomial_{weights}_{args}"
    program(draw)


weigh([1.0, -1.0], 1)
weigh([0.0, 0.0], 1)
weigh([float("nan"), 1.0], 1)
weigh([1.0, 1.0], 0)
weigh([1.0, 1.0], 3)
weigh([1, 1], 1)
weigh([[[1.0]]], 1)


@program
def random_shapes_and_types(s: Any) -> Any:
    x = s.zeros(2, 3, dtype=s.float64)
    found = [s.rand(2, 3), s.randn((4,)), s.rand_like(x), s.randn_like(x), s.randint(3, (2, 2))]
    found += [s.randint(-2, 3, (4,), dtype=s.int32), s.randint_like(x, 5), s.randperm(5)]
    found += [s.normal(0.0, 1.0, (3,)), s.normal(x, 1.0), s.normal(2.0, s.ones(3)), s.bernoulli(x)]
    found += [s.normal(s.zeros(2, 1), s.ones(3)), s.multinomial(s.ones(4), 2)]
    found += [s.multinomial(s.ones(3, 4), 6, True), x.bernoulli(0.5), x.uniform_(), x.normal_()]
    found += [x.random_(4), x.exponential_(), s.zeros(2, dtype=s.int64).random_(3)]
    return [piece for y in found for piece in (tuple(y.shape), str(y.dtype).removeprefix("torch."))]


@program
def zeros_and_fill_return_the_tensor(s: Any) -> Any:
    x = s.ones(2)
    return x.zero_() is x, x.fill_(3) is x, x.uniform_() is x


@pytest.mark.parametrize("function", program)
def test_program_agrees_with_torch(function: Program, device: Device) -> None:
    compare(function, device)


# -- random numbers --------------------------------------------------------------------------------


def test_a_seed_repeats_the_numbers_in_every_type() -> None:
    def draw(dtype: Any) -> list[Any]:
        minigrad.manual_seed(5)
        some = [minigrad.rand(4, dtype=dtype), minigrad.randn(4, dtype=dtype)]
        return [
            t.double().numpy() for t in [*some, minigrad.randperm(9), minigrad.randint(9, (4,))]
        ]

    for a, b in zip(draw(minigrad.float32), draw(minigrad.float64), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)
    for a, b in zip(draw(minigrad.float32), draw(minigrad.float32), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_generator_is_a_stream_of_its_own() -> None:
    g = minigrad.Generator().manual_seed(3)
    state = g.get_state()
    first = minigrad.rand(3, generator=g)
    minigrad.rand(100)
    g.set_state(state)
    assert minigrad.rand(3, generator=g).tolist() == first.tolist()
    assert g.initial_seed() == 3


def test_the_default_state_can_be_kept() -> None:
    state = minigrad.get_rng_state()
    first = minigrad.randn(3).tolist()
    minigrad.set_rng_state(state)
    assert minigrad.randn(3).tolist() == first


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_uniform_numbers_stay_below_one(dtype: str) -> None:
    x = minigrad.rand(100_000, dtype=getattr(minigrad, dtype)).numpy()
    assert 0 <= x.min() and x.max() < 1
    assert abs(x.astype(np.float64).mean() - 0.5) < 0.01


def test_distributions_have_their_moments() -> None:
    minigrad.manual_seed(0)
    n = 200_000
    for draws, mean, deviation in [
        (minigrad.randn(n), 0, 1),
        (minigrad.normal(2.0, 3.0, (n,)), 2, 3),
        (minigrad.empty(n).uniform_(-1, 3), 1, 4 / 12**0.5),
        (minigrad.empty(n).normal_(5, 0.5), 5, 0.5),
        (minigrad.empty(n).exponential_(2), 0.5, 0.5),
        (minigrad.bernoulli(minigrad.full((n,), 0.3)), 0.3, 0.21**0.5),
        (minigrad.empty(n).bernoulli_(0.3), 0.3, 0.21**0.5),
        (minigrad.empty(n).random_(4), 1.5, 1.25**0.5),
        (minigrad.randint(2, 6, (n,)).float(), 3.5, 1.25**0.5),
    ]:
        found = draws.numpy().astype(np.float64)
        assert abs(found.mean() - mean) < 0.03
        assert abs(found.std() - deviation) < 0.03


def test_multinomial_follows_its_weights() -> None:
    minigrad.manual_seed(0)
    weights = minigrad.tensor([[1.0, 0.0, 3.0], [2.0, 2.0, 0.0]])
    drawn = minigrad.multinomial(weights, 20_000, replacement=True).numpy()
    for row, expected in zip(drawn, ([0.25, 0, 0.75], [0.5, 0.5, 0]), strict=True):
        found = np.bincount(row, minlength=3) / 20_000
        np.testing.assert_allclose(found, expected, atol=0.02)
        assert found[np.equal(expected, 0)].tolist() == [0.0]
    first = [minigrad.multinomial(weights[0], 2).tolist() for _ in range(2000)]
    assert all(sorted(pair) == [0, 2] for pair in first)
    assert abs(np.mean([pair[0] == 2 for pair in first]) - 0.75) < 0.05


def test_randperm_is_a_permutation() -> None:
    assert sorted(minigrad.randperm(50).tolist()) == list(range(50))


def test_random_fills_respect_the_tape() -> None:
    x = minigrad.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf Variable"):
        x.uniform_()
    with minigrad.no_grad():
        x.uniform_()
    h = x * 2
    h.normal_()
    h.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]


def test_requires_grad_is_passed_on() -> None:
    for make in (minigrad.zeros, minigrad.ones, minigrad.rand, minigrad.randn, minigrad.empty):
        assert make(2, requires_grad=True).requires_grad
    assert minigrad.tensor([1.0], requires_grad=True).is_leaf
    assert minigrad.linspace(0, 1, 3, requires_grad=True).requires_grad
