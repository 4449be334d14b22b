"""The checkers that are scored, each as a function of a pair: does it raise the alarm?"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from minigrad.gradcheck import check

Forward = Callable[..., Any]
Rival = Callable[[Forward, Forward, Sequence[Any], int], bool]


def by_minigrad(
    level: str, forward: Forward, backward: Forward, arrays: Sequence[Any], seed: int
) -> bool:
    return not check((forward, backward), arrays, level=level, seed=seed).ok


def wrapped(forward: Forward, backward: Forward, arrays: Sequence[Any]) -> tuple[Any, list[Any]]:
    """A pair as a function of PyTorch, and its arguments."""
    import torch

    class Wrapped(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            ctx.save_for_backward(*tensors)
            found = forward(*(t.detach().numpy() for t in tensors))
            if isinstance(found, tuple):
                return tuple(torch.from_numpy(np.array(y, float)) for y in found)
            return torch.from_numpy(np.array(found, float))

        @staticmethod
        def backward(ctx: Any, *g: Any) -> Any:
            given = tuple(x.numpy() for x in g)
            arrays = [t.detach().numpy() for t in ctx.saved_tensors]
            found = backward(given if len(given) > 1 else given[0], *arrays)
            return tuple(None if d is None else torch.from_numpy(np.array(d, float)) for d in found)

    tensors = [torch.from_numpy(np.array(a)).requires_grad_(a.dtype.kind == "f") for a in arrays]
    return Wrapped.apply, tensors


def by_torch(
    fast: bool, forward: Forward, backward: Forward, arrays: Sequence[Any], seed: int
) -> bool:
    import torch

    f, tensors = wrapped(forward, backward, arrays)
    try:
        return not torch.autograd.gradcheck(f, tensors, fast_mode=fast)
    except Exception:  # an alarm of whatever kind is an alarm
        return True


def _floats(arrays: Sequence[Any]) -> list[int]:
    return [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]


def _whole(arrays: Sequence[Any], varied: Sequence[Any]) -> list[Any]:
    rest = iter(varied)
    return [next(rest) if a.dtype.kind == "f" else a for a in arrays]


def by_autograd(forward: Forward, backward: Forward, arrays: Sequence[Any], seed: int) -> bool:
    extend = importlib.import_module("autograd.extend")
    check_grads = importlib.import_module("autograd.test_util").check_grads
    places = _floats(arrays)

    @extend.primitive
    def f(*varied: Any) -> Any:
        found = forward(*_whole(arrays, varied))
        if isinstance(found, tuple):
            return np.concatenate([np.reshape(y, -1) for y in found])
        return found

    def cut(g: Any, varied: Any) -> Any:
        found = forward(*_whole(arrays, varied))
        if not isinstance(found, tuple):
            return g
        parts, start = [], 0
        for y in found:
            parts.append(g[start : start + np.size(y)].reshape(np.shape(y)))
            start += np.size(y)
        return tuple(parts)

    def rule(argument: int) -> Callable[..., Any]:
        def maker(ans: Any, *varied: Any) -> Callable[[Any], Any]:
            def pull(g: Any) -> Any:
                d = backward(cut(g, varied), *_whole(arrays, varied))[places[argument]]
                return np.zeros_like(varied[argument]) if d is None else d

            return pull

        return maker

    extend.defvjp(f, *(rule(k) for k in range(len(places))))
    np.random.seed(seed % 2**32)
    try:
        check_grads(f, modes=["rev"], order=1)(*(np.array(arrays[i]) for i in places))
    except Exception:  # an alarm of whatever kind is an alarm
        return True
    return False


def by_jax(forward: Forward, backward: Forward, arrays: Sequence[Any], seed: int) -> bool:
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    check_grads = importlib.import_module("jax.test_util").check_grads
    places = _floats(arrays)
    y = forward(*arrays)
    several = y if isinstance(y, tuple) else (y,)
    shapes = tuple(jax.ShapeDtypeStruct(np.shape(p), np.float64) for p in several)
    alone = not isinstance(y, tuple)

    def run(*varied: Any) -> Any:
        found = forward(*_whole(arrays, [np.array(v) for v in varied]))
        return tuple(np.asarray(p, np.float64) for p in ((found,) if alone else found))

    def run_back(g: Any, *varied: Any) -> Any:
        g = tuple(np.array(p) for p in g)
        found = backward(g[0] if alone else g, *_whole(arrays, [np.array(v) for v in varied]))
        return tuple(
            np.zeros(np.shape(arrays[i])) if found[i] is None else np.asarray(found[i], np.float64)
            for i in places
        )

    @jax.custom_vjp
    def f(*varied: Any) -> Any:
        return jax.pure_callback(run, shapes, *varied)

    def ahead(*varied: Any) -> Any:
        return f(*varied), varied

    def back(varied: Any, g: Any) -> Any:
        into = tuple(jax.ShapeDtypeStruct(np.shape(arrays[i]), np.float64) for i in places)
        return jax.pure_callback(run_back, into, g, *varied)

    f.defvjp(ahead, back)
    try:
        check_grads(f, tuple(arrays[i] for i in places), order=1, modes=["rev"])
    except Exception:  # an alarm of whatever kind is an alarm
        return True
    return False


def rivals() -> dict[str, Rival]:
    """The checkers that are installed."""
    found: dict[str, Rival] = {
        f"minigrad {level}": partial(by_minigrad, level)
        for level in ("quick", "standard", "thorough")
    }
    for name, made in (
        ("torch", {"torch slow": partial(by_torch, False), "torch fast": partial(by_torch, True)}),
        ("autograd", {"autograd check_grads": by_autograd}),
        ("jax", {"jax check_grads": by_jax}),
    ):
        if importlib.util.find_spec(name) is not None:
            found |= made
    return {name: partial(_quietly, rival) for name, rival in found.items()}


def _quietly(rival: Rival, *args: Any) -> bool:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return rival(*args)
