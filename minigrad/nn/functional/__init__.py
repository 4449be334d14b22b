"""The functions behind the layers: ``import minigrad.nn.functional as F``."""

from minigrad.names import public as _public
from minigrad.nn.functional.activation import *
from minigrad.nn.functional.adaptive_pooling import *
from minigrad.nn.functional.attention import *
from minigrad.nn.functional.binary import *
from minigrad.nn.functional.classification import *
from minigrad.nn.functional.convolution import *
from minigrad.nn.functional.ctc import *
from minigrad.nn.functional.distance import *
from minigrad.nn.functional.dropout import *
from minigrad.nn.functional.embedding import *
from minigrad.nn.functional.folding import *
from minigrad.nn.functional.linear import *
from minigrad.nn.functional.loss import *
from minigrad.nn.functional.normalization import *
from minigrad.nn.functional.onehot import *
from minigrad.nn.functional.padding import *
from minigrad.nn.functional.pooling import *
from minigrad.nn.functional.softmax import *
from minigrad.nn.functional.unpooling import *
from minigrad.nn.functional.vision import *
from minigrad.strangers import all_telling as _all_telling

# Layers call the functions where they stand, and tell of their arguments themselves.
_all_telling(globals(), callable)

_public(globals())
