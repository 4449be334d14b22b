"""What is written in the boxes of a network's drawing, and the colours of their kinds."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from minigrad.draw.boxes import Box, Style, Words
from minigrad.draw.text import shortened
from minigrad.draw.traced import operand_name
from minigrad.lines import show_line
from minigrad.nn import Module, Parameter
from minigrad.ops.patches import Window
from minigrad.tape import Node
from minigrad.tensor import Tensor

GREY = "#5f6368"
LONGEST, MOST = 40, 2
"""Characters of a line, and lines of settings; the rest is in the note."""

PARAMETER = Style("#dbe9f9", "#5b8fc7", 9.0)
DATA = Style("#f1f3f4", "#80868b", 9.0)
RESULT = Style("#d5ecd4", "#56a05a", 9.0)

BLOCK = Style("#e3e4f7", "#7377c4")
WEIGHTED = Style("#fde6c8", "#d8943a")
NONLINEAR = Style("#e2f1df", "#6fae6b")
REDUCING = Style("#ecdff5", "#9a72be")
MOVING = Style("#f3f3f3", "#a0a0a0")
LOSS = Style("#fadbd8", "#cf5f55")
PLAIN = Style("#fffbe6", "#c3ae5a")

SEEN = frozenset(("shape", "keepdim"))
"""Params that the shape of the result shows."""
USUAL = {"groups": 1, "ignore_index": -100, "reduction": "mean"}
"""Values that are not worth a word, though the ops have no defaults."""

FAMILIES = {
    **dict.fromkeys(("convolution", "linalg", "linear", "embedding", "recurrent"), WEIGHTED),
    **dict.fromkeys(("recurrent_cell", "attention", "transformer"), WEIGHTED),
    **dict.fromkeys(("activation", "elementary", "softmax", "erf", "piecewise"), NONLINEAR),
    **dict.fromkeys(("pooling", "reduction", "window"), REDUCING),
    **dict.fromkeys(("shape", "indexing", "padding", "patches", "flatten", "dropout"), MOVING),
    **dict.fromkeys(("loss", "classification"), LOSS),
}
"""By the file that an op or a layer stands in; everything else is plain."""


def shape(numbers: Any) -> str:
    """A shape as Python writes it: (64, 10)."""
    return str(tuple(numbers))


def wrapped(words: str) -> list[str]:
    """The words in few short lines, with an ellipsis where they are too many. (3, 3) is shortened
    to 3, and other brackets stay whole: no line is broken at a blank in them."""
    words = re.sub(r"\((\d+)(, \1)+\)", r"\1", words)
    words = re.sub(r"[(\[][^()\[\]]*[)\]]", lambda found: found[0].replace(" ", "\u00a0"), words)
    lines = wrap(words, LONGEST, max_lines=MOST, placeholder=" …")
    return [line.replace("\u00a0", " ") for line in lines]


def leaf_box(leaves: Sequence[tuple[Tensor, str, str]]) -> Box:
    """Tensors that nothing was computed for, a line each: (tensor, its name or "", its use)."""
    lines, notes = [], []
    for tensor, name, use in leaves:
        plain = "parameter" if isinstance(tensor, Parameter) else "leaf" if tensor.tracked else use
        lines.append(
            [
                Words(shortened(name or plain, LONGEST) + " ", bold=bool(name)),
                Words(shape(tensor.shape), color=GREY),
            ]
        )
        notes.append(f"{name or plain} {shape(tensor.shape)} {tensor.dtype}")
    return Box(lines, PARAMETER if leaves[0][0].tracked else DATA, "\n".join(notes))


def node_box(node: Node) -> Box:
    """An op, with its params where they are not the usual ones, and its result's shape."""
    params = described(node)
    lines = [[Words(node.op.name, bold=True)]]
    lines += [[Words(line)] for line in wrapped(params)]
    lines.append([Words(shape(node.shape), color=GREY)])
    where = os.path.basename(show_line(node.where))
    note = f"{node.op.name} {params}\n{shape(node.shape)} {node.dtype}\n{where}"
    return Box(lines, FAMILIES.get(node.op.family, PLAIN), note)


def module_box(name: str, module: Module, results: Sequence[Tensor]) -> Box:
    """A module, with its settings, the shapes of its results and the number of its parameters."""
    lines = [[Words(type(module).__name__ + " ", bold=True), Words(name, color=GREY)]]
    settings = module.extra_repr().replace("\n", ", ")
    lines += [[Words(line)] for line in wrapped(settings)]
    shapes = ", ".join(shape(x.shape) for x in results)
    lines.append([Words(shortened(shapes, LONGEST), color=GREY)])
    count = sum(p.numel() for p in module.parameters())
    if count:
        lines.append([Words(f"{count:,} parameters", color=PARAMETER.stroke)])
    family = type(module).__module__.rpartition(".")[2]
    style = BLOCK if module._modules else FAMILIES.get(family, PLAIN)
    return Box(lines, style, f"{name}\n{module!r}")


def result_box(name: str, tensor: Tensor) -> Box:
    """Where the drawing ends."""
    return Box([[Words(name + " ", bold=True), Words(shape(tensor.shape), color=GREY)]], RESULT)


def described(node: Node) -> str:
    """The params of a node that are not the op's usual ones, and its operands that are numbers."""
    parts = []
    for i, value in enumerate(node.saved):
        if isinstance(value, (int, float)) and node.inputs[i] is None:
            parts.append(f"{operand_name(node, i)} = {value:.6g}")
    for name, value in node.params.items():
        words = window(value) if isinstance(value, Window) else f"{name} = {written(value)}"
        usual = USUAL.get(name, node.op.params.get(name))
        if name not in SEEN and written(value) != written(usual):
            parts.append(words)
    return ", ".join(parts)


def written(value: Any) -> str:
    """A value as in a program; a slice as between the brackets of an index: 0:16."""
    if isinstance(value, slice):
        ends = ["" if end is None else str(end) for end in (value.start, value.stop)]
        return ":".join(ends if value.step is None else [*ends, str(value.step)])
    if isinstance(value, tuple) and any(isinstance(part, slice) for part in value):
        return f"[{', '.join(map(written, value))}]"
    return "..." if value is ... else str(value)


def window(moving: Window) -> str:
    """5×5, stride 2, padding 1: what is not 1, 1 and 0 by itself."""
    parts = ["×".join(map(str, moving.kernel))]
    for name, sizes, usual in (
        ("stride", moving.stride, 1),
        ("padding", [a if a == b else (a, b) for a, b in moving.padding], 0),
        ("dilation", moving.dilation, 1),
    ):
        if any(size != usual for size in sizes):
            same = len(set(sizes)) == 1
            parts.append(f"{name} {sizes[0] if same else '×'.join(map(str, sizes))}")
    return ", ".join(parts)
