"""The page: one file that asks for nothing else."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Any

from minigrad.explainer.script import escaped, machine, source

VIEW = (
    *("engine", "interface", "dom", "pictures", "why", "ledger", "graph", "modes"),
    "view",
)
"""The rest of the script: what runs the program, and what shows it."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {script_hash}; \
style-src {style_hash}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1 id="early">{title}</h1>
<noscript>This page computes every number by itself and needs JavaScript for that.</noscript>
<script type="application/json" id="program">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def page(data: dict[str, Any]) -> str:
    """The whole page of a program."""
    names = {row["op"] for row in data["rows"]}
    names |= {step["op"] for row in data["rows"] for step in row["p"].get("path") or ()}
    parts = [machine(names), *(source(f"{name}.js") for name in VIEW)]
    script = f"'use strict';\n(() => {{\n{chr(10).join(parts)}}})();\n"
    style = source("page.css")
    return PAGE.format(
        title=escape(data["title"]),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=escaped(data),
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
