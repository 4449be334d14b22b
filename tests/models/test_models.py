"""The models: shapes, sizes, names."""

from __future__ import annotations

import pytest

import minigrad
from minigrad.models import MODELS
from minigrad.serialization import load, save

BIG = {name for name, model in MODELS.items() if model.input == (3, 224, 224)}
"""These have tests of their own: test_big_networks.py."""

PAINTERS = {"style-image", "style-net"}
"""Their outputs are images: test_style_models.py."""


SMALL = sorted(set(MODELS) - BIG - PAINTERS)


@pytest.mark.parametrize("name", SMALL)
def test_shapes_and_parameter_counts(name):
    model = MODELS[name]()
    out = model(minigrad.randn(2, *MODELS[name].input))
    assert out.shape == (2, *MODELS[name].output)
    assert sum(p.numel() for p in model.parameters()) == MODELS[name].parameters


@pytest.mark.parametrize("name", SMALL)
def test_a_saved_model_gives_the_same_outputs_to_the_bit(name, tmp_path):
    model = MODELS[name]().eval()
    x = minigrad.randn(3, *MODELS[name].input)
    save(model, tmp_path / "whole")
    save(model.state_dict(), tmp_path / "state")
    other = MODELS[name]().eval()
    other.load_state_dict(load(tmp_path / "state"))
    expected = model(x).detach().numpy().tobytes()
    assert load(tmp_path / "whole")(x).detach().numpy().tobytes() == expected
    assert other(x).detach().numpy().tobytes() == expected
