"""A module as a function of its parameters."""

from __future__ import annotations

from typing import Any


def functional_call(
    module: Any,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """What the module gives with other parameters and buffers; it is as before afterwards.
    Errors: RuntimeError for names that are not the module's, or with ``strict`` missing.

    Args:
        module: whose ``forward`` is called.
        parameter_and_buffer_dicts: tensors by the names of ``named_parameters`` and
            ``named_buffers``, or a tuple of such dictionaries; the others are the module's.
        args: a tuple of its arguments, or the only one.
        kwargs: its arguments by name.
        tie_weights: what is given for one name of a shared tensor stands for its other names too.
        strict: every name has to be given.

    Example::

        >>> layer = nn.Linear(2, 1)
        >>> zeros = {name: minigrad.zeros_like(p) for name, p in layer.named_parameters()}
        >>> minigrad.func.functional_call(layer, zeros, minigrad.ones(1, 2))
        tensor([[0.]])
    """
    given: dict[str, Any] = {}
    several = parameter_and_buffer_dicts
    for one in several if isinstance(several, (tuple, list)) else [several]:
        given |= one
    own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    strange = [name for name in given if name not in own]
    missing = [name for name in own if name not in given] if strict else []
    if strange or missing:
        raise RuntimeError(
            f"functional_call: unexpected names {strange}, missing names {missing}; the module has "
            f"{list(own)}"
        )
    inputs = () if args is None else args if isinstance(args, tuple) else (args,)
    before: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for name, value in given.items():
            holder, _, last = name.rpartition(".")
            owner = module.get_submodule(holder)
            place = owner._parameters if last in owner._parameters else owner._buffers
            for space, key in _ties(module, place[last]) if tie_weights else [(place, last)]:
                before.append((space, key, space[key]))
                space[key] = value
        return module(*inputs, **(kwargs or {}))
    finally:
        for space, key, value in reversed(before):
            space[key] = value


def _ties(module: Any, value: Any) -> list[tuple[dict[str, Any], str]]:
    """Every place where this very tensor is held."""
    return [
        (space, key)
        for part in module.modules()
        for space in (part._parameters, part._buffers)
        for key, held in space.items()
        if held is value
    ]
