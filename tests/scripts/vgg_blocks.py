"""N9: VGG from a list of numbers, bottleneck blocks, and weights handed from net to net."""

import numpy as np
import torch
import torch.nn as nn

cfg = {"A": [8, "M", 16, "M", 16, 16, "M"], "B": [8, 8, "M", 16, 16, "M"]}


class VGG(nn.Module):
    def __init__(self, features, num_classes=5, init_weights=True):
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((2, 2))
        self.classifier = nn.Sequential(
            nn.Linear(16 * 2 * 2, 32), nn.ReLU(True), nn.Dropout(p=0.0),
            nn.Linear(32, num_classes),
        )  # fmt: skip
        if init_weights:
            self._initialize_weights()

    def forward(self, x):
        x = self.features(x)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        return self.classifier(x)

    def _initialize_weights(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
                if m.bias is not None:
                    nn.init.constant_(m.bias, 0)
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)
            elif isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, 0, 0.01)
                nn.init.constant_(m.bias, 0)


def make_layers(cfg, batch_norm=False):
    layers = []
    in_channels = 3
    for v in cfg:
        if v == "M":
            layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
        else:
            conv2d = nn.Conv2d(in_channels, v, kernel_size=3, padding=1)
            layers += (
                [conv2d, nn.BatchNorm2d(v), nn.ReLU(inplace=True)]
                if batch_norm
                else [conv2d, nn.ReLU(inplace=True)]
            )
            in_channels = v
    return nn.Sequential(*layers)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inplanes, planes, stride=1):
        super().__init__()
        width = planes * self.expansion
        self.conv1 = nn.Conv2d(inplanes, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        self.shortcut = nn.Sequential() if stride == 1 and inplanes == width else nn.Sequential(
            nn.Conv2d(inplanes, width, 1, stride=stride, bias=False), nn.BatchNorm2d(width)
        )  # fmt: skip

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        out = torch.relu(self.bn2(self.conv2(out)))
        return torch.relu(self.bn3(self.conv3(out)) + self.shortcut(x))


vgg = same(VGG(make_layers(cfg["A"], batch_norm=True)))
print(vgg, sum(p.numel() for p in vgg.parameters()))
x = torch.tensor(np.random.default_rng(4).random((4, 3, 24, 24)), dtype=torch.float32)
vgg.eval()
print(vgg(x), vgg.features[:4](x).shape)
blocks = same(nn.Sequential(Bottleneck(3, 4), Bottleneck(16, 4), Bottleneck(16, 4, stride=2)))
out = blocks(x)
out.mean().backward()
print(
    out.shape,
    blocks[1].shortcut,
    blocks[0].conv1.weight.grad.flatten(),
    [k for k in blocks.state_dict() if "2.short" in k],
)

# transfer: take over what fits, freeze it, put another head on
other = VGG(make_layers(cfg["A"], batch_norm=True), num_classes=3)
pretrained = {k: v for k, v in vgg.state_dict().items() if not k.startswith("classifier.3")}
result = other.load_state_dict(pretrained, strict=False)
print(result.missing_keys, result.unexpected_keys)
for param in other.features.parameters():
    param.requires_grad = False
num_ftrs = other.classifier[3].in_features
other.classifier[3] = same(nn.Linear(num_ftrs, 2))
other.eval()
optimizer = torch.optim.SGD(filter(lambda p: p.requires_grad, other.parameters()), lr=0.1)
before = other.features[0].weight.clone()
loss = nn.functional.cross_entropy(other(x), torch.tensor([0, 1, 1, 0]))
loss.backward()
optimizer.step()
print(
    loss,
    torch.equal(before, other.features[0].weight),
    other.features[0].weight.grad,
    other.classifier[3].weight.grad.shape,
)
transferred = other(x)
