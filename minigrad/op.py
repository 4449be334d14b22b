"""An op is two facts: how to compute it and how to differentiate it.

An op is a stateless description. Its *operands* vary from step to step (tensors, Python numbers);
its *params* are static (an axis, a stride). Its forward takes the array library first and returns
one array; its rules give, for each operand, the operand's gradient::

    @op("x * y", promote="common")
    def mul(xp, x, y, *, out=None):
        "z = x · y"
        return xp.multiply(x, y, out=out)

    mul.derivatives(
        x=lambda g, y: g * y,
        y=lambda g, x: g * x,
    )

The text says the same as the forward, in the language of `minigrad.notation`: of an elementwise op
kernels are made of it. A rule asks for what it needs by the names of its own parameters:

    ``g``          the cotangent of the result (what flows in from the loss)
    ``out``        the result
    ``x``          the operand of that name
    ``x_shape``    only the shape of that operand, so that its value need not be kept
    ``dim`` ...    a param; ``**params`` stands for all of them
    ``i``          for an op with ``*operands``: which one is differentiated

What no rule asks for is not kept on the tape. Rules receive tensors and use tensors' methods and
other ops, so gradients can themselves be differentiated, to any order.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

import numpy as np

from minigrad.device import Array
from minigrad.rule import Rule

if TYPE_CHECKING:
    from minigrad.tape import Node, Source
    from minigrad.tensor import Tensor

Forward = Callable[..., Array]
Promotion = Literal["", "common", "float"]

register: dict[str, Op] = {}
"""Every op by its name: what the op database must cover."""


class Op:
    """A named forward with its rules. Made by the `op` decorator; calling it passes the door.

    Attributes:
        family: the file under ``minigrad/ops`` that it stands in.
        promote: "common" brings the operands to PyTorch's common type first, "float" moreover
            turns integers into the default floating type, "" leaves each operand as it is.
        first: the first operand that promotion concerns (``where`` leaves its condition alone).
        view: the result aliases the first operand's memory where the array library can do it.
        elementwise: each element of the result depends on the same element of the operands, so
            the result may be written over an operand.
        wide: it adds or multiplies many numbers up, so that the door has it and its derivative done
            in float32 for operands in float16, and rounds once.
        updates: the result is the first operand with some numbers changed, so that in place only
            these need be written.
        fits: operands that must fit the integers beside them if they are Python numbers (a bound);
            others wrap, as in C.
        formula: what it computes, in the language of `minigrad.notation`.
        scalar: the same for one number of each operand, as exactly as the forward computes it, nan
            and infinities included: kernels are made of it. Of an elementwise op it is the formula,
            unless that would round otherwise. "": there is none, and ``uncompiled`` says why.
        kinds: of which kinds of numbers, by NumPy's letters, the scalar expression is the forward.
        ufunc: the function of NumPy that the forward calls with the operands as they are, where it
            does nothing else. The door then calls it, which takes two thirds of the time.
        kernels: forwards for one kind of device each, in place of the general one.
        accumulate: for an op of one operand whose gradient is mostly zeros, how to add it in place
            to a sum of gradients: ``accumulate(total, g, **params)``. None: by the rule and `add`.
        plain: the forward as it was declared.
        forward: what computes it: the plain one, or what has been hung around that to be faster.
    """

    accumulate: Callable[..., Any] | None = None
    wrap: ClassVar[Callable[..., Tensor]]  # both hung by tensor.py: ops know nothing of tensors
    fresh: ClassVar[Callable[..., Tensor]]

    def __init__(
        self,
        forward: Forward,
        *,
        promote: Promotion = "",
        first: int = 0,
        view: bool = False,
        elementwise: bool = False,
        updates: bool = False,
        wide: bool = False,
        fits: tuple[str, ...] = (),
        ufunc: str = "",
        formula: str = "",
        scalar: str = "",
        kinds: str = "f",
        uncompiled: str = "",
    ) -> None:
        self.name = forward.__name__
        self.family = forward.__module__.rpartition(".")[2]
        self.__doc__ = forward.__doc__
        self.promote, self.first = promote, first
        self.view, self.elementwise, self.updates = view, elementwise, updates
        self.wide = wide
        self.formula, self.kinds, self.uncompiled = formula or scalar, kinds, uncompiled
        self.scalar = scalar or (formula if elementwise and not uncompiled else "")
        parameters = list(inspect.signature(forward).parameters.values())[1:]
        self.operands = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        rest = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
        self.variadic = rest[0] if rest else None
        params = [p for p in parameters if p.kind is p.KEYWORD_ONLY and p.name != "out"]
        self.params = {p.name: p.default for p in params}
        self.fits = frozenset(self.operands.index(name) for name in fits)
        self.defaults = {p.name: p.default for p in params if p.default is not p.empty}
        takes_out = any(p.name == "out" for p in parameters)
        self.plain: Forward = forward if takes_out else _with_destination(forward)
        self.forward = self.plain
        self.ufunc: Callable[..., Array] | None = getattr(np, ufunc) if ufunc else None
        self.kernels: dict[str, Forward] = {}
        self.said: dict[str, str] = {}
        self.rules: dict[str, Rule] = {}
        self._order: list[Rule | None] = [None] * (len(self.operands) + 1)
        self.kept = _Kept(self)

    def __call__(self, *operands: Any, into: Any = None, **params: Any) -> Tensor:
        """Compute it and leave a mark. What stands here is `minigrad.door.door`: it works on
        tensors and is itself made of ops, so it is above them and comes by `passing`."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def derivatives(self, **rules: Callable[..., Any]) -> None:
        """Give the rule of each differentiable operand, by the operand's name.

        Errors: TypeError for a rule of no operand, or one that asks for something unknown.
        """
        for name, rule in rules.items():
            if name not in self.operands and name != self.variadic:
                raise TypeError(f"{self.name}: a rule for {name!r}, which is no operand")
            self.rules[name] = made = Rule(self, name, rule)
            place = -1 if name == self.variadic else self.operands.index(name)
            self._order[place] = made

    def mathematics(self, **rules: str) -> None:
        """Say the rules of these operands, in the language of `minigrad.notation`, where their code
        goes another way than mathematics does."""
        self.said |= rules

    def kernel(self, kind: str) -> Callable[[Forward], Forward]:
        """Decorate a forward of the same signature that serves one kind of device ("cuda")."""

        def hang(forward: Forward) -> Forward:
            self.kernels[kind] = forward
            return forward

        return hang

    def rule_for(self, i: int) -> Rule | None:
        """The rule of the i-th operand, None where it has no derivative."""
        return self._order[min(i, len(self.operands))]

    def pull(
        self, node: Node, g: Tensor, sources: Sequence[Source | None]
    ) -> list[tuple[Source, Tensor | None]]:
        """For each operand that has a source, this and the cotangent, given that of the result.
        None stands for zeros."""
        rules, last = self._order, len(self.operands)
        pulled: list[tuple[Source, Tensor | None]] = []
        for i, source in enumerate(sources):
            if source is not None:
                rule = rules[i if i < last else last]
                pulled.append((source, None if rule is None else rule.pull(g, node, i)))
        return pulled


def passing(door: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Decorate the door: from now on it is what calling an op does."""
    Op.__call__ = door  # type: ignore[method-assign]
    return door


class Kept:
    """What a node keeps, given which operands are differentiated."""

    __slots__ = ("operands", "others", "out", "shapes")

    def __init__(self, op: Op, tracked: int, n: int) -> None:
        rules = [rule for i in range(n) if tracked >> i & 1 and (rule := op.rule_for(i))]
        names = {name for rule in rules for name in rule.operands}
        own = len(op.operands)
        self.operands = [
            i for i in range(n) if (op.operands[i] if i < own else op.variadic) in names
        ]
        self.others = [i for i in range(n) if not tracked >> i & 1 and i not in self.operands]
        self.out = any(rule.out for rule in rules)
        self.shapes = any(rule.shapes for rule in rules)


class _Kept(dict[tuple[int, int], Kept]):
    """What nodes of an op keep, by the pattern of what is differentiated."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __missing__(self, pattern: tuple[int, int]) -> Kept:
        self[pattern] = made = Kept(self.op, *pattern)
        return made


def _with_destination(forward: Forward) -> Forward:
    """A forward without ``out=`` serves a destination by a copy."""

    def compute(xp: Any, *operands: Any, out: Array | None = None, **params: Any) -> Array:
        result = forward(xp, *operands, **params)
        if out is None:
            return result
        xp.copyto(out, result)
        return out

    return compute


@overload
def op(forward: Forward, /) -> Op: ...
@overload
def op(
    formula: str = "",
    /,
    *,
    promote: Promotion = "",
    first: int = 0,
    view: bool = False,
    elementwise: bool = False,
    updates: bool = False,
    wide: bool = False,
    fits: tuple[str, ...] = (),
    ufunc: str = "",
    scalar: str = "",
    kinds: str = "f",
    uncompiled: str = "",
) -> Callable[[Forward], Op]: ...
def op(given: Forward | str = "", /, **facts: Any) -> Op | Callable[[Forward], Op]:
    """Make an op of a forward and put it in the register. See `Op` for the facts to give: the
    formula comes first, by itself."""

    def make(forward: Forward) -> Op:
        made = Op(forward, **facts)
        if made.name in register:
            raise TypeError(f"op: there is an op named {made.name!r} already")
        register[made.name] = made
        return made

    if not isinstance(given, str):
        return make(given)
    facts["formula"] = given
    return make
