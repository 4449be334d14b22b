"""Recipes of networks that must remember: a letter was marked, which one is asked at the end."""

from __future__ import annotations

from dataclasses import replace

from minigrad.recipes.recipe import Recipe

RECALL = Recipe(
    name="G2-rnn",
    title="RNN: recalls the letter that was marked in a sequence of 10",
    model="rnn",
    data="recall",
    options={"length": 10, "samples": (5000, 1000)},
    loss="CrossEntropyLoss",
    optimizer="Adam",
    settings={"lr": 0.005},
    batch=64,
    epochs=20,
)
LONGER = {**RECALL.options, "length": 20}
"""What gates are for."""

RECURRENT = (
    RECALL,
    replace(
        RECALL,
        name="G2-rnn-long",
        title="RNN: the same in a sequence of 20, where it fails for want of gates",
        options=LONGER,
    ),
    replace(
        RECALL,
        name="G2-lstm",
        title="LSTM: recalls the letter that was marked in a sequence of 20",
        model="lstm",
        options=LONGER,
        epochs=10,
    ),
    replace(
        RECALL,
        name="G2-gru",
        title="GRU: recalls the letter that was marked in a sequence of 20",
        model="gru",
        options=LONGER,
        epochs=10,
    ),
    replace(
        RECALL,
        name="G2-dense",
        title="Dense net of the RNN's size: without a memory it can only guess the letter",
        model="memoryless",
    ),
)
