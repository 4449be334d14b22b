"""Reading and writing by indices and masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..drawing import Drawing


def key(d: Drawing, x: str) -> str:
    """What stands between brackets."""
    t = d[x]
    items: list[str] = []
    for n in t.shape[: d.whole(0, t.ndim)]:
        kind = d.whole(0, 9)
        if kind < 3:
            items.append(str(d.whole(-n, n - 1)) if n else ":")
        elif kind < 7:
            low, high = sorted([d.whole(0, n), d.whole(0, n)])
            items.append(
                d.one([f"{low}:{high}", f"{low}:", f":{high}", "::2", ":", f"-{max(n // 2, 1)}:"])
            )
        elif kind == 7 and n:
            items.append(repr([d.whole(-n, n - 1) for _ in range(d.whole(1, 3))]))
        elif kind == 8 and n:
            items.append(index(d, n, (d.whole(1, 3),)))
        else:
            items.append(":")
    if d.chance(0.2):
        items.insert(d.whole(0, len(items)), "None")
    if d.chance(0.2):
        items.insert(d.whole(0, len(items)), "...")
    return ", ".join(items) or "..."


def index(d: Drawing, n: int, shape: tuple[int, ...], twice: bool = True) -> str:
    """An argument that holds indices below n: each call's others, or no index twice."""

    def make(call: int) -> Any:
        if not twice and shape and shape[-1] <= n:
            rows = [d.numbers.permutation(n)[: shape[-1]] for _ in range(int(np.prod(shape[:-1])))]
            return np.array(rows, np.int64).reshape(shape)
        return d.numbers.integers(0, max(n, 1), shape)

    name = d.argument(shape, "i", make)
    d.names.remove(name)  # its numbers are indices: nothing writes into it
    return name


def got(d: Drawing) -> str:
    x = d.operand(kinds=d.one("ffffib"))
    if d.chance(0.15):
        return f"{x}[{x} > 0]"
    return f"{x}[{key(d, x)}]"


def gathered(d: Drawing) -> str:
    x = d.operand(lambda t: t.ndim > 0 and t.numel() > 0)
    t = d[x]
    i = d.whole(0, t.ndim - 1)
    n, shape = t.shape[i], tuple(t.shape)
    k = d.whole(1, 4)
    other = tuple(k if j == i else m for j, m in enumerate(shape))
    within = tuple(d.whole(1, n) if j == i else m for j, m in enumerate(shape))
    row, full = index(d, n, (k,)), index(d, n, other)
    once = index(d, n, within, twice=False) if d.chance(0.5) else index(d, n, within)
    if i == t.ndim - 1:
        once = index(d, n, within, twice=False)
    texts = [
        f"{x}.index_select({i}, {row})", f"{x}.gather({i}, {full})", f"{x}.take_along_dim({full}, {i})",
        f"{x}.index_add({i}, {row}, {d.like(other)})", f"{x}.index_add({i}, {row}, {d.like(other)}, alpha={d.number()})",
        f"{x}.index_fill({i}, {row}, {d.number()})", f"{x}.scatter_add({i}, {full}, {d.like(other)})",
        f"{x}.take({index(d, t.numel(), (k, 2))})", f"{x}.masked_select({x} > 0)", f"{x}[{row}]" if i == 0 else f"{x}[..., {row}]",
        f"{x}.masked_fill({x} < {d.number()}, {d.number()})", f"torch.nn.functional.embedding({row}, {x})" if t.ndim == 2 and i == 0 else x,
        f"{x}.scatter_reduce({i}, {full}, {d.like(other)}, reduce='{d.one(['sum', 'mean', 'amax', 'amin'])}')",
        f"torch.nn.functional.one_hot({row}, {n})", f"{x}.index_put((({row}),), {d.number()}{', True)' if d.chance(.3) else ')'}" if i == 0 else x,
        f"torch.where({d.wide(shape, 'b')}, {x}, {d.number()})", f"{x}.repeat_interleave({row}[:1], {i})",
    ]  # fmt: skip
    if i == t.ndim - 1:
        texts += [
            f"{x}.scatter({i}, {once}, {d.like(within)})",
            f"{x}.scatter({i}, {once}, {d.number()})",
        ]
        texts += [f"{x}.scatter({i}, {once}, {d.number()}, reduce='add')"]
    return d.one(texts)


MAKERS = [(got, 6), (gathered, 5)]
