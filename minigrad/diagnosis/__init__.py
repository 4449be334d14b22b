"""The doctor: a training script is run and watched, and its faults are told with their lines.

`watcher` follows the thread and notes what is done; the `checks` judge by that, a family of faults
each; `codes` says what can be found. Nobody pays for it who does not ask.
"""

from minigrad.diagnosis.codes import CODES, Code
from minigrad.diagnosis.examine import doctor, examine
from minigrad.diagnosis.report import Finding, Report

__all__ = ["CODES", "Code", "Finding", "Report", "doctor", "examine"]
