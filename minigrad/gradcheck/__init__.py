"""Is this derivative right? Numbers decide."""

from minigrad.errors import GradcheckError
from minigrad.gradcheck.check import gradcheck, gradgradcheck
from minigrad.gradcheck.decorator import gradchecked
from minigrad.gradcheck.examine import check
from minigrad.gradcheck.report import Finding, Report

__all__ = [
    "Finding",
    "GradcheckError",
    "Report",
    "check",
    "gradcheck",
    "gradchecked",
    "gradgradcheck",
]
