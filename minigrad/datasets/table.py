"""Tables of numbers in CSV files."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.creation import from_numpy
from minigrad.datasets.arrays import ArrayDataset, Function
from minigrad.datasets.places import find, search_folders
from minigrad.dtypes import as_dtype, float32
from minigrad.errors import FileFormatError

Column = str | int


class CSVTable(ArrayDataset):
    r"""Sample i is row i: (its features, its target).

    The features are, unless chosen, every other column that has a name, so an index column, which
    has none, is left out. Columns without a header are named "0", "1", ... Numbers have to be
    finite, and such as their type can hold.

    Attributes: ``data`` (N, features) and ``targets`` in ``dtype`` and ``target_dtype``,
    ``columns``, ``feature_names``.
    Errors: FileFormatError that names the file, the row and the column; ValueError for a
    column that is not there.

    Example:
        >>> with open(f"{folder}/houses.csv", "w") as file:
        ...     _ = file.write("rooms,size,price\n3,70,210\n5,120,390\n")
        >>> table = minigrad.datasets.CSVTable(f"{folder}/houses.csv", target=["price"])
        >>> table.feature_names, table[1]
        (['rooms', 'size'], (array([  5., 120.], dtype=float32), array([390.], dtype=float32)))
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        target: Column | Sequence[Column] = -1,
        features: Sequence[Column] | None = None,
        header: bool | None = None,
        delimiter: str = ",",
        dtype: Any = float32,
        target_dtype: Any = None,
        transform: Function | None = None,
        target_transform: Function | None = None,
    ) -> None:
        """
        Args:
            path: the file.
            target: the target's column, by name or by place (-1 is the last). As a list it keeps a
                dimension, (N, 1) for one name, as a network with one output wants it.
            features: the columns of the features, by name or by place.
            header: whether the first line holds names; None looks whether it holds anything but
                numbers.
            delimiter: what stands between two cells.
            dtype: the features' type.
            target_dtype: the target's; None is the same.
            transform: what the features of a row go through; None leaves them.
            target_transform: what the target goes through.
        """
        self.path = Path(path)
        rows = _rows(self.path, delimiter)
        self.columns, named = self._names(rows[0][1], header)
        body = rows[1:] if named else rows
        single = isinstance(target, str | int)
        targets = [target] if isinstance(target, str | int) else target
        chosen = [self._place(name) for name in targets]
        if features is None:
            inputs = [i for i, name in enumerate(self.columns) if name and i not in chosen]
        else:
            inputs = [self._place(name) for name in features]
        self.feature_names = [self.columns[i] for i in inputs]
        numbers = self._numbers(body, inputs + chosen)
        left = self._cast(numbers[:, : len(inputs)], dtype, body, inputs)
        right = self._cast(numbers[:, len(inputs) :], target_dtype or dtype, body, chosen)
        super().__init__(
            from_numpy(left),
            from_numpy(np.ascontiguousarray(right[:, 0]) if single else right),
            transform,
            target_transform,
        )

    def extra_repr(self) -> list[str]:
        return [f"File: {self.path}", f"Features: {', '.join(self.feature_names)}"]

    def _names(self, first: list[str], header: bool | None) -> tuple[list[str], bool]:
        """The columns' names, and whether the first line holds them."""
        if header is None:
            header = not all(map(_is_number, first))
        return (
            [cell.strip() for cell in first] if header else list(map(str, range(len(first))))
        ), header

    def _place(self, column: Column) -> int:
        count = len(self.columns)
        if isinstance(column, int) and -count <= column < count:
            return column % count
        if isinstance(column, str) and self.columns.count(column) == 1:
            return self.columns.index(column)
        raise ValueError(
            f"{self.path}: expected a column out of {self.columns}, in which its name stands once, "
            f"or a place below {count}, got {column!r}"
        )

    def _numbers(self, rows: list[tuple[int, list[str]]], places: list[int]) -> np.ndarray:
        """The chosen cells of every row as float64."""
        numbers = np.empty((len(rows), len(places)))
        for row, (line, cells) in enumerate(rows):
            if len(cells) != len(self.columns):
                raise FileFormatError(
                    f"{self.path}: row {row + 1} (line {line}): expected {len(self.columns)} "
                    f"cells, got {len(cells)}"
                )
            try:
                numbers[row] = [_number(cells[place]) for place in places]
            except ValueError:
                wrong = next(place for place in places if not _is_number(cells[place]))
                self._refuse(rows[row], row, wrong, "a number")
        if not np.isfinite(numbers).all():
            row, i = np.argwhere(~np.isfinite(numbers))[0].tolist()
            self._refuse(rows[row], row, places[i], "a finite number")
        return numbers

    def _cast(
        self, numbers: np.ndarray, dtype: Any, rows: list[tuple[int, list[str]]], places: list[int]
    ) -> np.ndarray:
        """The numbers in a type that can hold them. Errors: FileFormatError where it cannot."""
        kind = as_dtype(dtype)
        with np.errstate(all="ignore"):
            cast = numbers.astype(kind)
            fits = np.isfinite(cast) if kind.kind == "f" else cast == numbers
        if kind.kind in "iu":  # beyond, not every whole number is a float64
            fits &= np.abs(numbers) < 2**53
        if not fits.all():
            row, i = np.argwhere(~fits)[0].tolist()
            self._refuse(rows[row], row, places[i], f"a number that {kind} can hold")
        return cast

    def _refuse(self, found: tuple[int, list[str]], row: int, place: int, expected: str) -> None:
        line, cells = found
        raise FileFormatError(
            f"{self.path}: row {row + 1} (line {line}), column {self.columns[place]!r}: "
            f"expected {expected}, got {cells[place]!r}"
        ) from None


class Diabetes(CSVTable):
    """The Pima Indians diabetes table: 8 measurements of 768 women, and whether diabetes was
    found within five years. The target keeps a dimension, (N, 1), as BCELoss on a network with
    one output wants it.

    ``diabetes/Data.csv`` is looked for in the root or MINIGRAD_DATA, then in the cache.
    Errors: RuntimeError where it is nowhere.
    Source: J. W. Smith et al., "Using the ADAP learning algorithm to forecast the onset of
    diabetes mellitus", 1988.

    Example:
        >>> table = minigrad.datasets.Diabetes(folder)
        >>> measurements, found = table[0]
        >>> measurements.shape, found.shape
        ((8,), (1,))
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        dtype: Any = float32,
        transform: Function | None = None,
        target_transform: Function | None = None,
    ) -> None:
        """
        Args:
            root: the folder to look in; None is MINIGRAD_DATA. The cache is always looked in.
            dtype: the type of measurements and targets.
            transform: what the features of a row go through; None leaves them.
            target_transform: what the target goes through.
        """
        folders = search_folders(root)
        found = find(folders, ["diabetes", ""], ["Data.csv"])
        if not found:
            raise RuntimeError(
                f"Diabetes: diabetes/Data.csv not found in {' or '.join(map(str, folders))}; "
                "set MINIGRAD_DATA to the folder that has it"
            )
        super().__init__(
            found[0],
            target=["Outcome"],
            dtype=dtype,
            transform=transform,
            target_transform=target_transform,
        )


def _rows(path: Path, delimiter: str) -> list[tuple[int, list[str]]]:
    """(line number, cells) of every line that is not blank."""
    if path.exists() and not path.is_file():
        raise FileFormatError(f"{path}: expected a CSV file, got what is no regular file")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            rows = [(reader.line_num, cells) for cells in reader if cells]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileFormatError(f"{path}: expected a CSV file in UTF-8, got: {error}") from error
    if not rows:
        raise FileFormatError(f"{path}: expected a CSV file with at least one line, got none")
    return rows


def _number(cell: str) -> float:
    """The number in a cell. Python's underscores are none: 1_5 is a slip. Errors: ValueError."""
    if "_" in cell:
        raise ValueError(cell)
    return float(cell)


def _is_number(cell: str) -> bool:
    try:
        _number(cell)
    except ValueError:
        return False
    return True
