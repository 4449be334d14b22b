"""Rows of margins."""

from __future__ import annotations

from minigrad.nn.functional.padding import pad

from .row import Draw, Row, Sample


def _margins(d: Draw) -> list[Sample]:
    return [
        Sample(d.normal(2, 3), (1, 2)),
        Sample(d.normal(2, 3), (1, 0, 0, 2), "constant", 1.5),
        Sample(d.normal(2, 3), (-1, 1)),
        Sample(d.normal(2, 3), (0, 0, -1, -1)),
        Sample(d.normal(1, 2, 4), (2, 1), mode="reflect"),
        Sample(d.normal(1, 2, 3, 4), (2, 3, 1, 2), mode="reflect"),
        Sample(d.normal(1, 2, 4), (2, 5), mode="replicate"),
        Sample(d.normal(1, 2, 3, 4), (4, 0, 3, 1), mode="circular"),
    ]


ROWS = [
    Row(
        "nn.functional.pad",
        pad,
        _margins,
        types_differ="PyTorch pads integers in some modes only",
    ),
]
