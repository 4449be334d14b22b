"""The text of kernels: from the files of this folder, and many of them as one source."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias

from minigrad.compiler.targets.cuda.launch import Kernel

FOLDER = Path(__file__).parent
SHARED = "../../../../native/shared.h"
"""What is used on a CPU as well."""
Facts: TypeAlias = tuple[tuple[str, str], ...]
"""Definitions that stand before the text of a kernel: names and what stands for them."""


@cache
def text(file: str) -> str:
    """A file of this folder, with its name for the compiler's messages."""
    return f'#line 1 "{Path(file).name}"\n' + (FOLDER / file).read_text(encoding="utf-8")


@cache
def kernel(file: str, macro: str, defines: Facts = ()) -> Kernel:
    """A kernel of ``FILE.cu``: the one that stands inside ``#ifdef MACRO``.

    It is named after the macro and a hash of its text, so that one kernel with other definitions is
    another kernel. A function that it calls may be named ``OWN(name)``: its own as well. A
    definition without a name is a text that stands before the file.
    """
    body = text(f"{file}.cu")
    digest = hashlib.sha256(repr((macro, defines, body)).encode()).hexdigest()[:12]
    name = f"{macro.lower()}_{digest}"
    facts = ((macro, name), ("OWN(name)", f"name##_{digest}"), *defines)
    before = "".join(f"#define {word} {value}\n" if word else f"{value}\n" for word, value in facts)
    behind = "".join(f"#undef {word.partition('(')[0]}\n" for word, _ in facts if word)
    return Kernel(name, f"{before}{body}\n{behind}")


def source(kernels: Sequence[Kernel]) -> str:
    """The kernels as one source behind the prelude, each once.

    Errors: ValueError where two texts have one name.
    """
    texts: dict[str, str] = {}
    for each in kernels:
        if texts.setdefault(each.name, each.text) != each.text:
            raise ValueError(f"cuda: two kernels are named {each.name}; give each its own name")
    return "\n".join([text("prelude.h"), text(SHARED), *texts.values()])
