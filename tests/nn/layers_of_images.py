"""The table's layers that look through windows: convolution, pooling, padding, resizing."""

from __future__ import annotations

from typing import Any

import numpy as np
from layers import layer, normal, of, positive

SIZES = (7, 6, 5)
for n in (1, 2, 3):
    x = (2, 4, *SIZES[:n])
    # -- convolution ------------------------------------------------------------------------------
    settings = [
        of(4, 6, 3),
        of(4, 6, (3, 2, 1)[:n], bias=False),
        of(4, 6, 3, stride=2, padding=1),
        of(4, 6, 2, dilation=2, groups=2),
        of(4, 8, 3, groups=4, padding="same"),
        of(4, 2, 3, padding="same", dilation=2),
        of(4, 2, 2, padding="valid"),
        of(4, 2, 3, padding=1, padding_mode="reflect"),
        of(4, 2, 3, padding=1, padding_mode="replicate"),
        of(4, 2, 3, padding=2, padding_mode="circular"),
        of(4, 2, 1),
    ]
    layer(f"Conv{n}d", [x], *settings)
    layer(f"Conv{n}d", [x[1:]], of(4, 6, 3))
    settings = [
        of(4, 6, 3),
        of(4, 6, (3, 2, 1)[:n], bias=False),
        of(4, 6, 3, stride=2, padding=1, output_padding=1),
        of(4, 6, 2, dilation=2, groups=2),
        of(4, 4, 3, stride=3, groups=4),
    ]
    layer(f"ConvTranspose{n}d", [x], *settings)
    layer(f"ConvTranspose{n}d", [x[1:]], of(4, 6, 3))
    goal = [2 * size for size in SIZES[:n]]
    layer(f"ConvTranspose{n}d", [x], of(4, 2, 2, stride=2), call={"output_size": goal})

    # -- pooling ----------------------------------------------------------------------------------
    settings = [
        of(2),
        of(3, stride=2),
        of(3, 1, padding=1),
        of(2, ceil_mode=True),
        of(3, stride=2, padding=1, ceil_mode=True),
        of((3, 2, 1)[:n]),
    ]
    layer(f"MaxPool{n}d", [x], *settings, of(2, 1, dilation=2), of(2, return_indices=True))
    layer(f"AvgPool{n}d", [x], *settings, of(3, 2, padding=1, count_include_pad=False))
    layer(f"AvgPool{n}d", [x], of(3, 2, 1, True, False))
    if n > 1:
        layer(f"AvgPool{n}d", [x], of(2, divisor_override=3))
    layer(f"AdaptiveAvgPool{n}d", [x], of(1), of(3), of(8))
    layer(f"AdaptiveMaxPool{n}d", [x], of(1), of(3), of(3, return_indices=True))
    if n > 1:
        goals = [of((None, 2, 3)[:n]), of((2, None, 1)[:n])]
        layer(f"AdaptiveAvgPool{n}d", [x], *goals)
        layer(f"AdaptiveMaxPool{n}d", [x], *goals)
    if n < 3:
        layer(f"LPPool{n}d", [x], of(2, 2), of(2, 3, stride=2), of(2, 2, ceil_mode=True))
        layer(f"LPPool{n}d", [positive(*x)], of(3, 2), of(1.5, 3, 2, ceil_mode=True))
    count = np.prod(SIZES[:n])
    places = np.arange(0, count, 2).reshape(1, 1, -1)
    pooled = (2, 3, *(size // 2 for size in SIZES[:n]))
    inside = np.prod(pooled[2:])
    indices: Any = np.broadcast_to(places[..., :inside], (2, 3, inside)).reshape(pooled).copy()
    layer(
        f"MaxUnpool{n}d",
        [pooled, indices],
        of(2),
        of(2, stride=2, padding=0),
        call={"output_size": list(SIZES[:n])},
    )
    layer(f"MaxUnpool{n}d", [pooled, indices], of(3, stride=3, padding=0))

    # -- padding ----------------------------------------------------------------------------------
    uneven = tuple(range(1, 2 * n + 1)) if n < 3 else (1, 2, 3, 1, 0, 2)
    for kind in ("Reflection", "Replication", "Circular", "Zero"):
        layer(f"{kind}Pad{n}d", [x], of(2), of(uneven))
    layer(f"ConstantPad{n}d", [x], of(2, 3.5), of(uneven, -1.0), of(-1, 0.0))
    layer(f"ZeroPad{n}d", [x], of(-1))

# -- resizing and columns --------------------------------------------------------------------------

layer(
    "Upsample",
    [(2, 3, 4, 5)],
    of(scale_factor=2),
    of((7, 3)),
    of(size=6),
    of(scale_factor=(1.5, 2.5)),
    of(scale_factor=2, mode="bilinear"),
    of((7, 9), mode="bilinear", align_corners=True),
    of(scale_factor=1.3, mode="bilinear", recompute_scale_factor=True),
)
layer("Upsample", [(2, 3, 4)], of(scale_factor=3), of(7, mode="linear"))
layer("UpsamplingNearest2d", [(2, 3, 4, 5)], of(scale_factor=2), of((3, 8)))
layer("UpsamplingBilinear2d", [(2, 3, 4, 5)], of(scale_factor=2), of((3, 8)))
layer("PixelShuffle", [(2, 8, 3, 4)], of(2))
layer("PixelShuffle", [(9, 3, 4)], of(3))
layer("PixelUnshuffle", [(2, 2, 6, 4)], of(2))
layer(
    "Unfold",
    [normal(2, 3, 6, 5)],
    of(3),
    of((2, 3)),
    of(2, dilation=2, padding=1, stride=2),
)
layer("Fold", [(2, 12, 20)], of((6, 5), 2))
layer("Fold", [(2, 12, 18)], of((6, 5), kernel_size=2, dilation=2, padding=1, stride=(1, 2)))
