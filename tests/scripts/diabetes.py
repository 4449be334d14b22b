"""D2: two classes with BCELoss and Adam: the whole set at once, then in mini-batches."""

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split

rng = np.random.default_rng(5)
table = rng.random((120, 9)).astype(np.float64)
table[:, 8] = (table[:, 1] + table[:, 5] > 1).astype(float)
np.savetxt(folder + "/data.csv", table, delimiter=",", fmt="%.5f")


class MyData(Dataset):
    def __init__(self, filepath):
        array = np.loadtxt(filepath, delimiter=",").astype(np.float32)
        ts = torch.tensor(array)
        ts = ts.to("cpu")
        self.X = ts[:, :-1]
        self.Y = ts[:, -1].reshape((-1, 1))
        self.len = ts.shape[0]

    def __getitem__(self, index):
        return self.X[index], self.Y[index]

    def __len__(self):
        return self.len


class DNN(nn.Module):
    def __init__(self):
        super(DNN, self).__init__()
        self.net = nn.Sequential(
            nn.Linear(8, 32), nn.Sigmoid(),
            nn.Linear(32, 8), nn.Sigmoid(),
            nn.Linear(8, 4), nn.Sigmoid(),
            nn.Linear(4, 1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)


Data = MyData(folder + "/data.csv")
train_size = int(len(Data) * 0.7)
test_size = len(Data) - train_size
model = same(DNN()).to("cpu")
loss_fn = nn.BCELoss(reduction="mean")
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
X, Y = Data.X[:train_size], Data.Y[:train_size]
losses = []
for epoch in range(30):
    Pred = model(X)
    loss = loss_fn(Pred, Y)
    losses.append(loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(losses[::10], Pred[:3])

train_Data, test_Data = random_split(Data, [train_size, test_size])
train_Data.indices, test_Data.indices = (
    same(list(train_Data.indices)),
    same(list(test_Data.indices)),
)
train_loader = DataLoader(dataset=train_Data, shuffle=False, batch_size=32)
test_loader = DataLoader(dataset=test_Data, shuffle=False, batch_size=64)
print(len(train_loader), len(train_loader.dataset), len(test_loader), len(test_Data))
for epoch in range(4):
    for x, y in train_loader:
        Pred = model(x)
        loss = loss_fn(Pred, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: {loss.item():.5f}", x.shape, y.shape)

correct = 0
total = 0
with torch.no_grad():
    for x, y in test_loader:
        Pred = model(x)
        Pred[Pred >= 0.5] = 1
        Pred[Pred < 0.5] = 0
        correct += torch.sum((Pred == y).all(1))
        total += y.size(0)
print(f"test accuracy: {100 * correct / total} %", correct, total)
