"""Exercises that check themselves, and say what is wrong.

`names` lists them; `start` is the file that one begins with, `check` judges an answer, `hint` says
more in three stages, `solution` all. ``python -m minigrad exercise`` does the same for files.
"""

from minigrad.exercise.checking import check, find, hint, names, solution, start
from minigrad.exercise.exercise import Exercise, Verdict

__all__ = ["Exercise", "Verdict", "check", "find", "hint", "names", "solution", "start"]
