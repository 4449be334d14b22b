"""D1: a dense network on one-hot classes, trained on the whole set at once."""

import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(0)
X1 = torch.tensor(rng.random((200, 1)), dtype=torch.float32)
X2 = torch.tensor(rng.random((200, 1)), dtype=torch.float32)
X3 = torch.tensor(rng.random((200, 1)), dtype=torch.float32)
total = X1 + X2 + X3
Y1 = (total < 1).float()
Y2 = ((1 <= total) & (total < 2)).float()
Y3 = (total > 2).float()
data = torch.cat([X1, X2, X3, Y1, Y2, Y3], axis=1)
print(data.shape, data[0], data.sum(0)[3:])

# shuffle, then part
data = data[same(torch.randperm(data.size(0)).tolist()), :]
train_size = int(len(data) * 0.7)
train_data, test_data = data[:train_size, :], data[train_size:, :]


class DNN(nn.Module):
    def __init__(self):
        """Lay the network out."""
        super(DNN, self).__init__()
        self.net = nn.Sequential(
            nn.Linear(3, 5), nn.ReLU(),
            nn.Linear(5, 5), nn.ReLU(),
            nn.Linear(5, 5), nn.ReLU(),
            nn.Linear(5, 3),
        )  # fmt: skip

    def forward(self, x):
        y = self.net(x)
        return y


model = same(DNN())
print(model)
for name, parameters in model.named_parameters():
    print(name, parameters.shape)

loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
X, Y = train_data[:, :3], train_data[:, -3:]
losses = []
for epoch in range(60):
    Pred = model(X)
    loss = loss_fn(Pred, Y)
    losses.append(loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(losses[0], losses[-1], len(losses))

X, Y = test_data[:, :3], test_data[:, -3:]
with torch.no_grad():
    Pred = model(X)
    Pred[:, torch.argmax(Pred, axis=1)] = 1
    Pred[Pred != 1] = 0
    correct = torch.sum((Pred == Y).all(1))
    count = Y.size(0)
    print(f"accuracy: {100 * correct / count} %")
    Pred = model(X)
    right = (Pred.argmax(1) == Y.argmax(1)).sum()
    print("accuracy:", (100 * right / count).item(), right.item(), count)

torch.save(model, folder + "/model.pth")
new_model = torch.load(folder + "/model.pth", weights_only=False)
with torch.no_grad():
    again = new_model(X)
print(torch.equal(Pred, again), type(new_model).__name__)
