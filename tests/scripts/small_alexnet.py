"""N5: several blocks made in a loop, dropout of 0.4, exponential and stepped rates."""

import numpy as np
import torch
import torch.nn as nn


def conv_block(in_channels, out_channels, pool=True):
    layers = [nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1), nn.ReLU(inplace=True)]
    if pool:
        layers.append(nn.MaxPool2d(kernel_size=2))
    return nn.Sequential(*layers)


class SmallAlexNet(nn.Module):
    def __init__(self, num_classes=10, dropout=0.4):
        super(SmallAlexNet, self).__init__()
        channels = [1, 4, 8, 16, 24, 32]
        pools = [True, True, False, False, True]
        self.blocks = nn.ModuleList(
            [conv_block(i, o, pool) for i, o, pool in zip(channels[:-1], channels[1:], pools)]
        )
        self.avgpool = nn.AdaptiveAvgPool2d((3, 3))
        self.fc = nn.ModuleDict(
            {
                "one": nn.Linear(32 * 9, 64),
                "two": nn.Linear(64, 32),
                "out": nn.Linear(32, num_classes),
            }
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        x = self.avgpool(x).flatten(start_dim=1)
        for name in ["one", "two"]:
            x = self.dropout(torch.relu(self.fc[name](x)))
        return self.fc["out"](x)


model = same(SmallAlexNet(dropout=0.0))
print(
    model,
    len(model.blocks),
    model.blocks[-1][0].out_channels,
    "one" in model.fc,
    list(model.fc.keys()),
)
total_params = sum(p.numel() for p in model.parameters())
trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
print(f"{total_params:,} parameters, {trainable:,} of them trained")

draw = np.random.default_rng(9)
x = torch.tensor(draw.random((16, 1, 28, 28)), dtype=torch.float32)
y = torch.tensor(draw.integers(0, 10, 16))
optimizer = torch.optim.Adam(
    [{"params": model.blocks.parameters()}, {"params": model.fc.parameters(), "lr": 3e-3}], lr=1e-3
)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
for epoch in range(4):
    out = model(x)
    loss = criterion(out, y)
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=2.0)
    optimizer.step()
    scheduler.step()
    print(
        epoch,
        f"{loss.item():.4f}",
        f"{norm:.4f}",
        [group["lr"] for group in optimizer.param_groups],
    )
model.eval()
print(model.dropout.training, out.topk(3, dim=1).indices.shape, scheduler.get_last_lr())
for parameter in model.blocks.parameters():
    parameter.requires_grad = False
print(sum(p.numel() for p in model.parameters() if p.requires_grad))
predictions = model(x)
