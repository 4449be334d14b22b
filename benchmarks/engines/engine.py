"""A library under PyTorch's names, so that a case is written once."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.machine import Blas, numpy_blas
from benchmarks.networks import weights

if TYPE_CHECKING:
    from benchmarks.case import Case, Step


class Absent(Exception):
    """This engine, or its code for a case, is not there; the message says what to do."""


class Engine:
    """A library with PyTorch's names.

    Attributes:
        library: its name.
        lib, nn, optim: the library and two of its modules.
    """

    library: str

    def __init__(self, device: str) -> None:
        self.device = device
        self.lib: Any = importlib.import_module(self.library)
        self.nn: Any = importlib.import_module(f"{self.library}.nn")
        self.optim: Any = importlib.import_module(f"{self.library}.optim")

    def step(self, case: Case) -> Step:
        """The work of a case. Errors: `Absent` where the engine cannot do it."""
        return case.make(self)

    def check(self, case: Case) -> None:
        """Whether it can do a case, before anything is compiled. Errors: `Absent`."""

    def rehearse(self, case: Case) -> None:
        """Do a small case once: what the library loads when it is first used is then there."""
        self.step(case)()
        self.synchronize()

    def path(self, step: Step) -> str:
        """What computes when the step is called, for the report."""
        return "eager"

    def tensor(self, array: np.ndarray[Any, Any]) -> Any:
        """A tensor of these numbers on the device."""
        return self.lib.from_numpy(array).to(self.device)

    def model(self, network: Callable[[Any], Any]) -> Any:
        """The network with weights that are the same on every side."""
        model = network(self.nn)
        parameters = list(model.parameters())
        values = weights(tuple(p.shape) for p in parameters)
        with self.lib.no_grad():
            for p, value in zip(parameters, values, strict=True):
                p.copy_(self.lib.from_numpy(value))
        return model.to(self.device)

    def function(self, name: str) -> Callable[..., Any]:
        """A single op by name."""
        functional = importlib.import_module(f"{self.library}.nn.functional")
        if name == "softmax":
            return lambda x: functional.softmax(x, dim=-1)
        if name == "max_pool2d":
            return lambda x: functional.max_pool2d(x, 2)
        found = getattr(self.lib, name, None) or getattr(functional, name)
        return found  # type: ignore[no-any-return]

    def mnist_loader(self, batch: int) -> Iterable[Any]:
        """Batches of normalised training images of MNIST and their labels."""
        raise NotImplementedError

    def synchronize(self) -> None:
        """Wait until the device has done all it was given."""
        if self.device != "cpu":
            self.lib.cuda.synchronize()

    def arrays(self, value: Any) -> list[np.ndarray[Any, Any]]:
        """The numbers of what a step returned: one tensor or several."""
        several = value if isinstance(value, (list, tuple)) else [value]
        return [np.asarray(tensor.detach().cpu().numpy()) for tensor in several]

    def version(self) -> str:
        """The library's version."""
        return str(self.lib.__version__)

    def blas(self) -> Blas:
        """What multiplies its matrices, and on how many threads."""
        return numpy_blas()


def magnitude(arrays: list[np.ndarray[Any, Any]]) -> float:
    """√(mean x²) over all numbers, in float64: by it results of a first step are compared."""
    squares = [np.square(array, dtype=np.float64).ravel() for array in arrays]
    return float(np.sqrt(np.mean(np.concatenate(squares))))
