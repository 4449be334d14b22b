"""What there is to see of a learner, kept as the training goes on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from minigrad.callbacks.callback import Callback
from minigrad.serialization.whole import write_whole


class Pictures(Callback):
    """Saves the learner's picture, if it has one, after the epochs in which everything is looked
    at: epoch-0001.png and so on in ``folder``, whole or not at all.

    Attributes:
        written: how many there are by now.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.written = folder, 0

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        picture = self.learner.picture() if self.run.looked else None
        if picture is None:
            return
        from PIL import Image

        self.folder.mkdir(parents=True, exist_ok=True)
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, format="PNG")
        write_whole(self.folder / f"epoch-{epoch + 1:04d}.png", stream.getvalue(), "picture")
        self.written += 1
