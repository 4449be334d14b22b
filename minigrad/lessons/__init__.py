"""The systems that are taught step by step: short programs with the mathematics beside the code.

A lesson is a script of percent cells. Read it, run it as it stands
(``python minigrad/lessons/gradient_descent.py``), open the script in VS Code or Spyder, or the
notebook that ``python -m minigrad lesson P2 --notebook P2.ipynb`` makes of it in Jupyter: there its
figures appear under their cells, and formulas are typeset. Its form:

- The first cell is the docstring, marked ``# %% [markdown]``: what it is about, the mathematics.
- The next is marked ``# %% tags=["parameters"]``: constants that a run may replace.
- Random data come from ``np.random.default_rng(SEED)``, so that the twin has the same.
- A figure has a label that can be the name of a file, ``plt.figure("fit")``, is drawn in the
  lessons' look, ``plt.style.use("minigrad.lessons.look")``, and is followed by ``plt.show()``.
- A picture of ``minigrad.draw`` is shown by ``show(picture, "graph")`` of ``lessons.figures``.
- A formula stands in a block of its own, further in and in plain text: `formulas` makes TeX of it.
- What it leaves behind is named in its row of ``LESSONS``; ``reference/lessons`` has its twin.
"""

from __future__ import annotations

from minigrad.lessons.lesson import Lesson
from minigrad.lessons.program import parameters
from minigrad.lessons.run import run
from minigrad.lessons.table import LESSONS

__all__ = ["LESSONS", "Lesson", "parameters", "run"]
