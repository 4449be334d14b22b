"""The networks of the recipes, by name."""

from __future__ import annotations

from collections.abc import Callable

from minigrad.models.cnn import CNN
from minigrad.models.dense import (
    DNN,
    DiabetesNet,
    MnistDNN,
    MnistLinear,
    SoftmaxNet,
    TwoLayer,
)
from minigrad.models.lenet import LeNet5, LeNetReLU, LeNetSigmoid
from minigrad.nn import Module

__all__ = [
    "CNN",
    "DNN",
    "INPUTS",
    "MODELS",
    "DiabetesNet",
    "LeNet5",
    "LeNetReLU",
    "LeNetSigmoid",
    "MnistDNN",
    "MnistLinear",
    "SoftmaxNet",
    "TwoLayer",
]

MODELS: dict[str, Callable[[], Module]] = {
    "cnn": CNN,
    "diabetes-net": DiabetesNet,
    "dnn": DNN,
    "lenet-relu": LeNetReLU,
    "lenet-sigmoid": LeNetSigmoid,
    "lenet5": LeNet5,
    "mnist-dnn": MnistDNN,
    "mnist-linear": MnistLinear,
    "softmax-net": SoftmaxNet,
    "two-layer": TwoLayer,
}
"""Every model by the name that recipes, the command line and ``reference`` know it by."""

INPUTS: dict[str, tuple[int, ...]] = {
    "cnn": (1, 28, 28),
    "diabetes-net": (8,),
    "dnn": (3,),
    "lenet-relu": (3, 32, 32),
    "lenet-sigmoid": (1, 28, 28),
    "lenet5": (1, 28, 28),
    "mnist-dnn": (1, 28, 28),
    "mnist-linear": (1, 28, 28),
    "softmax-net": (1, 28, 28),
    "two-layer": (1, 28, 28),
}
"""The shape of one sample of each model's input."""
