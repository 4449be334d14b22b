"""Which kind of function it is that is to be checked."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any

import numpy as np

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
        subject: Subject = Pair(f[0], f[1], _arrays(f[0], listed))
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


def _arrays(forward: Any, listed: list[Any]) -> list[Any]:
    """The arguments of a pair. Where none is an array, floats and lists of floats are; beside
    arrays they are as they were given: numbers that set something. Errors: TypeError where a list
    of numbers, meant for one array, is several arguments."""
    if any(isinstance(x, (np.ndarray, np.generic)) for x in listed):
        return listed
    made = [np.asarray(x) if _of_floats(x) else x for x in listed]
    if len(listed) > 1 and any(_of_floats(x) for x in listed):
        try:
            takes = getattr(forward, "nin", None)
            fits = takes == len(listed) if takes else bool(signature(forward).bind(*listed))
        except ValueError:  # it has no signature to ask
            fits = True
        except TypeError:
            fits = False
        if not fits:
            raise TypeError(
                f"check: a list is several inputs, here {len(listed)}, which forward does not "
                "take; for one input of several numbers give an array: np.array([...])"
            )
    return made


def _of_floats(x: Any) -> bool:
    """Whether it is a float, or a list of floats (perhaps with integers among them)."""
    if isinstance(x, list) and x:
        try:
            return bool(np.asarray(x).dtype.kind == "f")
        except ValueError:
            return False
    return isinstance(x, float)


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
