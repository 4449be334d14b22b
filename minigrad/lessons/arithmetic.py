# %% [markdown]
"""Arithmetic of tensors: number by number, broadcast, and in place.

Operators work on each number by itself: (a ∘ b)[i, j] = a[i, j] ∘ b[i, j]. Where the shapes differ,
they are laid against each other at their right ends. A dimension that is 1, or is not there, is
repeated as often as the other one needs:

    (3, 1)      and   (4,)       give   (3, 4)       a column and a row: each with each
    (2, 3, 4)   and   (3, 1)     give   (2, 3, 4)
    (2, 3)      and   (2,)       do not fit          3 against 2
"""

# %% tags=["parameters"]
A = [-1.5, 0.0, 0.5, 4.0]
B = [2.0, 0.25, -1.0, 3.0]

# %%
import matplotlib.pyplot as plt
import numpy as np

import minigrad as torch
from minigrad.lessons.drawing import BLUE, GREEN, ORANGE, Board, Grid

a = torch.tensor(A)
b = torch.tensor(B)


def line(name: str, numbers: torch.Tensor) -> None:
    """A name, and the numbers in columns. (Adding 0 takes the sign from −0.)"""
    print(f"{name:14}", *(f"{number + 0:8.4g}" for number in numbers.tolist()))


# %% [markdown]
# ## Three spellings
#
# Operator, method and function are the same thing.

# %%
spellings = {
    "a + b": (a + b, a.add(b), torch.add(a, b)),
    "a - b": (a - b, a.sub(b), torch.sub(a, b)),
    "a * b": (a * b, a.mul(b), torch.mul(a, b)),
    "a / b": (a / b, a.div(b), torch.div(a, b)),
    "a % b": (a % b, a.remainder(b), torch.remainder(a, b)),
    "a ** 2": (a**2, a.pow(2), torch.pow(a, 2)),
    "-a": (-a, a.neg(), torch.neg(a)),
    "abs(a)": (abs(a), a.abs(), torch.abs(a)),
}
line("a", a)
line("b", b)
print()
for name, (operator, method, function) in spellings.items():
    assert torch.equal(operator, method) and torch.equal(operator, function)
    line(name, operator)
basic = [operator for operator, _, _ in spellings.values()]

# %% [markdown]
# `%` has the sign of its second number, as in Python: a = k b + a % b for some whole number k.
#
# ## Powers, roots, logarithms, bounds
#
# What has no answer among the real numbers is nan, "not a number", and nan stays nan in whatever is
# computed from it. The logarithm of 0 is −inf.

# %%
print()
line("a", a)
line("exp(a)", a.exp())
line("log(exp(a))", a.exp().log())
line("log(a)", torch.log(a))
line("sqrt(a)", torch.sqrt(a))
line("sqrt(abs(a))", a.abs().sqrt())
line("clamp(-1, 1)", a.clamp(-1, 1))
line("clamp_min(0)", a.clamp_min(0))
line("clamp_max(0)", torch.clamp_max(a, 0))
elementary = [a.exp(), a.exp().log(), a.abs().sqrt(), torch.exp(b), b.abs().log()]
bounded = [a.clamp(-1, 1), a.clamp_min(0), torch.clamp_max(a, 0), torch.clamp(a, max=2)]
undefined = [torch.isnan(torch.log(a)), torch.isinf(torch.log(a)), torch.isnan(torch.sqrt(a))]

# %% [markdown]
# ## Whole numbers
#
# `/` always gives numbers with a point; `//` rounds down. An int64 with a float32 gives a float32.

# %%
n = torch.tensor([7, -7])
print(f"\n{n / 2 = }\n{n // 2 = }\n{n % 3 = }\n{n * 2 = }\n{n + 0.5 = }")
divided, floored, rest, mixed = n / 2, n // 2, n % 3, n + 0.5

# %% [markdown]
# ## Broadcasting
#
# No number is copied for it; the pale ones are only read again.

# %%
column = torch.tensor([[0], [10], [20]])
row = torch.tensor([1, 2, 3, 4])
each_with_each = column + row
print(f"\n{tuple(column.shape)} + {tuple(row.shape)} = {tuple(each_with_each.shape)}")
print(each_with_each)

# %%
plt.style.use("minigrad.lessons.look")

repeated_column = np.broadcast_to(np.arange(4) > 0, (3, 4))
repeated_row = np.broadcast_to((np.arange(3) > 0)[:, None], (3, 4))
board = Board("broadcasting")
board.row(
    (0, 0),
    Grid(column.expand(3, 4), BLUE, "column (3, 1)", 0.45, repeated_column),
    "+",
    Grid(row.expand(3, 4), ORANGE, "row (4,)", 0.4, repeated_row),
    "=",
    Grid(each_with_each, GREEN, "sum (3, 4)", 0.3),
)
plt.show()

# %% [markdown]
# A use of it: each column of a table brought to mean 0 and deviation 1.

# %%
data = torch.tensor([[1.0, 200.0], [2.0, 400.0], [3.0, 600.0]])
standard = (data - data.mean(dim=0)) / data.std(dim=0)
print(f"\n{standard = }")
try:
    data + torch.ones(3)
except RuntimeError as error:
    print(f"(3, 2) + (3,): {error}")

# %% [markdown]
# ## In place
#
# An underscore at the end: the result is written over the first number, and no memory is needed for
# it. Whoever else has this tensor sees the change. `c += a` is `c.add_(a)`; `c = c + a` is not: it
# makes a tensor, and gives it the name.

# %%
c = torch.ones(4)
other_name = c
c.add_(a).mul_(2).sub_(b)
c += 1
print()
line("c", c)
line("other name", other_name)
c = c + 1
line("c + 1", c)
line("other name", other_name)
in_place = [other_name, c, c.clone().abs_().sqrt_(), c.clone().clamp_(0, 2), c.clone().zero_()]
