"""N2: LeNet in a book's way: Xavier weights by apply, an accumulator, accuracy, a timer."""

import time

import numpy as np
import torch
from torch import nn


class Reshape(torch.nn.Module):
    def forward(self, x):
        return x.view(-1, 1, 28, 28)


class Timer:
    def __init__(self):
        self.times = []
        self.start()

    def start(self):
        self.tik = time.time()

    def stop(self):
        self.times.append(time.time() - self.tik)
        return self.times[-1]


class Accumulator:
    def __init__(self, n):
        self.data = [0.0] * n

    def add(self, *args):
        self.data = [a + float(b) for a, b in zip(self.data, args)]

    def __getitem__(self, idx):
        return self.data[idx]


net = torch.nn.Sequential(
    Reshape(), nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(),
    nn.AvgPool2d(kernel_size=2, stride=2), nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(),
    nn.AvgPool2d(kernel_size=2, stride=2), nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(),
    nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10),
)  # fmt: skip


def accuracy(y_hat, y):
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    cmp = y_hat.type(y.dtype) == y
    return float(cmp.type(y.dtype).sum())


def evaluate_accuracy(net, data_iter, device=None):
    if isinstance(net, nn.Module):
        net.eval()
        if not device:
            device = next(iter(net.parameters())).device
    metric = Accumulator(2)
    with torch.no_grad():
        for X, y in data_iter:
            metric.add(accuracy(net(X.to(device)), y.to(device)), y.numel())
    return metric[0] / metric[1]


def train(net, train_iter, num_epochs, lr, device):
    def init_weights(m):
        if type(m) == nn.Linear or type(m) == nn.Conv2d:
            nn.init.xavier_uniform_(m.weight)

    net.apply(init_weights)
    same(net)
    net.to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    loss = nn.CrossEntropyLoss()
    timer, metric = Timer(), Accumulator(3)
    for epoch in range(num_epochs):
        net.train()
        for i, (X, y) in enumerate(train_iter):
            timer.start()
            optimizer.zero_grad()
            l = loss(net(X), y)
            l.backward()
            optimizer.step()
            with torch.no_grad():
                metric.add(l * X.shape[0], accuracy(net(X), y), X.shape[0])
            timer.stop()
    train_l, train_acc = metric[0] / metric[2], metric[1] / metric[2]
    print(
        f"loss {train_l:.3f}, train acc {train_acc:.3f}, test acc {evaluate_accuracy(net, train_iter):.3f}"
    )
    return metric[2] * num_epochs / sum(timer.times)


rng = np.random.RandomState(4)
X = torch.tensor(rng.rand(40, 28, 28), dtype=torch.float32)
y = torch.tensor(rng.randint(0, 10, 40))
rate = train(net, [(X[:20], y[:20]), (X[20:], y[20:])], 2, 0.9, torch.device("cpu"))
print(rate > 0, net)
bound = (6 / (25 + 6 * 25)) ** 0.5
print(
    bound,
    nn.init.calculate_gain("tanh"),
    nn.init.xavier_uniform_(torch.empty(6, 1, 5, 5)).abs().max() <= bound,
)
