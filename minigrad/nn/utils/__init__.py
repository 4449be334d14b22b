"""PyTorch's name for what is done to all parameters at once."""

from minigrad.nn.utils import rnn
from minigrad.nn.utils.clip import clip_grad_norm_, clip_grad_value_, get_total_norm
from minigrad.nn.utils.vector import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "get_total_norm",
    "parameters_to_vector",
    "rnn",
    "vector_to_parameters",
]
