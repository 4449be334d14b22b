"""Which kind of function it is that is to be checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrad.gradcheck.foreign import Torch
from minigrad.gradcheck.function import Pair, Subject
from minigrad.gradcheck.own import own
from minigrad.gradcheck.peers import Autograd, Jax
from minigrad.tensor import Tensor

HELP = (
    "expected a function or module of minigrad, PyTorch, JAX or autograd with inputs of its kind, "
    "or a pair (forward, backward) with NumPy arrays"
)


def subject_of(f: Any, inputs: Any, name: str | None = None) -> Subject:
    """The function with its arguments as a check sees it. Errors: TypeError."""
    listed = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    kinds = {family(x) for x in [*listed, *_held(f)]}
    if isinstance(f, (tuple, list)) and len(f) == 2 and all(callable(part) for part in f):
        if kinds & {"torch", "minigrad", "jax"}:
            raise TypeError(f"check: a pair (forward, backward) takes NumPy arrays; {HELP}")
        subject: Subject = Pair(f[0], f[1], listed)
    elif not callable(f):
        raise TypeError(f"check: a {type(f).__name__} is no function; {HELP}")
    elif "minigrad" in kinds:
        subject = own(f, listed)
    elif "torch" in kinds:
        subject = Torch(f, listed)
    elif "jax" in kinds:
        subject = Jax(f, listed)
    elif "autograd" in kinds:
        subject = Autograd(f, listed)
    else:
        raise TypeError(
            f"check: NumPy arrays have no gradients, and {getattr(f, '__name__', f)!r} alone has "
            f"no backward; {HELP}"
        )
    if name:
        subject.name = name
    return subject


def family(x: Any) -> str:
    """Whose a value is, by the module of its type: nothing is imported to find out."""
    if isinstance(x, Tensor):
        return "minigrad"
    place = type(x).__module__.partition(".")[0]
    return {"jaxlib": "jax", "torch": "torch", "jax": "jax"}.get(place, "")


def _held(f: Any) -> Iterator[Any]:
    """What tells whose function it is: the parameters of a module, the module of a function."""
    if callable(getattr(f, "named_parameters", None)):
        yield from (p for _, p in f.named_parameters())
    if "autograd" in str(getattr(f, "__module__", "")).split(".")[:1]:
        yield _OfAutograd()


class _OfAutograd:
    __module__ = "autograd"
