"""Other shapes, views, parts, and tensors put together."""

from __future__ import annotations

import math

from ..drawing import Drawing


def view(d: Drawing) -> str:
    return d.seen(d.operand(kinds=d.one("ffffib")))


def reshape(d: Drawing) -> str:
    x = d.operand(kinds=d.one("ffffib"))
    n = d[x].numel()
    a = d.one([k for k in range(1, n + 1) if n % k == 0] or [1])
    i = d.whole(-1, max(d[x].ndim - 1, 0))
    text = d.one(
        ["{x}.reshape(-1)", "{x}.reshape({a}, -1)", "{x}.view(-1)", "{x}.view({a}, -1)", "{x}.flatten()",
         "{x}.squeeze()", "{x}.unsqueeze({i})", "{x}.ravel()", "{x}.flatten(-2)", "{x}.squeeze({i})",
         "{x}.unflatten({i}, (-1, 1))", "{x}.contiguous().view(-1)", "{x}.reshape(1, {a}, -1)", "{x}.T",
         "{x}.movedim(0, -1)", "{x}.swapaxes(0, -1)", "torch.atleast_2d({x})", "{x}.view_as({x})",
         "{x}.permute(*range({x}.ndim)[::-1])", "torch.atleast_3d({x})"]
    )  # fmt: skip
    return text.format(x=x, a=a, i=i)


def copies(d: Drawing) -> str:
    x = d.operand(kinds=d.one("ffffi"))
    i, k = d.whole(0, max(d[x].ndim - 1, 0)), d.whole(-3, 3)
    text = d.one(
        ["{x}.flip({i})", "{x}.roll({k}, {i})", "{x}.roll({k})", "{x}.repeat(2, *[1] * ({x}.ndim - 1))", "{x}.tile(2)",
         "{x}.repeat_interleave(2, {i})", "{x}.tril({k})", "{x}.triu({k})", "{x}.rot90({k})", "{x}.diag_embed()",
         "{x}.diag()", "torch.nn.functional.pad({x}, (1, 2))", "torch.nn.functional.pad({x}, (-1, 1), value=0.5)",
         "torch.nn.functional.pad({x}, (1, 0, 0, 2))", "torch.nn.functional.pad({x}, (1, 1), mode='reflect')",
         "torch.nn.functional.pad({x}, (1, 1), mode='replicate')",
         "torch.nn.functional.pad({x}, (1, 0), mode='circular')", "{x}.fliplr()", "torch.block_diag({x}, {x})"]
    )  # fmt: skip
    return text.format(x=x, i=i, k=k)


def parts(d: Drawing) -> str:
    x = d.operand(lambda t: t.ndim > 0, kinds=d.one("ffffi"))
    i = d.whole(0, d[x].ndim - 1)
    n = d[x].shape[i]
    text = d.one(
        ["{x}.chunk(2, {i})", "{x}.split({a}, {i})", "{x}.unbind({i})", "{x}.tensor_split(2, {i})",
         "{x}.split([{b}, {c}], {i})", "{x}.select({i}, {k})", "{x}.narrow({i}, {b}, {c})", "torch.hsplit({x}, 1)"]
    )  # fmt: skip
    b = d.whole(0, n)
    return text.format(
        x=x, i=i, a=max(1, math.ceil(n / 2)), b=b, c=n - b, k=d.whole(-1, max(n - 1, 0))
    )


def joined(d: Drawing) -> str:
    x = d.operand(kinds=d.one("ffffi"))
    shape = tuple(d[x].shape)
    kind = "f" if d[x].is_floating_point() else "i"
    if not shape:
        return f"torch.stack([{x}, {d.like((), kind)}])"
    i = d.whole(0, len(shape) - 1)
    other = list(shape)
    other[i] = d.whole(0, 3)
    return d.one(
        [f"torch.cat([{x}, {d.like(other, kind)}], {i})", f"torch.stack([{x}, {d.like(shape, kind)}], {i})",
         f"torch.cat([{x}, {x}, {d.like(other, kind)}], dim={i})", f"torch.hstack([{x}, {x}])",
         f"torch.vstack([{x}, {d.like(shape, kind)}])", f"torch.column_stack([{x}, {x}])",
         f"torch.concat(({x}, {d.like(other, kind)}), {i})", f"torch.dstack([{x}, {x}])",
         f"torch.broadcast_tensors({x}, {d.wide(shape, kind)})", f"torch.meshgrid({x}.reshape(-1)[:3], "
         f"{x}.reshape(-1)[:2], indexing='{d.one(['ij', 'xy'])}')"]
    )  # fmt: skip


def made(d: Drawing) -> str:
    """New tensors, of constants and like others."""
    x = d.operand(kinds=d.one("ffi"))
    n = d.whole(1, 5)
    text = d.one(
        ["torch.zeros({n}, 2, dtype=torch.float64)", "torch.ones({n})", "torch.arange({n})", "torch.eye({n})",
         "torch.full(({n}, 2), 1.5)", "torch.linspace(-1, 1, {n}, dtype=torch.float64)", "torch.zeros_like({x})",
         "torch.ones_like({x})", "torch.full_like({x}, 0.5)", "{x}.new_zeros({n})", "{x}.new_ones(2, {n})",
         "{x}.new_full(({n},), 2.5)", "{x}.new_tensor([1.5, 2.5])", "torch.tensor([[1.5, -2.5]])",
         "torch.arange(0, {n}, 0.5, dtype=torch.float64)", "torch.empty_like({x}).fill_(0.3)",
         "torch.empty({n}, dtype=torch.float64).fill_(2)", "torch.empty_like({x}).copy_({x})",
         "torch.logspace(0, 1, {n}, dtype=torch.float64)", "torch.tril_indices({n}, {n})",
         "{x}.new_empty({n}).zero_()", "torch.scalar_tensor(0.5)", "torch.tensor({n}) * {x}",
         "torch.arange({n}, dtype={x}.dtype)", "torch.zeros(0)", "torch.vander({x}.reshape(-1)[:3])"]
    )  # fmt: skip
    return text.format(x=x, n=n)


MAKERS = [(view, 7), (reshape, 5), (copies, 4), (parts, 3), (joined, 4), (made, 3)]
