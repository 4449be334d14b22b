"""The exceptions of minigrad.

    Exception
    ├── RuntimeError
    │   ├── CompileError       a step that cannot be recorded, or not be replayed
    │   ├── DeviceError        operands on different devices, or a device that is not there
    │   ├── GraphError         the tape cannot be walked: freed, overwritten or never recorded
    │   │   └── AnomalyError   nan or inf was made while somebody looked for it
    │   ├── GradcheckError     a derivative disagrees with the numbers
    │   └── LinAlgError        a matrix that has no inverse, no Cholesky factor, ...
    └── ValueError
        └── FileFormatError    a file that is damaged, truncated or of another kind

Everything else is raised as the built-in exception that PyTorch raises in the same place
(RuntimeError for shapes, TypeError for types, IndexError for dimensions and indices), so that
``except`` clauses of PyTorch scripts keep their meaning.
"""

from __future__ import annotations


class CompileError(RuntimeError):
    """A step that cannot be recorded, or not be replayed."""


class DeviceError(RuntimeError):
    """Operands on different devices, or a device that is not there."""


class GraphError(RuntimeError):
    """The tape cannot be walked: it was freed, overwritten or never recorded."""


class AnomalyError(GraphError):
    """An op, its derivative, or an optimizer's step has made nan or inf; see `detect_anomaly`.

    Attributes:
        op: its public name, as the user called it.
        phase: "forward", "backward" or "update".
        file, line: where it was called; of a derivative, where the op was called.
        peak: the greatest finite number among the operands.

    Args:
        told: what the error says.
    """

    peak: float = 0.0

    def __init__(self, told: str, op: str, phase: str, file: str, line: int) -> None:
        super().__init__(told)
        self.op, self.phase, self.file, self.line = op, phase, file, line

    def __reduce__(self) -> tuple[type, tuple[str, str, str, str, int]]:
        return AnomalyError, (str(self), self.op, self.phase, self.file, self.line)


class LinAlgError(RuntimeError):
    """A matrix that has no inverse, no Cholesky factor, or no convergent decomposition."""


class FileFormatError(ValueError):
    """A file that is damaged, truncated or of another kind than was asked for."""


class GradcheckError(RuntimeError):
    """A derivative disagrees with the numbers, or backward breaks its contract."""
