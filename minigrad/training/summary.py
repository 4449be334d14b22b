"""A model's layers with their output shapes, parameters and memory."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from minigrad.autograd import no_grad
from minigrad.creation import zeros
from minigrad.methods.hooks import Handle
from minigrad.nn import Module
from minigrad.tensor import Tensor
from minigrad.training.mode import evaluating

Shape = tuple[int, ...]


@dataclass
class Layer:
    """One call of one module.

    Attributes:
        name: its dotted name, "" for the model itself; kind: its class.
        depth: how many calls it stands in.
        shapes: of the tensors that came out, in their order.
        parameters: numbers in the parameters that it holds itself and that were not counted before.
        activation: bytes of what came out, where it is a layer without layers inside, and where
            they are not those that went in.
    """

    name: str
    kind: str
    depth: int
    shapes: tuple[Shape, ...] = ()
    parameters: int = 0
    activation: int = 0

    @property
    def title(self) -> str:
        """The last part of the name, and the kind."""
        last = self.name.rpartition(".")[2]
        return f"{last} ({self.kind})" if last else self.kind


@dataclass(frozen=True)
class Summary:
    """What `summary` found; ``str()`` is the table, as is its picture in a notebook.

    Attributes:
        rows: the layers, each before those inside it, in the order of their calls.
        total_parameters, trainable_parameters: numbers in the parameters of the whole model, and
            in those of them that take gradients.
        parameter_bytes: their memory, buffers included.
        activation_bytes: the memory of all layers' outputs for this batch.
        uncalled: layers with parameters that the model did not call, and how many.
    """

    rows: list[Layer]
    inputs: tuple[Shape, ...]
    total_parameters: int
    trainable_parameters: int
    parameter_bytes: int
    activation_bytes: int
    uncalled: dict[str, int]

    def __str__(self) -> str:
        cells = [HEAD, *self._cells()]
        widths = [max(len(row[i]) for row in cells) for i in range(3)]
        rule = "─" * (sum(widths) + 6)
        lines = [
            f"{a:<{widths[0]}}   {b:<{widths[1]}}   {c:>{widths[2]}}".rstrip() for a, b, c in cells
        ]
        return "\n".join([lines[0], rule, *lines[1:], rule, *self._totals()])

    def _repr_html_(self) -> str:
        rows = [
            f"<tr><td style='text-align:left; padding:0 1em 0 {2 * layer.depth + 1}em'>"
            f"{html.escape(layer.title)}</td><td style='text-align:left; padding:0 1em'>{shape}"
            f"</td><td style='text-align:right; padding:0 1em'>{count}</td></tr>"
            for layer, (_, shape, count) in zip(self.rows, self._cells(), strict=True)
        ]
        head = "".join(f"<th style='text-align:left; padding:0 1em'>{title}</th>" for title in HEAD)
        totals = "<br>".join(map(html.escape, self._totals()))
        return f"<table><tr>{head}</tr>{''.join(rows)}</table><p>{totals}</p>"

    def __repr__(self) -> str:
        return f"Summary({len(self.rows)} rows, {self.total_parameters:,} parameters)"

    def _cells(self) -> Iterator[tuple[str, str, str]]:
        for row in self.rows:
            count = f"{row.parameters:,}" if row.parameters else ""
            yield "  " * row.depth + row.title, _written(row.shapes), count

    def _totals(self) -> Iterator[str]:
        trainable = f"{self.trainable_parameters:,} of them trainable"
        yield f"{self.total_parameters:,} parameters, {trainable}"
        yield f"{_size(self.parameter_bytes)} of parameters and buffers"
        outputs = f"{_size(self.activation_bytes)} of layers' outputs"
        yield f"{outputs} for an input of {_written(self.inputs, ' and ')}"
        for name, count in self.uncalled.items():
            yield f"not called: {name}, {count:,} parameters"


HEAD = ("layer", "output", "parameters")


def _written(shapes: Sequence[Shape], between: str = ", ") -> str:
    """Shapes as tuples: minigrad.Size before each would fill the column."""
    return between.join(str(tuple(shape)) for shape in shapes)


def summary(
    model: Module,
    input_shape: Sequence[int] | Sequence[Sequence[int]],
    *,
    batch_size: int = 1,
    dtype: Any = None,
    verbose: bool = True,
) -> Summary:
    """Print the layers that a batch passes, in the order of their calls, with output shapes,
    parameters and memory; and return them.

    A batch of zeros is put through the model, in evaluation mode and without a tape; then every
    module has the mode that it had. A layer that is called twice stands there twice, its parameters
    with the first call.

    Args:
        model: the module.
        input_shape: the shape of one sample, without the batch: (1, 28, 28). For a model of several
            inputs a list of shapes.
        batch_size: how many samples the batch has; it stands first in the shapes.
        dtype: of the inputs, or a list with one for each: int64 for an Embedding. The model's type
            if None.
        verbose: False only returns the summary, which a notebook shows by itself.

    Errors: TypeError for what is no module or no shape, ValueError for another number of types;
    what the model itself raises for an input of this shape.
    """
    if not isinstance(model, Module):
        raise TypeError(f"summary: expected an nn.Module, got {type(model).__name__}")
    shapes = _shapes(input_shape)
    dtypes = list(dtype) if isinstance(dtype, list | tuple) else [dtype] * len(shapes)
    if len(dtypes) != len(shapes):
        raise ValueError(f"summary: {len(dtypes)} dtypes for {len(shapes)} input shapes")
    first = next(model.parameters(), None)
    device, kind = (None, None) if first is None else (first.device, first.dtype)
    batch = [
        zeros(batch_size, *shape, dtype=each or kind, device=device)
        for shape, each in zip(shapes, dtypes, strict=True)
    ]
    calls = _Calls(model)
    with calls, evaluating(model), no_grad():
        model(*batch)
    own = list(model.parameters())
    found = Summary(
        calls.rows,
        tuple(x.shape for x in batch),
        sum(p.numel() for p in own),
        sum(p.numel() for p in own if p.requires_grad),
        sum(_bytes(tensor) for tensor in (*own, *model.buffers())),
        sum(row.activation for row in calls.rows),
        calls.uncalled(),
    )
    if verbose:
        print(found)
    return found


class _Calls:
    """Writes down the calls of a model's modules that are made inside the block."""

    def __init__(self, model: Module) -> None:
        self.model = model
        self.rows: list[Layer] = []
        self._inside: list[Layer] = []
        self._counted: set[int] = set()
        self._handles: list[Handle] = []
        self._bare: list[Module] = []  # those that had no hooks and need none afterwards

    def __enter__(self) -> None:
        for name, module in self.model.named_modules():
            if module._hooks is None:
                self._bare.append(module)
            begin = partial(self._begin, name)
            self._handles.append(module.register_forward_pre_hook(begin, prepend=True))
            self._handles.append(module.register_forward_hook(self._end))

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()
        for module in self._bare:
            module._hooks = None

    def _begin(self, name: str, module: Module, args: Any) -> None:
        row = Layer(name, type(module).__name__, len(self._inside))
        row.parameters = self._count(module)
        self.rows.append(row)
        self._inside.append(row)

    def _end(self, module: Module, args: Any, result: Any) -> None:
        row = self._inside.pop()
        row.shapes = tuple(tensor.shape for tensor in _tensors(result))
        if row is self.rows[-1]:  # no call inside this one
            came = [tensor.array for tensor in _tensors(args)]
            for tensor in _tensors(result):
                alike = tensor.device.xp.may_share_memory
                if not any(alike(tensor.array, array) for array in came):
                    row.activation += _bytes(tensor)

    def _count(self, module: Module) -> int:
        """The numbers in the module's own parameters that were not counted before."""
        new = [p for p in module.parameters(recurse=False) if id(p) not in self._counted]
        self._counted.update(map(id, new))
        return sum(p.numel() for p in new)

    def uncalled(self) -> dict[str, int]:
        """The modules whose parameters no call has counted."""
        counts = {name: self._count(module) for name, module in self.model.named_modules()}
        return {name: count for name, count in counts.items() if count}


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in a value, through tuples, lists and dictionaries."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        yield from _tensors(list(value.values()))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _tensors(part)


def _shapes(given: Any) -> list[Shape]:
    """The inputs' shapes. Errors: TypeError."""
    if isinstance(given, list | tuple):
        several = given if given and all(isinstance(s, list | tuple) for s in given) else [given]
        if all(isinstance(n, int) for shape in several for n in shape):
            return [tuple(shape) for shape in several]
    raise TypeError(
        "summary: expected input_shape to be the shape of one sample, such as (1, 28, 28), or a "
        f"list of shapes, got {given!r}"
    )


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _size(count: float) -> str:
    """A number of bytes in words."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} bytes" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
