"""minigrad: op by op, compiled, and compiled to NumPy calls alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from benchmarks.engines.engine import Absent, Engine
from benchmarks.spent import in_numpy

if TYPE_CHECKING:
    from benchmarks.case import Case, Step


class Minigrad(Engine):
    """minigrad as it stands, op by op."""

    library = "minigrad"

    def path(self, step: Step) -> str:
        from minigrad.native.library import enabled

        return "eager, native kernels" if enabled() else "eager, NumPy"

    def mnist_loader(self, batch: int) -> Iterable[Any]:
        from minigrad.datasets import MNIST, transforms
        from minigrad.utils.data import DataLoader

        steps = [transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
        data = MNIST(train=True, transform=transforms.Compose(steps), download=True)
        return DataLoader(data, batch_size=batch, shuffle=True)


class Compiled(Minigrad):
    """``minigrad.compile(step)``."""

    settings: ClassVar[dict[str, Any]] = {}

    def check(self, case: Case) -> None:
        if not hasattr(self.lib, "compile"):
            raise Absent(f"minigrad {self.version()} has no compile(); use a version that has it")
        if not case.compiled:
            raise Absent(f"{case.name} has no step to compile")

    def step(self, case: Case) -> Step:
        step: Step = self.lib.compile(case.make(self), **self.settings)
        return step

    def path(self, step: Step) -> str:
        """What computes, and which share of the time NumPy does."""
        path = str(getattr(step, "path", "compiled"))
        if "calls numpy" not in path:
            return path
        return f"{path}: {in_numpy(step.replays[-1]):.1%} of the time"  # type: ignore[attr-defined]


class OnlyNumPy(Compiled):
    """Compiled, without native kernels."""

    settings: ClassVar[dict[str, Any]] = {"native": False}
