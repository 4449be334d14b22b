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


def _gemms(ta: int, tb: int, m: int, n: int, k: int, *rest: int) -> list[Walk]:
    """Through products of batches: as the single ones, and from each matrix to the next."""
    lda, ldb, ldc, many, more, *steps = rest
    single = (rows(m, n, ldc), rows(m, k, lda, ta), rows(k, n, ldb, tb))
    between = (steps[4:6], steps[:2], steps[2:4])
    return [
        Walk((many, more, *each.lengths), (*step, *each.steps), in_order=True)
        for each, step in zip(single, between, strict=True)
    ]


def _move(*geometry: int) -> list[Walk]:
    return [Walk(geometry[:6], geometry[i : i + 6]) for i in (6, 12)]


def _fold(what: int, *geometry: int) -> list[Walk]:
    """Through what is kept, and through all."""
    lengths, steps, own = geometry[:6], geometry[6:12], geometry[12:]
    return [Walk(lengths[:3], own), Walk(lengths, steps)]


def _picked(outer: int, inner: int, count: int, *rest: int) -> tuple[Walk, ...]:
    """Through what is picked, through what it is picked from, and through each index."""
    places, steps, (x_outer, x_inner) = rest[:4], rest[4:10], rest[10:12]
    holes = [rest[12 + i * 6 : 18 + i * 6] for i in range(count)]
    y = Walk((outer, *places, inner), steps, in_order=True)
    lengths, own = zip(*(hole[:2] for hole in holes), strict=True)
    x = Walk((outer, *lengths, inner), (x_outer, *own, x_inner), in_order=True)
    return y, x, *(Walk(places, hole[2:], INT64) for hole in holes)


def _put(*geometry: int) -> list[Walk]:
    y, x, *indices = _picked(*geometry)
    return [x, y, *indices]


KERNELS: dict[str, Callable[..., list[Walk]]] = {
    "add_at": _put,
    "band": lambda count, m, n, first, last: [dense(count, m, n)] * 2,
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
    "cumsum": lambda outer, n, inner, backwards: [dense(outer, n, inner)] * 2,
    "extreme": lambda outer, n, inner, sign: [
        dense(outer, inner).of(INT64),
        dense(outer, n, inner),
    ],
    "fill": lambda count: [dense(count)],
    "fold": _fold,
    "gather": lambda *geometry: [*_picked(*geometry)],
    "gemm": lambda ta, tb, m, n, k, lda, ldb, ldc: [
        rows(m, n, ldc),
        rows(m, k, lda, ta),
        rows(k, n, ldb, tb),
    ],
    "gemms": _gemms,
    "keep": lambda count, limit: [dense(count), dense(2).of(INT64)],
    "log_softmax": lambda outer, n, inner: [dense(outer, n, inner)] * 2,
    "mean_square": lambda before, kept, behind: [dense(kept), dense(before, kept, behind)],
    "move": _move,
    "put_at": _put,
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
