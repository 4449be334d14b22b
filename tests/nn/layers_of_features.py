"""The table's layers that keep or mix features: linear, activation, normalization, recurrence."""

from __future__ import annotations

from typing import Any

import numpy as np
from layers import layer, normal, of, whole

X, IMAGE = (3, 4), (2, 4, 5, 6)

# -- linear ---------------------------------------------------------------------------------------

for name in ("Linear", "FullConnection"):
    twin = None if name == "Linear" else (lambda s, *a, **k: s.nn.Linear(*a, **k))
    layer(name, [X], of(4, 5), of(4, 5, bias=False), twin=twin)
    layer(name, [(4,)], of(4, 5), twin=twin)
    layer(name, [(2, 3, 3, 4)], of(4, 1), twin=twin)
layer("Bilinear", [(3, 4), (3, 5)], of(4, 5, 2), of(4, 5, 2, bias=False))
layer("Bilinear", [(2, 3, 4), (2, 3, 5)], of(4, 5, 1))
layer("Identity", [X], of(), of(54, unused=1))
layer("Flatten", [IMAGE], of(), of(0), of(2, -1), of(start_dim=1, end_dim=2))
layer("Unflatten", [(2, 12)], of(1, (3, 4)), of(-1, (2, -1, 3)), of(1, [4, 3]))
layer("Embedding", [whole(7, 3, 2)], of(7, 4), of(7, 4, padding_idx=2), of(7, 4, max_norm=0.9))
layer("Embedding", [whole(7, 6)], of(7, 3, -1, 1.0, 1.0))

# -- activation -----------------------------------------------------------------------------------

for name in ("Sigmoid", "Tanh", "LogSigmoid", "Softsign", "Tanhshrink", "Softmax2d"):
    layer(name, [IMAGE])
for name in ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish"):
    layer(name, [3 * normal(*IMAGE)], of(), of(inplace=True))
# PyTorch's own constant of this one is rounded to float32.
layer("Hardsigmoid", [3 * normal(*IMAGE)], of(), of(inplace=True), tolerance=1e-7)
layer("Hardtanh", [IMAGE], of(), of(-0.5, 0.7), of(-0.5, 0.7, True))
layer("LeakyReLU", [IMAGE], of(), of(0.2), of(-0.2), of(0.2, True))
layer("PReLU", [IMAGE], of(), of(4), of(4, 0.1))
layer("RReLU", [IMAGE], of(), of(0.1, 0.5), train=False)
layer("ELU", [IMAGE], of(), of(0.5), of(0.5, inplace=True))
layer("CELU", [IMAGE], of(), of(2.0), of(2.0, inplace=True))
layer("GELU", [IMAGE], of(), of("tanh"))
layer("Softplus", [IMAGE], of(), of(2.0, 1.0))
layer("Hardshrink", [IMAGE], of(), of(0.3))
layer("Softshrink", [IMAGE], of(), of(0.3))
layer("Threshold", [IMAGE], of(0.1, 20.0), of(0.1, 20.0, True))
layer("GLU", [IMAGE], of(), of(1))
layer("Softmax", [IMAGE], of(1), of(dim=-1))
layer("LogSoftmax", [IMAGE], of(1), of(dim=-1))
layer("Softmin", [IMAGE], of(0), of(dim=-1))

# -- dropout: what is random is tested by its statistics, in test_linear.py ------------------------

for name in ("Dropout", "AlphaDropout", "FeatureAlphaDropout"):
    layer(name, [IMAGE], of(), of(0.3, True), train=False)
    layer(name, [IMAGE], of(0.0))
for n, name in enumerate(("Dropout1d", "Dropout2d", "Dropout3d")):
    layer(name, [(2, 3, 4, 5, 2)[: n + 3]], of(), of(0.3, inplace=True), train=False)
    layer(name, [(2, 3, 4, 5, 2)[: n + 3]], of(0.0))

# -- normalization --------------------------------------------------------------------------------

for train in (True, False):
    for n, name in enumerate(("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")):
        settings = [
            of(4),
            of(4, eps=1e-3, momentum=0.3),
            of(4, momentum=None),
            of(4, affine=False),
            of(4, track_running_stats=False),
        ]
        layer(name, [(3, 4, 5, 2, 3)[: n + 3]], *settings, train=train)
    layer("BatchNorm1d", [(6, 4)], of(4), train=train)
    for n, name in enumerate(("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d")):
        settings = [
            of(4),
            of(4, affine=True),
            of(4, affine=True, track_running_stats=True),
            of(4, 1e-3, 0.3, False, True),
        ]
        layer(name, [(3, 4, 5, 2, 3)[: n + 3]], *settings, train=train)
        layer(name, [(4, 5, 2, 3)[: n + 2]], of(4), train=train)
layer("LayerNorm", [IMAGE], of(6), of([5, 6]), of((4, 5, 6), 1e-3), of(6, bias=False))
layer("LayerNorm", [IMAGE], of(6, elementwise_affine=False))
layer("RMSNorm", [IMAGE], of(6), of([5, 6], 1e-3), of(6, elementwise_affine=False))
layer("GroupNorm", [IMAGE], of(2, 4), of(1, 4, 1e-3), of(4, 4, affine=False))
layer("LocalResponseNorm", [IMAGE], of(2), of(3, 0.1, 0.5, 2.0))

# -- recurrence -----------------------------------------------------------------------------------

RECURRENT = [
    of(3, 4),
    of(3, 4, 2),
    of(3, 4, bias=False),
    of(3, 4, batch_first=True),
    of(3, 4, bidirectional=True),
    of(3, 4, num_layers=2, bidirectional=True, batch_first=True),
]
for name in ("RNN", "LSTM", "GRU"):
    layer(name, [(5, 2, 3)], *RECURRENT)
    layer(name, [(5, 3)], of(3, 4))
    layer(name, [(5, 2, 3)], of(3, 4, 2, dropout=0.5), train=False)
    state: Any = [(2, 2, 4), (2, 2, 4)] if name == "LSTM" else (2, 2, 4)
    layer(name, [(5, 2, 3), state], of(3, 4, 2), of(3, 4, bidirectional=True))
layer("RNN", [(5, 2, 3)], of(3, 4, nonlinearity="relu"))
layer("LSTM", [(5, 2, 3)], of(3, 4, proj_size=2), of(3, 4, 2, bidirectional=True, proj_size=3))
for name in ("RNNCell", "LSTMCell", "GRUCell"):
    layer(name, [(2, 3)], of(3, 4), of(3, 4, bias=False))
    layer(name, [(3,)], of(3, 4))
    layer(name, [(2, 3), [(2, 4), (2, 4)] if name == "LSTMCell" else (2, 4)], of(3, 4))
layer("RNNCell", [(2, 3)], of(3, 4, nonlinearity="relu"))

# -- attention ------------------------------------------------------------------------------------

QKV: list[Any] = [(5, 2, 8), (3, 2, 8), (3, 2, 8)]
HIDDEN = np.array([[False, False, True], [False, True, False]])
CAUSAL = np.triu(np.full((5, 5), -np.inf), 1)
layer(
    "MultiheadAttention",
    QKV,
    of(8, 2),
    of(8, 4, bias=False),
    of(8, 2, add_bias_kv=True),
    of(8, 2, add_zero_attn=True),
)
layer("MultiheadAttention", [q[::2] for q in QKV], of(8, 2))
layer("MultiheadAttention", [(2, 5, 8), (2, 3, 8), (2, 3, 8)], of(8, 2, batch_first=True))
layer("MultiheadAttention", [(5, 2, 8), (3, 2, 6), (3, 2, 4)], of(8, 2, kdim=6, vdim=4))
layer("MultiheadAttention", QKV, of(8, 2), call={"key_padding_mask": HIDDEN})
layer("MultiheadAttention", QKV, of(8, 2), call={"average_attn_weights": False})
layer("MultiheadAttention", QKV, of(8, 2), call={"need_weights": False})
layer("MultiheadAttention", QKV, of(8, 2, dropout=0.5), train=False)
layer("MultiheadAttention", [(5, 2, 8)] * 3, of(8, 2), call={"attn_mask": CAUSAL})
layer(
    "TransformerEncoderLayer",
    [(5, 2, 8)],
    of(8, 2, 16, 0.0),
    of(8, 2, 16, dropout=0.0, activation="gelu", norm_first=True),
    of(8, 2, 16, 0.0, activation=lambda s: s.nn.functional.silu, layer_norm_eps=1e-3),
    of(8, 2, 16, 0.0, batch_first=True, bias=False),
)
layer("TransformerEncoderLayer", [(5, 2, 8)], of(8, 2, 16, 0.0), call={"src_mask": CAUSAL})
layer("TransformerEncoderLayer", [(5, 2, 8)], of(8, 2, 16), train=False)
layer(
    "TransformerEncoder",
    [(5, 2, 8)],
    of(lambda s: s.nn.TransformerEncoderLayer(8, 2, 16, 0.0), 2, enable_nested_tensor=False),
    of(
        lambda s: s.nn.TransformerEncoderLayer(8, 2, 16, 0.0),
        num_layers=1,
        norm=lambda s: s.nn.LayerNorm(8),
        enable_nested_tensor=False,
    ),
)
