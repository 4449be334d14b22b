"""Modules: the parts that networks are made of."""

from minigrad.nn import init
from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter

__all__ = [
    "Module",
    "Parameter",
    "init",
]
