"""What kernels say in their signatures of the way they go through memory: MG_DENSE(n) for n numbers
one behind the other, MG_STRIDED for an array's own steps; launches and products held to that."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from minigrad.compiler.targets.cuda.launch import Gemm, Kernel, Work
from minigrad.device import Array
from minigrad.layouts import LayoutError, Walk, dense, held, lying, rows

MORE = re.compile(r"\b(TAIL|MIDDLE|PLACES)\b")
"""What stands in a signature for parameters that are defined before it."""
PLACE = re.compile(r"MG_(?:DENSE\((.*)\)|STRIDED)$")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Parameter:
    """One of a kernel's.

    Attributes:
        count: how many numbers are gone through one behind the other, in the kernel's constants;
            "" for an array's own steps, None for what is no array.
    """

    name: str
    written: bool = False
    count: str | None = None


@dataclass(frozen=True)
class Signature:
    """The parameters of a kernel, and the constants that its text begins with."""

    parameters: tuple[Parameter, ...]
    constants: dict[str, str]

    def number(self, text: str, given: dict[str, int]) -> int:
        """What an expression of constants and of whole arguments comes to."""
        names = {each: self._value(each, given) for each in NAME.findall(text)}
        return int(eval(text.replace("/", "//"), {"__builtins__": {}}, names))

    def _value(self, name: str, given: dict[str, int]) -> int:
        return given[name] if name in given else self.number(self.constants[name], given)


@lru_cache(maxsize=4096)
def signature(kernel: Kernel) -> Signature:
    """A kernel's. Errors: LayoutError for an array of which it does not say how it goes through."""
    bare = COMMENT.sub("", kernel.text)
    constants = dict(re.findall(r"^#define (\w+) +(.*?) *$", bare, re.MULTILINE))
    macro = next((word for word, own in constants.items() if own == kernel.name), kernel.name)
    start = re.search(rf"__global__ void {macro}\(", bare)
    if start is None:
        raise LayoutError(f"{kernel.name}: there is no such kernel in its text")
    between = _closed(bare[start.end() :])
    whole = MORE.sub(lambda word: constants.get(word[0], ""), between)
    return Signature(tuple(_parameter(kernel, x) for x in _parts(whole)), constants)


def check(work: Work) -> None:
    """Hold a launch or a product to the layouts that it takes. Errors: LayoutError."""
    if isinstance(work, Gemm):
        _product(work)
        return
    name, told = work.kernel.name, signature(work.kernel)
    if len(told.parameters) != len(work.args):
        raise LayoutError(
            f"{name}: it has {len(told.parameters)} parameters, and got {len(work.args)} arguments"
        )
    pairs = list(zip(told.parameters, work.args, strict=True))
    given = {each.name: x for each, x in pairs if isinstance(x, int) and each.count is None}
    ways: list[tuple[Array, Walk]] = []
    for each, x in pairs:
        if isinstance(x, int):
            if x and each.count is not None:
                raise LayoutError(f"{name}: {each.name} is an array, and got {x}")
            continue
        if each.count is None:
            raise LayoutError(f"{name}: {each.name} is a number, and got an array")
        way = dense(told.number(each.count, given)) if each.count else _own(name, x)
        ways.append((x, replace(way, written=each.written)))
    # With a tail the result is written there, and what stands for it is what it is like.
    if told.constants.get("TAIL"):
        ways = [(x, replace(way, written=False)) for x, way in ways]
    ways += work.beside
    held(name, [way for _, way in ways], [x for x, _ in ways])


def _own(name: str, x: Array) -> Walk:
    try:
        return lying(x)
    except LayoutError as error:
        raise LayoutError(f"{name}: {error}") from None


def _product(work: Gemm) -> None:
    m, n, k = work.m, work.n, work.k
    sizes = ((m, n, work.ldc, False), (m, k, work.lda, work.ta), (k, n, work.ldb, work.tb))
    steps = (work.steps[2], *work.steps[:2])
    kind = work.out.dtype.char
    arrays, ways = [], []
    for x, size, step in zip((work.out, work.a, work.b), sizes, steps, strict=True):
        way = replace(rows(*size), in_order=False)  # a factor may be given turned
        if work.batch > 1 and step:
            way = replace(way, lengths=(work.batch, *way.lengths), steps=(step, *way.steps))
        arrays.append(x)
        ways.append(replace(way, kind=kind, written=not arrays[1:]))
    if work.bias is not None:
        arrays.append(work.bias)
        ways.append(dense(n).of(kind))
    held("gemm", ways, arrays)


def _closed(text: str) -> str:
    """What stands before the bracket that closes one opened before."""
    depth = 1
    for i, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if not depth:
            return text[:i]
    return text


def _parts(text: str) -> list[str]:
    """What commas part, outside of brackets."""
    found, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [" ".join(part.split()) for part in found]


def _parameter(kernel: Kernel, text: str) -> Parameter:
    if "*" not in text:
        return Parameter(text.split()[-1])
    kind, _, rest = text.partition("*")
    name, _, way = rest.strip().partition(" ")
    told = PLACE.match(way)
    if told is None:
        raise LayoutError(
            f"{kernel.name}: it does not say how it goes through {name}: MG_DENSE(n) or MG_STRIDED"
        )
    return Parameter(name, not kind.startswith("const"), told[1] or "")
