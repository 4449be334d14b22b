# %% [markdown]
"""Tensors, and five ways to make one.

A tensor is a box of numbers of one kind:

    shape     how many there are along each dimension: () is a single number, (3,) a row of three,
              (2, 3) two such rows, (4, 2, 3) four such tables
    dtype     how each is kept: float32 where they have a point, int64 where they have none, bool
    device    where: in the computer's memory, or in a GPU's

It is made from numbers, from a shape, from a range, from chance, or in the likeness of another.

Lessons T1 to T7 also run on PyTorch: change ``import minigrad as torch`` to ``import torch``.
"""

# %% tags=["parameters"]
SEED = 0

# %%
import numpy as np

import minigrad as torch
from minigrad.lessons.drawing import beside

# %% [markdown]
# ## From numbers
#
# Lists in lists, all rows of one length. The numbers say what the dtype is. An array is copied, and
# its dtype with it: NumPy's numbers with a point are float64.

# %%
whole = torch.tensor([1, 2, 3])
real = torch.tensor([1, 2.5, 3])
truths = torch.tensor([True, False])
table = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
single = torch.tensor(3.14)
from_array = torch.tensor(np.array([0.5, 1.5]))
for x in (whole, real, truths, table, single, from_array):
    print(f"shape {x.shape!s:8} {x.dtype!s:9} {x.tolist()}")

# %% [markdown]
# The older spellings have the dtype in their name. Beware: given numbers instead of a list, they
# take them for a shape, and the memory is as it was found.

# %%
spelled = torch.Tensor([[1, 2]])
spelled_int = torch.IntTensor([1, 3])
found = torch.FloatTensor(3, 2)
print(f"\n{torch.Tensor([[1, 2]]) = }\n{torch.IntTensor([1, 3]) = }")
print(f"FloatTensor(3, 2): shape {found.shape}, {found.dtype}, its numbers mean nothing")

# %% [markdown]
# ## From a shape
#
# `empty` is as `FloatTensor(3, 2)`: fastest, for what will be written over anyway.

# %%
zeros = torch.zeros(2, 3)
ones = torch.ones(2, 3)
sevens = torch.full((2, 3), 7.0)
identity = torch.eye(3)
empty = torch.empty(2, 3)
print()
print(beside(("zeros", zeros), ("ones", ones), ("full of 7", sevens), ("eye", identity)))

# %% [markdown]
# ## From a range
#
# `arange` is told the step and stops before the end, as Python's `range`. `linspace` is told how
# many, and the end is among them.

# %%
counted = torch.arange(5)
stepped = torch.arange(1, 10, 3)
spaced = torch.linspace(-1, 1, 5)
print(f"\n{torch.arange(5) = }\n{torch.arange(1, 10, 3) = }\n{torch.linspace(-1, 1, 5) = }")

# %% [markdown]
# ## From chance
#
# `rand` draws from 0 to 1, each number as likely as any other; `randn` from the bell curve of mean
# 0 and deviation 1; `randint` whole numbers below the end; `randperm` is a shuffled `arange`. From
# the same seed come the same draws. (PyTorch has another generator, so it draws other numbers.)

# %%
torch.manual_seed(SEED)
uniform = torch.rand(2, 3)
normal = torch.randn(2, 3)
dice = torch.randint(1, 7, (2, 3))
shuffled = torch.randperm(6)
ordered = shuffled.sort().values
print()
print(beside(("rand", uniform), ("randn", normal), ("randint(1, 7)", dice), ("randperm", shuffled)))

torch.manual_seed(SEED)
again = torch.rand(2, 3)
print(f"\nthe same seed, the same draws: {torch.equal(uniform, again)}")
many = torch.randn(100_000)
print(f"100,000 of randn: mean {many.mean():.3f}, deviation {many.std():.3f}")

# %% [markdown]
# ## In the likeness of another
#
# Its shape, dtype and device; any of them can be given anew.

# %%
like = torch.ones_like(dice)
likenesses = (
    like,
    torch.zeros_like(uniform),
    torch.full_like(uniform, 9),
    torch.rand_like(uniform),
    torch.randn_like(uniform),
    torch.empty_like(uniform, dtype=torch.float64),
)
print(f"\nones_like(dice): {like.dtype} as the dice, of shape {like.shape}")

# %% [markdown]
# ## What a dtype can hold
#
# 0.1 has no end in base 2. The more bytes, the later it is cut off. Whole numbers are exact, up to
# the greatest there is room for.

# %%
kinds = (torch.float32, torch.float64, torch.int32, torch.int64, torch.bool)
tenths = [torch.tensor(0.1, dtype=kind).double() for kind in kinds]
print("\ndtype     bytes  0.1 becomes")
for kind, tenth in zip(kinds, tenths, strict=True):
    print(f"{kind!s:9} {torch.zeros(1, dtype=kind).element_size():5}  {tenth.item():.20g}")
print(f"the greatest int32 is {torch.iinfo(torch.int32).max:,}")

# %% [markdown]
# From one to another: what is behind the point is cut off, towards zero; all but 0 is True.

# %%
values = torch.tensor([-1.75, 0.0, 0.25, 2.5])
cut = values.int()
true = values.bool()
wide = values.to(torch.float64)
print(f"\n{values = }\n{values.int() = }\n{values.bool() = }\n{values.to(torch.float64) = }")

# %% [markdown]
# What is drawn or only found has a shape and a dtype that can be told beforehand, but no numbers.

# %%
made = (found, empty, uniform, normal, dice, *likenesses)
shapes = [tuple(each.shape) for each in made]
types = [(each.element_size(), each.is_floating_point()) for each in made]
print(f"\n{len(made)} tensors, of the shapes {sorted(set(shapes))}")
