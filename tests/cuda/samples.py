"""One small case or more of every kernel that is written by hand."""

from __future__ import annotations

import re

import numpy as np
from on_host import Case, poisoned
from test_cuda_convolution import FEW, GROUPS, MANY, THREE, cases
from test_cuda_softmax import SHAPES
from test_cuda_softmax import around as rows
from test_loss_kernels import batch
from test_picking_kernels import KEYS
from test_reduction_kernels import numbers
from test_window_kernels import WINDOWS, around, image, window

from minigrad.compiler.program import Group, Instruction, Place, Slot
from minigrad.compiler.targets.cuda.kernels.convolutions import conv_weight
from minigrad.compiler.targets.cuda.kernels.epilogue import after
from minigrad.compiler.targets.cuda.kernels.pooled import poolable, pooled
from minigrad.compiler.targets.cuda.kernels.sources import FOLDER
from minigrad.compiler.targets.cuda.kernels.windows import max_and_argmax
from minigrad.compiler.targets.cuda.launch import Gemm, Launch, Work
from minigrad.op import register


def samples(dtype: str) -> list[Case]:
    """The cases, in one type."""
    kind = np.dtype(dtype)
    means = {"ignore_index": -100, "reduction": "mean"}
    mask = {"shape": (7, 11), "p": 0.3, "scale": 2.0, "dtype": kind}
    x = numbers((40, 33), dtype)
    sums = [
        ((40, 33), (0,)),
        ((40, 33), (1,)),
        ((9000, 33), (0,)),
        ((70000,), (0,)),
        ((4, 5, 6, 7), (1, 3)),
    ]
    return [
        *(Case("sum", (numbers(shape, dtype),), {"axis": axis}) for shape, axis in sums),
        Case("mean_square", (numbers((3, 4, 5), dtype),), {"axes": (0, 2)}),
        *(Case(op, (x,), {"axis": (1,)}) for op in ("amax", "amin")),
        *(Case(op, (x,), {"axis": 1}) for op in ("argmax", "argmin")),
        *(case for shape, dim in SHAPES[:4] for case in rows(shape, dim, dtype)),
        *(Case("take", (numbers((5, 6, 7), dtype), *at), {"key": key}) for key, at in KEYS[:5]),
        Case(
            "put_add",
            (numbers((9, 6, 7), dtype), *KEYS[0][1]),
            {"shape": (5, 6, 7), "key": KEYS[0][0]},
        ),
        *(
            Case(op, batch(shape, dtype), means)
            for op in ("class_cross_entropy", "class_residual")
            for shape in [(20, 10), (8, 1000), (40, 900), (3, 7, 11)]
        ),
        Case("keep", (np.array([3, 4]),), mask),
        Case("advance", (np.array([3, 4]),)),
        *(case for shape, move in WINDOWS[:2] for case in around(image(shape, dtype), move)),
        *(case for shape, o, move in FEW[1:3] for case in cases(shape, o, window(*move), dtype)),
        *(case for shape, o, move in MANY[:2] for case in cases(shape, o, window(*move), dtype)),
        *(
            case
            for shape, o, move, parts in GROUPS[:1]
            for case in cases(shape, o, window(*move), dtype, parts)
        ),
    ]


def launches(dtype: str) -> list[Launch]:
    """What their kernels are launched with."""
    works = [work for case in samples(dtype) for work in case.works(case.out())]
    x = numbers((6, 50), dtype)
    out, bias = numbers((6, 6), dtype), numbers((6,), dtype)
    product = Gemm(out, x, x, False, True, 6, 6, 50, 50, 50, 6, bias=bias, relu=True)
    pictures = image((2, 3, 8, 6), dtype)
    best, place = poisoned((2, 3, 4, 3), dtype), poisoned((2, 3, 4, 3), "B")
    works += [
        after(product),
        *(max_and_argmax(best, place, poisoned, pictures, window=WINDOWS[0][1]) or []),
        *_gradients(dtype),
        *_pooled(dtype),
    ]
    return [work for work in works if isinstance(work, Launch)]


def _gradients(dtype: str) -> list[Work]:
    """Of weights and biases: the biases by a tail."""
    shape, o, move = FEW[1]
    *_, case = cases(shape, o, window(*move), dtype)
    found = conv_weight(
        *case.operands, case.params["window"], case.out(), poisoned, poisoned((o,), dtype)
    )
    return found or []


def _pooled(dtype: str) -> list[Work]:
    """Windows over the result of a convolution: the largest numbers and their places, and sums."""
    _, case, *_ = cases((2, 3, 8, 6), 4, window(*THREE), dtype)
    move, works = window((2, 2, 1, 0, 0), (3, 3, 1, 0, 0)), []
    for kinds in (("window_max", "window_argmax"), ("window_sum",)):
        arrays = {Slot("value", x, Place()): x for x in (*case.operands, case.out())}
        *given, y = arrays
        parts = []
        for name in kinds:
            out = Case(name, (arrays[y],), {"window": move}).out()
            result = Slot("value", out, Place())
            arrays[result] = out
            parts.append(Instruction(register[name], (y,), {"window": move}, result))
        head = Instruction(register["conv"], tuple(given), case.params, y)
        pool = Group("bundle", tuple(parts)) if len(parts) > 1 else parts[0]
        assert poolable(head, pool)
        works += (
            pooled(Group("pooled", (head, pool), frozenset({y})), arrays, poisoned, None, None)
            or []
        )
    return works


def written_by_hand() -> set[str]:
    """The names of all kernels in the folder."""
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("*.cu")]
    return {name for text in texts for name in re.findall(r"__global__ void (\w+)\(", text)}
