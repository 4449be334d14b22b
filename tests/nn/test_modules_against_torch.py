"""What modules and their containers say and do, line by line on both sides: results, errors by
class, the printed module and the names in its state afterwards."""

from __future__ import annotations

import collections
import copy
import inspect
import warnings
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")


def filled(s: Any, module: Any) -> Any:
    for i, p in enumerate(module.parameters()):
        numbers = np.arange(p.numel()).reshape(tuple(p.shape)) % 5 / 5 - 0.3 + 0.01 * i
        with s.no_grad():
            p.copy_(s.tensor(numbers).to(p.dtype))
    return module


def three(s: Any) -> list[Any]:
    return [s.nn.Linear(1, 2), s.nn.ReLU(), s.nn.Linear(2, 1)]


def net(s: Any) -> Any:
    inner = s.nn.Sequential(s.nn.Linear(3, 2), s.nn.BatchNorm1d(2))
    return s.nn.Sequential(s.nn.Linear(2, 3), s.nn.ReLU(), inner)


def around_itself(s: Any) -> Any:
    m = s.nn.Sequential(s.nn.Linear(1, 1))
    m.add_module("x", m)
    return m


MODELS = {
    "Sequential": lambda s: s.nn.Sequential(*three(s)),
    "ModuleList": lambda s: s.nn.ModuleList(three(s)),
    "ModuleDict": lambda s: s.nn.ModuleDict({"a": s.nn.Linear(1, 2), "b": s.nn.ReLU()}),
    "ParameterList": lambda s: s.nn.ParameterList([s.ones(2), s.zeros(1)]),
    "ParameterDict": lambda s: s.nn.ParameterDict({"a": s.ones(2), "b": s.zeros(1)}),
    "Module": net,
    "around itself": around_itself,
}

LIST = """
m[0:2]; m[-1]; m[5]; m[1:]; m[::2]; m['0']; m[True]; m[1.5]; m[s.tensor(1)]; len(m)
m.insert(1, s.nn.Tanh()); m.insert(9, s.nn.Tanh()); m.insert(-1, s.nn.Tanh()); m.insert(0, 3)
m.append(s.nn.Tanh()); m.append(3); m.append(None); m.extend([s.nn.Tanh()]); m.extend(3)
m.pop(0); m.pop(-1); m.pop(7); m.pop(); m.__delitem__(0); m.__delitem__(slice(0, 2))
m.__setitem__(0, s.nn.Tanh()); m.__setitem__(0, 3); m.__setitem__(0, None)
m + m; m * 2; m + 3; 2 * m; m * 0; m * 'x'; m.__iadd__([s.nn.Tanh()]); m.__imul__(2)
m.add_module('x', s.nn.Tanh()); m.add_module('0', s.nn.Tanh()); m.add_module('', s.nn.Tanh())
m.add_module('a.b', s.nn.Tanh()); m.add_module('forward', s.nn.Tanh()); m.add_module(3, s.nn.Tanh())
list(reversed(m)); s.nn.Tanh() in m; m.index(m[0])
"""
DICT = """
m['a']; m['z']; m.update({'c': s.nn.Tanh()}); m.update([('c', s.nn.Tanh())]); m.update(3)
m.update([3]); m.update([('a',)]); m.update({'c': 3}); m.update({3: s.nn.Tanh()})
m.update(s.nn.ModuleDict({'c': s.nn.Tanh()})); m.update(od(b=s.nn.Tanh(), a=s.nn.Tanh()))
m.pop('a'); m.pop('z'); m.clear(); list(m.keys()); list(m.items()); list(m.values()); m.popitem()
m.__delitem__('a'); m.__delitem__('z'); 'a' in m; len(m); list(m); list(reversed(m)); m.a; m(3)
m.get('a'); m | m; m.__ior__({'q': s.nn.Tanh()}); m.__setitem__('b', s.nn.Tanh()); m.copy()
m.__setitem__('keys', s.nn.Tanh()); m.__setitem__('a.b', s.nn.Tanh())
m.__setitem__('training', s.nn.Tanh()); m.setdefault('q', s.nn.Tanh())
"""
PARAMETER_LIST = """
m[0]; m[-1]; m[5]; m[0:1]; m[::-1]; m['0']; m[1.5]; len(m); list(m); list(reversed(m)); m(3)
m.append(s.ones(1)); m.append(3); m.append('x'); m.append(None); m.extend([s.ones(1)]); m.extend(3)
m.extend('ab'); m.extend(m); m.pop(); m.pop(0); m.insert(0, s.ones(1)); m.__delitem__(0)
m.__setitem__(0, s.ones(3)); m.__setitem__(7, s.ones(3)); m.__setitem__(slice(0, 1), [s.ones(3)])
m.__setitem__(0, 3); m + m; m.__iadd__([s.ones(1)]); list(dict(m.named_parameters()))
dir(m).count('0'); s.nn.ParameterList(3); s.nn.ParameterList(s.nn.ParameterList([s.ones(1)]))
"""
PARAMETER_DICT = """
m['a']; m['z']; m.update({'c': s.ones(1)}); m.update([('c', s.ones(1))]); m.update(3); m.update([3])
m.pop('a'); m.pop('z'); m.clear(); list(m.keys()); list(m.items()); list(m.values())
m.__delitem__('a'); m.__delitem__('z'); 'a' in m; len(m); list(m); m.get('a'); m.get('z'); m(3)
m.get('z', 3); m | m; m | {'q': s.ones(1)}; {'q': s.ones(1)} | m; m.__ior__({'q': s.ones(1)})
m.__setitem__('b', s.ones(2)); m.a; m.setdefault('q', s.ones(1)); m.setdefault('q')
m.setdefault('a', s.ones(1)); m.popitem(); m.copy(); list(reversed(m)); m.fromkeys(['x', 'y'])
m.fromkeys(['x', 'y'], s.ones(1)); m.__setitem__('keys', s.ones(1)); m.__setitem__(3, s.ones(1))
m.__setitem__('a.b', s.ones(1)); m.__setitem__('x', 3); m.__setitem__('x', None)
"""
MODULE = """
list(dict(m.named_parameters())); list(dict(m.named_parameters(prefix='x'))); m.extra_repr()
list(dict(m.named_parameters(recurse=False))); list(dict(m.named_buffers())); m._get_name()
list(dict(m.named_modules())); list(dict(m.named_modules(prefix='q'))); len(list(m.modules()))
list(dict(m.named_children())); len(list(s.nn.ModuleList([m, m]).modules(remove_duplicate=False)))
m.get_submodule('2.0'); m.get_submodule(''); m.get_submodule('2.9'); m.get_submodule('0.weight')
m.get_parameter('2.0.weight'); m.get_parameter('2.1.running_mean'); m.get_parameter('7.weight')
m.get_buffer('2.1.running_mean'); m.get_buffer('2.1.weight'); m.get_buffer('2.1.nope')
m.set_submodule('2.0', s.nn.Tanh()); m.set_submodule('2.9', s.nn.Tanh()); m.set_submodule('1', 3)
m.set_submodule('2.9', s.nn.Tanh(), strict=True); m.set_submodule('', s.nn.Tanh())
m.set_submodule('0.weight', s.nn.Tanh()); m.requires_grad_(False)[0].weight.requires_grad
str(next(m.double().parameters()).dtype); str(next(m.half().parameters()).dtype)
str(m.to(s.float64)[2][1].num_batches_tracked.dtype); m.to(s.int64); m.to('cpu') is m; m.to()
m.to(s.ones(1).double())[0].weight.dtype == s.float64; m.to(dtype=None) is m; m.to(None); m.to(3)
m.type(s.float64)[0].weight.dtype == s.float64; m.float() is m; m.cpu() is m; m.share_memory() is m
m.eval().training; m.train(False)[2].training; m.train(0); m.train(None); m.zero_grad()
m.to_empty(device='cpu')[0].weight.fill_(0) * 0; m.apply(lambda q: None) is m; m.apply(3)
list(m.state_dict(prefix='a.')); list(m.state_dict(destination=od(z=1))); m.get_extra_state()
list(m.state_dict({}, 'p.', False)); m.state_dict(keep_vars=True)['0.weight'].requires_grad
m.state_dict()['0.weight'].requires_grad; m.load_state_dict(m.state_dict()); m.set_extra_state(3)
m.load_state_dict({}, strict=False); m.load_state_dict({}); m.load_state_dict(3)
m.load_state_dict({**m.state_dict(), 'x': 3}, strict=False)
m.load_state_dict({**m.state_dict(), '0.weight': s.ones(3, 3)}, strict=False)
m.load_state_dict({**m.state_dict(), '0.weight': 3})
m.load_state_dict({**m.state_dict(), '0.weight': s.ones(3, 2)}, assign=True)
m.load_state_dict({**m.state_dict(), '0.weight': s.ones(3, 2).double()}, assign=True)
m.load_state_dict({**m.state_dict(), '0.weight': s.ones(3, 2).int()}, assign=True)
m.register_buffer('b', s.ones(1)); m.register_buffer('b', 3); m.register_buffer('b.c', s.ones(1))
m.register_buffer('0', s.ones(1)); m.register_buffer('b', s.ones(1), persistent=False)
m.register_parameter('p', s.nn.Parameter(s.ones(1))); m.register_parameter('p', s.ones(1))
m.register_parameter('p', None); m.register_parameter('p', s.nn.Parameter(s.ones(1)) * 2)
m.register_module('q', s.nn.Tanh()); m(s.ones(4, 2)); m(s.ones(4, 3)); m(s.ones(4, 2).double()); m()
m(s.ones(4, 2), 3); s.nn.Module()(3); s.nn.Module(3); s.nn.Module(a=3); dir(m).count('training')
m.nope; m.__delattr__('training'); m.__delattr__('nope'); m.w
setattr(m, 'w', s.nn.Parameter(s.ones(1))) or setattr(m, 'w', s.ones(1)); setattr(m, '0', 3)
setattr(m, 'w', s.nn.Parameter(s.ones(1))) or setattr(m, 'w', None)
setattr(m[2][1], 'running_mean', 3); setattr(m[2][1], 'running_mean', None)
list(dict(s.nn.ModuleList([m, m]).named_parameters(remove_duplicate=False)))
list(dict(s.nn.ModuleList([m, m]).named_modules(remove_duplicate=False)))
s.nn.Parameter(s.ones(2), requires_grad=False); s.nn.Parameter(s.ones(2).int()); s.nn.Parameter()
s.nn.Parameter(3); isinstance(s.nn.Parameter(s.ones(2)) * 2, s.nn.Parameter)
isinstance(s.nn.Parameter(s.ones(2)).detach(), s.nn.Parameter); repr(s.nn.Parameter(s.ones(2)))
copy.deepcopy(m)[0].weight; type(copy.deepcopy(m[0].weight)).__name__; copy.copy(m)[0] is m[0]
"""
ITSELF = """
len(list(m.modules())); len(list(m.parameters())); list(m.state_dict()); repr(m); m.zero_grad()
m.requires_grad_(False) is m; m.apply(lambda q: None); m.eval() is m; m.double() is m
"""
LINES = {
    "Sequential": LIST,
    "ModuleList": LIST,
    "ModuleDict": DICT,
    "ParameterList": PARAMETER_LIST,
    "ParameterDict": PARAMETER_DICT,
    "Module": MODULE,
    "around itself": ITSELF,
}

DIFFERENT = {
    ("ModuleList", "m.insert(-1, s.nn.Tanh())"): "as a list inserts; PyTorch's fails by accident",
    ("ModuleList", "m.insert(0, 3)"): "TypeError; PyTorch asks the number for its state",
    ("Sequential", "m.insert(0, 3)"): "TypeError, as from append; PyTorch: AssertionError",
    ("ParameterDict", "m['z']"): "KeyError, as a dictionary; PyTorch: AttributeError",
    ("ParameterDict", "m.pop('z')"): "KeyError, as a dictionary; PyTorch: AttributeError",
    ("Module", "m.load_state_dict({}, strict=False)"): "a missing count of batches is told",
    ("Module", "s.nn.Parameter(3)"): "TypeError that says what to do; PyTorch: AttributeError",
    ("around itself", "m.eval() is m"): "each module once; PyTorch recurses",
    ("around itself", "m.double() is m"): "each module once; PyTorch recurses",
}
"""Where the sides differ, and why."""

CASES = [
    (kind, line.strip())
    for kind, lines in LINES.items()
    for line in lines.replace("\n", ";").split(";")
    if line.strip()
]


def plain(value: Any) -> Any:
    """What can be compared across the sides."""
    if hasattr(value, "detach"):
        numbers = np.asarray(value.detach().numpy(), dtype=float)
        return tuple(value.shape), np.round(numbers, 5).tolist()
    if hasattr(value, "missing_keys"):
        return list(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if hasattr(value, "state_dict"):
        return told(value)
    return value.replace("torch.", "") if isinstance(value, str) else value


def told(module: Any) -> str:
    """The repr, less the names of types."""
    return repr(module).replace("torch.", "").replace("FloatTensor of size", "float32 of size")


def outcome(s: Any, kind: str, line: str) -> Any:
    """What a line gives, or the class of its error; and what the module is then."""
    m = filled(s, MODELS[kind](s))
    try:
        found = plain(eval(line, {"m": m, "s": s, "copy": copy, "od": collections.OrderedDict}))
        return found if kind == "around itself" else (found, told(m), list(m.state_dict()))
    except Exception as error:
        known = (RecursionError, NotImplementedError, RuntimeError)
        return next((k.__name__ for k in known if isinstance(error, k)), type(error).__name__)


@pytest.mark.parametrize("kind", LINES)
def test_every_line(kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for line in (line for of, line in CASES if of == kind):
            have, expected = outcome(minigrad, kind, line), outcome(torch, kind, line)
            if isinstance(expected, tuple) and isinstance(have, tuple):
                have, expected = (str(side).replace(".0 ", " ") for side in (have, expected))
            if (kind, line) in DIFFERENT:
                assert have != expected, f"{line}: no longer different; strike the row"
            else:
                assert have == expected, line


def test_the_table_names_lines_that_there_are() -> None:
    assert set(DIFFERENT) <= set(CASES)
    assert all(DIFFERENT.values())


# -- longer programs ----------------------------------------------------------------------------


def always_called(s: Any) -> Any:
    m, seen = s.nn.Linear(1, 1), []
    m.register_forward_hook(lambda m, a, y: seen.append(y), always_call=True)
    try:
        m(s.ones(3, 3))
    except RuntimeError:
        seen.append("raised")
    return [*seen, m(s.ones(1, 1)).shape == (1, 1), len(seen)]


def hooks_on_state(s: Any) -> Any:
    m, seen = filled(s, s.nn.Linear(1, 1)), []
    m.register_state_dict_pre_hook(lambda m, prefix, keep: seen.append((prefix, keep)))
    m.register_state_dict_post_hook(lambda m, state, prefix, data: state.update({prefix + "z": 1}))
    handle = m.register_state_dict_post_hook(lambda m, state, prefix, data: seen.append("never"))
    handle.remove()
    return [list(s.nn.Sequential(m).state_dict()), seen]


def hooks_on_loading(s: Any) -> Any:
    m, seen = filled(s, s.nn.Linear(1, 1)), []
    around = s.nn.Sequential(m)

    def renamed(m: Any, state: Any, prefix: str, *others: Any) -> None:
        state[prefix + "weight"] = state.pop(prefix + "old")

    m.register_load_state_dict_pre_hook(renamed)
    m.register_load_state_dict_post_hook(lambda m, keys: seen.append(list(keys.missing_keys)))
    given = {"0.old": s.ones(1, 1) * 5, "0.bias": s.ones(1)}
    return [str(around.load_state_dict(given)), seen, m.weight.item(), sorted(given)]


def extra_state(s: Any) -> Any:
    class Counting(s.nn.Module):
        count = 0

        def get_extra_state(self) -> Any:
            return {"count": self.count}

        def set_extra_state(self, state: Any) -> None:
            self.count = state["count"]

    first, second = s.nn.Sequential(Counting()), s.nn.Sequential(Counting())
    first[0].count = 3
    state = first.state_dict()
    second.load_state_dict(state)
    lenient = str(second.load_state_dict({}, strict=False).missing_keys)
    try:
        second.load_state_dict({})
    except RuntimeError as error:
        return [list(state), second[0].count, lenient, "_extra_state" in str(error)]
    return None


def without_init(s: Any) -> Any:
    class Hasty(s.nn.Module):
        def __init__(self) -> None:
            self.layer = s.nn.Linear(1, 1)

    try:
        Hasty()
    except AttributeError as error:
        return "before Module.__init__() call" in str(error)
    return None


@pytest.mark.parametrize(
    "program", [always_called, hooks_on_state, hooks_on_loading, extra_state, without_init]
)
def test_program(program: Any) -> None:
    assert inspect.isfunction(program)
    assert program(minigrad) == program(torch)
