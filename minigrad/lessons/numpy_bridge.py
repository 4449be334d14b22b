# %% [markdown]
"""The bridge to NumPy and Python: shared memory, numbers, shapes, and printing.

    torch.from_numpy(array)    a tensor that *is* the array's memory
    x.numpy()                  an array that is the tensor's memory
    torch.tensor(array)        a copy
    x.item(), x.tolist()       a number, lists of numbers: Python's own

Going over costs nothing, and what is written on one side is seen on the other. It works on the CPU;
a tensor on a GPU is brought back first, x.cpu().numpy().
"""

# %% tags=["parameters"]
NUMBERS = [1.0, 2.0, 3.0, 4.0]

# %%
import numpy as np

import minigrad as torch

# %% [markdown]
# ## One memory, two names

# %%
array = np.array(NUMBERS)
tensor = torch.from_numpy(array)
copy = torch.tensor(array)
array[0] = -1
tensor.mul_(10)
back = tensor.numpy()
back[-1] = 0
print(f"{array = }\n{tensor = }\n{copy = }")
print(f"one memory: {np.shares_memory(array, back)}; float64 as NumPy has it: {tensor.dtype}")
changed = [tensor, torch.tensor(array), copy]

# %% [markdown]
# A tensor can be handed to NumPy's functions as it is.

# %%
print(f"\n{np.concatenate([copy, [5.0]]) = }\n{np.asarray(copy).mean() = }")

# %% [markdown]
# ## To Python
#
# `item` is for a tensor with one number. float32 shows its rounding when it becomes Python's float.

# %%
x = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
total = x.sum().item()
print(f"\n{x[0, 0].item() = }\n{x.tolist() = }")
print(f"total {total:.2f}, a {type(total).__name__}")
try:
    x.item()
except RuntimeError as error:
    print(error)

# %% [markdown]
# ## Sizes

# %%
print(f"\n{x.shape = }\n{x.size() = }\n{x.size(0) = }\n{x.size(-1) = }")
print(f"{x.dim() = }\n{x.numel() = }\n{len(x) = }")
sizes = [x.size(0), x.size(1), x.size(-1), x.dim(), x.numel(), len(x)]

# %% [markdown]
# ## Numbers that have a gradient
#
# NumPy knows no tape, so a tensor that wants a gradient does not go over by itself. `detach()` and
# `.data` are the same numbers without the tape, and still the same memory.

# %%
w = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    w.numpy()
except RuntimeError as error:
    print(f"\n{error}")
w.detach().numpy()[0] = 5
w.data[1] = 6
(w**2).sum().backward()
assert w.grad is not None
print(f"{w = }\n{w.detach() = }\n{w.grad = }")
weights, gradient = w.detach(), w.grad

# %% [markdown]
# ## Printing
#
# Four digits behind the point, in columns; one factor for all where sizes differ widely; of many
# numbers the first and the last. The dtype is named where it is neither float32, int64 nor bool.

# %%
print()
print(torch.tensor([1.0, 20.0, 300.0]), torch.tensor([1, 20, 300]), torch.tensor(2.5))
print(torch.tensor([0.00001, 123456.0]))
print(torch.arange(10000))
print(torch.eye(2, dtype=torch.float64))
print((w * 2).sum())
loss = torch.tensor(0.123456)
print(f"as text: {loss:.3f}; as {loss.item():.1%}")
torch.set_printoptions(precision=2)
print(torch.tensor([3.14159, 2.71828]))
torch.set_printoptions(profile="default")
