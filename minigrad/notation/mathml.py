r"""TeX as MathML, which browsers typeset by themselves: the TeX that `minigrad.notation.tex`
writes, and no other. ``\frac{x}{2}`` becomes ``<mfrac><mi>x</mi><mn>2</mn></mfrac>``."""

from __future__ import annotations

import re
from html import escape

SIGNS = {
    "cdot": "·",
    "le": "≤",
    "ge": "≥",
    "ne": "≠",
    "ll": "≪",
    "gg": "≫",
    "lnot": "¬",
    "oplus": "⊕",
    "partial": "∂",
    "int": "∫",
    "sum": "∑",
    "bigwedge": "⋀",
    "bigvee": "⋁",
    "prod": "∏",
    "ldots": "…",
    "infty": "∞",
    "top": "⊤",
    "&": "&",
    "pm": "±",
    "in": "∈",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "lVert": "‖",
    "rVert": "‖",
    "{": "{",
    "}": "}",
    "|": "‖",
}
GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi "
        "rho sigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Phi Psi Omega".split(),
        "αβγδϵεζηθικλμνξπρστϕφχψωΓΔΘΛΦΨΩ",
        strict=True,
    )
)
SPACES = {"quad": "1em", ",": "0.17em", ";": "0.28em", " ": "0.28em", "!": "-0.17em"}
WIDE = {"∑", "∏", "⋀", "⋁", "max", "min", "arg max", "arg min", "all", "any", "mean"}
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?|\s+|.", re.DOTALL)


def mathml(tex: str, display: bool = False) -> str:
    """The formula as a ``<math>`` element. Errors: NotImplementedError for other TeX."""
    mode = ' display="block"' if display else ""
    return f"<math{mode}>{_Reader(tex).whole()}</math>"


class _Reader:
    """Reads token by token."""

    def __init__(self, tex: str) -> None:
        self.tokens: list[str] = [t for t in _TOKEN.findall(tex) if not t.isspace()]
        self.raw: list[str] = _TOKEN.findall(tex)
        self.at = 0

    def whole(self) -> str:
        return _row(self.until(()))

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def until(self, ends: tuple[str, ...]) -> list[str]:
        parts: list[str] = []
        while self.at < len(self.tokens) and self.peek() not in ends:
            parts.append(self.scripted())
        return parts

    def scripted(self) -> str:
        """An atom with what hangs below and above it."""
        base, big = self.atom()
        below = above = ""
        while self.peek() in ("_", "^"):
            if self.next() == "_":
                below = self.group()
            else:
                above = self.group()
        kind = ("munder", "mover", "munderover") if big else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{kind[2]}>{base}{below}{above}</{kind[2]}>"
        if below:
            return f"<{kind[0]}>{base}{below}</{kind[0]}>"
        return f"<{kind[1]}>{base}{above}</{kind[1]}>" if above else base

    def group(self) -> str:
        """What stands in braces, or a single token."""
        if self.peek() != "{":
            return self.atom()[0]
        self.next()
        parts = self.until(("}",))
        self.next()
        return _row(parts)

    def words(self) -> str:
        """The text in braces, spaces and all."""
        assert self.next() == "{"
        depth, text = 1, []
        # Spaces are no tokens: count how far the raw ones are.
        place, seen = 0, 0
        while seen < self.at:
            seen += not self.raw[place].isspace()
            place += 1
        while depth:
            token = self.raw[place]
            place += 1
            if not token.isspace():
                self.at += 1
            depth += (token == "{") - (token == "}")
            if depth:
                text.append(token)
        return "".join(text).replace("\\_", "_").replace("\\&", "&").replace("\\ ", " ")

    def atom(self) -> tuple[str, bool]:
        """An element, and whether its limits stand above and below."""
        token = self.next()
        if token == "{":
            parts = self.until(("}",))
            self.next()
            return _row(parts), False
        if token[0].isdigit():
            return f"<mn>{token}</mn>", False
        if token.startswith("\\"):
            return self.command(token[1:])
        if token.isalpha():
            return f"<mi>{token}</mi>", False
        stretch = ' stretchy="false"' if token in "()[]|" else ""
        return f"<mo{stretch}>{escape('−' if token == '-' else token)}</mo>", False

    def command(self, name: str) -> tuple[str, bool]:
        if name in GREEK:
            return f"<mi>{GREEK[name]}</mi>", False
        if name in SIGNS:
            sign = SIGNS[name]
            return f"<mo>{escape(sign)}</mo>", sign in WIDE
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"/>', False
        if name == "frac":
            return f"<mfrac>{self.group()}{self.group()}</mfrac>", False
        if name == "sqrt":
            return f"<msqrt>{self.group()}</msqrt>", False
        if name == "overline":
            return f"<mover>{self.group()}<mo>‾</mo></mover>", False
        if name == "text":
            return f"<mtext>{escape(self.words())}</mtext>", False
        if name in ("mathrm", "operatorname", "operatorname*"):
            word = self.words().replace("\\,", " ")
            mark = _upright(word)
            return (f"{mark}<mo>\u2061</mo>" if name == "operatorname" else mark), word in WIDE
        if name in ("mathbin", "mathop", "mathbf"):
            return self.group(), False
        if name == "left":
            return self.bracketed(), False
        if name == "begin":
            return self.cases(), False
        if name in (
            "bmod",
            "max",
            "min",
            "log",
            "exp",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
        ):
            return _upright("mod" if name == "bmod" else name), name in WIDE
        if name in ("ln", "arcsin", "arccos", "arctan", "det", "arg", "sgn", "lim"):
            return _upright(name), False
        raise NotImplementedError(f"no MathML for \\{name}")

    def bracketed(self) -> str:
        opening = self._fence()
        parts = self.until(("\\right",))
        self.next()
        return f"<mrow>{opening}{''.join(parts)}{self._fence()}</mrow>"

    def _fence(self) -> str:
        token = self.next()
        sign = SIGNS.get(token[1:], token) if token.startswith("\\") else token
        return "" if sign == "." else f'<mo stretchy="true" fence="true">{escape(sign)}</mo>'

    def cases(self) -> str:
        assert self.words() == "cases"
        rows, cells = [], []
        while True:
            cells.append(_row(self.until(("&", "\\\\", "\\end"))))
            token = self.next()
            if token != "&":
                rows.append("".join(f"<mtd>{cell}</mtd>" for cell in cells))
                cells = []
            if token == "\\end":
                break
        assert self.words() == "cases"
        table = "".join(f"<mtr>{row}</mtr>" for row in rows)
        return f'<mrow><mo stretchy="true">{{</mo><mtable class="cases">{table}</mtable></mrow>'


def _row(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"


def _upright(word: str) -> str:
    return f'<mi mathvariant="normal">{escape(word)}</mi>'
