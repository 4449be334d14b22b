"""The twin of ``minigrad/lessons/activations.py``."""

# %% tags=["parameters"]
SEED = 0
SCORES = (1.0, 2.0, 1.0, 5.0, 6.0)
LEAK = 0.1
THRESHOLD = 1.0
VALUE = -0.5

# %%
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# %%
x = torch.linspace(-4, 4, 400, dtype=torch.float64, requires_grad=True)
functions, slopes = [], []
for layer in (
    nn.Sigmoid(),
    nn.Tanh(),
    nn.ReLU(),
    nn.LeakyReLU(LEAK),
    nn.PReLU(dtype=torch.float64),
    nn.ELU(),
    nn.SELU(),
    nn.Threshold(THRESHOLD, VALUE),
):
    y = layer(x)
    functions.append(y.detach())
    slopes.append(torch.autograd.grad(y.sum(), x)[0])

# %%
prelu = nn.PReLU(dtype=torch.float64)
(by_alpha,) = torch.autograd.grad(prelu(x).sum(), prelu.weight)

rng = np.random.default_rng(SEED)
units = 300
through_selu = through_relu = through_he = torch.tensor(rng.standard_normal((1000, units)))
for _ in range(10):
    weight = torch.tensor(rng.standard_normal((units, units)) / units**0.5)
    through_selu, through_relu = F.selu(through_selu @ weight), F.relu(through_relu @ weight)
    through_he = F.relu(through_he @ (2**0.5 * weight))

# %%
z = torch.tensor(SCORES, dtype=torch.float64)
p = torch.softmax(z, dim=0)
jacobian = torch.autograd.functional.jacobian(lambda z: torch.softmax(z, dim=0), z)
