"""The checks, a family of faults a file."""

from minigrad.diagnosis.check import Check
from minigrad.diagnosis.checks.accumulation import Accumulation
from minigrad.diagnosis.checks.broadcasting import Broadcasting
from minigrad.diagnosis.checks.connection import Connection
from minigrad.diagnosis.checks.graph import Graph
from minigrad.diagnosis.checks.inputs import Inputs
from minigrad.diagnosis.checks.losses import Losses
from minigrad.diagnosis.checks.magnitude import Magnitude
from minigrad.diagnosis.checks.mode import Mode
from minigrad.diagnosis.checks.numbers import Numbers
from minigrad.diagnosis.checks.order import Order
from minigrad.diagnosis.checks.rate import Rate
from minigrad.diagnosis.checks.softmax import Softmax
from minigrad.diagnosis.checks.steps import Steps
from minigrad.diagnosis.checks.symmetry import Symmetry
from minigrad.diagnosis.checks.units import Units

__all__ = ["CHECKS"]

CHECKS: tuple[type[Check], ...] = (
    *(Accumulation, Broadcasting, Connection, Graph, Inputs, Losses, Magnitude, Mode, Numbers),
    *(Order, Rate, Softmax, Steps, Symmetry, Units),
)
