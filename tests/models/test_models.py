"""The models: shapes, sizes, names."""

from __future__ import annotations

import pytest

import minigrad
from minigrad.models import INPUTS, MODELS
from minigrad.serialization import load, save

PARAMETERS = {
    "cnn": 8 * 26 + 16 * 201 + 784 * 100 + 100 + 1010,
    "diabetes-net": 8 * 32 + 32 + 32 * 8 + 8 + 8 * 4 + 4 + 5,
    "dnn": 20 + 30 + 30 + 18,
    "gan": 65 * 128 + 129 * 256 + 257 * 784 + 785 * 256 + 257 * 128 + 129,
    "gru": 3 * (9 * 32 + 32 * 32 + 64) + 33 * 8,
    "lenet-relu": 62_006,
    "lenet-sigmoid": 61_706,
    "lenet5": 61_706,
    "lstm": 4 * (9 * 32 + 32 * 32 + 64) + 33 * 8,
    "memoryless": 1_640,
    "mnist-dnn": 575_050,
    "mnist-linear": 7_850,
    "rnn": 1_640,
    "small-alexnet": 27_672_714,
    "softmax-net": 784 * 512 + 512 + 5_130,
    "style-features": 67_427,
    "two-layer": 15_910,
    "waste-sorter": 10_497_080,
}

OUTPUTS = {
    "dnn": 3,
    "diabetes-net": 1,
    "gan": 1,
    "style-features": 195,
    "waste-sorter": 6,
    **dict.fromkeys(["gru", "lstm", "memoryless", "rnn"], 8),
}
"""Of the models that have others than 10."""

BIG = {name for name, shape in INPUTS.items() if shape == (3, 224, 224)}
"""These have tests of their own: test_big_networks.py."""

PAINTERS = {"style-image", "style-net"}
"""Their outputs are images: test_style_models.py."""


def test_the_tables_speak_of_the_same_models():
    assert set(MODELS) == set(INPUTS) == set(PARAMETERS) | BIG | PAINTERS


@pytest.mark.parametrize("name", PARAMETERS)
def test_shapes_and_parameter_counts(name):
    model = MODELS[name]()
    out = model(minigrad.randn(2, *INPUTS[name]))
    assert out.shape == (2, OUTPUTS.get(name, 10))
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_saved_model_gives_the_same_outputs_to_the_bit(name, tmp_path):
    model = MODELS[name]().eval()
    x = minigrad.randn(3, *INPUTS[name])
    save(model, tmp_path / "whole")
    save(model.state_dict(), tmp_path / "state")
    other = MODELS[name]().eval()
    other.load_state_dict(load(tmp_path / "state"))
    expected = model(x).detach().numpy().tobytes()
    assert load(tmp_path / "whole")(x).detach().numpy().tobytes() == expected
    assert other(x).detach().numpy().tobytes() == expected
