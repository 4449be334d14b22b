"""The report as a page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minigrad.gradcheck.report import Report


def body(report: Report) -> str:
    """The report without the frame of a page."""
    return f"<pre>{escape(report.text())}</pre>"


def page(report: Report) -> str:
    """The report as a page that needs nothing else."""
    return body(report)
