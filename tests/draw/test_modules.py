"""Networks drawn by their modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from drawn_pages import lines

import minigrad
from minigrad import nn
from minigrad.draw import draw_model
from minigrad.draw.drawing import Drawing
from minigrad.models import CNN, LeNet5
from minigrad.models.googlenet import Inception
from minigrad.models.resnet import BasicBlock


def boxes(drawing: Drawing) -> list[str]:
    return [
        "|".join("".join(w.text for w in line) for line in box.lines) for box, _ in drawing.boxes
    ]


def kinds(drawing: Drawing) -> list[str]:
    return [text.split("|")[0].split(" (")[0].strip() for text in boxes(drawing)]


def test_a_box_for_every_layer_with_settings_shape_and_parameters():
    drawing = draw_model(CNN(), minigrad.rand(1, 1, 28, 28))
    assert boxes(drawing) == [
        "input (1, 1, 28, 28)",
        "Conv2d features.0|1, 8, kernel_size=5, stride=1,|padding=same|(1, 8, 28, 28)"
        "|208 parameters",
        "ReLU features.1|(1, 8, 28, 28)",
        "MaxPool2d features.2|kernel_size=2, stride=2, padding=0,|dilation=1, ceil_mode=False"
        "|(1, 8, 14, 14)",
        "Conv2d features.3|8, 16, kernel_size=5, stride=1,|padding=same|(1, 16, 14, 14)"
        "|3,216 parameters",
        "ReLU features.4|(1, 16, 14, 14)",
        "MaxPool2d features.5|kernel_size=2, stride=2, padding=0,|dilation=1, ceil_mode=False"
        "|(1, 16, 7, 7)",
        "Flatten classifier.0|start_dim=1, end_dim=-1|(1, 784)",
        "FullConnection classifier.1|in_features=784, out_features=100,|bias=True|(1, 100)"
        "|78,500 parameters",
        "ReLU classifier.2|(1, 100)",
        "Dropout classifier.3|p=0.25, inplace=False|(1, 100)",
        "FullConnection classifier.4|in_features=100, out_features=10,|bias=True|(1, 10)"
        "|1,010 parameters",
        "output (1, 10)",
    ]
    assert len(drawing.arrows) == 12
    assert len({place[0] for _, place in drawing.boxes}) == 1  # one straight line


def test_depth_says_how_much_is_one_box():
    block, x = Inception(8, 4, (4, 6), (2, 4), 4), minigrad.rand(1, 8, 6, 6)
    assert kinds(draw_model(block, x, depth=1)) == [
        "input", "BasicConv2d branch1", "Sequential branch2", "Sequential branch3",
        "Sequential branch4", "cat", "output",
    ]  # fmt: skip
    deep = kinds(draw_model(block, x))
    assert deep.count("relu") == 6 and "BatchNorm2d branch4.1.bn" in deep
    assert kinds(draw_model(block, x, depth=9)) == deep


def test_what_is_computed_outside_of_layers_is_drawn_as_ops():
    assert kinds(draw_model(BasicBlock(4, 4), minigrad.rand(1, 4, 6, 6))) == [
        *("input", "Conv2d conv1", "BatchNorm2d bn1", "ReLU relu", "Conv2d conv2"),
        *("BatchNorm2d bn2", "add", "ReLU relu", "output"),
    ]


class Scaled(nn.Module):
    """A parameter and an op of its own beside a layer; a dict of results."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(minigrad.ones(4))
        self.layer = nn.Linear(4, 4)

    def forward(self, x: minigrad.Tensor, y: minigrad.Tensor) -> dict[str, Any]:
        z = self.layer(x) * self.scale
        return {"sum": z + y, "parts": [z, "text", x.argmax()]}


def test_parameters_outside_of_layers_inputs_and_results():
    drawing = draw_model(Scaled(), [minigrad.rand(2, 4), minigrad.rand(2, 4)])
    assert sorted(kinds(drawing)) == sorted(
        [
            *("input 0", "input 1", "scale", "Linear layer", "mul", "add"),
            "output 0",
            "output 1",
        ]
    )


def test_indices_lead_to_the_embedding():
    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(10, 4)
            self.cell = nn.LSTM(4, 3, batch_first=True)

        def forward(self, x: minigrad.Tensor) -> minigrad.Tensor:
            return self.cell(self.table(x))[0]

    drawing = draw_model(Words(), minigrad.tensor([[1, 2, 3]]))
    assert kinds(drawing) == ["input", "Embedding table", "LSTM cell", "output"]
    assert len(drawing.arrows) == 3


def test_data_that_the_network_makes_itself_is_left_out():
    class Steps(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.RNNCell(4, 3)

        def forward(self, x: minigrad.Tensor) -> minigrad.Tensor:
            h = minigrad.zeros(1, 3)
            for step in x:
                h = self.cell(step[None], h)
            return h

    drawing = draw_model(Steps(), minigrad.rand(3, 4))
    assert kinds(drawing).count("RNNCell cell") == 3 and "" not in kinds(drawing)
    drawing = draw_model(Steps(), minigrad.tensor([[1, 2, 3, 4]]).float())
    assert kinds(drawing)[0] == "input" and kinds(drawing)[-1] == "output"


def test_a_network_that_is_one_layer():
    assert kinds(draw_model(nn.Linear(3, 2), minigrad.rand(3)))[1:] == ["Linear", "output"]


def test_the_network_is_as_it_was_before():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.ReLU())
    model[1].eval()
    x = minigrad.rand(2, 1, 5, 5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = minigrad.get_rng_state()
    drawing = draw_model(model, x)
    assert "Dropout 2" in kinds(drawing)  # although it changes nothing
    assert [module.training for module in model.modules()] == [True, True, False, True, True]
    assert all((value == before[name]).all() for name, value in model.state_dict().items())
    assert minigrad.get_rng_state() == state
    assert not x.requires_grad and all(p.grad is None for p in model.parameters())
    assert all(
        module._hooks is None or not any(module._hooks.values()) for module in model.modules()
    )


def test_drawn_off_the_tape_and_frozen_as_well():
    model = LeNet5().requires_grad_(False)
    with minigrad.no_grad():
        drawing = draw_model(model, minigrad.rand(1, 1, 28, 28))
    assert kinds(drawing)[0] == "input" and "Conv2d net.0" in kinds(drawing)


def test_an_error_in_the_network_leaves_no_hook():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(3, 2))
    with pytest.raises(RuntimeError, match="linear"):
        draw_model(model, minigrad.rand(1, 3))
    assert model.training and not any(model[0]._hooks.values())


def test_it_is_saved_and_names_are_text(tmp_path: Path):
    model = nn.Sequential()
    model.add_module("<b> & c", nn.Linear(2, 2))
    draw_model(model, minigrad.rand(1, 2), tmp_path / "x.svg")
    assert "Linear <b> & c" in lines(tmp_path / "x.svg")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("net", minigrad.ones(1, 3)), TypeError, "expected a Module, got str"),
        ((nn.Linear(3, 2), (1, 3)), TypeError, "expected inputs as a tensor, or several in a list"),
        ((nn.Linear(3, 2), None), TypeError, "got NoneType"),
        ((nn.Linear(3, 2), minigrad.ones(1, 3), "x.bmp"), ValueError, "ends in .png"),
    ],
)
def test_bad_input_is_told(arguments: tuple[Any, ...], error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        draw_model(*arguments)


def test_bad_depth_limit_and_results_are_told():
    model, x = nn.Sequential(nn.Linear(3, 2), nn.ReLU()), minigrad.ones(1, 3)
    with pytest.raises(ValueError, match="depth of 1 or more, got 0"):
        draw_model(model, x, depth=0)
    with pytest.raises(ValueError, match=r"3 boxes, more than 2, could not be read; .* depth="):
        draw_model(model, x, limit=2)

    class Chooses(nn.Module):
        def forward(self, x: minigrad.Tensor) -> minigrad.Tensor:
            return x.argmax()

    with pytest.raises(ValueError, match=r"draw_model: a tensor of shape \(\) is on no tape"):
        draw_model(Chooses(), x)
