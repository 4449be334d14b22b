"""minigrad: a from-scratch autograd engine on NumPy and CuPy."""

from minigrad import autograd
from minigrad.autograd import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from minigrad.creation import *
from minigrad.device import Device, device
from minigrad.functions import *
from minigrad.random import Generator, default_generator, initial_seed, manual_seed
from minigrad.tensor import Tensor
