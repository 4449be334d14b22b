"""Attention written out, positions, masks, and PyTorch's own layers for them."""

import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.0, max_len=20):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, 1, d_model)
        pe[:, 0, 0::2] = torch.sin(position * div_term)
        pe[:, 0, 1::2] = torch.cos(position * div_term)
        self.register_buffer("pe", pe)

    def forward(self, x):
        x = x + self.pe[: x.size(0)]
        return self.dropout(x)


class MultiHead(nn.Module):
    def __init__(self, d_model, heads):
        super().__init__()
        self.heads, self.d = heads, d_model // heads
        self.qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.out = nn.Linear(d_model, d_model)

    def forward(self, x, mask=None):
        B, T, C = x.size()
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = (t.view(B, T, self.heads, self.d).transpose(1, 2) for t in (q, k, v))
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(self.d)
        if mask is not None:
            scores = scores.masked_fill(mask == 0, float("-inf"))
        weights = F.softmax(scores, dim=-1)
        self.weights = weights.detach()
        y = (weights @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.out(y)


class Block(nn.Module):
    def __init__(self, d_model, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.attn = MultiHead(d_model, heads)
        self.mlp = nn.Sequential(
            nn.Linear(d_model, 4 * d_model), nn.GELU(), nn.Linear(4 * d_model, d_model)
        )

    def forward(self, x, mask):
        x = x + self.attn(self.ln1(x), mask)
        return x + self.mlp(self.ln2(x))


tokens = torch.tensor(np.random.default_rng(0).integers(0, 11, (3, 6)))
mask = torch.tril(torch.ones(6, 6)).view(1, 1, 6, 6)
embed, head = same(nn.Embedding(11, 8)), same(nn.Linear(8, 11))
blocks = same(nn.ModuleList([Block(8, 2) for _ in range(2)]))
positions = PositionalEncoding(8)
parameters = [*embed.parameters(), *blocks.parameters(), *head.parameters()]
optimizer = torch.optim.AdamW(parameters, lr=3e-3, eps=1e-6)
for step in range(4):
    h = positions((embed(tokens) * math.sqrt(8)).transpose(0, 1)).transpose(0, 1)
    for block in blocks:
        h = block(h, mask)
    logits = head(h)
    loss = F.cross_entropy(logits[:, :-1].reshape(-1, 11), tokens[:, 1:].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(step, f"{loss.item():.4f}")
print(
    blocks[0].attn.weights[0, 0],
    logits.argmax(-1).shape,
    positions.state_dict()["pe"].shape,
    len(parameters),
)

# PyTorch's own
square = (torch.triu(torch.ones(4, 4)) == 1).transpose(0, 1)
additive = (
    square.float().masked_fill(square == 0, float("-inf")).masked_fill(square == 1, float(0.0))
)
x = torch.linspace(-1, 1, 2 * 4 * 8).view(2, 4, 8)
mha = same(nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True))
out, weights = mha(x, x, x, attn_mask=additive)
print(out, weights.sum(-1), additive)
layer = same(
    nn.TransformerEncoderLayer(
        d_model=8, nhead=2, dim_feedforward=16, dropout=0.0, batch_first=True
    )
)
encoded = layer(x, src_mask=additive)
padding = torch.tensor([[False, False, False, True], [False, False, True, True]])
print(
    encoded.mean(-1),
    layer(x, src_key_padding_mask=padding)[1, 0],
    F.scaled_dot_product_attention(x, x, x, is_causal=True).shape,
)
