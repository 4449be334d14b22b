"""Is this derivative right? Numbers decide."""

from minigrad.errors import GradcheckError
from minigrad.gradcheck.check import gradcheck, gradgradcheck

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]
