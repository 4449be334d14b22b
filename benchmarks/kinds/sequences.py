"""Networks that read sequences: attention, recurrence, embeddings, convolution along time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.case import Case, Step, Supervised, floats, labels

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine


def gpt(nn: Any) -> Any:
    """Two blocks of 128 features and four heads over 128 characters; logits of all places."""

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.ln1, self.ln2 = nn.LayerNorm(128), nn.LayerNorm(128)
            self.qkv, self.out = nn.Linear(128, 384), nn.Linear(128, 128)
            self.mlp = nn.Sequential(nn.Linear(128, 512), nn.GELU(), nn.Linear(512, 128))

        def forward(self, x: Any) -> Any:
            b, t, c = x.shape
            q, k, v = (
                part.reshape(b, t, 4, c // 4).transpose(1, 2)
                for part in self.qkv(self.ln1(x)).split(c, dim=2)
            )
            y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(y.transpose(1, 2).reshape(b, t, c))
            return x + self.mlp(self.ln2(x))

    class GPT(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.token = nn.Embedding(128, 128)
            self.place = nn.Parameter(nn.Linear(128, 64).weight.detach())
            self.blocks = nn.Sequential(Block(), Block())
            self.norm, self.head = nn.LayerNorm(128), nn.Linear(128, 128, bias=False)

        def forward(self, x: Any) -> Any:
            y = self.blocks(self.token(x) + self.place)
            return self.head(self.norm(y)).flatten(0, 1)

    return GPT()


def encoder(nn: Any) -> Any:
    """PyTorch's own encoder, two layers of 64 features; the mean over time is classified."""

    class Encoder(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
            self.layers = nn.TransformerEncoder(layer, 2)
            self.head = nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            return self.head(self.layers(x).mean(1))

    return Encoder()


def _recurrent(kind: str) -> Any:
    """A recurrent network that reads images row by row and classifies by its last state."""

    def network(nn: Any) -> Any:
        class Recurrent(nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.layer = getattr(nn, kind)(28, 128, batch_first=True)
                self.head = nn.Linear(128, 10)

            def forward(self, x: Any) -> Any:
                return self.head(self.layer(x)[0][:, -1])

        return Recurrent()

    return network


def _cell(kind: str) -> Any:
    """A cell in a loop over 20 steps."""

    def network(nn: Any) -> Any:
        class Loop(nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.cell = getattr(nn, kind)(16, 32)
                self.head = nn.Linear(32, 10)

            def forward(self, x: Any) -> Any:
                state = None
                for t in range(x.shape[1]):
                    state = self.cell(x[:, t], state)
                return self.head(state[0] if isinstance(state, tuple) else state)

        return Loop()

    return network


def _text(words: int) -> Any:
    """The mean of the embeddings of 50 words, classified."""

    def network(nn: Any) -> Any:
        class Text(nn.Module):  # type: ignore[misc]
            def __init__(self) -> None:
                super().__init__()
                self.words = nn.Embedding(words, 64)
                self.head = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))

            def forward(self, x: Any) -> Any:
                return self.head(self.words(x).mean(1))

        return Text()

    return network


def wavenet(nn: Any) -> Any:
    """Gated convolutions along time whose holes double, with residuals and skips."""

    class WaveNet(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.begin = nn.Conv1d(1, 32, 1)
            self.gated = nn.ModuleList(nn.Conv1d(32, 64, 2, dilation=2**i) for i in range(6))
            self.mixed = nn.ModuleList(nn.Conv1d(32, 32, 1) for _ in range(6))
            self.end = nn.Sequential(nn.ReLU(), nn.Conv1d(32, 16, 1))

        def forward(self, x: Any) -> Any:
            x, skips = self.begin(x), 0.0
            for gated, mixed in zip(self.gated, self.mixed, strict=True):
                before = nn.functional.pad(x, (gated.dilation[0], 0))
                value, gate = gated(before).chunk(2, 1)
                y = mixed(value.tanh() * gate.sigmoid())
                x, skips = x + y, skips + y
            return self.end(skips)

    return WaveNet()


def signal(nn: Any) -> Any:
    """Convolutions along time with norms, pooled in between and at the end."""
    return nn.Sequential(
        nn.Conv1d(2, 16, 7, padding=3), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(16, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.MaxPool1d(2),
        nn.Conv1d(32, 64, 3, padding=1), nn.BatchNorm1d(64), nn.ReLU(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(64, 5),
    )  # fmt: skip


def _words(*shape: int, words: int) -> Any:
    return lambda rng: rng.integers(0, words, shape)


def seq2seq(engine: Engine) -> Step:
    """One step of a translator of cells: an encoder, and a decoder that is told the truth."""
    rng = np.random.default_rng(0)
    source, target = (engine.tensor(rng.integers(0, 50, (16, 12))) for _ in range(2))
    nn = engine.nn

    class Translator(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(50, 32)
            self.reads, self.writes = nn.GRUCell(32, 64), nn.GRUCell(32, 64)
            self.head = nn.Linear(64, 50)

    model = engine.model(lambda nn: Translator())
    update = engine.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()

    def step() -> Any:
        update.zero_grad()
        state = None
        for t in range(12):
            state = model.reads(model.words(source[:, t]), state)
        outputs = []
        for t in range(11):
            state = model.writes(model.words(target[:, t]), state)
            outputs.append(model.head(state))
        loss = criterion(engine.lib.stack(outputs, 1).flatten(0, 1), target[:, 1:].reshape(-1))
        loss.backward()
        update.step()
        return loss

    return step


def _supervised(network: Any, x: Any, y: Any, optimizer: str, **settings: Any) -> Supervised:
    clip = settings.pop("clip", None)
    return Supervised(network, x, y, "CrossEntropyLoss", optimizer, settings, clip)


SEQUENCES = [
    Case(
        "gpt",
        "two blocks of 128 features, causal attention, GELU, AdamW, clipping, 8 x 64 characters",
        _supervised(gpt, _words(8, 64, words=128), labels(512, 128), "AdamW", lr=1e-3, clip=1.0),
    ),
    Case(
        "encoder",
        "TransformerEncoder, two layers of 64, Adam, 16 sequences of 32",
        _supervised(encoder, floats(16, 32, 64), labels(16), "Adam", lr=1e-3),
    ),
    *(
        Case(
            kind.lower(),
            f"{kind} of 128 over the rows of images, Adam, batch 64",
            _supervised(_recurrent(kind), floats(64, 28, 28), labels(64), "Adam", lr=1e-3),
        )
        for kind in ("LSTM", "GRU", "RNN")
    ),
    *(
        Case(
            f"{kind.lower()}-cells",
            f"{kind}Cell of 32 in a loop of 20 steps, Adam, batch 16",
            _supervised(_cell(f"{kind}Cell"), floats(16, 20, 16), labels(16), "Adam", lr=1e-3),
        )
        for kind in ("LSTM", "GRU")
    ),
    Case("seq2seq", "GRU cells read 12 words and write 11, Adam, batch 16", seq2seq),
    Case(
        "text",
        "mean of 50 embeddings out of 20000, 64-64-4, SGD, batch 64",
        _supervised(_text(20000), _words(64, 50, words=20000), labels(64, 4), "SGD", lr=0.1),
    ),
    Case(
        "text-adam",
        "the same with 5000 words, Adam",
        _supervised(_text(5000), _words(64, 50, words=5000), labels(64, 4), "Adam", lr=1e-3),
    ),
    Case(
        "wavenet",
        "six gated dilated convolutions of 32 channels, Adam, 2 x 400 samples",
        _supervised(
            wavenet,
            floats(2, 1, 400),
            lambda rng: rng.integers(0, 16, (2, 400)),
            "Adam",
            lr=1e-3,
        ),
    ),
    Case(
        "signal",
        "Conv1d 16, 32, 64 with BatchNorm and pooling, Adam, 32 x 256 samples",
        _supervised(signal, floats(32, 2, 256), labels(32, 5), "Adam", lr=1e-3),
    ),
]
