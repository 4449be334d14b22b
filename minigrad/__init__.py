"""minigrad: a from-scratch autograd engine on NumPy and CuPy."""

from minigrad import autograd
from minigrad.autograd import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from minigrad.creation import *
from minigrad.device import Device, device
from minigrad.dtypes import bool_ as bool
from minigrad.dtypes import float16, float32, float64, int8, int16, int32, int64, uint8
from minigrad.dtypes import float16 as half
from minigrad.dtypes import float32 as float
from minigrad.dtypes import float64 as double
from minigrad.dtypes import int16 as short
from minigrad.dtypes import int32 as int
from minigrad.dtypes import int64 as long
from minigrad.functions import *
from minigrad.random import Generator, default_generator, initial_seed, manual_seed
from minigrad.tensor import Tensor
