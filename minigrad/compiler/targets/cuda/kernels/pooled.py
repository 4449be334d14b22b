"""A convolution of few channels and the windows that go over its result, by one kernel."""

from __future__ import annotations

from collections.abc import Mapping

from minigrad.compiler.program import Group, Slot, Unit
from minigrad.compiler.targets.cuda.kernels import convolutions
from minigrad.compiler.targets.cuda.kernels.convolutions import Shape
from minigrad.compiler.targets.cuda.kernels.places import BLOCK, Scratch, blocks, dense, word
from minigrad.compiler.targets.cuda.kernels.tail import Tail, args, stored
from minigrad.compiler.targets.cuda.launch import Launch, Work
from minigrad.device import Array
from minigrad.ops.convolution import conv
from minigrad.ops.patches import Window
from minigrad.ops.pooling import window_argmax, window_max, window_sum


def poolable(head: Unit, pool: Unit) -> bool:
    """Whether windows lie side by side on the whole result of a convolution of few channels."""
    made, over = head.parts[0], pool.parts[0]
    if made.op is not conv or over.op not in (window_max, window_sum) or made.into or over.into:
        return False
    if head.kind not in ("op", "joint") or pool.kind not in ("op", "bundle", "joint"):
        return False
    (x, w), y, window = made.reads[:2], made.result, over.params["window"]
    if len(y.shape) != 4 or made.params.get("groups", 1) > 1:
        return False
    if y.dtype.char not in "fd" or any(s.dtype != y.dtype for s in (x, w, over.reads[0])):
        return False
    sizes = x.shape[2:], y.shape[2:], made.params["window"]
    given = Shape(x.shape[0], x.shape[1], w.shape[0], *sizes, y.dtype, ())
    return given.direct and _tiles(window, y.shape[2:]) and y.dense and over.reads[0].dense


def _tiles(window: Window, size: tuple[int, ...]) -> bool:
    """Whether windows lie side by side and cover all, a block's threads at least one of them."""
    even = all(n % k == 0 for n, k in zip(size, window.kernel, strict=True))
    alone = window.stride == window.kernel and set(window.dilation) == {1} and not window.padded
    return even and alone and 1 < window.volume <= BLOCK


def pooled(
    each: Group,
    arrays: Mapping[Slot, Array],
    scratch: Scratch,
    middle: Tail | None,
    tail: Tail | None,
) -> list[Work] | None:
    """The launch that does both; None where no kernel serves these arrays. ``middle`` and ``tail``
    are the chains behind the convolution and behind the windows."""
    head, pool = each.members
    made, over = head.parts[0], pool.parts[0]
    x, w, *bias = (arrays[slot] for slot in made.reads)
    window, size = over.params["window"], made.result.shape[2:]
    given = convolutions.shape(x.shape, len(w), size, made.params["window"], x, w, *bias)
    # The places of the largest numbers may be asked for as well.
    twice = len(pool.parts) > 1 and pool.parts[1].op is window_argmax
    places = [arrays[pool.parts[1].result]] if over.op is window_max and twice else []
    results = [*([] if tail else [arrays[over.result]]), *places]
    if given is None or not all(y.flags.c_contiguous for y in results):
        return None
    works: list[Work] = []
    x, w, *bias = (dense(y, scratch, works) for y in (x, w, *bias))
    many = convolutions.sharing(given.o, given.weights + BLOCK, given)
    high, wide = window.kernel
    span = BLOCK // window.volume
    facts = (
        ("EACH", str(many)),
        ("SPAN", str(span)),
        ("PH", str(high)),
        ("PW", str(wide)),
        ("SUMS", str(int(over.op is window_sum))),
        ("spot", word(places[0]) if places else "uint8_t"),
        *(middle.between() if middle else (("MIDDLE", ""), ("BECOMES(place, number)", "number"))),
        *stored(tail),
    )
    kernel = given.kernel("CONV_FEW_POOL", given.n, *facts)
    grid = -(-given.o // many) * blocks(given.n * given.count // window.volume, span)
    found = (x, w, bias[0] if bias else 0, *args(middle))
    found += (0 if tail else results[0], places[0] if places else 0, *args(tail))
    return [*works, Launch(kernel, grid, BLOCK, found)]
