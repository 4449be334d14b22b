"""PyTorch's gradients of a step, where PyTorch is installed: the forward ops of the trace are done
by its functions, and its autograd walks back. It is a fourth opinion on the page, and nothing else
depends on it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad.device import CPU, Array, place
from minigrad.explainer.trace import Pass, Row, Trace, Value
from minigrad.ops.patches import Window

Compute = Callable[..., Any]

SAME = frozenset(
    (
        *("abs", "acos", "acosh", "add", "addcdiv", "addcmul", "amax", "amin", "asin", "asinh"),
        *("atan", "atan2", "atanh", "clamp_max", "clamp_min", "copysign", "cos", "cosh", "digamma"),
        *("div", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "floor", "hypot", "lerp"),
        *("lgamma", "log", "log10", "log1p", "log2", "logaddexp", "matmul", "maximum", "minimum"),
        *("mul", "neg", "pow", "reciprocal", "relu", "round", "rsqrt", "sigmoid", "sign", "sin"),
        *("sinc", "sinh", "sqrt", "sub", "tan", "tanh", "trunc", "where", "xlogy", "ceil"),
        *("eq", "ne", "lt", "le", "gt", "ge", "isnan", "isinf", "isfinite", "logical_and"),
        *("logical_or", "logical_not", "det", "inv", "solve", "cholesky", "fmod", "remainder"),
    )
)
"""Functions of the same name and operands, without params."""


def gradients(trace: Trace) -> dict[tuple[int, int], Array]:
    """PyTorch's gradients by (pass, leaf); empty where it is not installed, or where an op has no
    counterpart here."""
    if importlib.util.find_spec("torch") is None:
        return {}
    torch = importlib.import_module("torch")
    found: dict[tuple[int, int], Array] = {}
    for n, each in enumerate(trace.passes):
        if any(hook.factor != 1 for hook in each.hooks.values()):
            continue  # PyTorch is asked for what no hook has changed
        try:
            found |= {(n, leaf): g for leaf, g in _of(torch, trace, each)}
        except (_Unknown, RuntimeError, TypeError, AttributeError):
            return {}
    return found


class _Unknown(Exception):
    """An op that PyTorch is not asked to do."""


def _of(torch: Any, trace: Trace, one: Pass) -> Iterable[tuple[int, Array]]:
    values: dict[int, Any] = {}
    leaves = {g.leaf.number: g for g in one.gradients}

    def value(x: Any) -> Any:
        if not isinstance(x, Value):
            return x
        if x.number not in values:
            host = np.array(place(x.numbers, CPU))
            values[x.number] = torch.from_numpy(host).requires_grad_(x.number in leaves)
        return values[x.number]

    for row in trace.rows[: one.end]:
        if row.past and row.into is not None and row.result.number not in leaves:
            before = value(row.into)
            now = torch.from_numpy(_numbers(row, values, torch, value))
            # Exactly these numbers, with the place of what stood there before.
            values[row.result.number] = now + (before - before.detach())
            continue
        if row.result.number in leaves or not any(row.flows):
            values[row.result.number] = torch.from_numpy(_numbers(row, values, torch, value))
            values[row.result.number].requires_grad_(row.result.number in leaves)
            continue
        given = [
            v.detach() if isinstance(v, torch.Tensor) and not flows else v
            for v, flows in zip(map(value, row.given), row.flows, strict=True)
        ]
        values[row.result.number] = _done(torch, row, given)
    roots = [(values[root.number], value(seed)) for root, seed in one.roots]
    wanted = [values[number] for number in leaves if number in values]
    made = torch.autograd.grad(
        [root for root, _ in roots], wanted, [seed for _, seed in roots], allow_unused=True
    )
    for number, g in zip([k for k in leaves if k in values], made, strict=True):
        before = leaves[number].before
        if g is not None:
            total = g if before is None else g + value(before).detach()
            yield number, total.numpy()


def _numbers(row: Row, values: dict[int, Any], torch: Any, value: Any) -> Array:
    """What a row that no gradient flows through makes: minigrad's op does it."""
    from minigrad.op import register  # here alone

    if row.result.data is not None:
        return row.result.data
    given = [value(x).detach().numpy() if isinstance(x, Value) else x for x in row.given]
    if row.name == "overlay":
        before, written = (np.asarray(x) for x in given)
        places = np.array(row.params["places"]).reshape(before.shape)
        return np.where(places < 0, before, written.reshape(-1)[places])
    return np.asarray(register[row.name].plain(np, *given, **row.params))


def _done(torch: Any, row: Row, given: list[Any]) -> Any:
    p, name = row.params, row.name
    if name in SAME and not any(k in p for k in ("decimals",)):
        if name in ("maximum", "minimum", "where") or len(given) == 1:
            given = [torch.as_tensor(x) for x in given]
        if name in ("amax", "amin"):
            return getattr(torch, name)(given[0], dim=p["axis"], keepdim=p["keepdim"])
        extra = {"value": p["value"]} if "value" in p else {}
        home = torch.linalg if name in ("inv", "solve", "cholesky", "det") else torch
        return getattr(home, name)(*given, **extra)
    own = OWN.get(name)
    if own is None:
        raise _Unknown(name)
    return own(torch, row, *given)


def _conv(torch: Any, row: Row, x: Any, w: Any, *bias: Any) -> Any:
    window: Window = row.params["window"]
    if any(a != b for a, b in window.padding):
        raise _Unknown
    function = getattr(torch.nn.functional, f"conv{len(window.kernel)}d")
    padding = tuple(a for a, _ in window.padding)
    where = (window.stride, padding, window.dilation, row.params["groups"])
    return function(x, w, bias[0] if bias else None, *where)


def _window_sum(torch: Any, row: Row, x: Any) -> Any:
    window: Window = row.params["window"]
    ones = torch.ones(x.shape[1], 1, *window.kernel, dtype=x.dtype)
    function = getattr(torch.nn.functional, f"conv{len(window.kernel)}d")
    padding = tuple(a for a, _ in window.padding)
    return function(x, ones, None, window.stride, padding, window.dilation, x.shape[1])


def _window_max(torch: Any, row: Row, x: Any) -> Any:
    window: Window = row.params["window"]
    function = getattr(torch.nn.functional, f"max_pool{len(window.kernel)}d")
    padding = tuple(a for a, _ in window.padding)
    return function(x, window.kernel, window.stride, padding, window.dilation)


def _im2col(torch: Any, row: Row, x: Any) -> Any:
    window: Window = row.params["window"]
    if len(window.kernel) != 2 or any(a != b for a, b in window.padding):
        raise _Unknown
    padding = tuple(a for a, _ in window.padding)
    unfold = torch.nn.functional.unfold
    columns = unfold(x, window.kernel, window.dilation, padding, window.stride)
    return columns.reshape(row.result.array.shape)


def _overlay(torch: Any, row: Row, before: Any, written: Any) -> Any:
    places = torch.tensor(row.params["places"]).reshape(before.shape)
    return torch.where(places < 0, before, written.reshape(-1)[places.clamp_min(0)])


def _put(torch: Any, row: Row, x: Any, y: Any, *indices: Any) -> Any:
    rest = iter(indices)
    key = tuple(next(rest) if repr(k) == "·" else k for k in row.params["key"])
    key = tuple(torch.as_tensor(k) if isinstance(k, np.ndarray) else k for k in key)
    z = x.clone()
    if row.params["accumulate"]:
        raise _Unknown
    z[key] = y
    return z


def _take(torch: Any, row: Row, x: Any, *indices: Any) -> Any:
    rest = iter(indices)
    key = tuple(next(rest) if repr(k) == "·" else k for k in row.params["key"])
    return x[key]


def _cross_entropy(torch: Any, row: Row, logits: Any, target: Any) -> Any:
    p = row.params
    return torch.nn.functional.cross_entropy(
        logits, target, ignore_index=p["ignore_index"], reduction=p["reduction"]
    )


OWN: dict[str, Compute] = {
    "binary_cross_entropy": lambda t, r, p, y: t.nn.functional.binary_cross_entropy(
        p, y, reduction="none"
    ),
    "bounded_log": lambda t, r, p: p.clamp_min(t.finfo(p.dtype).tiny ** 0.75).log(),
    "cast": lambda t, r, x: x.to(getattr(t, np.dtype(r.params["dtype"]).name)),
    "cat": lambda t, r, *xs: t.cat(xs, r.params["dim"]),
    "center": lambda t, r, x, m: x - x.mean(r.params["axes"], keepdim=True),
    "class_cross_entropy": _cross_entropy,
    "clone": lambda t, r, x: x.clone(),
    "conv": _conv,
    "copy": lambda t, r, x, y: t.as_tensor(y).to(x.dtype).expand(x.shape),
    "diagonal": lambda t, r, x: x.diagonal(**r.params),
    "elu": lambda t, r, x: t.where(
        x > 0,
        r.params["scale"] * x,
        r.params["scale"] * r.params["alpha"] * t.expm1(r.params["rate"] * x),
    ),
    "expand": lambda t, r, x: x.expand(r.params["shape"]),
    "flip": lambda t, r, x: x.flip(r.params["dims"]),
    "gate": lambda t, r, g, x: g * t.where(x > 0, 1.0, r.params["slope"]),
    "gelu_tanh": lambda t, r, x: t.nn.functional.gelu(x, approximate="tanh"),
    "hardtanh": lambda t, r, x: t.nn.functional.hardtanh(x, r.params["low"], r.params["high"]),
    "leaky_relu": lambda t, r, x: t.nn.functional.leaky_relu(x, r.params["slope"]),
    "im2col": _im2col,
    "linear": lambda t, r, x, w, *b: t.nn.functional.linear(x, w, *b),
    "log_softmax": lambda t, r, x: x.log_softmax(r.params["dim"]),
    "logsigmoid": lambda t, r, x: t.nn.functional.logsigmoid(x),
    "logsumexp": lambda t, r, x: x.logsumexp(r.params["axis"], keepdim=r.params["keepdim"]),
    "mean_square": lambda t, r, x: (x * x).mean(r.params["axes"], keepdim=True),
    "ndtr": lambda t, r, x: t.special.ndtr(x),
    "overlay": _overlay,
    "pad": lambda t, r, x: t.nn.functional.pad(
        x, [n for pair in reversed(r.params["widths"]) for n in pair], value=r.params["value"]
    ),
    "permute": lambda t, r, x: x.permute(r.params["dims"]),
    "prod": lambda t, r, x: x.prod(r.params["axis"], keepdim=r.params["keepdim"]),
    "put": _put,
    "reshape": lambda t, r, x: x.reshape(r.params["shape"]),
    "silu": lambda t, r, x: t.nn.functional.silu(x),
    "slice": lambda t, r, x: x[r.params["key"]],
    "softmax": lambda t, r, x: x.softmax(r.params["dim"]),
    "softplus": lambda t, r, x: t.nn.functional.softplus(
        x, r.params["beta"], r.params["threshold"]
    ),
    "softsign": lambda t, r, x: t.nn.functional.softsign(x),
    "std": lambda t, r, x: x.std(
        r.params["axis"], correction=r.params["correction"], keepdim=r.params["keepdim"]
    ),
    "sum": lambda t, r, x: (
        x.sum(r.params["axis"], keepdim=r.params["keepdim"]) if r.params["axis"] else x
    ),
    "sum_to": lambda t, r, x: x.sum_to_size(r.params["shape"]),
    "take": _take,
    "tril": lambda t, r, x: x.tril(r.params["diagonal"]),
    "triu": lambda t, r, x: x.triu(r.params["diagonal"]),
    "var": lambda t, r, x: x.var(
        r.params["axis"], correction=r.params["correction"], keepdim=r.params["keepdim"]
    ),
    "vector_norm": lambda t, r, x: t.linalg.vector_norm(
        x, r.params["p"], r.params["axis"], keepdim=r.params["keepdim"]
    ),
    "window_max": _window_max,
    "windows": lambda t, r, x: x.unfold(r.params["dim"], r.params["size"], r.params["step"]),
    "window_sum": _window_sum,
}
"""Those with params, or with another name."""
