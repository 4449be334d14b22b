"""The same networks in PyTorch, by the same names: each file stands beside its minigrad twin."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from reference.models.cnn import CNN
from reference.models.dense import (
    DNN,
    DiabetesNet,
    MnistDNN,
    MnistLinear,
    SoftmaxNet,
    TwoLayer,
)
from reference.models.lenet import LeNet5, LeNetReLU, LeNetSigmoid

__all__ = ["TWINS"]

TWINS: dict[str, Callable[[], nn.Module]] = {
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
"""Every model of ``minigrad.models.MODELS`` as its author would write it in PyTorch."""
