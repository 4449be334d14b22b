"""Any name that both sides have, called with operands until PyTorch takes them: what no other family
thinks of comes up here, and what is new as well."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import torch

import minigrad

from ..drawing import Drawing
from .writes import _quietly, writable

# Numbers out of nowhere; what is of the program and not of numbers; memory that nobody wrote to.
LEFT_OUT = set(
    """alpha_dropout bernoulli bernoulli_ cauchy_ dropout dropout1d dropout2d dropout3d exponential_
    feature_alpha_dropout geometric_ gumbel_softmax log_normal_ multinomial normal normal_ rand
    rand_like randint randint_like randn randn_like randperm random_ rrelu rrelu_ uniform_ rand
    backward compile cpu cuda data_ptr detach_ empty empty_like empty_strided from_dlpack from_numpy
    get_device get_rng_state initial_seed load manual_seed new_empty numpy pin_memory register_hook
    register_post_accumulate_grad_hook requires_grad_ resize_ retain_grad save seed set_
    set_default_dtype set_float32_matmul_precision set_grad_enabled set_num_threads set_printoptions
    set_rng_state share_memory_ storage to type type_as item tolist __init__ as_strided_
    set_detect_anomaly get_default_dtype get_num_threads is_anomaly_enabled result_type
    TransformerEncoderLayer TransformerDecoderLayer Transformer""".split()
)
OPERANDS = """{x}|{x},{y}|{x},{n}|{x},{i}|{x},{y},{y}|{x},{m}|{x},{m},{n}|{x},{i},{i}|{x},{n},{m}
{x},{y},{n}|{x},{k}|{x},{i},{k}|{x},{k},{i}|{x},{t}|{x},{i},{k},{x}|{x},({i},)|{x},{i},{t},{n}
{x},{x},{x}|{x},{y},{m}|{x},{l}|{x},{i},{l},{y}""".replace("\n", "|").split("|")
"""Operands by kind: tensors (x, y broadcasts), numbers (n), dimensions (i), sizes (k), masks (m),
shapes (t), labels or indices (l)."""
LAYERS = ["", "{k}", "{k},{k}", "{c}", "{c},{k}", "{c},{k},{k}", "{n}", "({k},{k})", "{c},{c},{k}"]
"""Arguments of a constructor: sizes (k), channels (c), numbers (n)."""


@cache
def shared(place: str) -> list[str]:
    """The names of functions, methods or classes that both have at this place."""
    ours, theirs = _at(minigrad, place), _at(torch, place)
    wanted = inspect.isclass if place == "nn" else callable
    return [
        name
        for name in sorted(set(dir(ours)) & set(dir(theirs)))
        if name[0] != "_" and name not in LEFT_OUT and wanted(getattr(theirs, name))
    ]


def _at(side: Any, place: str) -> Any:
    for part in place.split(".") if place else ():
        side = getattr(side, part)
    return side


def _filled(d: Drawing, text: str, x: str) -> str:
    shape = tuple(d[x].shape)
    words = {"x": x, "n": d.number(), "k": d.whole(1, 3)}
    words["i"] = d.whole(-1, max(len(shape) - 1, 0))
    words["t"] = str(tuple(d.rng.sample(shape, len(shape))))
    if "{y}" in text:
        words["y"] = d.wide(shape)
    if "{m}" in text:
        words["m"] = d.wide(shape, "b")
    if "{l}" in text:
        words["l"] = d.like(shape[:1], "i")
    return text.format(**words)


def function(d: Drawing) -> str | None:
    """A function or a method, first with few operands, then with more."""
    place = d.one(["", "Tensor", "Tensor", "nn.functional", "linalg"])
    name = d.one([n for n in shared(place) if not n.endswith("_")])
    x = d.operand()
    for operands in [OPERANDS[0], *d.rng.sample(OPERANDS[1:], 8)]:
        first, _, rest = _filled(d, operands, x).partition(",")
        dotted = f"torch.{place}.{name}" if place else f"torch.{name}"
        text = f"{x}.{name}({rest})" if place == "Tensor" else f"{dotted}({first}, {rest})"
        if _taken(d, text):
            return text
    return None


def in_place(d: Drawing) -> str | None:
    """A method that writes its result where its operand lies."""
    place = d.one(["Tensor"] * 5 + ["nn.functional"])
    name = d.one([n for n in shared(place) if n.endswith("_") and n[-2] != "_"])
    dotted = "torch.Tensor" if place == "Tensor" else f"torch.{place}"
    x = d.pick(writable, d.one("fffi"))
    for operands in [OPERANDS[0], *d.rng.sample(OPERANDS[1:], 8)]:
        rest = _filled(d, operands, x).partition(",")[2]
        if _taken(d, f"{dotted}.{name}({x}.detach().clone(), {rest})"):
            return _quietly(d, x, f"{dotted}.{name}({x}, {rest})")
    return None


def layer(d: Drawing) -> str | None:
    """A module by its class, on the first of several inputs that it takes."""
    name = d.one([n for n in shared("nn") if n not in LEFT_OUT and "Dropout" not in n])
    c = d.whole(1, 4)
    for arguments in d.rng.sample(LAYERS, len(LAYERS)):
        text = arguments.format(k=d.whole(1, 3), c=c, n=d.number())
        made = f"given.module(torch.nn.{name}({text}), {d.whole(0, 99)}, {d.dtype!r})"
        if not _taken(d, made):
            continue
        for shape in [(c,), (2, c), (2, c, 4), (2, c, 4, 3), (1, c, 4, 4, 2)]:
            x = d.like(shape)
            for call in (f"({x})", f"({x}, {x})", f"({x}, {d.like(shape)})", f"({x}, {x}, {x})"):
                if _taken(d, made + call):
                    m = d.fresh("m")
                    d.setup(f"{m} = {made}")
                    d.modules.append(m)
                    return f"{m}{call}"
    return None


def _taken(d: Drawing, text: str) -> bool:
    """Whether PyTorch takes it."""
    try:
        d.value(text)
    except Exception:
        return False
    return True


MAKERS = [(function, 4), (in_place, 3), (layer, 2)]
