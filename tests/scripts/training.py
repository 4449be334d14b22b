"""A training loop: Dataset, random_split, DataLoader, Adam, a schedule, early stopping by hand."""

import numpy as np
import torch
from torch import nn, optim
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split


class Rings(Dataset):
    def __init__(self, n):
        draw = np.random.default_rng(3)
        self.x = torch.tensor(draw.standard_normal((n, 2)), dtype=torch.float32)
        self.y = (self.x.pow(2).sum(1) > 1.4).float().unsqueeze(1)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


torch.manual_seed(0)
dataset = Rings(120)
train_set, test_set = random_split(dataset, [90, 30])
train_set.indices = same(train_set.indices)
test_set.indices = same(test_set.indices)
order = same(torch.randperm(90).tolist())
train_loader = DataLoader(train_set, batch_size=16, sampler=order)
test_loader = DataLoader(dataset=test_set, batch_size=30, shuffle=False, num_workers=0)
print(len(train_set), len(test_set), len(train_loader), len(test_loader))

device = torch.device("cpu")
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid()).to(device)
model = same(model)
criterion = nn.BCELoss()
optimizer = optim.Adam(model.parameters(), lr=0.02)
scheduler = lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
history = {"loss": [], "accuracy": []}
for epoch in range(12):
    model.train()
    running = 0.0
    for batch, (inputs, targets) in enumerate(train_loader):
        inputs, targets = inputs.to(device), targets.to(device)
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item() * inputs.size(0)
    scheduler.step()
    model.eval()
    right = 0
    with torch.no_grad():
        for inputs, targets in test_loader:
            right += (model(inputs).round() == targets).sum().item()
    history["loss"].append(running / len(train_set))
    history["accuracy"].append(right / len(test_set))
    print(
        f"epoch {epoch + 1}/12, {batch + 1} batches, loss {history['loss'][-1]:.4f}, "
        f"accuracy {history['accuracy'][-1]:.3f}, lr {scheduler.get_last_lr()[0]:.5f}"
    )
assert history["loss"][-1] < history["loss"][0]

pairs = TensorDataset(dataset.x, dataset.y)
print([len(x) for x, y in torch.utils.data.DataLoader(pairs, batch_size=50, drop_last=True)])
print(
    optimizer.param_groups[0]["lr"],
    sorted(optimizer.state_dict()),
    next(iter(test_loader))[0].shape,
)

frozen = list(model.parameters())[:2]
for p in frozen:
    p.requires_grad = False
tuned = optim.SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1)
loss = criterion(model(dataset.x), dataset.y)
loss.backward()
tuned.step()
weight = model[2].weight
print(len(tuned.param_groups[0]["params"]), weight)
