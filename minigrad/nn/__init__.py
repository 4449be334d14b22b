"""Modules: the parts that networks are made of."""

from minigrad.names import public as _public
from minigrad.nn import functional as functional
from minigrad.nn import init as init
from minigrad.nn import utils as utils
from minigrad.nn.activation import *
from minigrad.nn.attention import *
from minigrad.nn.classification import *
from minigrad.nn.container import *
from minigrad.nn.convolution import *
from minigrad.nn.dropout import *
from minigrad.nn.embedding import *
from minigrad.nn.flatten import *
from minigrad.nn.linear import *
from minigrad.nn.loss import *
from minigrad.nn.module import *
from minigrad.nn.normalization import *
from minigrad.nn.padding import *
from minigrad.nn.parameter import Parameter as Parameter
from minigrad.nn.parameter_list import *
from minigrad.nn.piecewise import *
from minigrad.nn.pooling import *
from minigrad.nn.recurrent import *
from minigrad.nn.recurrent_cell import *
from minigrad.nn.softmax import *
from minigrad.nn.transformer import *
from minigrad.nn.vision import *

_public(globals(), "functional", "init", "utils")
