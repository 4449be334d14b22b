"""Turns of phrase that scripts are full of."""

import copy
from pathlib import Path

import numpy as np
import torch
from torch.autograd import Variable
from torch.autograd.functional import hessian, jacobian

torch.manual_seed(0)
x = torch.arange(6.0).view(2, 3)

# every argument by its name
print(
    torch.exp(input=x),
    torch.add(input=x, other=1),
    torch.matmul(input=x, other=x.T),
    torch.sum(input=x, dim=0),
)
print(
    torch.reshape(x, shape=(3, 2)),
    torch.flip(x, dims=(0,)),
    torch.permute(x, dims=(1, 0)),
    torch.cat((x, x), axis=1),
)
print(
    torch.zeros(size=(1, 2)),
    torch.arange(start=0, end=1, step=0.5),
    torch.linspace(start=0, end=1, steps=3),
)
print(
    torch.unsqueeze(x, dim=1).shape,
    torch.squeeze(input=x[None], dim=0).shape,
    torch.softmax(x, axis=1).sum(1),
)
print(
    torch.split(x, split_size_or_sections=[1, 2], dim=1)[1],
    torch.where(condition=x > 2, input=x, other=-x),
)
z, total = torch.empty(2, 3), torch.empty(2, 2)
torch.mul(x, x, out=z)
torch.matmul(x, x.t(), out=total)
torch.add(x, x, out=z)
print(
    z, total, np.exp(torch.zeros(2)), torch.where(x > 4)[1], torch.isin(x, torch.tensor([1.0, 5.0]))
)

# what is it?
print(
    isinstance(x, torch.Tensor),
    torch.is_tensor([1]),
    isinstance(x, torch.FloatTensor),
    type(x).__name__,
    x.is_cpu,
)
print(
    x.type(torch.LongTensor),
    x.type(torch.float64).dtype,
    x.long().type(torch.FloatTensor),
    x.get_device(),
    x.nbytes,
)
print(
    isinstance(torch.nn.Parameter(x), torch.Tensor),
    x.dtype is torch.float32,
    isinstance(x.dtype, torch.dtype),
)
loss = torch.tensor(0.25)
print(
    f"{loss} {loss:.3f} {loss.item():>8.2f}",
    "%.2f" % loss,
    "{:5.1f} %".format(100 * loss),
    str(loss),
    [loss],
    float(loss),
)
if loss < 0.5 and not torch.isnan(loss):
    print(
        "small",
        max(loss, torch.tensor(0.1)),
        min([loss.item(), 1]),
        sorted([3, loss]),
        loss in [loss],
    )
for i, (row, n) in enumerate(zip(x, range(2))):
    print(i, n, row, row.sum(), row.tolist(), *row.int().tolist())
print(
    [list(r.shape) for r in torch.split(x, 1)],
    dict(zip("abc", x[0].tolist())),
    np.mean([v.item() for v in x[1]]),
)
a, b, c = x[1]
first, *rest = x.unbind(1)
print(
    a,
    b + c,
    first,
    len(rest),
    x[1].numpy()[::-1].copy(),
    sum(v**2 for v in x[0]),
    torch.stack([v for v in x]).equal(x),
)

# shared or not
y = x
y += 1
w = x.clone()
w.zero_()
view = x.view(-1)
view[0] = -1
print(x, y is x, w, copy.deepcopy(x).sub_(x), x.data_ptr() == view.data_ptr(), id(x) == id(y))
q = x[:, 1].clone()
x[:, 1], x[:, 2] = x[:, 2].clone(), q
print(x, x[torch.randperm(2)].sum(), x.sum().sqrt(), (x**2).mean().item())

# derivatives
v = Variable(torch.ones(2), requires_grad=True)
(v * torch.tensor([1.0, 2.0])).sum().backward()
print(
    v.grad,
    v.grad.data.norm(),
    jacobian(lambda t: t**2, torch.ones(2)),
    hessian(lambda t: (t**3).sum(), torch.ones(2)),
)
p = torch.ones(3, requires_grad=True)
for k in range(3):
    (p * k).sum().backward(retain_graph=True)
g = torch.autograd.grad(
    outputs=(p**2).sum(), inputs=p, grad_outputs=torch.tensor(2.0), create_graph=True
)[0]
g.sum().backward()
print(p.grad, g, p.detach().requires_grad, (p.detach() * 2).grad_fn, p.sum().is_leaf)
with torch.no_grad():
    p[0] = 5
    p.grad = None
print(p, p.grad, p.requires_grad, torch.is_grad_enabled())

# files
path = Path(folder) / "numbers.pt"
torch.save(obj={"x": x, "epoch": 3}, f=path)
again = torch.load(f=path)
print(
    again["epoch"],
    torch.equal(again["x"], x),
    path.exists(),
    torch.load(str(path), map_location="cpu").keys(),
)
