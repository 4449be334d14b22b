"""What a convolutional network has learned, and what it sees: `draw_filters`, `draw_features`."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any

import numpy as np

from minigrad.autograd import no_grad
from minigrad.draw.calls import watched
from minigrad.draw.plot import Plot
from minigrad.draw.tiles import ACROSS, Panel, panels
from minigrad.nn import Conv1d, Conv2d, Conv3d, Module
from minigrad.tensor import Tensor

MOST = 64
"""Filters or channels of a layer that are drawn, unless more are asked for."""


def draw_filters(
    layer: Module | Tensor, path: str | os.PathLike[str] | None = None, *, limit: int = MOST
) -> Plot:
    """The kernels (O, C, KH, KW) of a convolution, or of the first one in a network: red adds,
    blue subtracts, white is zero.

    Kernels that look at colours (C = 3) are drawn in colours, grey being zero; other kernels of
    several channels as a column of tiles each. ``limit`` filters are drawn at most. The weights of
    a dense layer can be looked at as images when they are reshaped:
    ``draw_filters(layer.weight.reshape(10, 1, 28, 28))``.
    Errors: TypeError for what is neither a module nor a tensor; ValueError for a module without
    convolutions, weights of other dimensions, another ending of ``path``; OSError from the disk.

    Args:
        layer: the convolution, the network, or the kernels themselves.
    """
    _check_limit("draw_filters", limit)
    name, weight = _weight(layer)
    kernels = np.asarray(weight.detach().cpu().numpy(), np.float64)
    if kernels.ndim == 3:
        kernels = kernels[:, :, None]
    matrix = kernels.shape[1] not in (1, 3)
    shown = kernels[: min(limit, ACROSS), :ACROSS] if matrix else kernels[:limit]
    largest = max(map(abs, _range(kernels))) or 1.0
    note = f"{name} {tuple(weight.shape)}, up to ±{largest:.3g}{_rest(shown.shape, kernels.shape)}"
    if kernels.shape[1] == 3:
        colours = np.nan_to_num(0.5 + shown.transpose(0, 2, 3, 1) / (2 * largest), nan=1.0)
        panel = Panel(note, list(colours.clip(0, 1)))
    else:
        note += "; a column for each filter, a row for each input channel" if matrix else ""
        tiles = [kernel[i] for i in range(shown.shape[1]) for kernel in shown]
        across = len(shown) if matrix else ACROSS
        panel = Panel(note, tiles, across, "RdBu_r", (-largest, largest))
    plot = panels([panel])
    if path is not None:
        plot.save(path)
    return plot


def draw_features(
    model: Module,
    x: Tensor,
    path: str | os.PathLike[str] | None = None,
    *,
    layers: Collection[str] | None = None,
    limit: int = MOST,
) -> Plot:
    """An image and what every convolution makes of it: a tile for each channel, dark where the
    layer's numbers are small and light where they are large.

    ``x`` is (C, H, W) or (1, C, H, W); the model runs once, in evaluation mode. ``layers`` are the
    names of the modules to look at in place of the convolutions; of each ``limit`` tiles are drawn.
    Errors: TypeError for arguments of another kind; ValueError for more than one image, for names
    that the model does not have, and for nothing to look at; OSError from the disk.

    Args:
        model: the network.
        path: where the picture is saved; None only draws.
    """
    _check_limit("draw_features", limit)
    if not isinstance(model, Module) or not isinstance(x, Tensor):
        raise TypeError(
            "draw_features: expected a Module and a tensor, got "
            f"{type(model).__name__} and {type(x).__name__}"
        )
    image = x.detach().unsqueeze(0) if x.ndim == 3 else x.detach()
    if image.ndim != 4 or image.shape[0] != 1:
        raise ValueError(
            f"draw_features: expected one image (C, H, W) or (1, C, H, W), got {tuple(x.shape)}"
        )
    known = [name for name, _ in model.named_modules()]
    unknown = [name for name in layers or () if name not in known]
    if unknown:
        raise ValueError(
            f"draw_features: the model has no {', '.join(map(repr, unknown))}; there are "
            + ", ".join(filter(None, known))
        )

    def wanted(name: str, module: Module) -> bool:
        if layers is None:
            return isinstance(module, (Conv1d, Conv2d, Conv3d))
        return name in layers

    with no_grad(), watched(model, wanted) as calls:
        model(image)
    seen = [(call, _maps(call.results[0])) for call in calls if call.results]
    if not seen:
        raise ValueError(
            "draw_features: the model called no convolution; name the modules in layers="
        )
    found = [_input(image)]
    for call, maps in seen:
        shape = tuple(call.results[0].shape)
        low, high = limits = _range(maps)
        note = f"{call.name or 'the model'}: {type(call.module).__name__} {shape}, "
        note += f"{low:.3g} to {high:.3g}{_rest(maps[:limit].shape, maps.shape)}"
        found.append(Panel(note, list(maps[:limit]), colours="viridis", limits=limits))
    plot = panels(found)
    if path is not None:
        plot.save(path)
    return plot


def _weight(layer: Any) -> tuple[str, Tensor]:
    """The kernels, and what they are called."""
    if isinstance(layer, Tensor):
        name, weight = "weight", layer
    elif isinstance(layer, Module):
        found = [
            (name, module)
            for name, module in layer.named_modules()
            if isinstance(getattr(module, "weight", None), Tensor) and module.weight.ndim > 2
        ]
        if not found:
            raise ValueError(f"draw_filters: a {type(layer).__name__} has no convolution in it")
        place, module = found[0]
        name, weight = f"{place}: {type(module).__name__}".removeprefix(": "), module.weight
    else:
        raise TypeError(f"draw_filters: expected a Module or a tensor, got {type(layer).__name__}")
    if weight.ndim not in (3, 4) or 0 in weight.shape:
        raise ValueError(
            "draw_filters: expected weights (O, C, KH, KW) or (O, C, K), got "
            f"{tuple(weight.shape)}; reshape them"
        )
    return name, weight


def _maps(result: Tensor) -> np.ndarray[Any, Any]:
    """A layer's result for one image as tiles (C, H, W); fewer dimensions become a single tile."""
    array: np.ndarray[Any, Any] = np.asarray(result.cpu().numpy(), np.float64)[0]
    array = np.atleast_2d(array)
    return array.reshape(-1, *array.shape[-2:])


def _input(image: Tensor) -> Panel:
    """The image itself, its numbers brought to 0..1; of three channels in colours."""
    array = np.asarray(image.cpu().numpy(), np.float64)[0]
    low, high = _range(array)
    array = ((array - low) / ((high - low) or 1.0)).clip(0, 1)
    tiles = [array.transpose(1, 2, 0)] if len(array) == 3 else list(array)
    note = f"input {tuple(image.shape)}, {low:.3g} to {high:.3g}"
    return Panel(note, tiles)


def _range(array: np.ndarray[Any, Any]) -> tuple[float, float]:
    """The least and the largest number; inf and nan are none."""
    finite = array[np.isfinite(array)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _check_limit(caller: str, limit: int) -> None:
    if limit < 1:
        raise ValueError(f"{caller}: expected a limit of 1 or more, got {limit}")


def _rest(shown: tuple[int, ...], there: tuple[int, ...]) -> str:
    """How many of them are drawn, if it is not all."""
    if shown[:2] == there[:2]:
        return ""
    return f"; drawn: {shown[0]} of {there[0]}" + (
        f", {shown[1]} of {there[1]} channels" if shown[1] < there[1] else ""
    )
