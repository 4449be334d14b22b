"""D5: a Module subclass with two layers, its parameters, hooks, and modes."""

import numpy as np
import torch
import torch.nn as nn


class NeuralNet(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes):
        super(NeuralNet, self).__init__()
        self.input_size = input_size
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        out = self.fc1(x)
        out = self.relu(out)
        out = self.fc2(out)
        return out


model = same(NeuralNet(784, 20, 10))
print(model, model.input_size, model.fc1, type(model.fc1.weight).__name__, model.fc1.weight.shape)
print(list(model.parameters())[0].size(), len(list(model.parameters())), model.state_dict().keys())
for name, child in model.named_children():
    print(name, child.__class__.__name__)
print(
    [type(m).__name__ for m in model.modules()][1:],
    isinstance(model.relu, nn.Module),
    model.training,
)

draw = np.random.default_rng(8)
x = torch.tensor(draw.random((30, 784)), dtype=torch.float32)
y = torch.tensor(draw.integers(0, 10, 30))
shapes = []
handle = model.fc1.register_forward_hook(
    lambda module, inputs, output: shapes.append((inputs[0].shape, output.shape))
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(5):
    loss = criterion(model(x), y)
    model.zero_grad()
    loss.backward()
    optimizer.step()
    print("epoch", epoch, "loss", loss.item(), "grad", model.fc2.bias.grad.abs().max().item())
handle.remove()
model(x)
print(shapes[0], len(shapes))

# parameters one by one
before = model.fc2.weight.clone()
with torch.no_grad():
    for p in model.parameters():
        p.sub_(0.1 * p.grad)
print((model.fc2.weight - before).abs().sum() > 0, model.fc2.weight.requires_grad)
model.fc1.weight.requires_grad = False
for p in model.fc2.parameters():
    p.requires_grad_(False)
print(
    [n for n, p in model.named_parameters() if p.requires_grad],
    sum(p.numel() for p in model.parameters() if p.requires_grad),
)
model.eval()
print(model.training, model.relu.training, model.fc1.bias.grad.shape)
nn.init.zeros_(model.fc2.weight)
model.fc2.bias.data.fill_(0.5)
print(model(x)[0], nn.Module.__name__, hasattr(model, "fc3"), callable(model))
