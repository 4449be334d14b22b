"""The formulas of lessons, which their sources write in plain text, in TeX for notebooks."""

from __future__ import annotations

import re
import unicodedata

SIGNS = re.compile(r" [=←≈] |[Σ∂⌊⌈]")
"""What makes an indented block mathematics: without any it is a table of words or code."""
LETTERS = dict(
    zip(
        "αβγδεηθλμπσ∂ΣΠ∞ℓ",
        r"\alpha \beta \gamma \delta \varepsilon \eta \theta \lambda \mu \pi \sigma "
        r"\partial \sum \prod \infty \ell".split(),
        strict=True,
    )
)
OTHERS = dict(
    zip(
        "−·×←→@∗⋆≠≈≤≥⟨⟩⌊⌋⌈⌉±∈′%#",
        r"- \cdot \times \leftarrow \to \,@\, \ast \star \neq \approx \leq \geq \langle \rangle "
        r"\lfloor \rfloor \lceil \rceil \pm \in ' \% \#".split(),
        strict=True,
    )
)
MARKS = {"\N{COMBINING TILDE}": r"\tilde", "\N{COMBINING CIRCUMFLEX ACCENT}": r"\hat"}
BELOW = dict(zip("ᵢⱼₖᵤᵥₙₘ₀₁₂₃₄", "ijkuvnm01234", strict=True))
ABOVE = dict(zip("⁻⁺ˣⁱⁿᵀ⁰¹²³⁴", ["-", "+", "x", "i", "n", r"\mathsf{T}", *"01234"], strict=True))
FUNCTIONS = "max", "min", "log", "exp", "det"
NAMES = "im2col", "col2im", "flip"

ATOM = re.compile(
    rf"(?P<name>{'|'.join(NAMES)})|(?P<caps>[A-Z]{{2,}}(?![a-z]))"
    rf"|(?P<word>[A-Za-z]{{2,}}(?: (?:a )?(?!{'|'.join(FUNCTIONS)})[a-z]{{2,}})*)"
    rf"|(?P<letter>[A-Za-z{''.join(LETTERS)}])|(?P<number>\d+(?:\.\d+)?)"
)


def typeset(markdown: str) -> str:
    """The text with its indented blocks of mathematics as formulas in TeX."""
    blocks = re.split(r"((?:^    .*\n?(?:\n+(?=    ))?)+)", markdown, flags=re.MULTILINE)
    for i in range(1, len(blocks), 2):
        if SIGNS.search(blocks[i]):
            blocks[i] = display(blocks[i])
    return "".join(blocks)


def display(block: str) -> str:
    """Lines of formulas as one, set off: what stands in columns in the text does so here."""
    rows = [_cells(line) for line in block.splitlines() if line.strip()]
    body = " \\\\[4pt]\n".join(" & ".join(map(tex, row)) for row in rows)
    columns = max(map(len, rows))
    return f"$$\n\\begin{{array}}{{{'l' * columns}}}\n{body}\n\\end{{array}}\n$$\n"


def _cells(line: str) -> list[str]:
    """What three spaces or more part, but for room before a sign; a line further in has nothing
    first."""
    cells: list[str] = []
    for cell in re.split(r" {3,}", line.strip()):
        if cells and cell[0] in "=←":
            cells[-1] += f" {cell}"
        else:
            cells.append(cell)
    return ["", *cells] if line.startswith(" " * 16) else cells


def tex(text: str) -> str:
    """A formula, or words with formulas between them."""
    if text.isascii() and re.search("[a-z]{3}", text) and not re.search("[=/^(>_]", text):
        return rf"\text{{{text}}}"
    # Marks upon letters on their own; a sign such as ≠ stays whole.
    apart = (unicodedata.normalize("NFD", c) if c.isalpha() else c for c in text)
    return _Reader("".join(apart)).formula()


class _Reader:
    """Reads a line of mathematics from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def formula(self, end: str = "") -> str:
        """All up to the sign that ends it."""
        parts: list[str] = []
        while self.at < len(self.text) and (not end or self.text[self.at] != end):
            parts.append(self.factor())
        return re.sub(r" +", " ", " ".join(parts)).strip()

    def factor(self) -> str:
        """One thing with what stands above and below it; a fraction where a stroke follows."""
        above = self.scripted()
        if self.text[self.at : self.at + 1] == "/" and above.strip():
            self.at += 1
            return rf"\dfrac{{{above}}}{{{self.scripted()}}}"
        return above

    def scripted(self) -> str:
        if self.text.startswith("∂", self.at) and self.at + 1 < len(self.text):
            self.at += 1
            return rf"\partial {self.scripted()}"
        base = self.atom()
        while self.at < len(self.text):
            c = self.text[self.at]
            if c in BELOW or c in ABOVE:
                kind, table = ("_", BELOW) if c in BELOW else ("^", ABOVE)
                base += f"{kind}{{{self._run(table)}}}"
            elif c in MARKS:
                self.at += 1
                base = rf"{MARKS[c]}{{{base}}}"
            elif c in "_^":
                self.at += 1
                base += f"{c}{{{self._script()}}}"
            else:
                break
        return base

    def _run(self, table: dict[str, str]) -> str:
        found = ""
        while self.at < len(self.text) and self.text[self.at] in table:
            found += table[self.text[self.at]]
            self.at += 1
        return found

    def _script(self) -> str:
        """What is written after a sign for above or below: a group, or one thing with its sign."""
        if self.text[self.at] == "(":
            self.at += 1
            inside = self.formula(")").replace("\\dfrac", "\\frac")
            self.at += 1
            return inside
        sign = ""
        if self.text[self.at] == "−":
            self.at, sign = self.at + 1, "-"
        return sign + self.scripted()

    def atom(self) -> str:
        """One letter, number, word, group or sign."""
        c = self.text[self.at]
        if c == "√":
            self.at += 1
            under = self.scripted()
            while under[0] == "\\" and under[1:].strip() in FUNCTIONS:  # √det M
                under += f"{self.atom()} {self.scripted()}"
            return rf"\sqrt{{{under}}}"
        if c == "(":
            self.at += 1
            inside = self.formula(")")
            self.at += 1
            return f"({inside})"
        found = ATOM.match(self.text, self.at)
        if found is None:
            self.at += 1
            return OTHERS.get(c, c)
        self.at = found.end()
        word = found[0]
        if found["word"]:
            if word in FUNCTIONS:
                return rf"\{word}"
            return rf"\text{{ {word} }}"
        if found["name"]:
            return rf"\operatorname{{{word}}}"
        if found["caps"]:
            return rf"\mathit{{{word}}}"
        return LETTERS.get(word, word)
