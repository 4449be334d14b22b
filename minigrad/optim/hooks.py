"""What may watch an optimizer: before and after a step, and around its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.methods.core import Handle

Hook = Callable[..., Any]


class Watched:
    """Hooks by the moment at which they are called."""

    # None until the first hook, as most optimizers have none.
    _hooks: dict[str, list[Hook]] | None = None

    def _hang(self, moment: str, hook: Hook, prepend: bool = False) -> Handle:
        if self._hooks is None:
            self._hooks = {}
        hooks = self._hooks.setdefault(moment, [])
        hooks.insert(0 if prepend else len(hooks), hook)
        return Handle(hooks, hook)

    def _hooked(self, moment: str) -> list[Hook]:
        return list(self._hooks.get(moment, ())) if self._hooks else []

    def register_step_pre_hook(self, hook: Hook) -> Handle:
        """Call ``hook(optimizer, args, kwargs)`` before each step, the optimizer being the first of
        args as well; a pair that it returns takes the place of args and kwargs."""
        return self._hang("step pre", hook)

    def register_step_post_hook(self, hook: Hook) -> Handle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return self._hang("step post", hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> Handle:
        """Call ``hook(optimizer)`` before `state_dict`."""
        return self._hang("state pre", hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> Handle:
        """Call ``hook(optimizer, state_dict)`` after `state_dict`; what it returns, if anything,
        takes its place."""
        return self._hang("state post", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> Handle:
        """Call ``hook(optimizer, state_dict)`` before `load_state_dict` with a shallow copy; what
        it returns, if anything, is loaded in its place."""
        return self._hang("load pre", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> Handle:
        """Call ``hook(optimizer)`` after `load_state_dict`."""
        return self._hang("load post", hook, prepend)
