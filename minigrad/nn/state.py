"""A module's numbers as a flat dictionary, and back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd import no_grad
from minigrad.creation import as_tensor
from minigrad.nn.hooks import Hooked
from minigrad.nn.parameter import Parameter
from minigrad.tensor import Tensor


class IncompatibleKeys(NamedTuple):
    """The names that a lenient ``load_state_dict`` could not pair."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return (
            f"IncompatibleKeys(missing_keys={self.missing_keys}, "
            f"unexpected_keys={self.unexpected_keys})"
        )


class Stateful(Hooked):
    """state_dict and load_state_dict."""

    def state_dict(
        self,
        *,
        destination: OrderedDict[str, Tensor] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> OrderedDict[str, Tensor]:
        """Every parameter and persistent buffer by its dotted name. The tensors share memory with
        the module, off the tape; ``keep_vars`` gives the parameters themselves."""
        destination = OrderedDict() if destination is None else destination
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, child in self._modules.items():
            if child is not None:
                child.state_dict(
                    destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
                )
        return destination

    def _save_to_state_dict(
        self, destination: dict[str, Tensor], prefix: str, keep_vars: bool
    ) -> None:
        members = [
            *self._parameters.items(),
            *(
                (k, v)
                for k, v in self._buffers.items()
                if k not in self._non_persistent_buffers_set
            ),
        ]
        for name, tensor in members:
            if tensor is not None:
                destination[prefix + name] = tensor if keep_vars else tensor.detach()

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy the numbers into this module's parameters and buffers (``assign``: take the tensors
        themselves). Nothing is changed unless everything fits.

        Returns: the missing and the unexpected names; without ``strict`` they are no error.
        Errors: TypeError for what is no dictionary; one RuntimeError that lists every missing,
        unexpected and mis-shaped entry.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"load_state_dict: Expected state_dict to be dict-like, got {type(state_dict)}."
            )
        own = self.state_dict(keep_vars=True)
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        problems = []
        if strict and missing:
            problems.append(f"Missing key(s) in state_dict: {_quoted(missing)}. ")
        if strict and unexpected:
            problems.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
        found: dict[str, Tensor] = {}
        for name, mine in own.items():
            given = state_dict.get(name)
            if name in missing:
                continue
            if not isinstance(given, (Tensor, np.ndarray)):
                problems.append(
                    f'While copying the parameter named "{name}", expected a tensor from '
                    f"checkpoint but received {type(given).__name__}"
                )
            elif tuple(given.shape) != tuple(mine.shape):
                problems.append(
                    f"size mismatch for {name}: copying a param with shape {tuple(given.shape)} "
                    f"from checkpoint, the shape in current model is {tuple(mine.shape)}."
                )
            else:
                found[name] = as_tensor(given)
        if problems:
            listed = "\n\t".join(problems)
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{listed}"
            )
        with no_grad():
            for name, tensor in found.items():
                if assign:
                    self._assign(name, tensor)
                else:
                    own[name].copy_(tensor.to(device=own[name].device))
        return IncompatibleKeys(missing, unexpected)

    def _assign(self, name: str, tensor: Tensor) -> None:
        owner, _, last = name.rpartition(".")
        module = self.get_submodule(owner)
        old = module._parameters.get(last)
        if old is None:
            module._buffers[last] = tensor
        elif isinstance(tensor, Parameter):
            module._parameters[last] = tensor
        else:
            module._parameters[last] = Parameter(tensor, old.requires_grad)


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
