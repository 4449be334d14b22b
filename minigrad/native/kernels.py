"""What each kernel of the library goes through: its integers by name, and of them the way through
each of its arrays. The first array is the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minigrad.layouts import LayoutError, Walk, dense, rows

INT64 = "lq"


def _conv(
    n: int, c: int, h: int, w: int, o: int, oh: int, ow: int, groups: int, kh: int, kw: int, *_: int
) -> tuple[Walk, Walk, Walk]:
    """Through the result, the images and the filters of a convolution."""
    return dense(n, o, oh, ow), dense(n, c, h, w), dense(o, c // groups, kh, kw)


def _conv_with_bias(*geometry: int) -> list[Walk]:
    y, x, w = _conv(*geometry)
    return [y, x, w, *[dense(geometry[4])] * geometry[-1]]


def _conv_input(*geometry: int) -> list[Walk]:
    y, x, w = _conv(*geometry)
    return [x, y, w]


def _conv_weight(*geometry: int) -> list[Walk]:
    y, x, w = _conv(*geometry)
    return [w, x, y]


def _pool(planes: int, h: int, w: int, oh: int, ow: int, *rest: int) -> tuple[Walk, Walk, Walk]:
    """Through the images of a pooling, its results, and the places within windows."""
    spot = INT64 if rest[-1] else "B"
    return dense(planes, h, w), dense(planes, oh, ow), dense(planes, oh, ow).of(spot)


def _reduced(*geometry: int) -> list[Walk]:
    x, y, _ = _pool(*geometry)
    return [y, x]


def _found(*geometry: int) -> list[Walk]:
    x, _, spot = _pool(*geometry)
    return [spot, x]


def _dropped(*geometry: int) -> list[Walk]:
    return [*_pool(*geometry)]


def _spread(*geometry: int) -> list[Walk]:
    x, y, _ = _pool(*geometry)
    return [x, y]


def _labelled(outer: int, n: int, inner: int, reduction: int, whole: bool) -> list[Walk]:
    """Through losses or residuals, logits and labels."""
    result = dense(outer, n, inner) if whole else dense(1 if reduction else outer * inner)
    return [result, dense(outer, n, inner), dense(outer, inner).of(INT64)]


KERNELS: dict[str, Callable[..., list[Walk]]] = {
    "center": lambda before, kept, behind: [
        dense(before, kept, behind),
        dense(before, kept, behind),
        dense(kept),
    ],
    "class_cross_entropy": lambda outer, n, inner, ignore, reduction: _labelled(
        outer, n, inner, reduction, False
    ),
    "class_residual": lambda outer, n, inner, ignore, reduction: _labelled(
        outer, n, inner, reduction, True
    ),
    "conv": _conv_with_bias,
    "conv_input": _conv_input,
    "conv_weight": _conv_weight,
    "gemm": lambda ta, tb, m, n, k, lda, ldb, ldc: [
        rows(m, n, ldc),
        rows(m, k, lda, ta),
        rows(k, n, ldb, tb),
    ],
    "log_softmax": lambda outer, n, inner: [dense(outer, n, inner)] * 2,
    "mean_square": lambda before, kept, behind: [dense(kept), dense(before, kept, behind)],
    "softmax": lambda outer, n, inner: [dense(outer, n, inner)] * 2,
    "softmax_back": lambda outer, n, inner: [dense(outer, n, inner)] * 3,
    "sum": lambda before, kept, behind: [dense(kept), dense(before, kept, behind)],
    "window_argmax": _found,
    "window_drop": _dropped,
    "window_max": _reduced,
    "window_spread": _spread,
    "window_sum": _reduced,
}
"""By the name of the kernel."""


def walks(name: str, ints: Sequence[int], kind: str) -> list[Walk]:
    """The ways of a kernel for a floating type. Errors: LayoutError for a kernel that says nothing
    of its arrays, and for rows that run into each other."""
    if name not in KERNELS:
        raise LayoutError(f"{name}: no kernel says by this name how it goes through its arrays")
    try:
        first, *others = (each if each.kind else each.of(kind) for each in KERNELS[name](*ints))
    except LayoutError as error:
        raise LayoutError(f"{name}: {error}") from None
    return [first.written_to(), *others]
