"""Every keyword of every public function in a compiled step: it does what it does eagerly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from keyword_calls import DRAWN, EXEMPT, LAYERS, MADE, READING, SHAPED, TYPES, WRITTEN, calls
from keywords import by_rows, by_text, key, keywords, public
from twins import UNFUSED, same

import minigrad
import minigrad.nn.functional as F
from minigrad import compile as compiled
from minigrad.errors import CompileError
from minigrad.native.library import enabled, plainly
from minigrad.tensor import Tensor

TABLES = {"written": WRITTEN, "made": MADE, "drawn": DRAWN, "types": TYPES}
TABLES |= {"shaped": SHAPED, "layers": LAYERS}
TEXTS = [text for table in TABLES.values() for text in calls(table)]
CALLS = 2


def operands(call: int) -> dict[str, Tensor]:
    """The operands by name, with other numbers at each call."""
    rng = np.random.default_rng(call)
    square = rng.standard_normal((3, 3))
    found: dict[str, Any] = {name: rng.standard_normal((3, 4)) for name in "xyz"}
    found |= {"p": rng.uniform(0.5, 2, (3, 4)), "q": rng.uniform(0.1, 0.9, (3, 4))}
    found |= {"v": rng.standard_normal(4), "s": rng.standard_normal(())}
    found |= {
        "i": rng.integers(0, 3, (3, 4)),
        "k": np.array([2, call]),
        "m": rng.random((3, 4)) < 0.5,
    }
    found |= {"n": rng.integers(-9, 9, (3, 4)), "a": square @ square.T + np.eye(3)}
    found |= {"b": rng.standard_normal((2, 3, 3)), "c1": rng.standard_normal((1, 2, 6))}
    found |= {"c2": rng.standard_normal((1, 2, 4, 4)), "c3": rng.standard_normal((1, 2, 4, 4, 4))}
    found |= {"w3": rng.standard_normal((2, 1, 2, 2, 2)), "t": rng.integers(0, 3, 3)}
    return {name: minigrad.from_numpy(np.asarray(x)) for name, x in found.items()}


NAMES = list(operands(0))


def written(texts: list[str]) -> Any:
    """A step that does these calls, with a stream of its own."""
    scope: dict[str, Any] = {
        "torch": minigrad, "F": F, "f4": minigrad.float32, "f8": minigrad.float64,
        "g": minigrad.Generator().manual_seed(3),
    }  # fmt: skip
    code = f"lambda {', '.join(NAMES)}: [{', '.join(texts)}]"
    return eval(code, scope)


def agree(texts: list[str], twin: Any, exact: bool) -> None:
    step = written(texts)
    for call in range(CALLS):
        given = list(operands(call).values())
        minigrad.manual_seed(call)
        want = step(*given)
        minigrad.manual_seed(call)
        have = twin(*given)
        for text, a, b in zip(texts, have, want, strict=True):
            same_all(a, b, exact, f"{text}, call {call}")


def same_all(a: Any, b: Any, exact: bool, what: str) -> None:
    if isinstance(b, (list, tuple)):
        assert len(a) == len(b), what
        for p, q in zip(a, b, strict=True):
            same_all(p, q, exact, what)
    elif isinstance(b, Tensor):
        single = b.dtype == minigrad.float32
        tolerance = 0.0 if exact else 1e-5 if single else 1e-12
        same(a.numpy(force=True), b.numpy(force=True), exact, what, tolerance)
    else:
        assert a == b, what


@pytest.mark.parametrize("table", TABLES)
def test_compiled_calls_are_eager_to_the_bit(table: str) -> None:
    texts = calls(TABLES[table])
    with plainly():
        try:
            compiled(written(texts), **UNFUSED)(*operands(0).values())
        except Exception:  # which of them?
            for text in texts:
                agree([text], compiled(written([text]), **UNFUSED), True)
        agree(texts, compiled(written(texts), **UNFUSED), True)


@pytest.mark.skipif(not enabled(), reason="there is no C compiler")
def test_kernels_give_the_same_numbers() -> None:
    twin = compiled(written(TEXTS))
    agree(TEXTS, twin, False)
    assert "native" in twin.path and len(twin.programs) == 1


@pytest.mark.parametrize("text", calls(READING))
def test_what_reads_numbers_says_so(text: str) -> None:
    with pytest.raises(CompileError, match="cannot be part of a recorded step"):
        compiled(written([text]), native=False)(*operands(0).values())


def test_every_keyword_has_a_compiled_row() -> None:
    covered = set(by_rows())
    for text in [*TEXTS, *calls(READING)]:
        covered |= set(by_text(text))
    missing = {
        f"{name}({word}=)"
        for name, function in public().items()
        for word in keywords(function)
        if (key(function), word) not in covered and (key(function)[1], word) not in EXEMPT
    }
    assert not missing, f"no compiled call gives {sorted(missing)}"


def test_a_new_keyword_is_missed() -> None:
    assert ("minigrad.methods.arithmetic", "add") in {k for k, _ in by_text("x.add(y, alpha=2)")}
    assert {w for _, w in by_text("torch.add(x, y, alpha=2)")} == {"input", "other", "alpha"}
