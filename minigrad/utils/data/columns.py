"""A batch that was gathered column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload


class Columns(Sequence[Any]):
    """The samples of one batch, kept as whole columns: ``columns[k][i]`` is part k of sample i.

    PyTorch's batch method of a dataset, ``__getitems__``, returns a list of samples. A dataset
    that holds arrays returns this instead: to a ``collate_fn`` it reads as the list of samples
    it stands for, and `default_collate` takes the columns as they are, without ever cutting
    them into samples. Every column has one entry a sample along its first dimension. PyTorch has no
    such class.

    Example:
        >>> batch = minigrad.utils.data.Columns([minigrad.zeros(2, 3), minigrad.tensor([5, 7])])
        >>> len(batch), batch[1]
        (2, (tensor([0., 0., 0.]), tensor(7)))
    """

    __slots__ = ("columns",)

    def __init__(self, columns: Sequence[Any]) -> None:
        """
        Args:
            columns: tensors or arrays, one for each part of a sample.
        """
        if not columns:
            raise ValueError("Columns: expected at least one column, got none")
        sizes = [len(column) for column in columns]
        if len(set(sizes)) != 1:
            raise ValueError(f"Columns: expected columns of one length, got lengths {sizes}")
        self.columns = tuple(columns)

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> Columns: ...
    def __getitem__(self, index: int | slice) -> tuple[Any, ...] | Columns:
        parts = tuple(column[index] for column in self.columns)
        return Columns(parts) if isinstance(index, slice) else parts

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(zip(*self.columns, strict=True))
