"""A module's numbers as a flat dictionary, and back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd import no_grad
from minigrad.creation import as_tensor
from minigrad.foreign import array_of, is_foreign
from minigrad.nn.hooks import Hooked
from minigrad.nn.parameter import Parameter
from minigrad.nn.registry import Registry
from minigrad.tensor import Tensor

_EXTRA = "_extra_state"


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

    def get_extra_state(self) -> Any:
        """What a subclass wants kept besides tensors, as the entry "_extra_state"."""
        raise RuntimeError(f"{type(self).__name__}: it has no extra state; define get_extra_state")

    def set_extra_state(self, state: Any) -> None:
        """Take over what `get_extra_state` gave."""
        raise RuntimeError(
            f"{type(self).__name__}: it takes no extra state; define set_extra_state"
        )

    def state_dict(
        self,
        *args: Any,
        destination: OrderedDict[str, Tensor] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> OrderedDict[str, Tensor]:
        """Every parameter and persistent buffer by its dotted name. The tensors share memory with
        the module, off the tape; ``keep_vars`` gives the parameters themselves."""
        if args:  # as they were once given
            given = (*args, *(destination, prefix, keep_vars)[len(args) :])
            destination, prefix, keep_vars = given
        destination = OrderedDict() if destination is None else destination
        for hook in self._of_kind("save_pre"):
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        if type(self).get_extra_state is not Stateful.get_extra_state:
            destination[prefix + _EXTRA] = self.get_extra_state()
        for name, child in self._modules.items():
            if child is not None:
                child.state_dict(
                    destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
                )
        for hook in self._of_kind("save"):
            hook(self, destination, prefix, {})
        return destination

    def _of_kind(self, kind: str) -> list[Any]:
        return list(self._hooks[kind]) if self._hooks else []

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
        themselves): of minigrad, of NumPy, or of PyTorch, also bfloat16. Nothing is changed unless
        everything fits.

        Returns: the missing and the unexpected names; without ``strict`` they are no error.
        Errors: TypeError for what is no dictionary; one RuntimeError that lists every missing,
        unexpected and mis-shaped entry.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(
                f"load_state_dict: Expected state_dict to be dict-like, got {type(state_dict)}."
            )
        state_dict = OrderedDict(state_dict)
        missing: list[str] = []
        unexpected: list[str] = []
        problems: list[str] = []
        places = dict(self.named_modules(remove_duplicate=False))
        for path, module in places.items():
            prefix = f"{path}." if path else ""
            for hook in module._of_kind("load_pre"):
                hook(module, state_dict, prefix, {}, strict, missing, unexpected, problems)
        own = self._members()
        extra = {
            f"{path}.{_EXTRA}" if path else _EXTRA: module
            for path, module in places.items()
            if type(module).set_extra_state is not Stateful.set_extra_state
        }
        missing += [name for name in (*own, *extra) if name not in state_dict]
        unexpected += [name for name in state_dict if name not in own and name not in extra]
        if strict and missing:
            problems.append(f"Missing key(s) in state_dict: {_quoted(missing)}. ")
        if strict and unexpected:
            problems.append(f"Unexpected key(s) in state_dict: {_quoted(unexpected)}. ")
        found: dict[str, Tensor] = {}
        for name, mine in own.items():
            given = state_dict.get(name)
            if name in missing:
                continue
            try:
                if is_foreign(given):
                    given = array_of("load_state_dict", given, move=True)
                if not isinstance(given, (Tensor, np.ndarray)):
                    problems.append(
                        f'While copying the parameter named "{name}", expected a tensor from '
                        f"checkpoint but received {type(given).__name__}"
                    )
                elif tuple(given.shape) != tuple(mine.shape):
                    problems.append(
                        f"size mismatch for {name}: copying a param with shape "
                        f"{tuple(given.shape)} from checkpoint, the shape in current model is "
                        f"{tuple(mine.shape)}."
                    )
                else:
                    found[name] = as_tensor(given)
            except (TypeError, ValueError) as error:  # no numbers that a tensor can have
                problems.append(f'While copying the parameter named "{name}": {error}')
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
        for name, module in extra.items():
            if name in state_dict:
                module.set_extra_state(state_dict[name])
        incompatible = IncompatibleKeys(missing, unexpected)
        for module in reversed(places.values()):
            for hook in module._of_kind("load"):
                hook(module, incompatible)
        return incompatible

    def _members(self) -> dict[str, Tensor]:
        """Every parameter and persistent buffer by its dotted name: `state_dict` without hooks."""
        own: dict[str, Tensor] = {}
        for path, module in self.named_modules(remove_duplicate=False):
            module._save_to_state_dict(own, f"{path}." if path else "", True)
        return own

    def _assign(self, name: str, tensor: Tensor) -> None:
        owner, _, last = name.rpartition(".")
        module = self.get_submodule(owner)
        old = module._parameters.get(last)
        Registry.clock += 1
        if old is None:
            module._buffers[last] = tensor
        elif isinstance(tensor, Parameter):
            module._parameters[last] = tensor
        else:
            module._parameters[last] = Parameter(tensor, old.requires_grad)


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
