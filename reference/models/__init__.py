"""The same networks in PyTorch, by the same names: each file stands beside its minigrad twin."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from reference.models import imagenet
from reference.models.alexnet import AlexNet224, SmallAlexNet
from reference.models.cnn import CNN, WasteSorter
from reference.models.dense import (
    DNN,
    DiabetesNet,
    MnistDNN,
    MnistLinear,
    SoftmaxNet,
    TwoLayer,
)
from reference.models.gan import GAN
from reference.models.lenet import LeNet5, LeNetReLU, LeNetSigmoid
from reference.models.recurrent import Memoryless, gru, lstm, rnn
from reference.models.style import StyleFeatures, StyleImage, StyleNet

__all__ = ["TWINS"]

TWINS: dict[str, Callable[[], nn.Module]] = {
    "alexnet": imagenet.alexnet,
    "alexnet224": AlexNet224,
    "cnn": CNN,
    "diabetes-net": DiabetesNet,
    "dnn": DNN,
    "gan": GAN,
    "googlenet": imagenet.googlenet,
    "googlenet-paper": imagenet.googlenet_paper,
    "gru": gru,
    "lenet-relu": LeNetReLU,
    "lenet-sigmoid": LeNetSigmoid,
    "lenet5": LeNet5,
    "lstm": lstm,
    "memoryless": Memoryless,
    "mnist-dnn": MnistDNN,
    "mnist-linear": MnistLinear,
    "resnet34": imagenet.resnet34,
    "resnet50": imagenet.resnet50,
    "resnet152": imagenet.resnet152,
    "rnn": rnn,
    "small-alexnet": SmallAlexNet,
    "softmax-net": SoftmaxNet,
    "style-features": StyleFeatures,
    "style-image": StyleImage,
    "style-net": StyleNet,
    "two-layer": TwoLayer,
    "vgg16": imagenet.vgg16,
    "waste-sorter": WasteSorter,
}
"""Every model of ``minigrad.models.MODELS`` as its author would write it in PyTorch."""
