"""N1: LeNet-5 with tanh and average pooling; the shape after each layer; train and test."""

import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(1)
images = rng.normal(0, 0.3, (48, 1, 28, 28))
labels = rng.integers(0, 10, 48)
for image, label in zip(images, labels):
    image[0, 2 * label : 2 * label + 4, 4:24] += 2
train = torch.utils.data.TensorDataset(
    torch.tensor(images, dtype=torch.float32), torch.tensor(labels)
)
loader = torch.utils.data.DataLoader(train, batch_size=16)


class CNN(nn.Module):
    def __init__(self):
        super(CNN, self).__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Tanh(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.Conv2d(6, 16, kernel_size=5), nn.Tanh(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.Conv2d(16, 120, kernel_size=5), nn.Tanh(),
            nn.Flatten(),
            nn.Linear(120, 84), nn.Tanh(),
            nn.Linear(84, 10),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)


X = torch.rand(size=(1, 1, 28, 28))
model = same(CNN())
for layer in model.net:
    X = layer(X)
    print(layer.__class__.__name__, "output shape: \t", X.shape)
X = None

loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
losses = []
for epoch in range(3):
    for x, y in loader:
        x, y = x.to("cpu"), y.to("cpu")
        Pred = model(x)
        loss = loss_fn(Pred, y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print([f"{v:.4f}" for v in losses])

correct = 0
total = 0
with torch.no_grad():
    for x, y in loader:
        Pred = model(x)
        _, predicted = torch.max(Pred.data, dim=1)
        correct += torch.sum((predicted == y))
        total += y.size(0)
print(f"accuracy: {100 * correct / total} %")
print(
    model.net[0].weight.grad.shape,
    model.net[0].weight.data[0, 0],
    sum(p.numel() for p in model.parameters()),
)
filters = model.net[0].weight.detach()
maps = model.net[:3](images := train.tensors[0][:1]).squeeze(0)
