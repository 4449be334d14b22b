"""Switching the tape on and off, gradients on demand, and ops of one's own."""

from minigrad.autograd import functional
from minigrad.autograd.function import Function
from minigrad.autograd.switches import (
    detect_anomaly,
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_detect_anomaly,
    set_grad_enabled,
)
from minigrad.autograd.variable import Variable
from minigrad.errors import AnomalyError
from minigrad.gradcheck import gradcheck, gradgradcheck
from minigrad.gradients import backward, grad

__all__ = [
    "AnomalyError",
    "Function",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "inference_mode",
    "is_grad_enabled",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
