"""The networks of the recipes, by name."""

from __future__ import annotations

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
from minigrad.models.table import MODELS, Network
from minigrad.models.vgg import VGG, vgg16

__all__ = [
    "CNN",
    "DNN",
    "GAN",
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
    "Network",
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
