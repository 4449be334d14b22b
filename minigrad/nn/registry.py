"""What a module is made of: the parameters, buffers and modules assigned to its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from minigrad.nn.parameter import Parameter
from minigrad.tensor import Tensor

if TYPE_CHECKING:
    from minigrad.nn.module import Module


class Registry:
    """Attributes that are parameters, buffers or modules live in three ordered dictionaries.

    ``clock`` goes on whenever an attribute or a member of any module is set: as long as it stands
    still, no setting that a recorded step took for granted has changed.
    """

    clock: ClassVar[int] = 0
    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]
    _modules: dict[str, Module | None]
    _non_persistent_buffers_set: set[str]

    def __init__(self) -> None:
        self.__dict__.update(
            training=True,
            _parameters={},
            _buffers={},
            _modules={},
            _non_persistent_buffers_set=set(),
        )

    # -- attributes -----------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        Registry.clock += 1
        own = self.__dict__
        if isinstance(value, Parameter):
            self._ready("parameters")
            self._forget(name, but=self._parameters)
            self.register_parameter(name, value)
        elif isinstance(value, Registry):
            self._ready("module")
            self._forget(name, but=self._modules)
            self._modules[name] = value  # type: ignore[assignment]
        elif name in own or "_parameters" not in own:
            object.__setattr__(self, name, value)
        elif name in own["_parameters"]:
            self._only(None, value, "parameter", name, "minigrad.nn.Parameter")
            own["_parameters"][name] = value
        elif name in own["_modules"]:
            self._only(None, value, "child module", name, "minigrad.nn.Module")
            own["_modules"][name] = value
        elif name in own["_buffers"]:
            self._only(Tensor, value, "buffer", name, "minigrad.Tensor")
            own["_buffers"][name] = value
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for kind in ("_parameters", "_buffers", "_modules"):
            members = own.get(kind)
            if members is not None and name in members:
                return members[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        Registry.clock += 1
        if not self._forget(name):
            object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._parameters, *self._buffers, *self._modules})

    def _ready(self, what: str) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(
                f"cannot assign {what} before Module.__init__() call; "
                f"{type(self).__name__}.__init__ must begin with super().__init__()"
            )

    def _only(self, kind: type | None, value: Any, what: str, name: str, expected: str) -> None:
        if value is not None and (kind is None or not isinstance(value, kind)):
            raise TypeError(
                f"{type(self).__name__}: cannot assign '{type(value).__name__}' as {what} '{name}' "
                f"({expected} or None expected)"
            )

    def _forget(self, name: str, but: dict[str, Any] | None = None) -> bool:
        """Take the name out of every dictionary but one, where its place in the order is kept;
        whether it was in one."""
        Registry.clock += 1
        self._non_persistent_buffers_set.discard(name)
        found = False
        for members in (self.__dict__, self._parameters, self._buffers, self._modules):
            if members is not but and name in members:
                del members[name]
                found = True
        return found

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter under this name; None reserves the name.

        Errors: TypeError, KeyError for a bad or taken name, ValueError for a result of an op.
        """
        Registry.clock += 1
        self._ready("parameter")
        self._check_name("parameter", name, self._parameters)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"register_parameter: cannot assign '{type(param).__name__}' object to parameter "
                f"'{name}' (minigrad.nn.Parameter or None required)"
            )
        if param is not None and not param.is_leaf:
            raise ValueError(
                f"register_parameter: Cannot assign non-leaf Tensor to parameter '{name}'. Model "
                "parameters must be created explicitly; compute a value of other tensors in the "
                "forward() method"
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that is state but no parameter, such as a running mean; ``persistent`` says
        whether it is part of the ``state_dict``. Errors: TypeError, KeyError."""
        Registry.clock += 1
        self._ready("buffer")
        self._check_name("buffer", name, self._buffers)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"register_buffer: cannot assign '{type(tensor).__name__}' object to buffer "
                f"'{name}' (minigrad.Tensor or None required)"
            )
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a child under this name. Errors: TypeError, KeyError for a bad or taken name."""
        Registry.clock += 1
        self._ready("module")
        if module is not None and not isinstance(module, Registry):
            raise TypeError(
                f"{type(self).__name__}: {_what(module)} is not a Module subclass, and cannot be "
                f"its part {name!r}{_instead(module)}"
            )
        self._check_name("module", name, self._modules)
        self._modules[name] = module

    register_module = add_module

    def _check_name(self, what: str, name: str, members: dict[str, Any]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string. Got {type(name).__name__}")
        if "." in name:
            raise KeyError(f'{what} name can\'t contain ".", got: {name}')
        if name == "":
            raise KeyError(f'{what} name can\'t be empty string ""')
        if name not in members and hasattr(self, name):
            raise KeyError(f"attribute '{name}' already exists")

    # -- the tree -------------------------------------------------------------------------------

    def named_modules(
        self,
        memo: set[Any] | None = None,
        prefix: str = "",
        remove_duplicate: bool = True,
    ) -> Iterator[tuple[str, Module]]:
        """This module and all below it, each with its dotted name; a shared one once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self  # type: ignore[misc]
        for name, child in self._modules.items():
            if child is not None:
                yield from child.named_modules(memo, _joined(prefix, name), remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This module and all below it; a shared one once, unless asked otherwise."""
        return (module for _, module in self.named_modules(remove_duplicate=remove_duplicate))

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules right below this one with their names; a shared one once."""
        seen = set()
        for name, child in self._modules.items():
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The modules right below this one; a shared one once."""
        return (child for _, child in self.named_children())

    def _named_members(
        self,
        members: Callable[[Any], Iterable[tuple[str, Any]]],
        prefix: str,
        recurse: bool,
        remove_duplicate: bool,
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        modules = (
            self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            if recurse
            else [(prefix, self)]
        )
        for path, module in modules:
            for name, member in members(module):
                if member is None or member in seen:
                    continue
                if remove_duplicate:
                    seen.add(member)
                yield _joined(path, name), member

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their dotted names; a shared one once, unless asked otherwise."""
        return self._named_members(
            lambda module: module._parameters.items(), prefix, recurse, remove_duplicate
        )

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, for an optimizer; a shared one once."""
        return (param for _, param in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their dotted names; a shared one once, unless asked otherwise."""
        return self._named_members(
            lambda module: module._buffers.items(), prefix, recurse, remove_duplicate
        )

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers; a shared one once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The module of this dotted name; "" is this one. Errors: AttributeError."""
        module: Any = self
        for part in target.split(".") if target else ():
            if not hasattr(module, part):
                raise AttributeError(f"{type(module).__name__} has no attribute `{part}`")
            module = getattr(module, part)
            if not isinstance(module, Registry):
                raise AttributeError(f"`{part}` is not an nn.Module")
        return module  # type: ignore[no-any-return]

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put a module in the place of this dotted name, of which the owner must be there, with
        ``strict`` also the place. Errors: ValueError, AttributeError."""
        if not target:
            raise ValueError("set_submodule: Cannot set the submodule without a target name!")
        if not isinstance(module, Registry):
            raise ValueError(f"set_submodule: `module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        owner = self.get_submodule(path)
        if strict and not hasattr(owner, name):
            raise AttributeError(f"{type(owner).__name__} has no attribute `{name}`")
        if hasattr(owner, name) and not isinstance(getattr(owner, name), Registry):
            raise AttributeError(f"`{name}` is not an nn.Module")
        setattr(owner, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter of this dotted name. Errors: AttributeError."""
        owner, _, name = target.rpartition(".")
        found = getattr(self.get_submodule(owner), name)
        if not isinstance(found, Parameter):
            raise AttributeError(f"`{name}` is not an nn.Parameter")
        return found

    def get_buffer(self, target: str) -> Tensor:
        """The buffer of this dotted name. Errors: AttributeError."""
        owner, _, name = target.rpartition(".")
        module = self.get_submodule(owner)
        found = getattr(module, name)
        if name not in module._buffers:
            raise AttributeError(f"`{name}` is not a buffer")
        return found  # type: ignore[no-any-return]


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _what(found: Any) -> str:
    return f"the class {found.__name__}" if isinstance(found, type) else type(found).__name__


def _instead(found: Any) -> str:
    """What to write for something that is no module."""
    if isinstance(found, type) and issubclass(found, Registry):
        return f"; make one: {found.__name__}(...)"
    if isinstance(found, (list, tuple)) and all(isinstance(x, Registry) for x in found):
        return "; unpack it: *layers"
    return ""
