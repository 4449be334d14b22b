"""Random numbers: masks from their positions, draws as ops, and what generators keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opdb.random import philox

import minigrad
import minigrad.nn.functional as F
from minigrad.op import Op
from minigrad.ops.random import PIECE, keep
from minigrad.random import Generator, default_generator
from minigrad.recording import Recorder, followed
from minigrad.tensor import Tensor


def mask(seed: int, count: int, shape: tuple[int, ...], p: float = 0.5) -> np.ndarray:
    return keep.forward(
        np, np.array([seed, count]), shape=shape, p=p, scale=1.0, dtype=np.dtype(np.float64)
    )


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_philox_is_numpys(seed: int) -> None:
    """The row's Philox is a second implementation; its first block has the counter 1."""
    theirs = np.random.Philox(key=seed, counter=5 << 64).random_raw(8)
    assert theirs.tolist() == philox([seed, 0], [1, 5, 0, 0]) + philox([seed, 0], [2, 5, 0, 0])


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.8, 1.0])
def test_as_many_are_kept_as_p_says(p: float) -> None:
    n = 400_000
    kept = mask(3, 7, (n,), p).mean()
    assert abs(kept - (1 - p)) <= 4 * np.sqrt(p * (1 - p) / n)


def test_masks_are_independent() -> None:
    """Of neighbours, of draws one after the other, of seeds one apart, at either half of a word."""
    n = 400_000
    one, two, other = mask(3, 7, (n,)), mask(3, 8, (n,)), mask(4, 7, (n,))
    pairs = [(one, two), (one, other), (one[1:], one[:-1]), (one[::2], one[1::2])]
    pairs += [(one[8:], one[:-8]), (one[2:], two[:-2]), (one[8:], two[:-8])]
    for a, b in pairs:
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(len(a))


def test_a_mask_is_the_beginning_of_a_longer_one() -> None:
    """It does not matter how many are computed at a time."""
    whole = mask(5, 2, (3 * PIECE + 5,))
    for n in (1, 2, 7, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 3):
        np.testing.assert_array_equal(mask(5, 2, (n,)), whole[:n])


DROPOUTS: dict[str, Callable[[Tensor], Tensor]] = {
    "dropout": lambda x: F.dropout(x, 0.3),
    "dropout, in place": lambda x: F.dropout(x.clone(), 0.3, inplace=True),
    "dropout1d": lambda x: F.dropout1d(x[0], 0.3),
    "dropout2d": lambda x: F.dropout2d(x, 0.3),
    "dropout3d": lambda x: F.dropout3d(x, 0.3),
    "alpha_dropout": lambda x: F.alpha_dropout(x, 0.3, True),
    "feature_alpha_dropout": lambda x: F.feature_alpha_dropout(x, 0.3, True),
    "attention": lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.3),
    "GRU": lambda x: minigrad.nn.GRU(4, 40, 2, dropout=0.3)(x[0])[0],
}


@pytest.mark.parametrize("kind", DROPOUTS)
def test_a_dropout_takes_one_mask(kind: str) -> None:
    x = minigrad.ones(20, 30, 5, 4)
    function = DROPOUTS[kind]
    minigrad.manual_seed(11)
    first = function(x)
    assert default_generator.position.tolist() == [11, 1]
    minigrad.manual_seed(11)
    same = function(x)
    other = function(x)
    assert default_generator.position.tolist() == [11, 2]
    assert same.equal(first) and not other.equal(first)
    minigrad.manual_seed(12)
    assert not function(x).equal(first)


def test_dropout_is_a_mask_at_the_position() -> None:
    minigrad.manual_seed(2**64 - 5)
    x = minigrad.rand(30, 40)
    for count in range(3):
        y = F.dropout(x, 0.2)
        expected = x.numpy() * (mask(-5, count, x.shape, 0.2) / 0.8).astype(np.float32)
        np.testing.assert_allclose(y.numpy(), expected, rtol=1e-6)


def test_masks_and_other_numbers_do_not_disturb_each_other() -> None:
    def draw(between: Callable[[], Any]) -> list[Any]:
        minigrad.manual_seed(4)
        found = [minigrad.rand(3).tolist(), F.dropout(minigrad.ones(50)).tolist()]
        between()
        return [*found, F.dropout(minigrad.ones(50)).tolist()]

    assert draw(lambda: None) == draw(lambda: minigrad.randn(1000))


def test_the_position_stays_in_its_memory() -> None:
    """A recorded step goes on reading there."""
    generator = Generator().manual_seed(3)
    position, array = generator.position, generator.position.array
    state = generator.get_state()
    assert state["position"] == [3, 0]
    for change, expected in (
        (lambda: generator.manual_seed(2**63 + 1), [1 - 2**63, 0]),
        (lambda: generator.set_state(state | {"position": [7, 9]}), [7, 9]),
        (lambda: generator.set_state(state), [3, 0]),
    ):
        change()
        assert generator.position is position and position.array is array
        assert array.tolist() == expected
    assert generator.seed() == int(array[0]) % 2**64 and array[1] == 0


def test_the_state_holds_the_position(tmp_path: Path) -> None:
    minigrad.manual_seed(9)
    F.dropout(minigrad.ones(5))
    minigrad.save(minigrad.get_rng_state(), tmp_path / "state.safetensors")
    expected = [F.dropout(minigrad.ones(50)), minigrad.rand(3), F.dropout(minigrad.ones(50))]
    minigrad.manual_seed(0)
    minigrad.set_rng_state(minigrad.load(tmp_path / "state.safetensors"))
    found = [F.dropout(minigrad.ones(50)), minigrad.rand(3), F.dropout(minigrad.ones(50))]
    assert all(a.equal(b) for a, b in zip(found, expected, strict=True))


def test_a_state_without_the_position_is_refused() -> None:
    before = minigrad.get_rng_state()
    old = {k: v for k, v in before.items() if k != "position"}
    with pytest.raises(KeyError, match="'position'"):
        minigrad.set_rng_state(old)
    assert minigrad.get_rng_state() == before


# -- draws as ops ----------------------------------------------------------------------------------


class Tape(Recorder):
    """Keeps the ops, and does them again."""

    def __init__(self) -> None:
        self.calls: list[tuple[Op, Any, Any, Tensor, Tensor | None]] = []

    def op(self, *call: Any) -> None:
        self.calls.append(call)  # type: ignore[arg-type]

    def made(self, tensor: Tensor) -> None:
        assert tensor.numel() == 0 or tensor.dtype != minigrad.float64, "a draw passed no door"

    def again(self) -> None:
        for op, operands, params, result, into in self.calls:
            new = op(*operands, into=into, **params)
            if new is not result and not result.data_ptr() == new.data_ptr():
                result.array[...] = new.array


P = minigrad.full((2, 50), 0.4)
DRAWS: dict[str, Callable[[], Tensor]] = {
    "rand": lambda: minigrad.rand(2, 3),
    "rand_like": lambda: minigrad.rand_like(P),
    "randn": lambda: minigrad.randn(2, 3, dtype=minigrad.float32),
    "randn_like": lambda: minigrad.randn_like(P),
    "randint": lambda: minigrad.randint(1000, (4,)),
    "randint_like": lambda: minigrad.randint_like(P, 1000),
    "randperm": lambda: minigrad.randperm(30),
    "normal of numbers": lambda: minigrad.normal(1.0, 2.0, (4,)),
    "normal of tensors": lambda: minigrad.normal(P, P),
    "bernoulli": lambda: minigrad.bernoulli(P),
    "uniform_": lambda: minigrad.empty(4).uniform_(-1, 1),
    "normal_": lambda: minigrad.empty(4).normal_(1, 2),
    "exponential_": lambda: minigrad.empty(4).exponential_(2),
    "bernoulli_": lambda: minigrad.empty(99).bernoulli_(0.3),
    "bernoulli_ of tensors": lambda: minigrad.empty(2, 50).bernoulli_(P),
    "random_": lambda: minigrad.empty(9).random_(1000),
    "init.uniform_": lambda: minigrad.nn.init.uniform_(minigrad.empty(4)),
    "init.trunc_normal_": lambda: minigrad.nn.init.trunc_normal_(minigrad.empty(4)),
    "init.kaiming_normal_": lambda: minigrad.nn.init.kaiming_normal_(minigrad.empty(4, 2)),
    "init.orthogonal_": lambda: minigrad.nn.init.orthogonal_(minigrad.empty(4, 2)),
    "init.sparse_": lambda: minigrad.nn.init.sparse_(minigrad.empty(4, 2), 0.3),
    "init of large ones": lambda: minigrad.nn.init.normal_(minigrad.empty(700, 500)),
    "rrelu": lambda: F.rrelu(-P, training=True),
    "gumbel_softmax": lambda: F.gumbel_softmax(P),
    "dropout": lambda: F.dropout(P),
    "alpha_dropout": lambda: F.alpha_dropout(P, training=True),
}


@pytest.mark.parametrize("kind", DRAWS)
def test_what_is_done_again_draws_afresh(kind: str) -> None:
    """From the same generators, in the same order: as if the function had been called again."""
    draw, tape = DRAWS[kind], Tape()
    minigrad.manual_seed(5)
    with followed(tape):
        y = draw()
    first = y.clone()
    tape.again()
    second = y.clone()
    minigrad.manual_seed(5)
    assert draw().equal(first) and draw().equal(second) and not first.equal(second)


def test_a_seed_between_two_replays_counts() -> None:
    tape = Tape()
    minigrad.manual_seed(1)
    with followed(tape):
        y, z = minigrad.rand(9), F.dropout(P)
    minigrad.manual_seed(8)
    tape.again()
    minigrad.manual_seed(8)
    assert y.equal(minigrad.rand(9)) and z.equal(F.dropout(P))
