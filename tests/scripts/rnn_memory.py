"""G2: recurrent networks step by step and as layers; a sequence that asks for memory."""

import numpy as np
import torch
import torch.nn as nn


class RNN(nn.Module):
    """h' = tanh(W [x, h] + b), written out."""

    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(hidden_size, output_size)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        hidden = torch.tanh(self.i2h(combined))
        return self.i2o(hidden), hidden

    def initHidden(self, n):
        return torch.zeros(n, self.hidden_size)


# say at the end what the first number was
rng = np.random.default_rng(3)
bits = torch.tensor(rng.integers(0, 2, (24, 6)))
x = nn.functional.one_hot(bits, 2).float()
y = bits[:, 0]
rnn = same(RNN(2, 8, 2))
optimizer = torch.optim.Adam(rnn.parameters(), lr=0.02)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    hidden = rnn.initHidden(24)
    for t in range(x.size(1)):
        output, hidden = rnn(x[:, t], hidden)
    loss = criterion(output, y)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
    optimizer.step()
    print(f"{epoch} {loss.item():.4f}", (output.argmax(1) == y).float().mean())

# as layers
for layer in (
    nn.RNN(2, 4),
    nn.RNN(2, 4, num_layers=2, batch_first=True, nonlinearity="relu"),
    nn.GRU(2, 4, batch_first=True),
):
    layer = same(layer)
    out, h = layer(x)
    out.sum().backward()
    print(
        layer,
        out.shape,
        h.shape,
        out[0, -1],
        [name for name, _ in layer.named_parameters()],
        layer.weight_hh_l0.grad.norm(),
    )
lstm = same(
    nn.LSTM(input_size=2, hidden_size=3, num_layers=2, batch_first=True, bidirectional=True)
)
out, (h_n, c_n) = lstm(x, (torch.zeros(4, 24, 3), torch.zeros(4, 24, 3)))
print(
    lstm,
    out.size(),
    h_n.size(),
    c_n.size(),
    torch.allclose(out[:, -1, :3], h_n[2]),
    out[:, -1].mean(0),
)

# as cells
cell = same(nn.LSTMCell(2, 3))
hx, cx = torch.zeros(24, 3), torch.zeros(24, 3)
outputs = []
for t in range(6):
    hx, cx = cell(x[:, t], (hx, cx))
    outputs.append(hx)
stacked = torch.stack(outputs, dim=1)
print(
    cell,
    stacked.shape,
    same(nn.GRUCell(2, 3))(x[:, 0]).sum(),
    same(nn.RNNCell(2, 3))(x[:, 0], hx).sum(),
)


class Classifier(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, num_classes):
        super().__init__()
        self.num_layers, self.hidden_size = num_layers, hidden_size
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(x.device)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size).to(x.device)
        out, _ = self.lstm(x, (h0, c0))
        return self.fc(out[:, -1, :])


model = same(Classifier(2, 5, 2, 2))
loss = criterion(model(x), y)
loss.backward()
print(model, loss, model.lstm.weight_ih_l0.grad.abs().sum(), model.lstm.bias_hh_l1.grad)
