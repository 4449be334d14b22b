"""G2: a model of characters; the hidden state is passed on and cut off from the past."""

import math

import torch
import torch.nn as nn
from torch.nn import functional as F

text = (
    "the time machine by h g wells the time traveller for so it will be convenient to speak of him "
)
chars = sorted(set(text))
char_to_idx = {ch: i for i, ch in enumerate(chars)}
corpus = torch.tensor([char_to_idx[ch] for ch in text * 2])
vocab_size, num_hiddens, batch_size, num_steps = len(chars), 16, 4, 5
num_batches = len(corpus) // batch_size
ids = corpus[: num_batches * batch_size].view(batch_size, num_batches)
print(vocab_size, ids.shape, corpus[:10], "".join(chars[i] for i in corpus[:8]))


class RNNLM(nn.Module):
    def __init__(self, vocab_size, embed_size, hidden_size, num_layers=1):
        super(RNNLM, self).__init__()
        self.embed = nn.Embedding(vocab_size, embed_size)
        self.lstm = nn.LSTM(embed_size, hidden_size, num_layers, batch_first=True)
        self.linear = nn.Linear(hidden_size, vocab_size)

    def forward(self, x, h):
        x = self.embed(x)
        out, (h, c) = self.lstm(x, h)
        out = out.reshape(out.size(0) * out.size(1), out.size(2))
        return self.linear(out), (h, c)


def detach(states):
    return [state.detach() for state in states]


model = same(RNNLM(vocab_size, 8, num_hiddens))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(2):
    states = (torch.zeros(1, batch_size, num_hiddens), torch.zeros(1, batch_size, num_hiddens))
    for i in range(0, ids.size(1) - num_steps, num_steps):
        inputs = ids[:, i : i + num_steps]
        targets = ids[:, (i + 1) : (i + 1) + num_steps]
        states = detach(states)
        outputs, states = model(inputs, states)
        loss = criterion(outputs, targets.reshape(-1))
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
    print(
        "Epoch [{}/2], Loss: {:.4f}, Perplexity: {:5.2f}".format(
            epoch + 1, loss.item(), math.exp(loss.item())
        )
    )

# say what comes next, the likeliest each time
with torch.no_grad():
    state = (torch.zeros(1, 1, num_hiddens), torch.zeros(1, 1, num_hiddens))
    word, said = torch.tensor([[char_to_idx["t"]]]), "t"
    for _ in range(10):
        output, state = model(word, state)
        prob = output.exp()
        word_id = torch.argmax(prob, dim=1).item()
        word.fill_(word_id)
        said += chars[word_id]
print(said, torch.multinomial(prob, num_samples=1).shape)

# a step from the ground up
W_xh, W_hh, b_h = (
    same(torch.randn(vocab_size, 4) * 0.1),
    same(torch.randn(4, 4) * 0.1),
    torch.zeros(4),
)
params = [W_xh, W_hh, b_h]
for param in params:
    param.requires_grad_(True)
H = torch.zeros((batch_size, 4))
for X in F.one_hot(ids[:, :num_steps].T, vocab_size).type(torch.float32):
    H = torch.tanh(torch.mm(X, W_xh) + torch.mm(H, W_hh) + b_h)
H.sum().backward()
norm = torch.sqrt(sum(torch.sum((p.grad**2)) for p in params))
if norm > 0.1:
    for param in params:
        param.grad[:] *= 0.1 / norm
print(norm, W_hh.grad, b_h.grad)
