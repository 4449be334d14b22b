"""The history in a file of comma-separated values."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from minigrad.callbacks.callback import Callback
from minigrad.errors import FileFormatError
from minigrad.serialization.whole import write_part, write_whole
from minigrad.training.run import logs_of


class CSVLogger(Callback):
    """Writes a line an epoch, as soon as it has ended: "epoch", which counts from 1, "loss" and the
    other numbers; what was not looked at stays empty.

    With ``append`` the lines follow those of a training before; one that was cut off is removed.
    Errors: OSError; ValueError where the file to append to has other columns.
    """

    def __init__(
        self, path: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        """
        Args:
            path: the file.
            separator: what stands between two numbers.
            append: go on behind the lines of a training before.
        """
        self.path, self.separator, self.append = Path(path), separator, append
        self._columns: list[str] = []

    def on_train_begin(self) -> None:
        self._columns = ["epoch", *self.run.names()]
        if self.append and self.path.exists() and self.path.stat().st_size:
            self._check()
        else:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, self._line(self._columns), "CSVLogger")
        for row in self.run.history[self.learner.name]:  # of a run that goes on where it stopped
            self.on_epoch_end(int(row["epoch"]) - 1, logs_of(row))

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        numbers = {"epoch": epoch + 1, **logs}
        line = self._line([numbers.get(column, "") for column in self._columns])
        with self.path.open("ab", buffering=0) as file:
            write_part(file, line)  # at once: a line is there or it is not

    def _line(self, cells: Sequence[object]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator).writerow(cells)
        return text.getvalue().encode()

    def _check(self) -> None:
        content = self.path.read_bytes()
        if not content.endswith(b"\n"):  # a line that a full disk cut off
            content = content[: content.rfind(b"\n") + 1]
            write_whole(self.path, content or self._line(self._columns), "CSVLogger")
        try:
            with self.path.open(newline="", encoding="utf-8") as file:
                found = next(csv.reader(file, delimiter=self.separator), [])
        except (UnicodeDecodeError, csv.Error) as error:
            raise FileFormatError(f"{self.path}: expected a CSV file, got: {error}") from error
        if found != self._columns:
            raise ValueError(
                f"CSVLogger: {self.path} has the columns {', '.join(found)}; this training's are "
                f"{', '.join(self._columns)}"
            )
