"""A: activations, their derivatives, and their pictures."""

import matplotlib
import torch
import torch.nn as nn
import torch.nn.functional as F

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

x = torch.arange(-4.0, 4.0, 0.5, requires_grad=True)

y = torch.sigmoid(x)
y.backward(torch.ones_like(x), retain_graph=True)
print(y, x.grad, torch.allclose(x.grad, (y * (1 - y)).detach()))
fig, ax = plt.subplots(figsize=(4, 2.5))
ax.plot(x.detach(), y.detach(), label="sigmoid")
ax.plot(x.detach().numpy(), x.grad.numpy(), label="its derivative")
ax.legend()
fig.savefig(folder + "/sigmoid.png")
plt.close("all")

x.grad.data.zero_()
y = torch.tanh(x)
y.sum().backward()
print(y, x.grad)
x.grad.zero_()
y = F.relu(x)
y.backward(torch.ones_like(x))
print(y, x.grad)

modules = [
    nn.Sigmoid(),
    nn.Tanh(),
    nn.ReLU(),
    nn.LeakyReLU(0.1),
    nn.ELU(),
    nn.SELU(),
    nn.PReLU(),
    nn.GELU(),
]
modules += [
    nn.Threshold(0.5, 20),
    nn.Softplus(),
    nn.ReLU6(),
    nn.Hardtanh(),
    nn.SiLU(),
    nn.Softsign(),
    nn.CELU(),
]
modules += [
    nn.Mish(),
    nn.LogSigmoid(),
    nn.Hardswish(),
    nn.Tanhshrink(),
    nn.Softshrink(),
    nn.Hardsigmoid(),
]
for module in modules:
    (slope,) = torch.autograd.grad(module(x).sum(), x)
    print(module, module(x)[:4].data, slope[-3:])
print(
    F.leaky_relu(x, negative_slope=0.2),
    F.elu(x, alpha=0.5),
    F.selu(x),
    F.threshold(x, 1, -1),
    torch.selu(x),
)
print(
    F.prelu(x, torch.tensor([0.25])),
    F.gelu(x),
    F.softplus(x, beta=2),
    F.relu6(x * 2),
    F.hardtanh(x, -2, 2),
)


# softmax
def softmax(v):
    e = torch.exp(v - v.max())
    return e / e.sum()


scores = torch.tensor([1.0, 2.0, 1.0, 5.0, 6.0])
print(
    softmax(scores),
    F.softmax(scores, dim=0),
    nn.Softmax(dim=0)(scores),
    torch.softmax(scores, 0).sum(),
)
print(
    F.log_softmax(scores, dim=-1), nn.LogSoftmax(dim=0)(scores), torch.argmax(F.softmax(scores, 0))
)
print(nn.Softmax(dim=1)(torch.tensor([[1.0, 1.0], [0.0, 1000.0]])), F.softmin(scores, 0))
p = nn.PReLU(num_parameters=2, init=0.1)
p(-torch.ones(1, 2, 3)).sum().backward()
print(p.weight, p.weight.grad, nn.ReLU(inplace=True)(torch.tensor([-1.0, 2.0])))
