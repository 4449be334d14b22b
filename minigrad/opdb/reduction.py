"""Rows of reduction."""

from __future__ import annotations

from minigrad.opdb.row import Row

ROWS: list[Row] = []
