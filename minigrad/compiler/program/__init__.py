"""A step as data: slots, instructions and groups of them. It knows nobody who makes or runs it."""

from minigrad.compiler.program.program import (
    Bundle,
    Chain,
    Instruction,
    Joint,
    Operand,
    Place,
    Pooled,
    Program,
    Series,
    Slot,
    Step,
)

__all__ = [
    "Bundle",
    "Chain",
    "Instruction",
    "Joint",
    "Operand",
    "Place",
    "Pooled",
    "Program",
    "Series",
    "Slot",
    "Step",
]
