"""The second derivative: the function's own gradient is a function, with a gradient of its own."""

from __future__ import annotations

import numpy as np

from minigrad.gradcheck.contract import Contract
from minigrad.gradcheck.elements import Comparison, ask
from minigrad.gradcheck.oracle import Oracle
from minigrad.gradcheck.structure import directions
from minigrad.gradcheck.trial import REFUSALS, NotChecked, Trial


def second(trial: Trial) -> None:
    """Hold the double backward against the numbers of the gradient, by inputs and by cotangents.

    A Hessian of a function of numbers is symmetric; that need not be asked on its own, as every
    element of it is held against numbers. Where the function has no second derivative (a pair, a
    backward that is not differentiable) a note says so.
    """
    try:
        made = trial.subject.second(np.random.default_rng(trial.seed))
    except REFUSALS as error:
        trial.notes.append(f"no second derivative was checked: {error}")
        return
    if made is None:
        return
    again = Trial(made, trial.level, trial.seed)
    contract = Contract(again)
    try:
        if contract.begin() and again.n and again.m:
            contract.repeat()
            if not again.failed:
                oracle = Oracle(again, again.x, here=contract.here)
                asked = ask(again, oracle, contract.u, contract.first_grad)
                compared = Comparison(again, oracle, asked)
                compared.settle()
                compared.report()
                if not again.failed:
                    directions(again, oracle, asked, "second")
    except NotChecked as reason:
        trial.notes.append(f"no second derivative was checked: {reason}")
    except ValueError as error:
        trial.notes.append(f"no second derivative was checked: {error}")
    for finding in again.findings:
        finding.rung = "second"
        finding.message = f"second derivative: {finding.message}"
        trial.found(finding)
    trial.calls += again.calls
    trial.pulls += again.pulls
