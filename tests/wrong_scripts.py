"""What goes wrong in a first hour, on one page. Each row: the mistake, the script, the kind of
error, and what its words must hold: what was expected, what came, what to do."""

from __future__ import annotations

from typing import Any

import numpy as np

import minigrad as torch
from minigrad import nn
from minigrad.nn import functional as F
from minigrad.optim import lr_scheduler


class Empty(nn.Module):
    def forward(self, x: Any) -> None: ...


class Misspelt(nn.Module):
    def foward(self, x: Any) -> Any: ...


class Listed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Linear(2, 2)]


class Early(nn.Module):
    def __init__(self) -> None:
        self.layer = nn.Linear(2, 2)


ones, randn = torch.ones, torch.randn
flat = nn.Linear(2, 2)
classes = torch.tensor([0, 1, 2])
step = torch.optim.SGD


def fit(model: Any, x: Any, y: Any, **options: Any) -> Any:
    return torch.fit(model, x, y, **{"loss": "mse", "optimizer": "sgd", "verbose": 0, **options})


TABLE: list[Any] = [
    ("sizes of layers", lambda: nn.Sequential(nn.Linear(4, 8), nn.Linear(10, 2))(ones(3, 4)),
     RuntimeError, "linear:", "(..., 10)", "(3, 8)", "mat1 and mat2"),
    ("no flattening", lambda: nn.Linear(784, 10)(ones(5, 1, 28, 28)),
     RuntimeError, "784", "(5, 1, 28, 28)", "nn.Flatten()"),
    ("float64 from NumPy", lambda: flat(torch.from_numpy(np.ones((1, 2)))),
     RuntimeError, "linear:", "float64", "x.to(float32)", "layer.to(float64)"),
    ("whole numbers", lambda: flat(torch.tensor([[1, 2]])),
     RuntimeError, "linear:", "int64", "x.to(float32)"),
    ("bytes of an image", lambda: nn.Conv2d(1, 2, 3)(torch.zeros(1, 1, 8, 8, dtype=torch.uint8)),
     RuntimeError, "conv2d:", "uint8", "x.to(float32)"),
    ("channels last", lambda: nn.Conv2d(3, 2, 3)(ones(1, 8, 8, 3)),
     RuntimeError, "3 channels", "8 channels", "permute(0, 3, 1, 2)"),
    ("a list", lambda: flat([[1.0, 2.0]]),
     TypeError, "Linear:", "'input'", "list", "minigrad.tensor("),
    ("an array", lambda: nn.Conv2d(1, 2, 3)(np.ones((1, 1, 8, 8))),
     TypeError, "Conv2d:", "ndarray", "minigrad.tensor("),
    ("a number", lambda: F.gelu(1.0), TypeError, "gelu:", "float", "minigrad.tensor("),
    ("nothing returned", lambda: nn.Sequential(Empty(), nn.ReLU())(ones(2)),
     TypeError, "ReLU:", "NoneType", "returned nothing"),
    ("nothing to the loss", lambda: nn.MSELoss()(Empty()(ones(2)), ones(2)),
     TypeError, "MSELoss:", "NoneType", "returned nothing"),
    ("an LSTM's tuple", lambda: nn.Sequential(nn.LSTM(4, 8), nn.Linear(8, 2))(ones(2, 3, 4)),
     TypeError, "Linear:", "tuple", "one of its parts"),
    ("one-hot in whole numbers", lambda: nn.CrossEntropyLoss()(randn(3, 3), torch.eye(3).long()),
     RuntimeError, "int64", ".to(float32)", "class indices (3,)"),
    ("labels with a fraction", lambda: nn.CrossEntropyLoss()(randn(3, 4), classes.float()),
     RuntimeError, "class indices in int64", "float32", ".long()"),
    ("labels in a column", lambda: nn.CrossEntropyLoss()(randn(3, 4), classes.reshape(3, 1)),
     ValueError, "class indices of shape (3,)", "(3, 1)"),
    ("labels from 1", lambda: nn.CrossEntropyLoss()(randn(3, 3), classes + 1),
     IndexError, "Target 3", "from 0 to 2", "target[2]"),
    ("(N, 1) and (N)", lambda: nn.MSELoss()(randn(3, 1), randn(3)),
     RuntimeError, "(3, 1)", "(3,)", "target.reshape"),
    ("a loss of logits", lambda: nn.BCELoss()(ones(3) * 2, ones(3)),
     RuntimeError, "between 0 and 1", "found 2 to 2", "BCEWithLogitsLoss"),
    ("logits by a short name",
     lambda: fit(nn.Linear(1, 3), torch.tensor([[1e6], [-1e6]]), torch.zeros(2).long(),
                 loss="crossentropy"),
     RuntimeError, "between 0 and 1", "CrossEntropyLoss"),
    ("a loss that is not made", lambda: nn.MSELoss(ones(2), ones(2)),
     TypeError, "MSELoss()(input, target)"),
    ("the model to the optimizer", lambda: step(flat, lr=0.1),
     TypeError, "SGD:", "got Linear", ".parameters()"),
    ("a method not called", lambda: step(flat.parameters, lr=0.1),
     TypeError, "SGD:", "got method", "parameters()"),
    ("layers to the optimizer", lambda: step([flat], lr=0.1),
     TypeError, "SGD:", "Linear", ".parameters()"),
    ("layers in a list", lambda: step(Listed().parameters(), lr=0.1),
     ValueError, "SGD:", "empty", "nn.ModuleList"),
    ("a rate in quotes", lambda: step(flat.parameters(), lr="0.1"),
     TypeError, "SGD:", "learning rate", "'0.1'", "number"),
    ("the model to a clip", lambda: nn.utils.clip_grad_norm_(flat, 1.0),
     TypeError, "clip_grad", "Linear", "parameters()"),
    ("the model to a schedule", lambda: lr_scheduler.StepLR(flat, 10),
     TypeError, "Linear", "Optimizer"),
    ("no super().__init__()", Early, AttributeError, "Early.__init__", "super().__init__()"),
    ("forward misspelt", lambda: Misspelt()(ones(2)),
     NotImplementedError, "Misspelt", "forward", "'foward'"),
    ("a list called", lambda: nn.ModuleList([flat])(ones(2)),
     NotImplementedError, "ModuleList", "nn.Sequential"),
    ("a class for a layer", lambda: nn.Sequential(flat, nn.ReLU),
     TypeError, "the class ReLU", "ReLU(...)"),
    ("a list for layers", lambda: nn.Sequential([flat, nn.ReLU()]),
     TypeError, "list", "*layers"),
    ("a tensor for several", lambda: torch.cat(ones(2), ones(2)),
     TypeError, "cat:", "not Tensor", "cat([a, b])"),
    ("a list among tensors", lambda: torch.stack([ones(2), [1.0, 2.0]]),
     TypeError, "stack:", "element 1", "list"),
    ("another's device", lambda: ones(2).to("mps"),
     RuntimeError, "device:", "'cpu', 'cuda' or 'cuda:N'", "'mps'"),
    ("gpu", lambda: flat.to("gpu"), RuntimeError, "'gpu'", "did you mean 'cuda'?"),
    ("CUDA", lambda: ones(2, device="CUDA"), RuntimeError, "'CUDA'", "did you mean 'cuda'?"),
    ("an unknown type", lambda: ones(2).to("complex64"), TypeError, "dtype:", "complex64"),
    ("Keras' word", lambda: fit(flat, ones(2, 2), ones(2, 2), loss="binary_crossentropy"),
     ValueError, "fit:", "did you mean BCELoss?"),
    ("PyTorch's word", lambda: fit(flat, ones(2, 2), ones(2, 2), loss="cross_entropy"),
     ValueError, "fit:", "did you mean CrossEntropyLoss?"),
    ("an optimizer misspelt", lambda: fit(flat, ones(2, 2), ones(2, 2), optimizer="adamm"),
     ValueError, "fit:", "did you mean Adam"),
    ("a metric misspelt", lambda: fit(flat, ones(2, 2), ones(2, 2), metrics=["acuracy"]),
     ValueError, "fit:", "did you mean accuracy?"),
    ("a mode of pad", lambda: F.pad(ones(1, 1, 2, 2), (1, 1), mode="mirror"),
     NotImplementedError, "pad:", "'mirror'", "'reflect'"),
    ("a reduction", lambda: F.mse_loss(ones(2), ones(2), reduction="average"),
     ValueError, "mse_loss:", "average", "mean, sum or none"),
    ("a gain", lambda: nn.init.calculate_gain("swish"),
     ValueError, "calculate_gain:", "swish", "relu, tanh"),
    ("a norm", lambda: ones(2, 2).norm("max"), RuntimeError, "norm:", "'max'", "'fro'"),
    ("a cycle", lambda: lr_scheduler.CyclicLR(step([ones(2)], lr=1), 0.1, 1.0, mode="saw"),
     ValueError, "CyclicLR:", "'saw'", "'triangular'"),
]  # fmt: skip
