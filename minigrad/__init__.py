"""minigrad: a from-scratch autograd engine on NumPy and CuPy. The names are PyTorch's."""

import typing as _typing

from minigrad import accelerator as accelerator
from minigrad import autograd as autograd
from minigrad import backends as backends
from minigrad import cuda as cuda
from minigrad import door as _door  # from here on, ops can be called
from minigrad import late as _late
from minigrad import linalg as linalg
from minigrad import nn as nn
from minigrad import optim as optim
from minigrad import utils as utils
from minigrad.autograd.switches import *
from minigrad.constants import *
from minigrad.creation import *
from minigrad.device import Device as Device
from minigrad.device import device as device
from minigrad.functions import *
from minigrad.methods.size import Size as Size
from minigrad.names import public as _public
from minigrad.nn import functional as _F
from minigrad.precision import *
from minigrad.printing import *
from minigrad.random import *
from minigrad.ranges import *
from minigrad.sampling import *
from minigrad.serialization import *
from minigrad.tensor import Tensor as Tensor
from minigrad.threads import *

if _typing.TYPE_CHECKING:
    from minigrad import callbacks as callbacks
    from minigrad import datasets as datasets
    from minigrad import draw as draw
    from minigrad import exercise as exercise
    from minigrad import func as func
    from minigrad import models as models
    from minigrad.compiler.step import compile as compile
    from minigrad.diagnosis import doctor as doctor
    from minigrad.draw import *
    from minigrad.explainer.explanation import explain as explain
    from minigrad.gradcheck.examine import check as check
    from minigrad.training.fit import evaluate as evaluate
    from minigrad.training.fit import fit as fit
    from minigrad.training.fit import predict as predict
    from minigrad.training.summary import summary as summary
else:
    from minigrad.late import __dir__, __getattr__

__version__ = "0.1.0"

# PyTorch has some functions of layers at its top as well.
celu, prelu, selu = _F.celu, _F.prelu, _F.selu
conv1d, conv2d, conv3d = _F.conv1d, _F.conv2d, _F.conv3d
conv_transpose1d, conv_transpose2d = _F.conv_transpose1d, _F.conv_transpose2d
conv_transpose3d = _F.conv_transpose3d
cosine_similarity, pairwise_distance = _F.cosine_similarity, _F.pairwise_distance

_public(
    globals(),
    "__version__",
    *("accelerator", "autograd", "backends", "cuda", "linalg", "nn", "optim", "utils"),
    *_late.PLACES,
)
