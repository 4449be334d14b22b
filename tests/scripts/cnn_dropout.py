"""N4: a small CNN with dropout, Adam, a validation part, and the best weights kept."""

import copy

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset


class CNN(nn.Module):
    def __init__(self, drop=0.25):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Linear(16 * 7 * 7, 100), nn.ReLU(), nn.Dropout(drop), nn.Linear(100, 10)
        )

    def forward(self, x):
        x = self.features(x)
        x = torch.flatten(x, 1)
        return self.classifier(x)


rng = np.random.default_rng(3)
x = torch.tensor(rng.random((60, 1, 28, 28), dtype=np.float32))
y = torch.arange(60) % 10
x[range(60), 0, y * 2] = 1.0
dataset = TensorDataset(x, y)
split = int(0.8 * len(dataset))
train_set, valid_set = Subset(dataset, range(split)), Subset(dataset, range(split, len(dataset)))
print(len(train_set), len(valid_set), train_set[0][1], valid_set[3][0].shape)

# dropout is at work in training only, and keeps the mean
drop = nn.Dropout(p=0.25)
ones = torch.ones(4000)
dropped = drop(ones)
print(
    abs(dropped.mean().item() - 1) < 0.1,
    0.2 < (dropped == 0).float().mean().item() < 0.3,
    dropped.max(),
)
print(torch.equal(drop.eval()(ones), ones), nn.functional.dropout(ones, training=False).sum())
dropped = None

model = same(CNN(drop=0.0))
optimizer = torch.optim.Adam(model.parameters(), lr=0.002, betas=(0.9, 0.999), weight_decay=1e-5)
criterion = nn.CrossEntropyLoss()
best_loss, best_weights = np.inf, None
for epoch in range(1, 4):
    model.train()
    train_loss = 0.0
    for xb, yb in DataLoader(train_set, batch_size=16):
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * xb.size(0)
    model.eval()
    valid_loss, right = 0.0, 0
    with torch.no_grad():
        for xb, yb in DataLoader(valid_set, batch_size=len(valid_set)):
            out = model(xb)
            valid_loss += criterion(out, yb).item() * xb.size(0)
            right += (out.argmax(1) == yb).sum().item()
    print(
        f"{epoch}: {train_loss / len(train_set):.4f} {valid_loss / len(valid_set):.4f} {right / len(valid_set):.2f}"
    )
    if valid_loss < best_loss:
        best_loss = valid_loss
        best_weights = copy.deepcopy(model.state_dict())
model.load_state_dict(best_weights)
print(model, list(best_weights)[:2], model.classifier[2].p)
feature_maps = model.features[0](x[:1]).detach()
