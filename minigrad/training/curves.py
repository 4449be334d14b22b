"""Loss and accuracy curves as a picture."""

from __future__ import annotations

from pathlib import Path

History = dict[str, list[dict[str, float]]]


def draw(history: History, title: str, path: Path) -> None:
    """Loss on the left, accuracy on the right, over the epochs; the file's ending is its format.

    ``history`` maps a learner's name to its epochs. Training curves are dashed, validation curves
    dotted; of two learners the first is drawn broad, to be seen under the other.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(10, 4), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(1, 2)
    for axis, quantity, unit in zip(
        axes, ("loss", "accuracy"), ("loss", "accuracy in %"), strict=True
    ):
        for number, (name, rows) in enumerate(history.items()):
            for part, style in (("train", "--"), ("validation", ":"), ("test", "-")):
                points = [
                    (r["epoch"], r[f"{part}_{quantity}"]) for r in rows if f"{part}_{quantity}" in r
                ]
                if points:
                    x, y = zip(*points, strict=True)
                    broad = {"linewidth": 6, "alpha": 0.4} if len(history) > number + 1 else {}
                    mark = "o" if len(points) == 1 else None
                    axis.plot(
                        x,
                        y,
                        style,
                        marker=mark,
                        color=f"C{number}",
                        label=f"{name}, {part}",
                        **broad,
                    )
        axis.set_xlabel("epoch")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.set_ylabel(unit)
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(path, dpi=120)
