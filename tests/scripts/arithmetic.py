"""T2: arithmetic by operators, functions and methods, broadcast, and in place."""

import math

import torch

a = torch.tensor([[1.0, -2.0], [3.0, 4.5]])
b = torch.tensor([[2.0, 2.0], [0.5, -1.0]])
print(a + b, a - b, a * b, a / b, a % 2, a**2, -a, 2 + a, 1 - a, 3 / b, 2**b, a // 2, abs(a))
print(
    torch.add(a, b),
    torch.sub(a, b),
    torch.mul(a, b),
    torch.div(a, b),
    torch.pow(a, 2),
    torch.neg(a),
)
print(
    torch.abs(a),
    a.abs(),
    torch.exp(b),
    b.exp(),
    a.abs().log(),
    a.abs().sqrt(),
    torch.sqrt(torch.abs(a)),
)
print(
    a.clamp(0, 3),
    torch.clamp(a, min=0),
    torch.clamp(a, max=1),
    a.clamp_min(0),
    torch.clamp_max(a, 1),
)
print(
    a.round(),
    a.floor(),
    a.ceil(),
    a.trunc(),
    torch.sign(a),
    torch.sin(a),
    a.cos(),
    a.tanh(),
    a.sigmoid(),
)
print(a.add(b, alpha=2), torch.sub(a, 1), a.rsqrt(), torch.reciprocal(b), torch.square(a), a.pow(3))
print(
    torch.maximum(a, b),
    torch.minimum(a, b),
    torch.fmod(a, 2),
    torch.remainder(a, 2),
    torch.lerp(a, b, 0.5),
)

# integers and floats
i = torch.tensor([7, -7, 2])
print(i / 2, i // 2, i % 3, i * 2, i + 0.5, i.float() / 2, torch.div(i, 2, rounding_mode="trunc"))
print(i + torch.tensor([1.0, 2.0, 3.0]), (i > 0) + 1, True + i, i.dtype, (i * 1.0).dtype, i**2)

# broadcasting
row, column = torch.arange(3.0), torch.arange(2.0).unsqueeze(1)
print(row + column, row * column, (row + column).shape, torch.ones(2, 1, 3) * torch.ones(4, 1))
x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
print((x - x.mean(0)) / x.std(0), x / x.sum(1, keepdim=True), x + torch.tensor([10, 20]))
try:
    torch.ones(2, 3) + torch.ones(2)
except RuntimeError as error:
    print("size of tensor a (3) must match" in str(error))

# in place
c = torch.ones(2, 2)
same_object = c
c.add_(a).sub_(1).mul_(2).div_(4)
c += b
c -= 0.5
c *= 2
c /= 3
print(c, same_object is c, c.abs_(), c.sqrt_(), c.exp_(), c.clamp_(1, 3), c.zero_(), c.fill_(2))
c[:] = a
c[0] += 1
c.neg_().pow_(2).round_()
print(c, torch.relu(torch.tensor([-1.0, 1.0])), c.copy_(b))
loss = torch.tensor([4.0])
print(
    loss.item(),
    float(loss),
    int(loss),
    math.sqrt(loss),
    round(loss.item(), 2),
    f"{loss.item():.1f}",
)
print(
    sum([torch.tensor(1.0), torch.tensor(2.0)]),
    sum(a),
    max(a[0]),
    torch.tensor(2) ** 3,
    7 // torch.tensor(2),
)
