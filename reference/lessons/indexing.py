"""The twin of ``minigrad/lessons/indexing.py``."""

# %% tags=["parameters"]
SEED = 0

# %%
import torch

x = torch.arange(12.0).reshape(3, 4)
rows, columns, scattered, masked = x[[2, 0]], x[:, 1:3], x[[0, 2], [3, 1]], x[x > 5]
edges = [x[1], x[-1], x[0], x[2, :]]
single = x[1, 2].item()

view = x[1]
copy = x[[1]]
view[0] = 100

p = torch.tensor([[0.2, 0.5, 0.9], [0.7, 0.1, 0.4]])
p[p >= 0.5] = 1
p[p < 0.5] = 0
table = torch.zeros(3, 4)
table[0] = 1
table[:, 1] = torch.tensor([7.0, 8.0, 9.0])
table[[1, 2], [3, 3]] = 5
table[-1] += 0.5

a, b = torch.zeros(2, 3), torch.ones(2, 3)
below, side_by_side, stacked = torch.cat([a, b]), torch.cat([a, b], dim=1), torch.stack([a, b])

torch.manual_seed(SEED)
samples = torch.arange(10, 60, 10)
labels = torch.tensor([1, 2, 3, 4, 5])
order = torch.randperm(5)
shuffled = torch.stack([samples[order], labels[order]])
restored = shuffled[:, order.argsort()]
