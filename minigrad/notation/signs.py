"""What names, functions and operators look like in TeX."""

from __future__ import annotations

import ast
from collections.abc import Callable

GREEK = {
    name: f"\\{name}"
    for name in (
        *("alpha", "beta", "gamma", "delta", "epsilon", "eta", "lambda", "mu", "nu", "pi", "rho"),
        *("sigma", "tau", "phi", "psi", "omega"),
    )
} | {"eps": "\\varepsilon", "inf": "\\infty", "nan": "\\mathrm{NaN}", "g": "G"}
NAMED = {
    "acos": "\\arccos",
    "acosh": "\\operatorname{arcosh}",
    "asin": "\\arcsin",
    "asinh": "\\operatorname{arsinh}",
    "atan": "\\arctan",
    "atanh": "\\operatorname{artanh}",
    "cos": "\\cos",
    "cosh": "\\cosh",
    "det": "\\det",
    "digamma": "\\psi",
    "gamma": "\\Gamma",
    "log": "\\ln",
    "log10": "\\log_{10}",
    "log2": "\\log_{2}",
    "max": "\\max",
    "min": "\\min",
    "sigmoid": "\\sigma",
    "sin": "\\sin",
    "sinh": "\\sinh",
    "tan": "\\tan",
    "tanh": "\\tanh",
}
"""Functions that have a sign of their own; others go by their names, upright."""
POWERED = {"cos", "cosh", "log", "sin", "sinh", "tan", "tanh"}
"""Functions whose power stands behind their name."""
AROUND: dict[str, Callable[..., str]] = {
    "abs": lambda x: f"\\left|{x}\\right|",
    "ceil": lambda x: f"\\left\\lceil {x} \\right\\rceil",
    "exp": lambda x: f"e^{{{x}}}",
    "floor": lambda x: f"\\left\\lfloor {x} \\right\\rfloor",
    "inv": lambda x: f"{{{x}}}^{{-1}}",
    "isfinite": lambda x: f"{x} \\text{{ is finite}}",
    "isinf": lambda x: f"{x} \\text{{ is infinite}}",
    "isnan": lambda x: f"{x} \\text{{ is NaN}}",
    "polygamma": lambda n, x: f"\\psi^{{({n})}}\\left({x}\\right)",
    "round": lambda x: f"\\left\\lfloor {x} \\right\\rceil",
    "sqrt": lambda x: f"\\sqrt{{{x}}}",
}
"""Functions that are written around what they are taken of."""
SPELLED = {"expm1": "exp(x) - 1", "log1p": "log(1 + x)"}
"""Functions that are only more precise than what they are in mathematics, of x."""
REDUCED = {
    "all": "\\bigwedge",
    "any": "\\bigvee",
    "argmax": "\\operatorname*{arg\\,max}",
    "argmin": "\\operatorname*{arg\\,min}",
    "max": "\\max",
    "mean": "\\operatorname*{mean}",
    "min": "\\min",
    "prod": "\\prod",
    "sum": "\\sum",
}
SIGNS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: (" + ", 5),
    ast.Sub: (" - ", 5),
    ast.Mult: (" \\cdot ", 6),
    ast.MatMult: (" \\, ", 6),
    ast.FloorDiv: (" \\mathbin{\\mathrm{div}} ", 6),
    ast.Mod: (" \\bmod ", 6),
    ast.BitAnd: (" \\mathbin{\\&} ", 4),
    ast.BitOr: (" \\mathbin{|} ", 4),
    ast.BitXor: (" \\oplus ", 4),
    ast.LShift: (" \\ll ", 4),
    ast.RShift: (" \\gg ", 4),
}
COMPARED: dict[type[ast.AST], str] = {
    ast.Eq: "=",
    ast.NotEq: "\\ne",
    ast.Lt: "<",
    ast.LtE: "\\le",
    ast.Gt: ">",
    ast.GtE: "\\ge",
    ast.Is: "=",
    ast.IsNot: "\\ne",
}
ATOM = 10
"""How strongly the parts of a text hold together, from a choice (0) to a single sign."""
