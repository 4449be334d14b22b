"""The twin of ``minigrad/lessons/matrices.py``."""

# %% tags=["parameters"]
A = [[2.0, 1.0], [0.5, 1.5]]

# %%
import torch

a = torch.tensor(A)
v = torch.tensor([1.0, 2.0])
b = torch.tensor([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])
av = torch.mv(a, v)
ab = torch.mm(a, b)

inverse = torch.inverse(a)
det = torch.det(a)
there_and_back = inverse @ a
solution = inverse @ av

line = torch.arange(6)
table = line.view(2, 3)
turned = table.t()
line[4] = 40
strides = [table.stride(), turned.stride(), torch.transpose(table, 0, 1).stride()]
copied = turned.reshape(6)
copied[0] = -1
guessed = line.reshape(-1, 2)
