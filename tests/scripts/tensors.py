"""A tour of tensors: creation, arithmetic, reduction, linear algebra, indexing, NumPy, devices."""

import numpy as np
import torch

# creation
x = torch.Tensor([[1, 2], [3, 4]])
y = torch.FloatTensor(np.arange(4).reshape(2, 2))
i = torch.IntTensor([1, 3])
print(x, y, i)
print(torch.FloatTensor(3, 2).shape, torch.empty(2, 3).size(), torch.rand(2, 3).size(1))
print(torch.zeros(2, 3), torch.ones(2, dtype=torch.float64), torch.eye(3))
print(torch.arange(0, 10, 2), torch.linspace(0, 1, 5), torch.full((2, 2), 7.5))
print(torch.zeros_like(x), torch.ones_like(i), torch.tensor([True, False]), torch.tensor(3.5))
print(x.dtype, i.dtype, torch.tensor([1, 2]).dtype, torch.tensor([1.0]).double().dtype)
print(sorted(torch.randperm(5).tolist()), torch.randint(3, 4, (2,)), torch.randn(4, 4).shape)

# arithmetic
print(x + y, x - y, x * y, x / (y + 1), x % 2, x**2, -x)
print(torch.add(x, y), torch.sub(x, y), torch.mul(x, y), torch.div(x, y + 1), torch.pow(x, 2))
print(torch.abs(-x), torch.exp(x), torch.log(x), torch.sqrt(x), x.clamp(1.5, 3))
print(torch.clamp_min(x, 2), torch.clamp_max(x, 2), x + torch.tensor([10, 20]))
b = torch.ones(2, 2)
b.add_(x)
b.sub_(y)
b.mul_(2).div_(3)
print(b)

# comparison and reduction
print(x == y, x != y, x < 3, x <= y, (x > 1) & (x < 4), (x > 3) | (x < 2), ~(x > 2))
print(x.sum(), x.mean(), x.max(), x.min(), x.argmax(), x.sum(dim=0), x.mean(1, keepdim=True))
print(x.sum(axis=1), x.std(), x.var(dim=0), torch.prod(x), torch.cumsum(x, 0))
values, indices = torch.max(x, dim=1)
print(values, indices, torch.max(x, y), (x == x).all(1), (x > 3).any())
print(torch.sort(torch.tensor([3, 1, 2])), torch.topk(torch.tensor([3.0, 1.0, 2.0]), 2))

# linear algebra
print(torch.mm(x, y), x @ y, torch.mv(x, torch.ones(2)), torch.matmul(x, y), x.t(), x.T)
print(x.transpose(0, 1), x.reshape(1, 4), x.view(-1), x.view(4, -1), torch.inverse(x), x.det())
print(torch.einsum("ij,jk->ik", x, y), torch.dot(x[0], y[0]), x.norm(), torch.linalg.inv(x))

# indexing
p = torch.arange(12).reshape(3, 4).float() / 10
print(p[0], p[:, 1], p[1:, ::2], p[-1, -1], p[[0, 2]], p[torch.tensor([0, 2]), 1], p[p > 0.5])
p[p >= 0.5] = 1
p[0, 1:3] = torch.tensor([7.0, 8.0])
p[:, 0] = -1
print(p, torch.cat([p, p], dim=0).shape, torch.stack([p, p], 1).shape, p.unsqueeze(0).squeeze())
print(
    torch.where(p > 0, p, torch.zeros_like(p)),
    torch.chunk(p, 2, 1),
    p.gather(1, p.argmin(1)[:, None]),
)

# the bridge to NumPy
a = np.ones(3)
t = torch.from_numpy(a)
a[0] = 5
t[1] = 6
print(
    a,
    t,
    np.shares_memory(a, t.numpy()),
    t.numpy().dtype,
    t.sum().item(),
    t.tolist(),
    p.detach().data.shape,
)
print(len(p), p.numel(), p.dim(), p.ndim, p.size(), p.size(0), p.is_floating_point())

# devices
device = torch.device("cuda" if torch.cuda.is_available() and False else "cpu")
print(x.to(device).device, x.cpu().device, device)
print(x.to(torch.float64), x.int(), x.long(), x.bool(), x.half().dtype)
for row in p:
    print(row, f"{row.sum():.2f}", float(row[0]))
