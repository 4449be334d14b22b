"""T5: picking numbers, and putting others in their place."""

import numpy as np
import torch

x = torch.arange(12.0).reshape(3, 4)
print(
    x[0],
    x[-1],
    x[1, 2],
    x[1][2],
    x[0, 1].item(),
    x[:, 0],
    x[:, 1:3],
    x[1:],
    x[::2],
    x[..., -1],
    x[:, -2:],
)
print(
    x[[0, 2]],
    x[:, [0, 3]],
    x[[0, 1], [2, 3]],
    x[torch.tensor([2, 0])],
    x[torch.arange(3), torch.tensor([0, 1, 2])],
)
print(
    x[x > 5],
    x[x[:, 0] > 0],
    x[(x > 2) & (x < 7)],
    x[x.sum(1).argmax()],
    x[None].shape,
    x[:, None, :].shape,
)
print(
    x[np.array([0, 1])],
    x[torch.tensor(1)],
    x[slice(0, 2)],
    x[range(2)],
    x[torch.tensor([True, False, True])],
)

# writing
p = x / 12
p[p >= 0.5] = 1
p[p < 0.5] = 0
print(p)
p[0] = torch.tensor([1.0, 2.0, 3.0, 4.0])
p[:, 0] = 9
p[1, 1:3] = -1
p[[0, 2], [3, 3]] = torch.tensor([7.0, 8.0])
p[-1] += 0.5
p[:, 2] *= 2
p[p == 9] -= 1
print(p)
pred = torch.tensor([[0.2, 0.5, 0.3]])
out = torch.zeros(1, 3)
out[:, torch.argmax(pred, axis=1)] = 1
print(
    out,
    torch.where(pred > 0.25, pred, torch.zeros_like(pred)),
    torch.where(x > 5, 1, 0),
    torch.nonzero(x > 9),
)
view = x[1]
view[0] = 100
copy = x[1].clone()
copy[0] = -1
print(x, copy, x[1].data_ptr() == view.data_ptr())

# joining and parting
a, b = torch.ones(2, 3), torch.zeros(2, 3)
print(
    torch.cat((a, b)),
    torch.cat([a, b], dim=1),
    torch.cat((a, b), axis=0).shape,
    torch.stack([a, b]).shape,
)
print(torch.stack((a, b), dim=-1).shape, torch.vstack((a, b)).shape, torch.hstack([a, b]).shape)
first, second = torch.split(x, 2, dim=1)
print(first, second, torch.chunk(x, 3)[2], x.unbind(1)[0], [part.shape for part in x.split([1, 2])])

# order
order = same(torch.randperm(3).tolist())
print(x[order], x[torch.tensor(order)], x.flip(0), torch.flip(x, dims=[0, 1]), torch.roll(x, 1, 0))
print(
    x.gather(1, torch.tensor([[0], [1], [2]])),
    x.index_select(1, torch.tensor([0, 2])),
    x.masked_select(x > 8),
)
print(
    torch.zeros(3, 4).scatter_(1, torch.tensor([[1], [3], [0]]), 1),
    x.masked_fill(x > 50, 0),
    x.take(torch.tensor([0, 5])),
)
labels = torch.tensor([2, 0, 1])
print(torch.eye(3)[labels], torch.nn.functional.one_hot(labels), x[range(3), labels], x[:, labels])
for i, row in enumerate(x):
    print(i, row, row[0], *[f"{v:.1f}" for v in row], sep=" ")
for a_row, label in zip(x, labels):
    print(a_row[label], label)
print([int(v) for v in labels], labels.tolist(), list(labels), len(x), 3 in labels, 2 in labels)
