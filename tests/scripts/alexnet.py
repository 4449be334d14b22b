"""N6: AlexNet's layers on a picture of 224 pixels, a quarter as wide; an answer, a gradient, a step."""

import numpy as np
import torch
from torch import nn

net = nn.Sequential(
    nn.Conv2d(3, 24, kernel_size=11, stride=4, padding=2), nn.ReLU(),
    nn.MaxPool2d(kernel_size=3, stride=2),
    nn.Conv2d(24, 64, kernel_size=5, padding=2), nn.ReLU(),
    nn.MaxPool2d(kernel_size=3, stride=2),
    nn.Conv2d(64, 96, kernel_size=3, padding=1), nn.ReLU(),
    nn.Conv2d(96, 96, kernel_size=3, padding=1), nn.ReLU(),
    nn.Conv2d(96, 64, kernel_size=3, padding=1), nn.ReLU(),
    nn.MaxPool2d(kernel_size=3, stride=2), nn.Flatten(),
    nn.Linear(64 * 6 * 6, 128), nn.ReLU(), nn.Dropout(p=0.5),
    nn.Linear(128, 128), nn.ReLU(), nn.Dropout(p=0.5),
    nn.Linear(128, 10),
)  # fmt: skip
X = torch.zeros(1, 3, 224, 224)
for layer in net:
    X = layer(X)
    print(layer.__class__.__name__, "Output shape:\t", X.shape)
X = None

for m in net.modules():
    if isinstance(m, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
        if m.bias is not None:
            nn.init.constant_(m.bias, 0)
net = same(net)

rng = np.random.default_rng(0)
photograph = torch.tensor(rng.random((2, 3, 224, 224)), dtype=torch.float32)
mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
x = (photograph - mean[:, None, None]) / std.view(3, 1, 1)
y = torch.tensor([3, 7])

net.eval()
with torch.no_grad():
    scores = net(x)
probability = torch.nn.functional.softmax(scores[0], dim=0)
top = torch.topk(probability, 3)
for i in range(top.values.size(0)):
    print(top.indices[i].item(), f"{top.values[i].item():.4f}")

# a step, with dropout switched off so that both sides agree
optimizer = torch.optim.SGD(
    net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4, nesterov=True
)
x.requires_grad_()
loss = nn.CrossEntropyLoss()(net(x), y)
loss.backward()
optimizer.step()
optimizer.zero_grad()
print(loss, x.grad.shape, x.grad.abs().amax(dim=(1, 2, 3)), net[0].weight.grad)
saliency = x.grad.abs().max(dim=1).values  # which channel it is may depend on a rounding
after = net(x).detach()
print(saliency.shape, after.argmax(1), sum(p.numel() for p in net.parameters()))
