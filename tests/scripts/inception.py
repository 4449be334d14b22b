"""N8: the Inception block of four branches, joined along the channels."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Inception(nn.Module):
    """c1 to c4 are the numbers of output channels of each path."""

    def __init__(self, in_channels, c1, c2, c3, c4, **kwargs):
        super(Inception, self).__init__(**kwargs)
        self.p1_1 = nn.Conv2d(in_channels, c1, kernel_size=1)
        self.p2_1 = nn.Conv2d(in_channels, c2[0], kernel_size=1)
        self.p2_2 = nn.Conv2d(c2[0], c2[1], kernel_size=3, padding=1)
        self.p3_1 = nn.Conv2d(in_channels, c3[0], kernel_size=1)
        self.p3_2 = nn.Conv2d(c3[0], c3[1], kernel_size=5, padding=2)
        self.p4_1 = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)
        self.p4_2 = nn.Conv2d(in_channels, c4, kernel_size=1)

    def forward(self, x):
        p1 = F.relu(self.p1_1(x))
        p2 = F.relu(self.p2_2(F.relu(self.p2_1(x))))
        p3 = F.relu(self.p3_2(F.relu(self.p3_1(x))))
        p4 = F.relu(self.p4_2(self.p4_1(x)))
        return torch.cat((p1, p2, p3, p4), dim=1)


b1 = nn.Sequential(
    nn.Conv2d(1, 8, kernel_size=7, stride=2, padding=3),
    nn.ReLU(),
    nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
)
b2 = nn.Sequential(
    Inception(8, 4, (4, 8), (2, 4), 4), nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
)
b3 = nn.Sequential(Inception(20, 6, (4, 8), (2, 4), 6), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())
net = nn.Sequential(b1, b2, b3, nn.Linear(24, 5))
X = torch.rand(size=(1, 1, 32, 32))
for layer in net:
    X = layer(X)
    print(layer.__class__.__name__, "output shape:\t", X.shape)
X = None
net = same(net)
print(net[1][0], [tuple(p.shape) for p in net[1].parameters()])

rng = np.random.default_rng(2)
x = torch.tensor(rng.random((6, 1, 32, 32)), dtype=torch.float32)
y = torch.tensor([0, 1, 2, 3, 4, 0])
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2, 4], gamma=0.5)
for step in range(5):
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(f"{step}: {loss.item():.5f}", optimizer.param_groups[0]["lr"])
branches = torch.split(net[1][0](net[0](x)), [4, 8, 4, 4], dim=1)
print(
    [b.shape[1] for b in branches], net[1][0].p3_2.weight.grad.abs().sum(), net[2][0].p1_1.bias.grad
)
first, *rest = [b.detach() for b in branches]
