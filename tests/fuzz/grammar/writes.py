"""Statements that write in place, into tensors and views of them."""

from __future__ import annotations

from typing import Any

from ..drawing import Drawing
from .indices import index, key

PLAIN = """add_({y}) sub_({y}) mul_({y}) div_({n}) add_({y},alpha={n}) sub_({y},alpha={n}) copy_({y}) fill_({n}) zero_()
add_({n}) mul_({n}) sub_({n},alpha={n}) add_({n},alpha=2) neg_() abs_() exp_() sin_() tanh_() sigmoid_() relu_() square_()
clamp_(-1,1) clamp_(min=0.1) masked_fill_({m},{n}) lerp_({y},0.3) addcmul_({y},{y},value={n}) pow_(2) round_() floor_()
maximum({y}) copysign_({y}) clamp_min_(0) tril_() triu_(1) fill_diagonal_({n}) atan2_({y}) remainder_(1.7) erf_() cos_()
reciprocal_() rsqrt_() log1p_() addcdiv_({y},{y}.abs()+0.5) hypot_({y}) nan_to_num_() trunc_() sign_() t_() unsqueeze_(0)
squeeze_() cumsum_(0) expm1_() atan_() masked_scatter_({m},{y}.reshape(-1).clone()) transpose_(0,-1) sinh_() frac_() logit_(0.01)
copy_({y}.float()) swapaxes_(0,-1) float_power_(2)""".split()


def writable(t: Any) -> bool:
    """Whether no two of its numbers are one in memory."""
    if not t.numel():
        return True
    steps = sorted((abs(s), n) for s, n in zip(t.stride(), t.shape, strict=True) if n > 1)
    reach = 1
    for step, n in steps:
        if step < reach:
            return False
        reach = step * (n - 1) + reach
    return True


def plain(d: Drawing) -> str:
    x = d.pick(writable)
    shape = d[x].shape
    y, m = d.wide(shape), d.wide(shape, "b")
    if d.chance(0.3):
        seen = d.seen(x)
        if writable(d[seen]) and seen != x and not any(w in seen for w in ("flip", "detach")):
            shape = d[seen].shape
            y, m = d.wide(shape), d.wide(shape, "b")
            x = seen
    text = f"{x}.{d.one(PLAIN).format(y=y, m=m, n=d.number())}"
    return _quietly(d, x, text)


def items(d: Drawing) -> str:
    x = d.pick(writable)
    where = key(d, x)
    part = d[f"{x}[{where}]"]
    value = d.one([d.number(), d.wide(part.shape), d.like(part.shape)])
    sign = d.one(["=", "=", "=", "+=", "*="])
    if d.chance(0.2):
        return _quietly(d, x, f"{x}[{x} > {d.number()}] = {d.number()}")
    return _quietly(d, x, f"{x}[{where}] {sign} {value}")


def augmented(d: Drawing) -> str:
    x = d.pick(writable)
    return _quietly(
        d, x, f"{x} {d.one(['+=', '-=', '*='])} {d.one([d.number(), d.wide(d[x].shape)])}"
    )


def indexed(d: Drawing) -> str:
    x = d.pick(lambda t: writable(t) and t.ndim > 0 and t.numel() > 0)
    t = d[x]
    i = d.whole(0, t.ndim - 1)
    n, k = t.shape[i], d.whole(1, 3)
    other = tuple(k if j == i else m for j, m in enumerate(t.shape))
    row, full = index(d, n, (k,)), index(d, n, other)
    # What is read must not lie where it is written: PyTorch does not look.
    text = d.one(
        [f"{x}.index_add_({i}, {row}, {d.like(other)}.clone())", f"{x}.scatter_add_({i}, {full}, {d.like(other)}.clone())",
         f"{x}.index_fill_({i}, {row}, {d.number()})", f"{x}.index_copy_({i}, {row}[:1], {d.like(other)}.clone().narrow({i}, 0, 1))",
         f"{x}.scatter_({i}, {full}, {d.number()})", f"{x}.index_add_({i}, {row}, {d.like(other)}.clone(), alpha={d.number()})",
         f"{x}.scatter_reduce_({i}, {full}, {d.like(other)}.clone(), reduce='sum')", f"{x}.put_({row}[:1], {d.like((1,))})"]
    )  # fmt: skip
    return _quietly(d, x, text)


def out(d: Drawing) -> str:
    x = d.operand()
    y = d.wide(d[x].shape)
    text = d.one(
        ["torch.add({x}, {y}, alpha=2", "torch.mul({x}, {y}", "torch.sub({x}.detach(), {y}.detach()",
         "torch.matmul({x}.detach().clone(), {x}.detach().clone().mT", "torch.div({x}, {y}.exp()"]
    ).format(x=x, y=y)  # fmt: skip
    shape = tuple(d[f"{text})"].shape)
    goal = d.pick(lambda t: writable(t) and not t.requires_grad and tuple(t.shape) == shape)
    return f"!{text}, out={goal})"


def integer(d: Drawing) -> str:
    x = d.pick(writable, "i")
    return "!" + d.one(["{x}.add_(1)", "{x}.mul_(2)", "{x}.add_({y})", "{x}.fill_(3)", "{x}.clamp_(0, 2)", "{x}.zero_()",
                        "{x}.sub_({y}, alpha=2)", "{x}.add_({y}, alpha=2)", "{x}.bitwise_and_(3)", "{x}.copy_({y})",
                        "{x}.masked_fill_({x} > 1, 0)", "{x}.neg_()", "{x}.floor_divide_(2)"]
                       ).format(x=x, y=d.wide(d[x].shape, "i"))  # fmt: skip


def _quietly(d: Drawing, x: str, text: str) -> str:
    if (d[x].requires_grad and d[x].is_leaf) or d.chance(0.12):
        return f"!with torch.no_grad():\n    {text}"
    return f"!{text}"


MAKERS = [(plain, 8), (items, 5), (augmented, 2), (indexed, 3), (out, 1), (integer, 1)]
