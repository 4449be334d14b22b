"""Rows of convolution."""

from __future__ import annotations

from typing import Any

from minigrad.nn.functional import convolution as F
from minigrad.nn.functional.folding import fold, unfold
from minigrad.ops.convolution import conv, conv_input, conv_weight
from minigrad.ops.patches import Window, col2im, im2col

from .row import Draw, Row, Sample

_CONV = "y[n, o, p] = Σ w[o, c, k] · x[n, c, p·s + k·d - P] + b[o]"
_TRANSPOSED = "y[n, c, q] = Σ x[n, o, p] · w[o, c, k] over p·s + k·d - P = q, + b[c]"
_PLAIN = Window((2, 2), (1, 1), (1, 1), ((0, 0), (0, 0)))
_ROOMY = Window((2, 1), (2, 1), (1, 2), ((1, 0), (0, 1)))


def _samples_1d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 5), d.normal(3, 2, 2), d.normal(3)),
        Sample(d.normal(1, 2, 5), d.normal(2, 1, 3), stride=2, padding=1, groups=2),
        Sample(d.normal(2, 5), d.normal(1, 2, 3), dilation=2, padding="same"),
    ]


def _samples_2d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 3, 3), d.normal(2, 2, 2, 2), d.normal(2)),
        Sample(d.normal(1, 2, 4, 3), d.normal(2, 1, 2, 3), None, (2, 1), (1, 0), 1, 2),
        Sample(d.normal(1, 1, 4, 4), d.normal(1, 1, 2, 2), stride=2, dilation=(2, 1), padding=1),
        Sample(d.normal(1, 3, 3), d.normal(2, 1, 3, 1), padding="same"),
        Sample(d.normal(2, 2, 2, 2), d.normal(2, 2, 1, 1), padding="valid"),
        Sample(d.normal(0, 2, 3, 3), d.normal(2, 2, 2, 2), d.normal(2)),
    ]


def _samples_3d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(1, 2, 2, 3, 2), d.normal(1, 2, 2, 2, 1), d.normal(1)),
        Sample(d.normal(1, 2, 2, 3), d.normal(2, 1, 1, 2, 2), stride=(1, 2, 1), padding=(0, 1, 0)),
    ]


def _transposed_1d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 3), d.normal(2, 1, 2), d.normal(1)),
        Sample(d.normal(1, 2, 3), d.normal(2, 1, 2), d.normal(2), 2, 1, 1, 2),
        Sample(d.normal(2, 3), d.normal(2, 1, 2), dilation=3, output_padding=2, padding=1),
    ]


def _transposed_2d(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 2, 2), d.normal(2, 1, 2, 2), d.normal(1)),
        Sample(d.normal(1, 2, 2, 3), d.normal(2, 1, 3, 2), None, (2, 1), (1, 0), (1, 0), 2),
        Sample(d.normal(1, 2, 2), d.normal(1, 2, 2, 1), dilation=(2, 1), padding=(1, 0)),
    ]


def _unfolded(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 2, 3, 3), 2),
        Sample(d.normal(1, 1, 4, 5), (2, 3), dilation=(2, 1), padding=(1, 0), stride=(1, 2)),
        Sample(d.normal(2, 3, 3), (2, 1)),
    ]


def _folded(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 8, 4), 3, 2),
        Sample(d.normal(1, 6, 8), (4, 5), (2, 3), (2, 1), (1, 0), (1, 2)),
        Sample(d.normal(4, 2), (2, 4), 2, stride=2),
    ]


def _windows(d: Draw) -> list[Any]:
    return [(d.normal(2, 1, 3, 3), _PLAIN), (d.normal(1, 2, 3, 3), _ROOMY)]


def _bilinear(name: str, call: Any, x: str, y: str) -> Row:
    """A row for one of the three ops; ``x`` and ``y`` say which of the form's tensors it takes."""

    def samples(d: Draw) -> list[Sample]:
        found = []
        for window, groups in ((_PLAIN, 1), (_ROOMY, 2)):
            images = {
                "x": (2, 2, 3, 3),
                "y": (2, 2, *window.places((3, 3))),
                "w": (2, 2 // groups, *window.kernel),
            }
            size = {"size": (3, 3)} if name == "conv_input" else {}
            found.append(
                Sample(
                    d.normal(*images[x]), d.normal(*images[y]), window=window, groups=groups, **size
                )
            )
        return found

    return Row(name, call, samples, torch="")


def _row(name: str, call: Any, samples: Any, formula: str) -> Row:
    types = "which integers PyTorch convolves depends on the kernel that it picks for the shapes"
    return Row(f"nn.functional.{name}", call, samples, formula, types_differ=types)


ROWS = [
    _row("conv1d", F.conv1d, _samples_1d, _CONV),
    _row("conv2d", F.conv2d, _samples_2d, _CONV),
    _row("conv3d", F.conv3d, _samples_3d, _CONV),
    _row("conv_transpose1d", F.conv_transpose1d, _transposed_1d, _TRANSPOSED),
    _row("conv_transpose2d", F.conv_transpose2d, _transposed_2d, _TRANSPOSED),
    _row(
        "conv_transpose3d",
        F.conv_transpose3d,
        lambda d: [Sample(d.normal(1, 2, 1, 2, 2), d.normal(2, 1, 2, 1, 2), d.normal(1), stride=2)],
        _TRANSPOSED,
    ),
    Row("nn.functional.unfold", unfold, _unfolded, "y[n, (c, k), p] = x[n, c, p·s + k·d - P]"),
    Row(
        "nn.functional.fold",
        fold,
        _folded,
        "y[n, c, q] = Σ x[n, (c, k), p] over p·s + k·d - P = q",
    ),
    Row(
        "im2col",
        im2col,
        lambda d: [Sample(x, window=window) for x, window in _windows(d)],
        torch="",
    ),
    Row(
        "col2im",
        col2im,
        lambda d: [
            Sample(
                d.normal(*x.shape[:2], *window.kernel, *window.places((3, 3))),
                window=window,
                size=(3, 3),
            )
            for x, window in _windows(d)
        ],
        torch="",
    ),
    _bilinear("conv", conv, "x", "w"),
    _bilinear("conv_input", conv_input, "y", "w"),
    _bilinear("conv_weight", conv_weight, "x", "y"),
]
