"""Functions that gather, on what is hardly there: nothing, one number, ties, nan, infinity, zeros.

Value, type, shape and gradient are PyTorch's, and where it refuses so do we, by the same class of
error; what differs stands in `DIFFERENT` with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")
INF, NAN = np.inf, np.nan

INPUTS: dict[str, np.ndarray] = {
    "no rows": np.zeros((0, 3)),
    "no columns": np.zeros((3, 0)),
    "nothing": np.zeros(0),
    "no matrix": np.zeros((0, 0)),
    "one in a matrix": np.array([[2.5]]),
    "one": np.array([1.5]),
    "a number": np.array(2.5),
    "nan alone": np.array(NAN),
    "a row": np.array([[1.0, -2, 3]]),
    "a column": np.array([[1.0], [-2], [3]]),
    "only nan": np.full((2, 3), NAN),
    "some nan": np.array([[1, NAN, 3.0], [NAN, 2, 1], [3, 1, 2]]),
    "infinite": np.array([[INF, 1, 2.0], [-INF, 0, INF], [-INF, -INF, -INF]]),
    "only -inf": np.full((2, 3), -INF),
    "ties": np.array([[1, 1, 1.0], [2, 2, 0], [0, 3, 3]]),
    "zeros": np.zeros((3, 3)),
    "some zeros": np.array([[0, 2, 3.0], [0, 0, 5], [1, 2, 4]]),
    "all alike": np.full((3, 3), 7.5),
    "integers": np.array([[3, -1, 2], [0, 0, 5], [2, 2, 2]]),
    "no integers": np.zeros((0, 3), np.int64),
    "truths": np.array([[True, False, True], [False, False, False], [True, True, True]]),
    "halves": np.array([[1.0, -2, 3], [2, 2, 0], [1, 1, 1]], np.float16),
    "images": np.arange(24.0).reshape(2, 3, 4) - 10,
    "empty images": np.zeros((2, 0, 4)),
}

Case = Callable[[Any, Any, Any], Any]
CASES: dict[str, Case] = {}


def add(name: str, case: Case) -> None:
    assert name not in CASES
    CASES[name] = case


def methods(names: str, *args: Any, **params: Any) -> None:
    """Methods of the tensor, each as a case, with these arguments."""
    shown = ", ".join([*map(str, args), *(f"{k}={v}" for k, v in params.items())])
    for name in names.split():
        add(f"{name}({shown})", lambda s, F, x, name=name: getattr(x, name)(*args, **params))


REDUCTIONS = "sum nansum mean prod amax amin max min argmax argmin all any var std"
methods(REDUCTIONS + " median nanmedian count_nonzero norm")
methods(REDUCTIONS + " nanmean logsumexp median nanmedian", 0)
methods("sum prod amax max argmin all var std logsumexp median", -1, keepdim=True)
methods("cumsum cumprod cummax cummin softmax log_softmax", 0)
methods("cumsum cumprod cummin softmax log_softmax logcumsumexp", -1)
methods("sum mean amax logsumexp var std", (0, 1))
methods("all any amax sum", ())
methods("diff msort histc tril")
methods("squeeze", 0)
for c in (0, 1, 3):
    add(f"var correction {c}", lambda s, F, x, c=c: s.var(x, dim=-1, correction=c))
    add(f"std correction {c}", lambda s, F, x, c=c: s.std(x, dim=0, correction=c))
for p in (0, 0.5, 1, 2, 3, INF, -INF, -1):
    add(f"norm {p}", lambda s, F, x, p=p: x.norm(p, -1))
    add(f"normalize {p}", lambda s, F, x, p=p: F.normalize(x, p, dim=-1))
    add(f"dist {p}", lambda s, F, x, p=p: s.dist(x, x * 1.0, p))
    if p not in (-INF, -1):
        add(f"cdist {p}", lambda s, F, x, p=p: s.cdist(x, x * 1.0, p))
for o in ("fro", "nuc", 1, -1, 2, INF):
    add(f"matrix_norm {o}", lambda s, F, x, o=o: s.linalg.matrix_norm(x, o))
for o in ("fro", 1, 2, -2, INF):
    add(f"cond {o}", lambda s, F, x, o=o: s.linalg.cond(x, o).detach())
for q in (0.0, 0.3, 1.0):
    add(f"quantile {q}", lambda s, F, x, q=q: s.quantile(x, q, dim=-1))
    add(f"nanquantile {q}", lambda s, F, x, q=q: s.nanquantile(x, q, dim=-1, keepdim=True))
for k in (0, 2, 4):
    add(f"topk {k}", lambda s, F, x, k=k: s.topk(x, k)[0])
    add(f"kthvalue {k}", lambda s, F, x, k=k: s.kthvalue(x, k)[0])
for n in (1, 2):
    add(f"max_pool1d {n}", lambda s, F, x, n=n: F.max_pool1d(x, n, 1, n // 2))
    add(f"avg_pool1d {n}", lambda s, F, x, n=n: F.avg_pool1d(x, n, 1, n // 2))
    add(f"max_pool2d {n}", lambda s, F, x, n=n: F.max_pool2d(x, n, 2, n // 2, ceil_mode=True))
    add(f"adaptive_avg_pool1d {n}", lambda s, F, x, n=n: F.adaptive_avg_pool1d(x, n))
    add(f"adaptive_max_pool1d {n}", lambda s, F, x, n=n: F.adaptive_max_pool1d(x, n))
for w in ((1, 1), (-1, 0), (2, -1), (-2, -1)):
    for mode in ("constant", "reflect", "replicate", "circular"):
        add(f"pad {mode} {w}", lambda s, F, x, w=w, mode=mode: F.pad(x, w, mode=mode))


def masked(s: Any, x: Any, mask: Any) -> Any:
    return s.nn.functional.scaled_dot_product_attention(x, x * 1.0, x * 2.0, attn_mask=mask)


def whole(x: Any) -> tuple[int, ...]:
    return tuple(x.shape)


for name, case in {
    "aminmax": lambda s, F, x: s.aminmax(x, dim=0),
    "std_mean": lambda s, F, x: s.std_mean(x, dim=0),
    "cov": lambda s, F, x: s.cov(x),
    "cov correction 5": lambda s, F, x: s.cov(x, correction=5),
    "corrcoef": lambda s, F, x: s.corrcoef(x),
    "cosine_similarity": lambda s, F, x: F.cosine_similarity(x, x * 1.0, dim=-1),
    "sort": lambda s, F, x: s.sort(x, dim=-1, descending=True, stable=True),
    "argsort": lambda s, F, x: s.argsort(x, dim=0, stable=True),
    "maximum": lambda s, F, x: s.maximum(x, x.flip(0) if x.ndim else x),
    "histc within": lambda s, F, x: s.histc(x, 5, -1, 3),
    "bincount": lambda s, F, x: s.bincount(x.reshape(-1), minlength=4),
    "trapezoid": lambda s, F, x: s.trapezoid(x),
    "trace": lambda s, F, x: s.trace(x),
    "searchsorted": lambda s, F, x: s.searchsorted(s.sort(x)[0], x),
    "layer_norm": lambda s, F, x: F.layer_norm(x, x.shape[-1:]),
    "layer_norm of all": lambda s, F, x: F.layer_norm(x, whole(x)),
    "rms_norm": lambda s, F, x: F.rms_norm(x, whole(x)[-1:]),
    "batch_norm": lambda s, F, x: F.batch_norm(x, None, None, training=True),
    "instance_norm": lambda s, F, x: F.instance_norm(x),
    "group_norm": lambda s, F, x: F.group_norm(x, 1),
    "lp_pool1d": lambda s, F, x: F.lp_pool1d(x, 2, 2),
    "interpolate nearest": lambda s, F, x: F.interpolate(x, size=5),
    "interpolate linear": lambda s, F, x: F.interpolate(x, size=5, mode="linear"),
    "det": lambda s, F, x: s.linalg.det(x),
    "slogdet": lambda s, F, x: s.linalg.slogdet(x),
    "logdet": lambda s, F, x: s.logdet(x),
    "inv": lambda s, F, x: s.linalg.inv(x),
    "pinv": lambda s, F, x: s.linalg.pinv(x),
    "svdvals": lambda s, F, x: s.linalg.svdvals(x).detach(),
    "eigvalsh": lambda s, F, x: s.linalg.eigvalsh(x).sum(-1),
    "qr": lambda s, F, x: s.linalg.qr(x)[1].abs(),
    "matrix_rank": lambda s, F, x: s.linalg.matrix_rank(x),
    "lstsq": lambda s, F, x: s.linalg.lstsq(x, x * 1.0)[0],
    "matrix_power 0": lambda s, F, x: s.linalg.matrix_power(x, 0),
    "matmul": lambda s, F, x: x @ x.mT,
    "linear": lambda s, F, x: F.linear(x, x * 1.0),
    "einsum": lambda s, F, x: s.einsum("ij,ij->i", x, x),
    "diagonal sum": lambda s, F, x: s.einsum("ii", x),
    "attention": lambda s, F, x: masked(s, x, None),
    "attention to nothing": lambda s, F, x: masked(s, x, s.zeros(x.shape[-2], x.shape[-2]) > 1),
    "attention in part": lambda s, F, x: masked(
        s, x, s.ones(x.shape[-2], x.shape[-2]).tril(-1) > 0
    ),
    "attention minus inf": lambda s, F, x: masked(
        s, x, s.full((x.shape[-2], x.shape[-2]), -INF).to(x.dtype)
    ),
    "index_select": lambda s, F, x: x.index_select(0, s.tensor([0, 0])),
    "index_select none": lambda s, F, x: x.index_select(0, s.zeros(0, dtype=s.int64)),
    "index_fill": lambda s, F, x: x.index_fill(0, s.tensor([0]), 3),
    "index_fill none": lambda s, F, x: x.index_fill(0, s.zeros(0, dtype=s.int64), 3),
    "index_fill by a number": lambda s, F, x: x.index_fill(0, s.tensor(0), 3),
    "index_copy": lambda s, F, x: x.index_copy(0, s.tensor([0]), x[-1:] if x.ndim else x),
    "gather": lambda s, F, x: x.gather(0, s.zeros(x.shape, dtype=s.int64)),
    "scatter_add": lambda s, F, x: x.scatter_add(0, s.zeros(x.shape, dtype=s.int64), x),
    "masked_select": lambda s, F, x: s.masked_select(x, x > 0),
    "nonzero": lambda s, F, x: s.nonzero(x),
    "unfold": lambda s, F, x: x.unfold(-1, 2, 1),
    "embedding": lambda s, F, x: F.embedding(s.zeros(2, 0, dtype=s.int64), x),
}.items():
    add(name, case)

EMPTY = "no rows|no columns|nothing|no matrix|no integers|empty images"
WHOLE = "integers|truths|no integers"
NO_NUMBERS = "nan alone|only nan|some nan|infinite|only -inf"
DIFFERENT: dict[str, list[tuple[str, str, str]]] = {
    "PyTorch divides by the operand: it gives nan where the product of the others is known": [
        (r"(cum)?prod\(.*", NO_NUMBERS, "grad")
    ],
    "PyTorch makes 0 times infinity of a constant; one number has no variance, and no slope": [
        (r"var\(.*|var correction .", "nan alone", "grad"),
        (r"(var|std) correction 3", ".*", "grad"),
    ],
    "a mean over nothing has gradient 0": [(r"nanmean\(.*|nanmedian\(\)", NO_NUMBERS, "grad")],
    "the gradient of nan is nan": [
        (r"(norm|dist) -?inf|logcumsumexp.*", NO_NUMBERS, "grad"),
        (r"cdist .*", NO_NUMBERS, "value grad"),
    ],
    "PyTorch gives the whole gradient to each of several greatest, we share it": [
        ("cdist inf", ".*", "grad")
    ],
    "a mean of infinity is infinite; nan stands behind all numbers, before its equals": [
        ("std_mean|trapezoid|searchsorted", NO_NUMBERS, "value grad")
    ],
    "weights of 0 times nan are nan only where the values are": [
        ("attention .*", "some nan", "value grad")
    ],
    "PyTorch's gradients of halves are less exact; ours have a test of their own": [
        (".*_norm.*|.*softmax.*|norm.*", "halves", "grad")
    ],
    "PyTorch gives infinity for some places of a singular matrix, by the order of its steps": [
        ("slogdet|logdet|qr", "zeros|all alike|images|a column|a row", "grad")
    ],
    "another class of error: of a shape, of a place": [
        ("batch_norm|instance_norm|embedding", "nothing|one|a number|nan alone|" + WHOLE, "error"),
        ("index_(select|fill.*|copy)", EMPTY, "error"),
    ],
    "where numbers are equal, any may be picked": [
        (r"kthvalue .|topk .|(nan)?quantile .*|(arg)?max.*|(arg)?min.*|aminmax", ".*", "grad")
    ],
    "norms of halves come from float32, where ε is not 0": [
        ("normalize .*", "halves", "value grad")
    ],
    "PyTorch computes nothing of integers, and so it lets them pass": [
        (".*", "no integers", "error")
    ],
    "we promote, PyTorch asks for a floating type": [
        (
            "trapezoid|searchsorted|logcumsumexp.*|cdist .*|attention.*|topk .",
            WHOLE,
            "error",
        ),
        ("max_pool1d .|pad (reflect|replicate) .*", WHOLE, "error"),
        ("cdist .*", "halves", "error"),
    ],
    "PyTorch shows memory that nobody wrote to, we refuse": [
        (r"pad circular .*", ".*", "error value grad")
    ],
    "a mean or a pixel of nothing is no number": [
        (r"adaptive_.*|interpolate .*", EMPTY, "error"),
    ],
    "other lengths of nothing": [(r"pad constant .*|cond fro|det|slogdet|logdet", EMPTY, "error")],
    "the truth is nan; PyTorch refuses, or finds a sign": [
        (
            r"matrix_norm .*|svdvals|matrix_rank|lstsq|cond .*|pinv|slogdet|logdet|qr|eigvalsh",
            NO_NUMBERS,
            ".*",
        )
    ],
}
"""Reason -> (cases, inputs, what may differ), as regular expressions."""


def outcome(side: Any, case: Case, x: np.ndarray) -> tuple[str, Any, Any]:
    """ "error" and its class, or "value", the results and the gradient."""
    t = side.from_numpy(x.copy()).requires_grad_(x.dtype.kind == "f")
    try:
        y = case(side, side.nn.functional, t)
    except Exception as error:
        return "error", type(error), str(error)
    results = [r for r in (y if isinstance(y, (tuple, list)) else [y]) if hasattr(r, "detach")]
    shown = [(str(r.dtype).rpartition(".")[2], r.detach().numpy()) for r in results]
    tracked = [r for r in results if r.requires_grad]
    if not tracked:
        return "value", shown, None
    total = 0.0
    for r in tracked:
        n = int(np.prod(r.shape))
        weights = np.linspace(1.0, 2.0, max(n, 1))[:n].reshape(tuple(r.shape))
        total = total + (r * side.from_numpy(np.asarray(weights)).to(r.dtype)).sum()
    try:
        total.backward()  # type: ignore[attr-defined]
    except Exception as error:
        return "value", shown, error
    return "value", shown, None if t.grad is None else t.grad.numpy()


def alike(a: Any, b: Any, half: bool) -> bool:
    """Close, infinities and nan at the same places."""
    bound = 2e-2 if half else 1e-10  # how exact halves are is another test's matter
    if a.dtype == np.float32:
        bound = 1e-6
    with np.errstate(all="ignore"):
        return a.shape == b.shape and np.allclose(
            a.astype(float), b.astype(float), rtol=bound, atol=bound / 10, equal_nan=True
        )


def difference(mine: Any, other: Any, half: bool) -> tuple[str, str]:
    """What differs ("value", "grad", "error" or ""), in words."""
    if mine[0] != other[0]:
        return "error", f"{mine[:2]} and not {other[:2]}"
    if mine[0] == "error":
        fits = issubclass(other[1], mine[1]) or mine[1].__name__ in other[1].__name__
        return ("", "") if fits else ("error", f"{mine[1:]} and not {other[1:]}")
    for (kind, a), (wanted, b) in zip(mine[1], other[1], strict=True):
        if kind != wanted or not alike(a, b, half):
            return "value", f"{kind} {a.tolist()} and not {wanted} {b.tolist()}"
    g, h = mine[2], other[2]
    if isinstance(h, Exception):  # PyTorch's own fault: it computed the value
        return "", ""
    if g is None or h is None or isinstance(g, Exception):
        same = g is h or (h is None and isinstance(g, np.ndarray) and not g.any())
        return ("", "") if same else ("grad", f"{g!r} and not {h!r}")
    return ("", "") if alike(g, h, half) else ("grad", f"{g.tolist()} and not {h.tolist()}")


def explained(name: str, input_name: str, what: str) -> bool:
    return any(
        re.fullmatch(cases, name)
        and re.fullmatch(inputs, input_name)
        and re.search(kinds.replace(" ", "|"), what)
        for rows in DIFFERENT.values()
        for cases, inputs, kinds in rows
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore")
def test_as_pytorch(name: str) -> None:
    case, found = CASES[name], []
    for input_name, x in INPUTS.items():
        mine, other = outcome(minigrad, case, x), outcome(torch, case, x)
        what, words = difference(mine, other, x.dtype == np.float16)
        if what and not explained(name, input_name, what):
            found.append(f"{input_name}: {what}: {words[:300]}")
    assert not found, "\n" + "\n".join(found)
