"""The networks of the recipes, one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from minigrad.models.gan import GAN
from minigrad.models.googlenet import GoogLeNet, googlenet
from minigrad.models.lenet import LeNet5, LeNetReLU, LeNetSigmoid
from minigrad.models.recurrent import Memoryless, gru, lstm, rnn
from minigrad.models.resnet import resnet34, resnet50, resnet152
from minigrad.models.style import StyleFeatures, StyleImage, StyleNet
from minigrad.models.vgg import vgg16
from minigrad.nn import Module


@dataclass(frozen=True)
class Network:
    """A network of the table; called, it makes one with its first weights.

    Attributes:
        make: its class, or the function that makes it.
        input, output: the shapes of one sample and of what comes out for it.
        parameters: how many numbers it learns.
    """

    make: Callable[[], Module]
    input: tuple[int, ...]
    output: tuple[int, ...]
    parameters: int

    def __call__(self) -> Module:
        return self.make()


MODELS: dict[str, Network] = {
    "alexnet": Network(AlexNet, (3, 224, 224), (1000,), 61_100_840),
    "alexnet224": Network(AlexNet224, (3, 224, 224), (1000,), 62_378_344),
    "cnn": Network(CNN, (1, 28, 28), (10,), 82_934),
    "diabetes-net": Network(DiabetesNet, (8,), (1,), 593),
    "dnn": Network(DNN, (3,), (3,), 98),
    "gan": Network(GAN, (64,), (1,), 476_817),
    "googlenet": Network(googlenet, (3, 224, 224), (1000,), 6_624_904),
    "googlenet-paper": Network(GoogLeNet, (3, 224, 224), (1000,), 7_005_832),
    "gru": Network(gru, (20, 9), (8,), 4_392),
    "lenet-relu": Network(LeNetReLU, (3, 32, 32), (10,), 62_006),
    "lenet-sigmoid": Network(LeNetSigmoid, (1, 28, 28), (10,), 61_706),
    "lenet5": Network(LeNet5, (1, 28, 28), (10,), 61_706),
    "lstm": Network(lstm, (20, 9), (8,), 5_768),
    "memoryless": Network(Memoryless, (10, 9), (8,), 1_640),
    "mnist-dnn": Network(MnistDNN, (1, 28, 28), (10,), 575_050),
    "mnist-linear": Network(MnistLinear, (1, 28, 28), (10,), 7_850),
    "resnet34": Network(resnet34, (3, 224, 224), (1000,), 21_797_672),
    "resnet50": Network(resnet50, (3, 224, 224), (1000,), 25_557_032),
    "resnet152": Network(resnet152, (3, 224, 224), (1000,), 60_192_808),
    "rnn": Network(rnn, (10, 9), (8,), 1_640),
    "small-alexnet": Network(SmallAlexNet, (1, 28, 28), (10,), 27_672_714),
    "softmax-net": Network(SoftmaxNet, (1, 28, 28), (10,), 407_050),
    "style-features": Network(StyleFeatures, (3, 32, 32), (195,), 67_427),
    "style-image": Network(StyleImage, (3, 64, 64), (3, 64, 64), 12_288),
    "style-net": Network(StyleNet, (3, 64, 64), (3, 64, 64), 198_267),
    "two-layer": Network(TwoLayer, (1, 28, 28), (10,), 15_910),
    "vgg16": Network(vgg16, (3, 224, 224), (1000,), 138_357_544),
    "waste-sorter": Network(WasteSorter, (3, 84, 84), (6,), 10_497_080),
}
"""Every model by the name that recipes, the command line and ``reference`` know it by."""
