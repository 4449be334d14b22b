"""What a CUDA device is asked to do: kernels, products and copies, and who can do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from minigrad.device import Array
from minigrad.layouts import Walk


@dataclass(frozen=True)
class Kernel:
    """A kernel in CUDA C.

    Attributes:
        name: of its ``extern "C" __global__`` function; of one name there is one text in a program.
        text: its source without the prelude. Pointers and 64-bit integers are its arguments; what
            does not change from call to call stands in the text.
    """

    name: str
    text: str


@dataclass(frozen=True, eq=False)
class Launch:
    """A kernel on arrays.

    Attributes:
        grid, block: how many blocks of how many threads; both have one dimension.
        args: in the order of the kernel's signature, arrays as pointers and whole numbers as
            ``long long``; 0 also stands for no array.
        beside: arrays whose addresses stand in one of the others, and how the kernel goes through
            each.
    """

    kernel: Kernel
    grid: int
    block: int
    args: tuple[Array | int, ...]
    beside: tuple[tuple[Array, Walk], ...] = ()


@dataclass(frozen=True, eq=False)
class Gemm:
    """out = epilogue(a b + beta out + bias), matrices in rows as C has them, ``batch`` times.

    Attributes:
        out, a, b: arrays of one floating type; only where they begin is read off them.
        ta, tb: whether a factor lies transposed in memory.
        m, n, k: ``out`` is m x n, k is what is summed over.
        lda, ldb, ldc: numbers from one row in memory to the next.
        steps: numbers from one matrix of a batch to the next, of a, b and out.
        bias: n numbers, added to each row; None for none.
        relu: whether what is below 0 becomes 0.
        tf32: whether the factors may be rounded to TF32.
    """

    out: Array
    a: Array
    b: Array
    ta: bool
    tb: bool
    m: int
    n: int
    k: int
    lda: int
    ldb: int
    ldc: int
    batch: int = 1
    steps: tuple[int, int, int] = (0, 0, 0)
    beta: float = 0.0
    bias: Array | None = None
    relu: bool = False
    tf32: bool = False


@dataclass(frozen=True, eq=False)
class Upload:
    """Numbers that the host makes afresh before each replay, ``make()``, copied into ``out``."""

    out: Array
    make: Callable[[], Array]


Work: TypeAlias = Launch | Gemm


class Graph(Protocol):
    """Work that was captured and is launched by one call.

    Attributes:
        nodes: how many kernels and products it holds.
    """

    nodes: int

    def launch(self) -> None:
        """Do all of it, after what the stream was given before."""


class Gpu(Protocol):
    """A device that does such work, in the order in which it is given.

    Attributes:
        xp: the array library whose arrays it takes.
    """

    xp: Any

    @property
    def name(self) -> str:
        """Its kind, and where there are several, which it is: for reports."""

    def empty(self, size: int) -> Array:
        """So many bytes, aligned to 256."""

    def load(self, kernels: Sequence[Kernel]) -> None:
        """Compile these kernels as one module. Errors: RuntimeError with the compiler's words."""

    def launch(self, work: Work) -> None:
        """Give the device a kernel or a product to do."""

    def begin(self, spare: Array) -> None:
        """A step begins: it comes after what others gave the GPU. Nobody needs any more what these
        bytes hold."""

    def end(self) -> None:
        """The step is given: what others give the GPU from now on comes after it."""

    def upload(self, out: Array, numbers: Array) -> None:
        """Copy numbers of the host, or of another array of the device, into an array of the
        device of the same shape and type. Not while it captures."""

    def call(self, body: Callable[[], object]) -> None:
        """Have the array library do something in the same order. Not while it captures."""

    def capture(self, body: Callable[[], None]) -> Graph:
        """The work that ``body`` gives, as a graph; nothing of it is done yet."""

    def synchronize(self) -> None:
        """Wait until all is done. Not while it captures."""
