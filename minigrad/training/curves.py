"""Loss and accuracy curves as a picture."""

from __future__ import annotations

from pathlib import Path

History = dict[str, list[dict[str, float]]]


def draw(history: History, title: str, path: Path) -> None:
    """Loss on the left, accuracy on the right, over the epochs; the file's ending is its format.

    ``history`` maps a learner's name to its epochs; the training curve is drawn dashed.
    """
    from matplotlib.figure import Figure

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
                    mark = "o" if len(points) == 1 else None
                    axis.plot(x, y, style, marker=mark, color=f"C{number}", label=f"{name}, {part}")
        axis.set_xlabel("epoch")
        axis.set_ylabel(unit)
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(path, dpi=120)
