"""The twin of ``minigrad/lessons/column_matrix.py``."""

# %% tags=["parameters"]
SEED = 0

# %%
import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(SEED)
x = torch.tensor(rng.integers(1, 10, (1, 2, 3, 3))).double().requires_grad_()
w = torch.tensor(rng.integers(-2, 3, (2, 2, 2, 2))).double().requires_grad_()

unfolded = F.unfold(x, (2, 2))[0]
folded = F.fold(unfolded[None], (3, 3), (2, 2))[0]
y = F.conv2d(x, w)
c = torch.tensor(rng.standard_normal((8, 4)))
forth = (unfolded * c).sum()
back_again = (x * F.fold(c[None], (3, 3), (2, 2))).sum()

g = torch.tensor(rng.integers(-3, 4, (2, 4))).double()
x_grad, w_grad = torch.autograd.grad(y, (x, w), g.view(1, 2, 2, 2))
