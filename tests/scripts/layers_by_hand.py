"""D6: layers with forward and backward of their own, without autograd, against autograd."""

import numpy as np
import torch
import torch.nn.functional as F


class FullConnection:
    def __init__(self, n_in, n_out):
        self.weight = same(torch.randn(n_in + 1, n_out)) * np.sqrt(2.0 / n_in)  # He
        self.weight[-1] = 0

    def forward(self, x):
        self.x = torch.cat([x, torch.ones(x.size(0), 1)], dim=1)
        return self.x.mm(self.weight)

    def backward(self, grad):
        self.grad = self.x.t().mm(grad)
        return grad.mm(self.weight[:-1].t())

    def step(self, lr):
        self.weight -= lr * self.grad


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad):
        grad = grad.clone()
        grad[~self.mask] = 0
        return grad


class SoftmaxCrossEntropy:
    def forward(self, x, y):
        x = x - x.max(dim=1, keepdim=True)[0]
        e = x.exp()
        self.p = e / e.sum(1, keepdim=True)
        self.y = y
        return -torch.log(self.p[torch.arange(len(y)), y]).mean()

    def backward(self):
        grad = self.p.clone()
        grad[range(len(self.y)), self.y] -= 1
        return grad / len(self.y)


rng = np.random.RandomState(3)
X = torch.tensor(rng.rand(60, 8), dtype=torch.float32)
Y = torch.tensor((X.numpy()[:, :3].argmax(axis=1)))
best = (0.0, None)
for hidden in [4, 16]:
    layers = [FullConnection(8, hidden), ReLU(), FullConnection(hidden, 3)]
    criterion = SoftmaxCrossEntropy()
    for epoch in range(40):
        out = X
        for layer in layers:
            out = layer.forward(out)
        loss = criterion.forward(out, Y)
        grad = criterion.backward()
        for layer in reversed(layers):
            grad = layer.backward(grad)
        for layer in layers:
            if hasattr(layer, "step"):
                layer.step(0.5)
    accuracy = (out.argmax(1) == Y).float().mean()
    print(f"hidden {hidden}: loss {loss:.4f}, accuracy {accuracy:.3f}")
    if accuracy > best[0]:
        best = (accuracy, hidden)
print(best[1] is not None, torch.is_tensor(best[0]))

# its gradients are autograd's
w1, w2 = [layer.weight.clone().requires_grad_() for layer in (layers[0], layers[2])]
ones = torch.ones(60, 1)
h = F.relu(torch.cat([X, ones], 1) @ w1)
F.cross_entropy(torch.cat([h, ones], 1) @ w2, Y).backward()
out = X
for layer in layers:
    out = layer.forward(out)
criterion.forward(out, Y)
grad = criterion.backward()
for layer in layers[::-1]:
    grad = layer.backward(grad)
print(
    torch.allclose(w1.grad, layers[0].grad, atol=1e-6),
    torch.allclose(w2.grad, layers[2].grad, atol=1e-6),
)
first, second = layers[0].grad, layers[2].grad
