"""T6: there and back to NumPy and Python, and printing."""

import copy

import numpy as np
import torch

a = np.ones(4)
t = torch.from_numpy(a)
np.add(a, 1, out=a)
t[0] = -5
print(a, t, t.dtype, torch.tensor(a)[0], np.shares_memory(a, t.numpy()))
b = t.numpy()
t.add_(1)
print(b, type(b).__name__, np.asarray(t).sum(), np.array(t).shape, np.mean(t.numpy()), b.dtype)
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
try:
    x.numpy()
except RuntimeError as error:
    print("Use tensor.detach().numpy() instead" in str(error))
print(x.detach().numpy(), x.data.numpy(), x.detach().cpu().numpy().T, x.cpu().detach().tolist())
print(x.sum().item(), x.tolist(), x.size(), x.size(0), x.shape, x.data, x.detach(), float(x[0, 0]))
d = x.detach()
d[0, 0] = 10
x.data[1, 1] = 20
print(x, d.requires_grad, x.data.requires_grad, x.is_leaf)
print(
    np.max(x.detach().numpy()),
    np.concatenate([a, b])[:2],
    np.exp(torch.zeros(2)),
    a[torch.tensor([0, 1])],
)
print(
    torch.tensor(a.tolist()),
    torch.as_tensor(a) is torch.as_tensor(a),
    torch.tensor(np.float32(1.5)).dtype,
)
c = copy.deepcopy(x)
c.data.zero_()
print(x.data, c, copy.copy(t))

# printing
print(
    torch.tensor(1),
    torch.tensor(1.0),
    torch.tensor(True),
    torch.tensor([1.5, 2]),
    torch.tensor([1, 20, 300]),
)
print(
    torch.tensor([0.001, 1000.0]),
    torch.tensor([1e-6, 1.0]),
    torch.tensor([1e9, 1.0]),
    torch.tensor([-1.0, 2.0]),
)
print(
    torch.tensor([float("inf"), float("nan"), -1.5]),
    torch.zeros(0),
    torch.zeros(2, 0),
    torch.arange(30),
)
print(
    torch.zeros(2, 2, 2),
    torch.arange(2000),
    torch.ones(2, dtype=torch.float64),
    torch.ones(2, dtype=torch.int32),
)
print(
    x * 2,
    (x * 2).sum(),
    torch.nn.Parameter(torch.ones(2)),
    [torch.ones(1)],
    {"loss": torch.tensor(0.5)},
)
torch.set_printoptions(precision=2, sci_mode=False)
print(torch.tensor([3.14159, 0.00001]), torch.tensor([1e-9]))
torch.set_printoptions(profile="default")
loss = torch.tensor(0.123456789)
print(
    f"loss: {loss:.4f}, {loss.item():.3f}, {loss}",
    "loss: %.2f" % loss,
    "{:.3e}".format(loss),
    f"{x.shape} {x[0]}",
)
print(str(torch.tensor([1, 2])) == repr(torch.tensor([1, 2])), "acc", torch.tensor(0.75), sep=": ")
