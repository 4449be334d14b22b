"""What a captured graph holds: the question that only CUDA's driver answers."""

from __future__ import annotations

import ctypes
from collections import Counter
from functools import lru_cache
from typing import Any

from minigrad.errors import DeviceError

KINDS = (
    *("kernel", "copy", "fill", "host call", "graph", "empty", "wait", "record"),
    *("signal", "semaphore", "allocation", "release", "batch", "condition"),
)
"""Of nodes, by number (CUgraphNodeType)."""


def kinds(graph: int) -> Counter[str]:
    """How many nodes of each kind the graph of this handle (CUgraph) holds.

    Errors: DeviceError without a driver, RuntimeError where it refuses.
    """
    count = ctypes.c_size_t()
    _call("cuGraphGetNodes", ctypes.c_void_p(graph), None, ctypes.byref(count))
    nodes = (ctypes.c_void_p * count.value)()
    _call("cuGraphGetNodes", ctypes.c_void_p(graph), nodes, ctypes.byref(count))
    return Counter(_kind(node or 0) for node in nodes)


def _kind(node: int) -> str:
    number = ctypes.c_int()
    _call("cuGraphNodeGetType", ctypes.c_void_p(node), ctypes.byref(number))
    return KINDS[number.value] if number.value < len(KINDS) else f"kind {number.value}"


@lru_cache(maxsize=1)
def library() -> Any:
    """The driver's library. Errors: DeviceError where there is no driver."""
    try:
        return ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        raise DeviceError(f"cuda: there is no driver here ({error}); stay on the CPU") from error


def _call(function: str, *facts: Any) -> None:
    status = getattr(library(), function)(*facts)
    if status:
        raise RuntimeError(f"{function}: the driver refuses with error {status}")
