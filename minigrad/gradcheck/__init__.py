"""Is this derivative right? Numbers decide."""

from minigrad.gradcheck.numeric import gradcheck, gradgradcheck

__all__ = ["gradcheck", "gradgradcheck"]
