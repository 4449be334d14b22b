"""The networks of the recipes, by name."""

from __future__ import annotations

from collections.abc import Callable

from minigrad.models.alexnet import AlexNet, AlexNet224, SmallAlexNet
from minigrad.models.cnn import CNN, WasteSorter
from minigrad.models.dense import (
    DNN,
    DiabetesNet,
    MnistDNN,
    MnistLinear,
    SoftmaxNet,
    TwoLayer,
)
from minigrad.models.gan import GAN, Discriminator, Generator
from minigrad.models.googlenet import GoogLeNet, Inception, googlenet
from minigrad.models.lenet import LeNet5, LeNetReLU, LeNetSigmoid
from minigrad.models.recurrent import Memoryless, Recurrent, gru, lstm, rnn
from minigrad.models.resnet import BasicBlock, Bottleneck, ResNet, resnet34, resnet50, resnet152
from minigrad.models.style import StyleFeatures, StyleImage, StyleNet, stylize
from minigrad.models.vgg import VGG, vgg16
from minigrad.nn import Module

__all__ = [
    "CNN",
    "DNN",
    "GAN",
    "INPUTS",
    "MODELS",
    "VGG",
    "AlexNet",
    "AlexNet224",
    "BasicBlock",
    "Bottleneck",
    "DiabetesNet",
    "Discriminator",
    "Generator",
    "GoogLeNet",
    "Inception",
    "LeNet5",
    "LeNetReLU",
    "LeNetSigmoid",
    "Memoryless",
    "MnistDNN",
    "MnistLinear",
    "Recurrent",
    "ResNet",
    "SmallAlexNet",
    "SoftmaxNet",
    "StyleFeatures",
    "StyleImage",
    "StyleNet",
    "TwoLayer",
    "WasteSorter",
    "googlenet",
    "gru",
    "lstm",
    "resnet34",
    "resnet50",
    "resnet152",
    "rnn",
    "stylize",
    "vgg16",
]

MODELS: dict[str, Callable[[], Module]] = {
    "alexnet": AlexNet,
    "alexnet224": AlexNet224,
    "cnn": CNN,
    "diabetes-net": DiabetesNet,
    "dnn": DNN,
    "gan": GAN,
    "googlenet": googlenet,
    "googlenet-paper": GoogLeNet,
    "gru": gru,
    "lenet-relu": LeNetReLU,
    "lenet-sigmoid": LeNetSigmoid,
    "lenet5": LeNet5,
    "lstm": lstm,
    "memoryless": Memoryless,
    "mnist-dnn": MnistDNN,
    "mnist-linear": MnistLinear,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "resnet152": resnet152,
    "rnn": rnn,
    "small-alexnet": SmallAlexNet,
    "softmax-net": SoftmaxNet,
    "style-features": StyleFeatures,
    "style-image": StyleImage,
    "style-net": StyleNet,
    "two-layer": TwoLayer,
    "vgg16": vgg16,
    "waste-sorter": WasteSorter,
}
"""Every model by the name that recipes, the command line and ``reference`` know it by."""

INPUTS: dict[str, tuple[int, ...]] = {
    "alexnet": (3, 224, 224),
    "alexnet224": (3, 224, 224),
    "cnn": (1, 28, 28),
    "diabetes-net": (8,),
    "dnn": (3,),
    "gan": (64,),
    "googlenet": (3, 224, 224),
    "googlenet-paper": (3, 224, 224),
    "gru": (20, 9),
    "lenet-relu": (3, 32, 32),
    "lenet-sigmoid": (1, 28, 28),
    "lenet5": (1, 28, 28),
    "lstm": (20, 9),
    "memoryless": (10, 9),
    "mnist-dnn": (1, 28, 28),
    "mnist-linear": (1, 28, 28),
    "resnet34": (3, 224, 224),
    "resnet50": (3, 224, 224),
    "resnet152": (3, 224, 224),
    "rnn": (10, 9),
    "small-alexnet": (1, 28, 28),
    "softmax-net": (1, 28, 28),
    "style-features": (3, 32, 32),
    "style-image": (3, 64, 64),
    "style-net": (3, 64, 64),
    "two-layer": (1, 28, 28),
    "vgg16": (3, 224, 224),
    "waste-sorter": (3, 84, 84),
}
"""The shape of one sample of each model's input."""
