"""Tables: which columns are read, and errors that name the row and the column."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.datasets import CSVTable, Diabetes
from minigrad.errors import FileFormatError
from minigrad.utils.data import DataLoader

TEXT = ",Height,Mass,Name,Ill\n0,1.5,60,ann,1\n1,1.75,80.5,bob,0\n2,2,-1e2,cid,0\n"


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    table = CSVTable(write(tmp_path, TEXT), target="Ill", features=["Mass", "Height"])
    assert table.data.tolist() == [[60, 1.5], [80.5, 1.75], [-100, 2]]
    assert table.targets.tolist() == [1, 0, 0]
    assert table.data.dtype == table.targets.dtype == np.float32
    assert table.feature_names == ["Mass", "Height"]
    assert table.columns == ["", "Height", "Mass", "Name", "Ill"]
    assert len(table) == 3 and "Features: Mass, Height" in repr(table)


def test_columns_are_chosen_by_place_and_types_are_chosen(tmp_path: Path) -> None:
    table = CSVTable(
        write(tmp_path, TEXT), target=-1, features=[1], dtype=np.float64, target_dtype=np.int64
    )
    assert table.data.dtype == np.float64 and table.targets.dtype == np.int64
    row, target = table[1]
    assert row.tolist() == [1.75] and target == 0


def test_features_are_by_default_every_named_column_but_the_target(tmp_path: Path) -> None:
    path = write(tmp_path, TEXT.replace("ann", "1").replace("bob", "2").replace("cid", "3"))
    assert CSVTable(path, target="Mass").feature_names == ["Height", "Name", "Ill"]
    assert CSVTable(path).feature_names == ["Height", "Mass", "Name"]


def test_a_list_as_target_keeps_a_dimension(tmp_path: Path) -> None:
    table = CSVTable(write(tmp_path, TEXT), target=["Ill"], features=["Mass"])
    assert table.targets.shape == (3, 1)
    _, y = next(iter(DataLoader(table, 2)))
    assert y.tolist() == [[1], [0]] and y.dtype == np.float32


@pytest.mark.parametrize("header", [None, False])
def test_a_table_without_a_header_has_numbered_columns(tmp_path: Path, header: Any) -> None:
    table = CSVTable(write(tmp_path, "1;2\n3;4\n\n"), header=header, delimiter=";")
    assert table.columns == ["0", "1"]
    assert table.data.tolist() == [[1], [3]] and table.targets.tolist() == [2, 4]


def test_a_header_of_numbers_is_one_when_said_so(tmp_path: Path) -> None:
    table = CSVTable(write(tmp_path, "2023,2024\n3,4\n"), header=True, target="2024")
    assert table.data.tolist() == [[3]]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert CSVTable(write(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n")).columns == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,x\n", r"row 2 \(line 3\), column 'b': expected a number, got 'x'"),
        ("a,b\n\n,2\n", r"row 1 \(line 3\), column 'a': expected a number, got ''"),
        ("a,b\n1,2\n3\n", r"row 2 \(line 3\): expected 2 cells, got 1"),
        ("a,b\n1,2,3\n", r"row 1 \(line 2\): expected 2 cells, got 3"),
        ("", "at least one line, got none"),
        (b"\x89PNG\r\n\x1a\n\xff", "expected a CSV file in UTF-8"),
        ('a,b\n"1,2\n', "expected a CSV file"),
    ],
)
def test_a_bad_cell_or_file_is_named(tmp_path: Path, text: Any, message: str) -> None:
    with pytest.raises(FileFormatError, match=f"table.csv: .*{message}"):
        CSVTable(write(tmp_path, text))


@pytest.mark.parametrize("column", ["Size", 5, -6])
def test_a_column_that_is_not_there_is_refused(tmp_path: Path, column: Any) -> None:
    with pytest.raises(ValueError, match=f"expected a column out of .* got {column!r}"):
        CSVTable(write(tmp_path, TEXT), target=column)


def test_a_missing_file_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        CSVTable(tmp_path / "nothing.csv")


def test_diabetes_is_found_under_the_root_or_said_to_be_missing(
    tmp_path: Path, lonely: Path
) -> None:
    with pytest.raises(RuntimeError, match=r"Diabetes: diabetes/Data.csv not found .*_DATA"):
        Diabetes(tmp_path)
    (tmp_path / "diabetes").mkdir()
    (tmp_path / "diabetes/Data.csv").write_text(",Age,Outcome\n0,50,1\n1,31,0\n")
    assert Diabetes(tmp_path).targets.tolist() == [[1], [0]]


@pytest.mark.skipif("MINIGRAD_DATA" not in os.environ, reason="needs the data of MINIGRAD_DATA")
def test_the_real_table_has_768_rows_8_features_and_268_positive_outcomes() -> None:
    table = Diabetes()
    assert table.data.shape == (768, 8) and table.targets.shape == (768, 1)
    assert table.targets.array.sum() == 268
    assert table.feature_names[0] == "Pregnancies" and table.feature_names[-1] == "Age"
    assert np.allclose(table.data.array[0], [6, 148, 72, 35, 0, 33.6, 0.627, 50])
