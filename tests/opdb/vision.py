"""Rows of images in other sizes."""

from __future__ import annotations

from minigrad.nn.functional import vision as F

from .row import Draw, Row, Sample


def _sizes(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(1, 2, 2, 3), scale_factor=2),
        Sample(d.normal(2, 1, 5), 3),
        Sample(d.normal(2, 1, 4), scale_factor=1.7, mode="nearest-exact"),
        Sample(d.normal(1, 1, 2, 3), (3, 4), mode="nearest-exact"),
        Sample(d.normal(1, 2, 4), 7, mode="linear"),
        Sample(d.normal(1, 2, 2, 3), (5, 2), mode="bilinear"),
        Sample(d.normal(1, 1, 3, 2), (2, 5), mode="bilinear", align_corners=True),
        Sample(d.normal(1, 1, 3, 3), scale_factor=(1.5, 0.7), mode="bilinear", align_corners=False),
        Sample(
            d.normal(1, 1, 3, 3),
            scale_factor=1.5,
            mode="bilinear",
            align_corners=False,
            recompute_scale_factor=True,
        ),
        Sample(d.normal(1, 1, 2, 2, 2), (1, 3, 2), mode="trilinear", align_corners=True),
        Sample(d.normal(1, 1, 4, 3), (2, 2), mode="area"),
    ]


ROWS = [
    Row(
        "nn.functional.interpolate",
        F.interpolate,
        _sizes,
        "y[n, c, i] = Σ M[i, j] · x[n, c, j], M mixes neighbours",
        types_differ="which integers PyTorch takes depends on the mode",
    ),
    Row(
        "nn.functional.upsample",
        F.upsample,
        lambda d: [Sample(d.normal(1, 1, 2, 2), scale_factor=3, mode="nearest")],
        "y = interpolate(x)",
        torch="nn.functional.interpolate",  # PyTorch's upsample warns of its age
        types_differ="which integers PyTorch takes depends on the mode",
    ),
    Row(
        "nn.functional.pixel_shuffle",
        F.pixel_shuffle,
        lambda d: [Sample(d.normal(2, 4, 2, 3), 2), Sample(d.normal(9, 1, 2), 3)],
        "y[..., c, h r + i, w r + j] = x[..., c r² + i r + j, h, w]",
    ),
    Row(
        "nn.functional.pixel_unshuffle",
        F.pixel_unshuffle,
        lambda d: [Sample(d.normal(2, 1, 2, 4), 2), Sample(d.normal(1, 3, 6), 3)],
        "y[..., c r² + i r + j, h, w] = x[..., c, h r + i, w r + j]",
    ),
]
