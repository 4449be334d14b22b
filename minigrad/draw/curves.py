"""The numbers of a training over its epochs, as curves: `draw_curves`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from minigrad.draw.plot import Plot, look

Rows: TypeAlias = Sequence[Mapping[str, float]]
History: TypeAlias = Mapping[str, Rows]
"""For each side by name a row of numbers for each epoch: "epoch", "train_loss", "test_accuracy"."""

PARTS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}
STYLES = {"train": "--", "validation": ":", "test": "-"}
BROAD: dict[str, Any] = {"--": (0, (1.2, 0.8)), ":": (0, (0.4, 0.6)), "-": "-"}
"""The same for broad lines: dashes are measured in widths; a legend has to tell them apart."""
COLOURS = {"": 0, "train": 0, "test": 1, "validation": 2}
"""The place of each part in the cycle of colours: it is the same in every panel."""
ACROSS = 3
"""Panels in a row."""


def draw_curves(
    history: Any, path: str | os.PathLike[str] | None = None, *, title: str = ""
) -> Plot:
    """A panel for each quantity, the loss first; what was measured on training data is dashed, on
    validation data dotted; each has one colour in all panels. Of two sides each has its colour, and
    the first is drawn broad, to be seen under the other.

    ``history`` is what `minigrad.fit` returns, a dict of lists of numbers as Keras has it, or a
    dict of sides with a row of numbers for each epoch. "train_", "validation_", "val_" and "test_"
    before a name say what a quantity was measured on; any other name is a quantity of its own, but
    that "d_loss" and "g_loss" are losses. A notebook shows the plot; ``path`` (.png, .svg, .pdf) or
    ``save`` writes it.
    Errors: TypeError for another kind of history, ValueError for one without numbers and for a path
    with another ending; OSError from the disk.

    Args:
        title: what stands above.
    """
    from matplotlib.figure import Figure

    with look():
        figure = Figure(layout="constrained")
        draw_on(figure, sides_of(history), title)
    plot = Plot(figure)
    if path is not None:
        plot.save(path)
    return plot


def draw_on(figure: Any, history: History, title: str) -> None:
    """The curves on a figure that is empty, or is emptied. Errors: as `draw_curves`."""
    panels: dict[str, list[str]] = {}
    for rows in history.values():
        for key in dict.fromkeys(key for row in rows for key in row if key != "epoch"):
            keys = panels.setdefault(quantity_and_part(key)[0], [])
            if key not in keys:
                keys.append(key)
    if not panels:
        raise ValueError("draw_curves: the history holds no numbers; expected an epoch at least")
    names = sorted(panels, key=lambda name: name != "loss")
    across = min(len(names), ACROSS)
    down = -(-len(names) // across)
    figure.clear()
    figure.set_size_inches(5 * across, 3.8 * down)
    figure.suptitle(title, parse_math=False)
    colours = dict(COLOURS)
    for key in (key for name in names for key in panels[name]):
        colours.setdefault(quantity_and_part(key)[1], len(colours) - 1)
    for axes, name in zip(figure.subplots(down, across, squeeze=False).flat, names, strict=False):
        _panel(axes, name, panels[name], history, colours)
    for axes in figure.axes[len(names) :]:
        axes.set_axis_off()


def sides_of(history: Any) -> History:
    """Any of the forms that `draw_curves` takes, as sides with rows. Errors: TypeError."""
    held = getattr(history, "history", history)
    if not isinstance(held, Mapping):
        raise TypeError(
            "draw_curves: expected a history: a dict of lists of numbers, or a dict of sides with "
            f"rows of numbers, got {type(history).__name__}"
        )
    if all(isinstance(row, Mapping) for rows in held.values() for row in rows):
        return held
    columns = {f"train_{key}" if f"val_{key}" in held else key: held[key] for key in held}
    length = max(len(column) for column in columns.values())
    epochs = getattr(history, "epochs", range(1, length + 1))
    rows = [
        {"epoch": epoch, **{key: column[i] for key, column in columns.items() if i < len(column)}}
        for i, epoch in enumerate(epochs)
    ]
    return {"": rows}


def quantity_and_part(key: str) -> tuple[str, str]:
    """("loss", "train") for "train_loss"; a name without a part is a quantity as it is."""
    first, _, rest = key.partition("_")
    if first in PARTS and rest:
        return rest, PARTS[first]
    part, _, last = key.rpartition("_")
    return ("loss", part) if last == "loss" and part else (key, "")


def _panel(
    axes: Any, name: str, keys: Sequence[str], history: History, places: Mapping[str, int]
) -> None:
    from matplotlib import rcParams
    from matplotlib.ticker import MaxNLocator

    colours = rcParams["axes.prop_cycle"].by_key()["color"]
    for number, (side, rows) in enumerate(history.items()):
        broad = {"linewidth": 6, "alpha": 0.4} if len(history) > number + 1 else {}
        for key in keys:
            points = [
                (row.get("epoch", i + 1), row[key]) for i, row in enumerate(rows) if key in row
            ]
            if not points:
                continue
            part = quantity_and_part(key)[1]
            axes.plot(
                [epoch for epoch, _ in points],
                [value if math.isfinite(value) else math.nan for _, value in points],
                linestyle=BROAD[STYLES.get(part, "-")] if broad else STYLES.get(part, "-"),
                marker="o" if len(points) == 1 else None,
                color=colours[(number if len(history) > 1 else places[part]) % len(colours)],
                label=", ".join(filter(None, (side if len(history) > 1 else "", part))) or name,
                **broad,
            )
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("accuracy in %" if name == "accuracy" else name.replace("_", " "))
    for label in axes.legend(handlelength=3.5).get_texts():
        label.set_parse_math(False)
