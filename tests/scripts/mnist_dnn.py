"""D3: train and test as functions, momentum, a model that is saved whole and read again."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(2)
images = rng.random((160, 1, 28, 28)).astype("float32")
labels = np.arange(160) % 10
images[np.arange(160), 0, labels * 2, :] += 2.0  # a bar that tells the class
images = (images - 0.1307) / 0.3081
dataset = TensorDataset(torch.tensor(images), torch.tensor(labels, dtype=torch.long))
train_loader = DataLoader(dataset, batch_size=64, shuffle=False)
test_loader = DataLoader(dataset, batch_size=64, shuffle=False)


class DNN(nn.Module):
    def __init__(self):
        super(DNN, self).__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 512), nn.ReLU(),
            nn.Linear(512, 256), nn.ReLU(),
            nn.Linear(256, 128), nn.ReLU(),
            nn.Linear(128, 64), nn.ReLU(),
            nn.Linear(64, 10),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)


model = same(DNN())
print(model, sum(p.numel() for p in model.parameters()))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)


def train(epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(train_loader):
        optimizer.zero_grad()
        output = model(data)
        loss = loss_fn(output, target)
        loss.backward()
        optimizer.step()
        print(
            "Train Epoch: {} [{}/{} ({:.0f}%)]\tLoss: {:.6f}".format(
                epoch,
                batch_idx * len(data),
                len(train_loader.dataset),
                100.0 * batch_idx / len(train_loader),
                loss.item(),
            )
        )


def test(model):
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for data, target in test_loader:
            output = model(data)
            test_loss += nn.functional.cross_entropy(output, target, reduction="sum").item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    return test_loss / len(test_loader.dataset), correct


for epoch in range(1, 4):
    train(epoch)
print("average loss {:.4f}, {} right".format(*test(model)))
torch.save(model, folder + "/model.pth")
torch.save(model.state_dict(), folder + "/weights.pth")
whole = torch.load(folder + "/model.pth", weights_only=False)
fresh = DNN()
print(fresh.load_state_dict(torch.load(folder + "/weights.pth", map_location=torch.device("cpu"))))
print(test(whole) == test(model), test(fresh) == test(model))
_, predicted = torch.max(model(dataset.tensors[0][:8]), dim=1)
probabilities = nn.functional.softmax(model(dataset.tensors[0][:2]), dim=1)
