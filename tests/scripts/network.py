"""A network in the style of classes: convolutions, a residual connection, functional calls."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Residual(nn.Module):
    def __init__(self, channels):
        super(Residual, self).__init__()
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        residual = x
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += residual
        return self.relu(out)


class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 5)
        self.block = Residual(8)
        self.layers = nn.Sequential(nn.Linear(8 * 6 * 6, 32), nn.Tanh(), nn.Dropout(p=0.0))
        self.fc = nn.Linear(32, classes)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_uniform_(m.weight)
                nn.init.constant_(m.bias, 0.1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = self.block(x)
        x = x.view(x.size(0), -1)
        x = self.layers(x)
        return F.log_softmax(self.fc(x), dim=1)


net = same(Net())
print(net.block, sum(p.numel() for p in net.parameters() if p.requires_grad))
for name, p in net.named_parameters():
    print(name, p.shape, p.requires_grad)
print(list(net.state_dict()), [name for name, _ in net.named_children()])

draw = np.random.default_rng(0)
images = torch.from_numpy(draw.standard_normal((6, 1, 16, 16)).astype(np.float32))
labels = torch.tensor([3, 1, 4, 1, 5, 9])
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for step in range(5):
    optimizer.zero_grad()
    output = net(images)
    loss = F.nll_loss(output, labels)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    optimizer.step()
    print(f"step {step}: loss {loss.item():.4f}")

net.eval()
with torch.no_grad():
    scores = net(images)
    _, predicted = torch.max(scores.data, 1)
    correct = (predicted == labels).sum().item()
print(f"{100 * correct / labels.size(0):.1f} %", predicted, scores.exp().sum(1))
print(net.training, net.block.bn1.running_mean, net.block.bn1.num_batches_tracked)
