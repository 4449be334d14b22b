"""The report as a page: what is wrong, and two Jacobians with their difference as pictures.

The page is one file that asks for nothing else, and runs no program: its pictures are tables of
coloured cells. Every name that comes from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from minigrad.gradcheck.report import Finding, Report

MOST = 48
"""So many rows and columns of a Jacobian at most are drawn."""

STYLE = """
.gradcheck{font:14px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:70em;padding:1em}
.gradcheck h1{font-size:1.3em;margin:0}.gradcheck h2{font-size:1.05em;margin:1.2em 0 .3em}
.gradcheck .right{color:#14692d}.gradcheck .wrong{color:#a3161f}.gradcheck .not{color:#7a5200}
.gradcheck table{border-collapse:collapse;margin:.3em 0}
.gradcheck td,.gradcheck th{padding:.1em .7em .1em 0;text-align:left;vertical-align:top}
.gradcheck .plot{display:inline-block;margin:0 1.5em 1em 0;vertical-align:top}
.gradcheck svg{border:1px solid #bbb;display:block;image-rendering:pixelated}
.gradcheck code{font-family:ui-monospace,monospace}
"""


def page(report: Report) -> str:
    """The report as a whole page."""
    return _frame(f"gradient of {report.name}", body(report))


def _frame(title: str, inner: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title></head><body>{inner}</body></html>"
    )


def body(report: Report) -> str:
    """The report without the frame of a page, as a notebook shows it."""
    kind = report.verdict.partition(" ")[0]
    parts = [
        f'<style>{STYLE}</style><div class="gradcheck">',
        f"<h1>gradient of <code>{escape(report.name)}</code> ({escape(report.framework)}): "
        f'<span class="{kind}">{escape(report.verdict)}</span></h1>',
    ]
    if report.suspect:
        parts.append(f"<p>Suspected: <b>{escape(report.suspicion or report.suspect)}</b></p>")
    if report.findings:
        rows = "".join(_row(finding) for finding in report.findings)
        parts.append(
            "<h2>What is wrong</h2><table><tr><th>rung</th><th>finding</th><th>expected</th>"
            f"<th>got</th><th>ulps apart</th></tr>{rows}</table>"
        )
    parts += [f"<p>{escape(note)}</p>" for note in report.notes]
    for name, (got, want) in report.jacobians.items():
        parts.append(_pictures(name, got, want))
    rungs = "".join(
        f"<tr><td>{escape(r.name)}</td><td>{escape(r.verdict)}</td><td>{escape(r.detail)}</td></tr>"
        for r in report.rungs
    )
    parts.append(f"<h2>What was tried</h2><table>{rungs}</table>")
    parts.append(
        f"<p>level {escape(report.level)}, seed {report.seed}: {report.calls} forward and "
        f"{report.pulls} backward calls in {report.seconds * 1e3:.1f} ms</p></div>"
    )
    return "".join(parts)


def _row(finding: Finding) -> str:
    expected = "" if finding.expected is None else f"{finding.expected:.10g}"
    if finding.bar is not None:
        expected += f" ± {finding.bar:.1e}"
    cells = (
        finding.rung,
        finding.message,
        expected,
        "" if finding.got is None else f"{finding.got:.10g}",
        "" if finding.ulps is None else f"{finding.ulps:.3g}",
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _pictures(name: str, got: Any, want: Any) -> str:
    off = got - want
    scale = float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0)) or 1.0
    least = float(np.max(np.abs(off[np.isfinite(off)]), initial=0.0))
    return (
        f"<h2>Jacobian by {escape(name)}: results down, its elements across</h2>"
        + _picture("backward's", got, scale)
        + _picture("from numbers", want, scale)
        + _picture(f"difference (at most {least:.2g})", off, max(least, 1e-9 * scale))
    )


def _picture(title: str, matrix: Any, scale: float) -> str:
    shown = matrix[:MOST, :MOST]
    rows, columns = shown.shape
    size = max(4, min(22, 300 // max(rows, columns, 1)))
    cells = "".join(
        f'<rect x="{c * size}" y="{r * size}" width="{size}" height="{size}" '
        f'fill="{_colour(float(shown[r, c]) / scale)}"><title>[{r}, {c}] {shown[r, c]:.8g}</title>'
        "</rect>"
        for r in range(rows)
        for c in range(columns)
    )
    cut = "" if shown.shape == matrix.shape else f", the first {rows} by {columns}"
    return (
        f'<div class="plot">{escape(title)}{cut}<svg width="{columns * size}" '
        f'height="{rows * size}" role="img" aria-label="{escape(title)}">{cells}</svg></div>'
    )


def _colour(share: float) -> str:
    """Blue below zero, white at zero, red above; grey for what is no number."""
    if not np.isfinite(share):
        return "#888"
    fade = 255 - int(205 * min(1.0, abs(share)) ** 0.5)
    return f"rgb(255,{fade},{fade})" if share > 0 else f"rgb({fade},{fade},255)"


def pages(reports: Sequence[Report]) -> str:
    """Several reports on one page, those that are not right first."""
    ordered = sorted(reports, key=lambda report: report.ok)
    return _frame("gradients", "<hr>".join(body(report) for report in ordered))
