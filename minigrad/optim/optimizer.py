"""What all optimizers share: groups of parameters, their state, and the step.

Everything that changes from step to step is a tensor: the moments, the count of steps, and the
learning rate, which stays a Python number in its group (as in PyTorch, so that schedulers and
scripts can set it) and has a 0-d tensor as its mirror. Updates read the mirror. `Optimizer.step`
refreshes it outside the tape and the door; whoever replays a recorded step calls
`Optimizer.refresh` first. The other numbers of a group are static for a recording.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from minigrad import dtypes
from minigrad.autograd import enable_grad, no_grad
from minigrad.content import content
from minigrad.creation import zeros
from minigrad.device import Device, place
from minigrad.foreign import array_of, is_foreign
from minigrad.nn.parameter import forget_gradient, instead_of
from minigrad.ops.descent import mix
from minigrad.optim.hooks import Watched
from minigrad.optim.rates import plain
from minigrad.recording import phase, switch
from minigrad.tensor import Tensor, fresh, wrap

Params: TypeAlias = Iterable[Any]
Group: TypeAlias = dict[str, Any]


class Member(NamedTuple):
    """A parameter that is being updated, its gradient, and its state."""

    param: Tensor
    grad: Tensor
    state: dict[str, Any]


class Optimizer(Watched):
    """Changes parameters by their gradients.

    A step is ``optimizer.zero_grad()``, ``loss.backward()``, ``optimizer.step()``. A parameter
    whose ``.grad`` is None is left alone. A subclass gives `_begin` and `_update`.

    Attributes:
        param_groups: dictionaries with "params" and the options. To be read and set.
        state: for each parameter its dictionary of tensors.
        rates: for the number of each group, and a device, the tensor that updates read the learning
            rate from.

    Errors: TypeError for a tensor or a set in the place of a list, ValueError for no parameter, for
    one that is there twice, and for the result of an op.

    Example:
        >>> model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
        >>> optimizer = optim.SGD(
        ...     [{"params": model[0].parameters()}, {"params": model[1].parameters(), "lr": 0.01}],
        ...     lr=0.1,
        ... )
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.1, 0.01]
    """

    counted = True  # whether the state holds the number of steps

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        """
        Args:
            params: tensors, or (name, tensor) pairs, or dictionaries with "params" and the options
                of that group.
            defaults: the options for groups that do not say otherwise.
        """
        if isinstance(params, (Tensor, Mapping)) or not isinstance(params, Iterable):
            raise TypeError(
                f"{type(self).__name__}: params argument given to the optimizer should be an "
                f"iterable of Tensors or dicts, but got {type(params).__name__}{instead_of(params)}"
            )
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self.rates: dict[tuple[int, Device], Tensor] = {}
        self._written: dict[tuple[int, Device], float] = {}  # what they hold
        listed = list(params)
        if not listed:
            raise ValueError(
                f"{type(self).__name__}: optimizer got an empty parameter list; expected Tensors, "
                "as from model.parameters(); a model finds its layers and nn.Parameters in its "
                "attributes and in nn.ModuleList and nn.ParameterList, not in plain lists"
            )
        for group in listed if isinstance(listed[0], dict) else [{"params": listed}]:
            self.add_param_group(dict(group))
        switch.recorder.optimizes(self)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with their own options, for instance after thawing a layer.

        Args:
            param_group: a dictionary with "params" and options; what it lacks is as for the others.

        Errors: TypeError for what is no tensor or has no order, ValueError for results of ops and
        for a parameter that is there already.
        """
        if not isinstance(param_group, dict):
            raise TypeError(
                f"add_param_group: param_group must be a dict, but got {type(param_group).__name__}"
            )
        given = param_group["params"]
        if isinstance(given, (set, frozenset)):
            raise TypeError(
                "add_param_group: optimizer parameters need to be organized in ordered "
                "collections, but the ordering of tensors in sets will change between runs; use a "
                "list"
            )
        params = [given] if isinstance(given, Tensor) else list(given)
        if params and all(isinstance(p, tuple) for p in params):
            param_group["param_names"] = [name for name, _ in params]
            params = [param for _, param in params]
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(
                    f"{type(self).__name__}: optimizer can only optimize Tensors, but one of the "
                    f"params is {type(p).__name__}{instead_of(p)}"
                )
            if not p.is_leaf:
                raise ValueError(
                    f"{type(self).__name__}: can't optimize a non-leaf Tensor, got one of shape "
                    f"{tuple(p.shape)}; use detach().requires_grad_()"
                )
        here = {id(p) for p in params}
        if len(here) < len(params):
            raise ValueError(
                f"{type(self).__name__}: some parameters appear more than once in a parameter "
                f"group: {len(params)} given, {len(here)} of them different"
            )
        taken = here & {id(p) for group in self.param_groups for p in group["params"]}
        if taken:
            raise ValueError(
                f"{type(self).__name__}: some parameters appear in more than one parameter group: "
                f"{len(taken)} of {len(params)}"
            )
        param_group["params"] = params
        for name, value in self.defaults.items():
            param_group.setdefault(name, value)
            if name != "lr":  # a tensor as lr stays one, and is read anew at each step
                param_group[name] = plain(param_group[name])
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; with ``set_to_none=False`` fill them with zeros."""
        for group in self.param_groups:
            for p in group["params"]:
                forget_gradient(p, set_to_none)

    # -- the step -------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        Args:
            closure: a function that clears the gradients, computes the loss, calls backward and
                returns the loss; then step returns it. `LBFGS` needs one.
        """
        switch.recorder.depends(self)
        args: tuple[Any, ...] = (self,) if closure is None else (self, closure)
        kwargs: dict[str, Any] = {}
        for hook in self._hooked("step pre"):
            changed = hook(self, args, kwargs)
            if changed is not None:
                args, kwargs = changed
        loss = self._step(*args[1:], **kwargs)
        for hook in self._hooked("step post"):
            hook(self, args, kwargs)
        switch.recorder.stepped(self)
        return loss

    def _step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self.refresh()
        with phase("update"), no_grad():
            for i, group in enumerate(self.param_groups):
                for team in self._teams(group):
                    self._update(group, team, self._rate(i, team[0].param.device))
        return loss

    def settings(self) -> dict[Any, Any]:
        """What a recording of a step takes for granted: each group's parameters and its options but
        the rate, and how many parameters have a state already (a first step is not like the
        others)."""
        options = [
            (
                tuple(map(id, group["params"])),
                *((k, v) for k, v in sorted(group.items()) if k not in ("params", "lr")),
                content(group["lr"]) if isinstance(group["lr"], Tensor) else float,
            )
            for group in self.param_groups
        ]
        hooks = [(moment, content(hooks)) for moment, hooks in (self._hooks or {}).items()]
        begun = sum(1 for state in self.state.values() if state)
        return dict(enumerate([*options, *hooks, begun]))

    def refresh(self) -> None:
        """Write the groups' learning rates into the tensors that the updates read."""
        for key, rate in self.rates.items():
            lr = float(self.param_groups[key[0]]["lr"])
            if not rate.is_cuda or self._written[key] != lr:  # a write costs a GPU a kernel
                rate.device.call("copyto", rate.array, lr)
                self._written[key] = lr

    def _rate(self, i: int, device: Device) -> Tensor:
        """The learning rate of a group, as a 0-d float64 tensor."""
        given = self.param_groups[i]["lr"]
        if isinstance(given, Tensor) and given.device == device:
            return given.detach().reshape(()).double()  # a step that writes to it is recorded so
        rate = self.rates.get((i, device))
        if rate is None:
            # Not made by the step that is the first to ask for it: it is there for all of them.
            self._written[i, device] = lr = float(self.param_groups[i]["lr"])
            rate = self.rates[i, device] = wrap(place(np.array(lr), device))
        return rate

    def _teams(self, group: Group) -> list[list[Member]]:
        """The parameters of a group that have a gradient, in teams of one type, one device and one
        count of steps, which is advanced by one. What depends on these alone is thus computed once
        for a team, and on tensors."""
        teams: dict[Any, list[Member]] = {}
        clocks: dict[Any, Tensor] = {}
        maximize = group.get("maximize", False)
        for p in group["params"]:
            g = p.grad
            if g is None:
                switch.recorder.lacks(p)
                continue
            state = self.state[p]
            place = (p.dtype, p.device)
            if not state:
                if self.counted:
                    if place not in clocks:
                        clocks[place] = zeros((), dtype=dtypes.float32, device=p.device)
                    state["step"] = clocks[place]
                state.update(self._begin(group, p))
            member = Member(p, -g if maximize else g, state)
            teams.setdefault((*place, id(state.get("step"))), []).append(member)
        if self.counted:
            sharers = Counter(id(state["step"]) for state in self.state.values() if state)
            for team in teams.values():
                clock = team[0].state["step"]
                if sharers[id(clock)] > len(team):  # some parameter stays behind: part from it
                    clock = clock.clone()
                    for member in team:
                        member.state["step"] = clock
                clock.add_(1)
        return list(teams.values())

    def first_state(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        """The state that a parameter of this group has at its first step.

        Args:
            group, p: the group and the parameter.
        """
        clock = {"step": zeros((), dtype=dtypes.float32, device=p.device)} if self.counted else {}
        with no_grad():
            return {**clock, **self._begin(group, p)}

    def _begin(self, group: Group, p: Tensor) -> dict[str, Tensor]:
        """The first state of a parameter."""
        return {}

    def _update(self, group: Group, team: list[Member], lr: Tensor) -> None:
        """Change the parameters of a team; ``lr`` is a 0-d float64 tensor."""
        raise NotImplementedError(f"{type(self).__name__}: _update is missing")

    # -- hyperparameters ------------------------------------------------------------------------

    def require_nonnegative(self, **numbers: Any) -> None:
        """Errors: ValueError in PyTorch's words for a number below 0 (or nan), TypeError for what
        is no number.

        Args:
            numbers: the numbers by name.
        """
        words = {"lr": "learning rate", "eps": "epsilon value"}
        for name, value in numbers.items():
            what = f"{type(self).__name__}: Invalid {words.get(name, name + ' value')}: {value!r}"
            if isinstance(value, str):
                raise TypeError(f"{what}; expected a number, not text")
            try:
                fits = float(value) >= 0
            except (TypeError, ValueError) as error:
                raise TypeError(f"{what}; expected a number") from error
            if not fits:
                raise ValueError(f"{what}; expected a number of at least 0")

    def require_fractions(self, betas: tuple[float, float]) -> None:
        """Errors: ValueError unless they are two numbers in [0, 1).

        Args:
            betas: the two.
        """
        if len(betas) != 2:
            raise ValueError(f"{type(self).__name__}: expected two betas, got {betas}")
        for i, beta in enumerate(betas):
            if not 0 <= beta < 1:
                raise ValueError(
                    f"{type(self).__name__}: Invalid beta parameter at index {i}: {beta}; expected "
                    "a number from 0 to below 1"
                )

    def hints(self, **wanted: bool | None) -> dict[str, bool | None]:
        """PyTorch's words on how to compute a step. There is one way here, so that they are kept
        and change nothing. Errors: RuntimeError for two that exclude each other,
        NotImplementedError for ``differentiable``: no step here can be differentiated.

        Args:
            wanted: the words by name.
        """
        name = type(self).__name__
        if wanted.get("fused") and wanted.get("foreach"):
            raise RuntimeError(f"{name}: `fused` and `foreach` cannot be `True` together.")
        if wanted.get("differentiable"):
            raise NotImplementedError(
                f"{name}: a step is not differentiated here; leave differentiable=False and write "
                "the update with tensors"
            )
        return wanted

    # -- saving ---------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Groups and state with numbers in the place of parameters: {"state": {0: {...}, ...},
        "param_groups": [{..., "params": [0, ...]}]}. The tensors are shared, not copied."""
        for hook in self._hooked("state pre"):
            hook(self)
        params = [p for group in self.param_groups for p in group["params"]]
        numbers = {id(p): i for i, p in enumerate(params)}
        whole: dict[str, Any] = {
            "state": {numbers[id(p)]: state for p, state in self.state.items() if state},
            "param_groups": [
                {**group, "params": [numbers[id(p)] for p in group["params"]]}
                for group in self.param_groups
            ],
        }
        for hook in self._hooked("state post"):
            changed = hook(self, whole)
            whole = whole if changed is None else changed
        return whole

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over options and state (copied, and brought to each parameter's type and device).

        Args:
            state_dict: what `state_dict` gave, of an optimizer with the same groups.

        Errors: ValueError when the groups or their lengths differ; nothing is changed then.
        """
        for hook in self._hooked("load pre"):
            changed = hook(self, dict(state_dict))
            state_dict = state_dict if changed is None else changed
        if not {"state", "param_groups"} <= set(state_dict):
            raise KeyError(
                "load_state_dict: expected the entries 'state' and 'param_groups' of an optimizer, "
                f"got {sorted(state_dict)}"
            )
        groups = state_dict["param_groups"]
        if len(groups) != len(self.param_groups):
            raise ValueError(
                "load_state_dict: loaded state dict has a different number of parameter groups: "
                f"{len(groups)}, expected {len(self.param_groups)}"
            )
        lengths = [len(group["params"]) for group in groups]
        own = [len(group["params"]) for group in self.param_groups]
        if lengths != own:
            raise ValueError(
                f"load_state_dict: loaded groups of {lengths} parameters, but the optimizer's are "
                f"of {own}: a parameter group doesn't match the size of optimizer's group"
            )
        order = [i for group in groups for i in group["params"]]
        params = [p for group in self.param_groups for p in group["params"]]
        by_number = dict(zip(order, params, strict=True))
        unknown = [i for i in state_dict["state"] if i not in by_number]
        if unknown:
            raise ValueError(f"load_state_dict: state for parameters that no group has: {unknown}")
        clocks: dict[Any, Tensor] = {}
        self.state.clear()
        for i, state in state_dict["state"].items():
            p = by_number[i]
            self.state[p] = {k: _fitted(k, v, p) for k, v in state.items()}
            if self.counted and "step" in state:  # equal counts become one again
                step = self.state[p]["step"]
                self.state[p]["step"] = clocks.setdefault((p.dtype, p.device, float(step)), step)
        for mine, given in zip(self.param_groups, groups, strict=True):
            mine.update({k: deepcopy(v) for k, v in given.items() if k != "params"})
        for hook in self._hooked("load post"):
            hook(self)

    def __repr__(self) -> str:
        lines = []
        for i, group in enumerate(self.param_groups):
            lines += ["", f"Parameter Group {i}"] if i else [f"Parameter Group {i}"]
            lines += [f"    {k}: {v}" for k, v in sorted(group.items()) if k != "params"]
        return f"{type(self).__name__} (\n" + "\n".join(lines) + "\n)"


def _fitted(name: str, value: Any, p: Tensor) -> Any:
    """A copy of a piece of state for this parameter; PyTorch's as well. Counts keep their type."""
    if is_foreign(value):
        value = fresh(array_of(f"load_state_dict: {name}", value, move=True))
    if isinstance(value, Tensor):
        kind = p.dtype if name != "step" and value.ndim and value.is_floating_point() else None
        return value.detach().clone().to(dtype=kind, device=p.device)
    if isinstance(value, dict):
        return {k: _fitted(k, v, p) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_fitted(name, v, p) for v in value)
    return value


def decayed(p: Tensor, g: Tensor, weight_decay: float) -> Tensor:
    """g + λ p: the gradient with that of λ ‖p‖² / 2 added."""
    return mix(g, p, a=1, b=weight_decay) if weight_decay else g


def decayed_all(group: Group, team: list[Member], lr: Tensor) -> Iterator[Member]:
    """The members after weight decay: in the gradient, as `decayed` does, or decoupled from it,
    p ← (1 - lr λ) p."""
    decay, shrink = group["weight_decay"], None
    if decay and group["decoupled_weight_decay"]:
        shrink, decay = (1 - lr * decay).to(dtype=team[0].param.dtype), 0
    for p, g, state in team:
        if shrink is not None:
            p.mul_(shrink)
        yield Member(p, decayed(p, g, decay), state)
