"""The settings of TF32 are PyTorch's: names, defaults, and one setting under its two names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import minigrad
from minigrad.backends import cuda, cudnn
from minigrad.precision import Policy, policy


@pytest.fixture(autouse=True)
def as_at_first() -> Iterator[None]:
    yield
    minigrad.set_float32_matmul_precision("highest")
    cudnn.allow_tf32 = True


def test_at_first_convolutions_may_round_and_products_may_not() -> None:
    assert policy() == Policy(matmul=False, convolution=True)
    assert minigrad.get_float32_matmul_precision() == "highest"
    torch = pytest.importorskip("torch")
    assert cuda.matmul.allow_tf32 is torch.backends.cuda.matmul.allow_tf32
    assert cudnn.allow_tf32 is torch.backends.cudnn.allow_tf32
    assert minigrad.get_float32_matmul_precision() == torch.get_float32_matmul_precision()


@pytest.mark.parametrize("word", ["high", "medium"])
def test_the_word_and_the_switch_are_one_setting(word: str) -> None:
    minigrad.set_float32_matmul_precision(word)
    assert minigrad.get_float32_matmul_precision() == word
    assert minigrad.backends.cuda.matmul.allow_tf32 is True
    assert policy() == Policy(matmul=True, convolution=True)
    minigrad.backends.cuda.matmul.allow_tf32 = False
    assert minigrad.get_float32_matmul_precision() == "highest"
    minigrad.backends.cuda.matmul.allow_tf32 = True
    assert minigrad.get_float32_matmul_precision() == "high"


def test_convolutions_have_a_switch_of_their_own() -> None:
    minigrad.backends.cudnn.allow_tf32 = False
    assert policy() == Policy(matmul=False, convolution=False)
    assert len({policy(), Policy(matmul=False, convolution=False)}) == 1


@pytest.mark.parametrize("word", ["low", "HIGH", "", None, 3])
def test_another_word_is_refused(word: object) -> None:
    with pytest.raises(ValueError, match=r"set_float32_matmul_precision: expected 'highest'"):
        minigrad.set_float32_matmul_precision(word)
    assert minigrad.get_float32_matmul_precision() == "highest"


def test_a_switch_takes_a_bool_and_there_is_no_other() -> None:
    with pytest.raises(RuntimeError, match="allow_tf32: expected a bool, got 'yes'"):
        cuda.matmul.allow_tf32 = "yes"
    with pytest.raises(AttributeError):
        cuda.matmul.allow_tf33 = True
