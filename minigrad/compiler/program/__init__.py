"""A step as data: slots, instructions and groups of them. It knows nobody who makes or runs it."""

from minigrad.compiler.program.program import Program
from minigrad.compiler.program.slots import Operand, Place, Slot
from minigrad.compiler.program.units import Group, Instruction, Kind, Unit

__all__ = ["Group", "Instruction", "Kind", "Operand", "Place", "Program", "Slot", "Unit"]
