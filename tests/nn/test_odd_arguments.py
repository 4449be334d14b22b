"""Every argument of every layer with values that nobody should pass, on both sides: what PyTorch
refuses, when it is built or first called, is refused with the same class of error, and what it
accepts gives the same numbers."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")

Input = Callable[[Any], Any]
ODD: list[Any] = [None, True, 0, -1, 0.5, float("nan"), "x", (1,), [2, 1], np.int64(2), "tensor(2)"]


def numbers(*shape: int) -> Input:
    array = (np.arange(np.prod(shape)).reshape(shape) % 7 - 2.5).astype(np.float32)
    return lambda s: s.tensor(array)


def shares(*shape: int) -> Input:
    array = ((np.arange(np.prod(shape)).reshape(shape) % 7 + 1) / 8).astype(np.float32)
    return lambda s: s.tensor(array)


def whole(below: int, *shape: int) -> Input:
    return lambda s: s.tensor(np.arange(np.prod(shape)).reshape(shape) % below)


def signs(*shape: int) -> Input:
    array = (np.arange(np.prod(shape)).reshape(shape) % 2 * 2 - 1).astype(np.float32)
    return lambda s: s.tensor(array)


IMAGES, TABLE, SEQUENCE = [numbers(2, 4, 6, 6)], [numbers(3, 4)], [numbers(5, 2, 4)]
PAIR, CLASSES = [numbers(3, 4), shares(3, 4)], [numbers(3, 4), whole(4, 3)]
CHANNELS = {"in_channels": 4, "out_channels": 4, "kernel_size": 2}
LAYERS: dict[str, tuple[dict[str, Any], list[Input]]] = {
    "ELU CELU GELU LeakyReLU Softplus Softshrink Hardshrink Hardtanh PReLU GLU": ({}, TABLE),
    "Threshold": ({"threshold": 0.1, "value": 20}, TABLE),
    "Linear": ({"in_features": 4, "out_features": 2}, TABLE),
    "Bilinear": ({"in1_features": 4, "in2_features": 4, "out_features": 2}, TABLE * 2),
    "Conv2d ConvTranspose2d": (CHANNELS, IMAGES),
    "MaxPool2d AvgPool2d Unfold": ({"kernel_size": 2}, IMAGES),
    "LPPool2d": ({"norm_type": 2, "kernel_size": 2}, IMAGES),
    "AdaptiveAvgPool2d AdaptiveMaxPool2d": ({"output_size": 2}, IMAGES),
    "BatchNorm2d InstanceNorm2d": ({"num_features": 4}, IMAGES),
    "ZeroPad2d ReflectionPad2d ReplicationPad2d CircularPad2d": ({"padding": 1}, IMAGES),
    "ConstantPad2d": ({"padding": 1, "value": 2.0}, IMAGES),
    "MaxUnpool2d": ({"kernel_size": 2}, [numbers(1, 1, 2, 2), whole(4, 1, 1, 2, 2)]),
    "Dropout Dropout2d AlphaDropout FeatureAlphaDropout": ({"p": 0.0}, IMAGES),
    "GroupNorm": ({"num_groups": 2, "num_channels": 4}, IMAGES),
    "LayerNorm RMSNorm": ({"normalized_shape": 4}, TABLE),
    "LocalResponseNorm": ({"size": 2}, IMAGES),
    "Embedding": ({"num_embeddings": 5, "embedding_dim": 3}, [whole(3, 4)]),
    "RNN LSTM GRU": ({"input_size": 4, "hidden_size": 3}, SEQUENCE),
    "RNNCell LSTMCell GRUCell": ({"input_size": 4, "hidden_size": 3}, TABLE),
    "MultiheadAttention": ({"embed_dim": 4, "num_heads": 2}, SEQUENCE * 3),
    "PixelShuffle": ({"upscale_factor": 2}, IMAGES),
    "PixelUnshuffle": ({"downscale_factor": 2}, IMAGES),
    "Upsample UpsamplingNearest2d UpsamplingBilinear2d": ({"scale_factor": 2}, IMAGES),
    "Fold": ({"output_size": (3, 3), "kernel_size": 2}, [numbers(1, 4, 4)]),
    "CosineSimilarity PairwiseDistance": ({}, PAIR),
    "L1Loss MSELoss SmoothL1Loss HuberLoss KLDivLoss PoissonNLLLoss BCEWithLogitsLoss": ({}, PAIR),
    "MultiLabelSoftMarginLoss": ({}, PAIR),
    "BCELoss": ({}, [shares(3, 4)] * 2),
    "CrossEntropyLoss NLLLoss MultiMarginLoss": ({}, CLASSES),
    "MultiLabelMarginLoss": ({}, [numbers(3, 4), whole(3, 3, 4)]),
    "SoftMarginLoss HingeEmbeddingLoss": ({}, [numbers(3, 4), signs(3, 4)]),
    "GaussianNLLLoss": ({}, [*PAIR, shares(3, 4)]),
    "MarginRankingLoss": ({}, [numbers(3), shares(3), signs(3)]),
    "CosineEmbeddingLoss": ({}, [*PAIR, signs(3)]),
    "TripletMarginLoss": ({}, [*PAIR, signs(3, 4)]),
}
CASES = {name: row for names, row in LAYERS.items() for name in names.split()}

NAN = "what NaN as a setting does to numbers is left to the formulas"
REFUSES_MORE = "it is refused here, and passed over there"
TAKES_MORE = "one length for all dimensions, a 0-d tensor or NumPy's number is taken here"
OTHER_CLASS = "refused on both sides, by another class of error"
DIFFERENT: dict[str, str] = {
    "AdaptiveAvgPool2d.output_size": TAKES_MORE,
    "AdaptiveMaxPool2d.output_size": TAKES_MORE,
    "AlphaDropout.p": OTHER_CLASS,
    "Bilinear.in1_features": OTHER_CLASS,
    "Bilinear.in2_features": OTHER_CLASS,
    "CircularPad2d.padding": f"{OTHER_CLASS}; {TAKES_MORE}",
    "ConstantPad2d.padding": TAKES_MORE,
    "Conv2d.dilation": TAKES_MORE,
    "Conv2d.groups": OTHER_CLASS,
    "Conv2d.in_channels": OTHER_CLASS,
    "Conv2d.kernel_size": f"{REFUSES_MORE}; {TAKES_MORE}",
    "Conv2d.out_channels": OTHER_CLASS,
    "Conv2d.padding": TAKES_MORE,
    "Conv2d.padding_mode": OTHER_CLASS,
    "Conv2d.stride": TAKES_MORE,
    "ConvTranspose2d.dilation": TAKES_MORE,
    "ConvTranspose2d.groups": OTHER_CLASS,
    "ConvTranspose2d.in_channels": OTHER_CLASS,
    "ConvTranspose2d.kernel_size": f"{REFUSES_MORE}; {TAKES_MORE}",
    "ConvTranspose2d.out_channels": OTHER_CLASS,
    "ConvTranspose2d.output_padding": OTHER_CLASS,
    "ConvTranspose2d.padding": f"{OTHER_CLASS}; {TAKES_MORE}",
    "ConvTranspose2d.stride": TAKES_MORE,
    "CrossEntropyLoss.label_smoothing": REFUSES_MORE,
    "Dropout.p": OTHER_CLASS,
    "Dropout2d.p": OTHER_CLASS,
    "Embedding.embedding_dim": REFUSES_MORE,
    "Embedding.num_embeddings": OTHER_CLASS,
    "Embedding.padding_idx": OTHER_CLASS,
    "Embedding.sparse": REFUSES_MORE,
    "FeatureAlphaDropout.p": OTHER_CLASS,
    "Fold.dilation": f"{OTHER_CLASS}; {TAKES_MORE}",
    "Fold.kernel_size": TAKES_MORE,
    "Fold.output_size": OTHER_CLASS,
    "Fold.padding": OTHER_CLASS,
    "Fold.stride": f"{OTHER_CLASS}; {TAKES_MORE}",
    "GRU.dropout": OTHER_CLASS,
    "GRU.hidden_size": f"{REFUSES_MORE}; {TAKES_MORE}",
    "GRU.input_size": OTHER_CLASS,
    "GaussianNLLLoss.reduction": OTHER_CLASS,
    "Hardtanh.max_val": f"{OTHER_CLASS}; {NAN}",
    "Hardtanh.min_val": f"{OTHER_CLASS}; {NAN}",
    "HuberLoss.delta": TAKES_MORE,
    "LPPool2d.kernel_size": f"{OTHER_CLASS}; {TAKES_MORE}",
    "LSTM.dropout": OTHER_CLASS,
    "LSTM.hidden_size": f"{REFUSES_MORE}; {TAKES_MORE}",
    "LSTM.input_size": OTHER_CLASS,
    "LayerNorm.normalized_shape": OTHER_CLASS,
    "LeakyReLU.negative_slope": NAN,
    "Linear.in_features": OTHER_CLASS,
    "MaxUnpool2d.kernel_size": f"{OTHER_CLASS}; {REFUSES_MORE}; {TAKES_MORE}",
    "MaxUnpool2d.padding": f"{OTHER_CLASS}; {REFUSES_MORE}; {TAKES_MORE}",
    "MaxUnpool2d.stride": f"{OTHER_CLASS}; {REFUSES_MORE}; {TAKES_MORE}",
    "MultiLabelSoftMarginLoss.reduction": OTHER_CLASS,
    "MultiMarginLoss.margin": NAN,
    "MultiMarginLoss.weight": OTHER_CLASS,
    "MultiheadAttention.dropout": REFUSES_MORE,
    "PReLU.num_parameters": f"{OTHER_CLASS}; {REFUSES_MORE}",
    "PairwiseDistance.p": "for p = 0 PyTorch has no gradient at all",
    "PoissonNLLLoss.reduction": OTHER_CLASS,
    "RMSNorm.normalized_shape": OTHER_CLASS,
    "RNN.dropout": OTHER_CLASS,
    "RNN.hidden_size": TAKES_MORE,
    "RNN.input_size": OTHER_CLASS,
    "RNNCell.nonlinearity": OTHER_CLASS,
    "ReflectionPad2d.padding": f"{OTHER_CLASS}; {TAKES_MORE}",
    "ReplicationPad2d.padding": f"{OTHER_CLASS}; {TAKES_MORE}",
    "TripletMarginLoss.p": "for p = 0 PyTorch has no gradient at all",
    "Unfold.dilation": TAKES_MORE,
    "Unfold.kernel_size": TAKES_MORE,
    "Unfold.padding": TAKES_MORE,
    "Unfold.stride": TAKES_MORE,
    "Upsample.scale_factor": f"{OTHER_CLASS}; {TAKES_MORE}",
    "UpsamplingBilinear2d.scale_factor": f"{OTHER_CLASS}; {TAKES_MORE}",
    "UpsamplingNearest2d.scale_factor": f"{OTHER_CLASS}; {TAKES_MORE}",
    "ZeroPad2d.padding": TAKES_MORE,
}
"""``layer.argument`` to why the two sides differ for some of the values."""


def arguments(name: str) -> list[str]:
    """The names of the settings that both sides have."""
    sides = (getattr(s.nn, name).__init__ for s in (minigrad, torch))
    here, there = (inspect.signature(side).parameters for side in sides)
    base = [n for n in here if n not in ("self", "args", "kwargs", "device", "dtype")]
    return [n for n in base if n in there or "args" in there]


def outcome(s: Any, name: str, setting: dict[str, Any]) -> Any:
    """The class of the error; or the numbers of the results and the gradient."""
    given, inputs = CASES[name]
    own = {k: s.tensor(2) if str(v) == "tensor(2)" else v for k, v in setting.items()}
    try:
        layer = getattr(s.nn, name)(**{**given, **own})
        for i, p in enumerate(layer.parameters()):
            with s.no_grad():
                flat = np.arange(p.numel()) % 5 / 5 - 0.3 + 0.01 * i
                p.copy_(s.tensor(flat.reshape(tuple(p.shape))).to(p.dtype))
        leaf = inputs[0](s)
        if leaf.is_floating_point():
            leaf.requires_grad_()
        # what is written over in place may not be a leaf
        results = layer(leaf * 1 if leaf.requires_grad else leaf, *(make(s) for make in inputs[1:]))
        results = results if isinstance(results, tuple) else (results,)
        found = [y for y in results if hasattr(y, "detach")]
        if leaf.requires_grad and found[0].requires_grad:
            (found[0] * found[0]).sum().backward()
            found.append(leaf.grad)
    except Exception as error:
        kinds = (IndexError, TypeError, ValueError, AssertionError, RuntimeError)
        return next((k.__name__ for k in kinds if isinstance(error, k)), type(error).__name__)
    return [np.asarray(y.detach().numpy()) for y in found if y is not None]


def agree(here: Any, there: Any) -> bool:
    if isinstance(here, str) or isinstance(there, str):
        return bool(type(here) is type(there) and here == there)
    return len(here) == len(there) and all(
        a.shape == b.shape
        and a.dtype == b.dtype
        and np.allclose(a, b, rtol=2e-4, atol=1e-4, equal_nan=True)
        for a, b in zip(here, there, strict=True)
    )


@pytest.mark.parametrize("name", CASES)
def test_every_argument(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for argument in arguments(name):
            wrong = []
            for value in ODD:
                if "ropout" in name + argument and value == 0.5:
                    continue  # random
                setting = {argument: value}
                if name.startswith("Upsampl") and argument == "size":
                    setting["scale_factor"] = None
                here, there = outcome(minigrad, name, setting), outcome(torch, name, setting)
                if not agree(here, there):
                    wrong.append(f"{value!r}: {here}; PyTorch: {there}")
            row = f"{name}.{argument}"
            assert bool(wrong) == (row in DIFFERENT), f"{row}: {wrong or 'strike the row'}"


def test_the_rows_are_of_arguments_that_there_are() -> None:
    there = {f"{name}.{argument}" for name in CASES for argument in arguments(name)}
    assert set(DIFFERENT) <= there
