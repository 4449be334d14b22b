"""G2: the next values of a sine, by a GRU and by windows of the past; ReduceLROnPlateau."""

import numpy as np
import torch
from torch import nn, optim
from torch.nn.utils.rnn import pad_sequence
from torch.optim.lr_scheduler import ReduceLROnPlateau

T = 60
time = torch.arange(1, T + 1, dtype=torch.float32)
series = torch.sin(0.2 * time) + torch.tensor(np.random.default_rng(0).normal(0, 0.05, T)).float()
tau = 4
features = torch.zeros((T - tau, tau))
for i in range(tau):
    features[:, i] = series[i : T - tau + i]
labels = series[tau:].reshape((-1, 1))
print(features[:2], labels[:2], features.shape)
windows = series.unfold(0, tau, 1)[:-1]
print(torch.equal(windows, features))


class Forecaster(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x):
        out, h = self.gru(x.unsqueeze(-1))
        return self.head(h[-1])


model = same(Forecaster())
optimizer = optim.RMSprop(model.parameters(), lr=0.01)
scheduler = ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=1)
loss_fn = nn.SmoothL1Loss()
for epoch in range(8):
    model.train()
    for X, y in zip(features.chunk(4), labels.chunk(4)):
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        total = loss_fn(model(features), labels)
    scheduler.step(total)
    print(f"epoch {epoch}: {total:.4f}", optimizer.param_groups[0]["lr"])

# many steps ahead from its own answers
predictions = torch.zeros(T)
predictions[:40] = series[:40]
with torch.no_grad():
    for i in range(40, T):
        predictions[i] = model(predictions[i - tau : i].reshape((1, -1))).squeeze()
print(predictions[40:45], (predictions - series).abs()[40:].mean() < 1.5)

# sequences of different lengths
sequences = [torch.arange(float(n)) for n in (3, 1, 2)]
padded = pad_sequence(sequences, batch_first=True, padding_value=-1.0)
lengths = torch.tensor([len(s) for s in sequences])
mask = torch.arange(padded.size(1))[None, :] < lengths[:, None]
mean = (padded * mask).sum(1) / lengths
print(padded, mask, mean, padded.masked_fill(~mask, 0).sum(1))
