# %% [markdown]
"""Devices: numbers on the CPU and on a GPU.

A tensor lives in one memory, and is computed with where it lives:

    x.to("cuda:0")    a copy in the first GPU's memory; x itself, if it is there already
    x.cuda()          the same, on the GPU that is used at the moment
    x.cpu()           a copy in the computer's memory; x itself, if it is there already
    model.to(...)     the parameters of a module are moved, the module stays the same

All operands of an operation must be in one memory: nothing is ever moved silently. So a program
chooses a device once, at its beginning, and puts the model and each batch there.
"""

# %% tags=["parameters"]
SEED = 0

# %%
import numpy as np

import minigrad as torch
from minigrad import nn

# %% [markdown]
# ## Is there a GPU?

# %%
available = torch.cuda.is_available()
device = torch.device("cuda:0" if available else "cpu")
print(f"{torch.cuda.is_available() = }\n{torch.cuda.device_count() = }")
print(f"this lesson computes on {torch.cuda.get_device_name(device) if available else device}")

# %% [markdown]
# ## Moving a tensor
#
# Without a GPU the move fails, and says what is missing.

# %%
x = torch.arange(6.0).reshape(2, 3)
try:
    moved = x.to("cuda:0")
    print(f"\nx is on {x.device}, its copies on {moved.device} and {x.cuda().device}")
    moved + x
except (RuntimeError, AssertionError) as error:  # the latter is PyTorch's
    print(f"\n{error}")

# %% [markdown]
# With a GPU the message came from the last line: one operand is here, the other there. What follows
# runs on both.

# %%
x = x.to(device)
ones = torch.ones(2, 3, device=device)
y = x * 2 + ones
print(f"\n{y.device}: {y.tolist()}")
print(f"what is made of y is where y is: {torch.zeros_like(y).device}, {y.new_ones(2).device}")
assert x.to(device) is x and x.cpu().device == torch.device("cpu")

# %% [markdown]
# ## Moving a module
#
# The model first, then the optimizer, which keeps what it needs beside the parameters.

# %%
rng = np.random.default_rng(SEED)
model = nn.Sequential(nn.FullConnection(3, 4), nn.Tanh(), nn.FullConnection(4, 1))
for parameter in model.parameters():
    start = rng.uniform(-1, 1, parameter.shape)
    parameter.data[:] = torch.tensor(start, dtype=torch.float32)
model.to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for name, parameter in model.named_parameters():
    print(f"{name:9} {parameter.shape!s:7} {parameter.dtype} on {parameter.device}")

losses = []
target = torch.tensor([[1.0], [-1.0]]).to(device)
for _ in range(10):
    loss = nn.MSELoss()(model(x), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"ten steps on {loss.device}: loss {losses[0]:.4f} to {losses[-1]:.4f}")

# %% [markdown]
# ## Back to the CPU
#
# For NumPy, for a plot, for a file. `item()` and `tolist()` bring their numbers by themselves.

# %%
predictions = model(x).detach().cpu().numpy()
model.cpu()
on_the_cpu = model(x.cpu()).detach()
print(f"\n{predictions.ravel()}, and from the model on the CPU {on_the_cpu.numpy().ravel()}")
