"""Summaries of models: layers, shapes, counts and memory, against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

import minigrad
from minigrad import nn
from minigrad.models import MODELS
from minigrad.training.summary import Summary


def of(model: nn.Module, shape: Any, **options: Any) -> Summary:
    return minigrad.summary(model, shape, verbose=False, **options)


def test_lenet5_layer_by_layer():
    model = MODELS["lenet5"]()
    found = of(model, (1, 28, 28))
    assert [row.shapes for row in found.rows if row.kind == "Conv2d"] == [
        ((1, 6, 28, 28),),
        ((1, 16, 10, 10),),
        ((1, 120, 1, 1),),
    ]
    assert [row.parameters for row in found.rows if row.parameters] == [
        156, 2_416, 48_120, 10_164, 850,
    ]  # fmt: skip
    assert [row.name for row in found.rows[:3]] == ["", "net", "net.0"]
    assert [row.depth for row in found.rows[:3]] == [0, 1, 2]
    assert found.rows[-1].name == "net.11"
    assert found.total_parameters == found.trainable_parameters == 61_706
    assert found.parameter_bytes == 4 * 61_706
    # Two planes of 28x28, a pooled one, and so on; the Flatten looks into what is there already.
    outputs = 2 * 6 * 28**2 + 6 * 14**2 + 2 * 16 * 10**2 + 16 * 5**2 + 2 * 120 + 2 * 84 + 10
    assert found.activation_bytes == 4 * outputs
    assert of(model, (1, 28, 28), batch_size=3).activation_bytes == 3 * 4 * outputs


def test_the_model_is_as_it_was():
    model = nn.Sequential(nn.FullConnection(3, 4), nn.BatchNorm1d(4), nn.Dropout())
    model[1].eval()
    calls = []
    handle = model[0].register_forward_hook(lambda *args: calls.append(1))
    before = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    of(model, (3,))
    assert model.training and not model[1].training and model[2].training
    assert all((value.numpy() == before[name]).all() for name, value in model.state_dict().items())
    assert [module._hooks for module in (model, model[1], model[2])] == [None] * 3
    model(minigrad.zeros(1, 3))
    handle.remove()
    model(minigrad.zeros(1, 3))
    assert len(calls) == 2  # the summary's call, and the one before the hook was removed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "total"), [("resnet34", 21_797_672), ("googlenet", 6_624_904), ("alexnet", 61_100_840)]
)
def test_big_networks(name, total):
    found = of(MODELS[name](), MODELS[name].input)
    assert found.total_parameters == total == sum(row.parameters for row in found.rows)
    assert found.rows[0].shapes == ((1, 1000),) and not found.uncalled


@pytest.mark.slow
def test_resnet34_is_nested():
    model = MODELS["resnet34"]()
    found = of(model, (3, 224, 224))
    shapes = {row.name: row.shapes for row in found.rows}
    assert shapes["conv1"] == ((1, 64, 112, 112),)
    assert shapes["layer1"] == ((1, 64, 56, 56),)
    assert shapes["layer4.2"] == ((1, 512, 7, 7),)
    depths = {row.name: row.depth for row in found.rows}
    assert (depths["layer4"], depths["layer4.2"], depths["layer4.2.conv1"]) == (1, 2, 3)
    buffers = sum(buffer.numel() * buffer.element_size() for buffer in model.buffers())
    assert found.parameter_bytes == 4 * 21_797_672 + buffers


def test_an_lstm_gives_several_tensors():
    model = nn.LSTM(8, 16, num_layers=2, batch_first=True)
    found = of(model, (5, 8), batch_size=3)
    assert found.rows[0].shapes == ((3, 5, 16), (2, 3, 16), (2, 3, 16))
    assert found.total_parameters == 4 * 16 * (8 + 16 + 2) + 4 * 16 * (16 + 16 + 2)
    assert found.activation_bytes == 4 * (3 * 5 * 16 + 2 * 2 * 3 * 16)
    assert "(3, 5, 16), (2, 3, 16), (2, 3, 16)" in str(found)


def test_integers_several_inputs_and_types():
    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(10, 4)
            self.rest = nn.FullConnection(3, 4)

        def forward(self, words, numbers):
            return {"sum": self.words(words).sum(1) + self.rest(numbers)}

    found = of(Both(), [(6,), (3,)], dtype=[minigrad.int64, None], batch_size=2)
    assert [row.shapes for row in found.rows] == [((2, 4),), ((2, 6, 4),), ((2, 4),)]
    double = nn.FullConnection(3, 4).double()
    assert of(double, (3,)).parameter_bytes == 8 * 16
    assert of(nn.Softmax(1), (3,)).total_parameters == 0


def test_what_is_used_twice_counts_once():
    shared = nn.FullConnection(4, 4)
    found = of(nn.Sequential(shared, nn.Sequential(shared, nn.ReLU())), (4,))
    assert [row.parameters for row in found.rows] == [0, 20, 0, 0, 0]
    tied = nn.Sequential(nn.FullConnection(4, 4), nn.FullConnection(4, 4))
    tied[1].weight = tied[0].weight
    assert [row.parameters for row in of(tied, (4,)).rows] == [0, 20, 4]


def test_what_is_not_called_is_told():
    class Half(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.unused = nn.FullConnection(2, 1), nn.FullConnection(9, 9)

        def forward(self, x):
            return self.used(x)

    model = Half()
    model.used.requires_grad_(False)
    found = of(model, (2,))
    assert found.uncalled == {"unused": 90}
    assert (found.total_parameters, found.trainable_parameters) == (93, 90)
    assert "not called: unused, 90 parameters" in str(found)


def test_outputs_that_are_the_input_take_no_memory():
    model = nn.Sequential(nn.Identity(), nn.Flatten(), nn.Dropout(), nn.ReLU())
    assert of(model, (2, 3)).activation_bytes == 4 * 6


def test_it_is_printed_and_shown(capsys):
    found = minigrad.summary(nn.Sequential(nn.FullConnection(784, 10)), (784,))
    printed = capsys.readouterr().out
    assert printed == f"{found}\n"
    lines = printed.splitlines()
    assert lines[0].split() == ["layer", "output", "parameters"]
    assert lines[3].split() == ["0", "(FullConnection)", "(1,", "10)", "7,850"]
    assert "7,850 parameters, 7,850 of them trainable" in lines[5]
    assert lines[6] == "31.4 kB of parameters and buffers"
    assert lines[7].startswith("40 bytes of layers' outputs for an input of")
    assert repr(found) == "Summary(2 rows, 7,850 parameters)"
    Odd = type("A<b>&", (nn.Identity,), {})
    page = of(nn.Sequential(Odd()), (2,))._repr_html_()
    assert "0 (A&lt;b&gt;&amp;)" in page and "<b>" not in page


@pytest.mark.parametrize("shape", [784, "784", (1, "28"), [(3,), 4], None])
def test_shapes_that_are_none(shape):
    with pytest.raises(TypeError, match="summary: expected input_shape to be the shape of one"):
        of(nn.Flatten(), shape)


def test_models_that_are_none_and_inputs_that_do_not_fit():
    with pytest.raises(TypeError, match=r"summary: expected an nn.Module, got function"):
        of(lambda x: x, (3,))  # type: ignore[arg-type]
    model = nn.FullConnection(3, 4)
    with pytest.raises(RuntimeError, match=r"FullConnection|linear|matmul"):
        of(model, (5,))
    assert model._hooks is None and model.training
    with pytest.raises(ValueError, match="summary: 2 dtypes for 1 input"):
        of(model, (3,), dtype=[minigrad.float32, minigrad.float32])
