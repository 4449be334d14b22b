"""A function of PyTorch, an nn.Module or an autograd.Function, as a check sees it.

minigrad imports no torch: who has a tensor of PyTorch has it imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.gradcheck.function import Matrix, Pullback, Subject, called, flat


class Torch(Subject):
    """Inputs are new tensors with the numbers asked for; a module's parameters are varied too, on
    copies, so that the module is as before."""

    framework = "torch"
    layouts = ("fortran", "strided", "broadcast", "broadcast columns", "overlapping")

    def __init__(self, f: Any, inputs: Sequence[Any]) -> None:
        self.torch: Any = sys.modules["torch"]
        if isinstance(f, type) and issubclass(f, self.torch.autograd.Function):
            f = getattr(f, "apply")  # noqa: B009  it is a Function of PyTorch
        self.f, self.inputs = f, list(inputs)
        self.module = isinstance(f, self.torch.nn.Module)
        named = list(f.named_parameters()) if self.module else []
        self.parameters = [(n, p) for n, p in named if p.requires_grad]
        tensors = [x for x in self.inputs if isinstance(x, self.torch.Tensor)]
        some = any(x.requires_grad for x in tensors)
        arrays: list[Any] = []
        names = []
        for i, x in enumerate(self.inputs):
            real = isinstance(x, self.torch.Tensor) and x.is_floating_point()
            if real and (x.requires_grad or not some) and x.dtype != self.torch.bfloat16:
                arrays.append(np.array(x.detach().cpu().numpy()))
                names.append(f"input {i}")
            else:
                arrays.append(_Fixed(x))
        arrays += [np.array(p.detach().cpu().numpy()) for _, p in self.parameters]
        super().__init__(called(f), arrays, [*names, *(n for n, _ in self.parameters)])
        self.analytic = not self.module

    def _call(self, arrays: list[Any], follow: bool) -> tuple[list[Any], list[Any]]:
        torch, count = self.torch, len(self.inputs)
        given: list[Any] = []
        varied: list[Any] = []
        for x, a in zip(self.inputs, arrays[:count], strict=True):
            if isinstance(a, _Fixed):
                given.append(a.x)
                continue
            t = torch.from_numpy(a).to(x.device)
            given.append(t.requires_grad_() if follow else t)
            varied.append(t)
        weights = {
            n: torch.from_numpy(a).to(p.device).requires_grad_(follow)
            for (n, p), a in zip(self.parameters, arrays[count:], strict=True)
        }
        for n, p in self.parameters if follow else ():
            for hook in (p._backward_hooks or {}).values():
                weights[n].register_hook(hook)
        varied += weights.values()
        with torch.set_grad_enabled(follow):
            if self.module:
                wide = any(w.dtype == torch.float64 for w in varied)
                kept = {
                    n: b.clone().double() if wide and b.is_floating_point() else b.clone()
                    for n, b in self.f.named_buffers()
                }
                found = self._with(kept, list(weights.values()), given)
            else:
                found = self.f(*given)
        several = flat(found, torch.Tensor, self.name)
        return [y for y in several if y.is_floating_point() or y.is_complex()], varied

    def _with(self, buffers: dict[str, Any], weights: list[Any], given: list[Any]) -> Any:
        """The module's answer with these for its buffers and parameters. Each place of a parameter
        is named once: a module that stands at two places is not to be put back twice."""
        of = {id(p): w for (_, p), w in zip(self.parameters, weights, strict=True)}
        named = {
            f"{path}.{n}" if path else n: of[id(p)]
            for path, module in self.f.named_modules()
            for n, p in module._parameters.items()
            if id(p) in of
        }
        call = self.torch.func.functional_call
        return call(self.f, {**buffers, **named}, tuple(given), tie_weights=False)

    def forward(self, arrays: list[Any]) -> list[Matrix]:
        results, _ = self._call(arrays, follow=False)
        return [y.detach().cpu().resolve_conj().numpy() for y in results]

    def pullback(self, arrays: list[Any]) -> Pullback:
        torch = self.torch
        results, varied = self._call(arrays, follow=True)
        used = [k for k, y in enumerate(results) if y.requires_grad]

        def pull(cotangents: list[Matrix]) -> list[Any]:
            if not used:
                return [None] * len(varied)
            seeds = [torch.from_numpy(cotangents[k]).to(results[k].device) for k in used]
            found = torch.autograd.grad(
                [results[k] for k in used], varied, seeds, retain_graph=True, allow_unused=True
            )
            return [None if g is None else g.detach().cpu().numpy() for g in found]

        return pull

    def second(self, rng: np.random.Generator) -> Torch:
        """The function's own gradient, of its inputs and of its cotangents."""
        torch, f = self.torch, self.f
        results, _ = self._call(self.arrays, follow=True)
        used = [k for k, y in enumerate(results) if y.requires_grad]
        seeds = [
            torch.from_numpy(rng.standard_normal(tuple(results[k].shape))).to(results[k])
            for k in used
        ]
        count = len(self.inputs)
        real = [i for i, a in enumerate(self.arrays[:count]) if not isinstance(a, _Fixed)]
        names = [n for n, _ in self.parameters]

        def gradient(*given: Any) -> Any:
            whole, us = list(given[:count]), given[count : count + len(seeds)]
            weights = list(given[count + len(seeds) :])
            with torch.enable_grad():
                for i in real:
                    whole[i] = whole[i] if whole[i].requires_grad else whole[i].requires_grad_()
                weights = [w if w.requires_grad else w.requires_grad_() for w in weights]
                if names:
                    kept = {n: b.clone() for n, b in f.named_buffers()}
                    found = self._with(kept, weights, whole)
                else:
                    found = f(*whole)
                several = flat(found, torch.Tensor, self.name)
                ys = [y for y in several if y.is_floating_point()]
                goals = [*(whole[i] for i in real), *weights]
                grads = torch.autograd.grad(
                    [ys[k] for k in used], goals, us, create_graph=True, allow_unused=True
                )
            return tuple(d for d in grads if d is not None)

        made = Torch(
            gradient, [*self.inputs, *seeds, *(p.detach().clone() for _, p in self.parameters)]
        )
        made.arrays[:count] = self.arrays[:count]
        for k, seed in enumerate(seeds):
            made.arrays[count + k] = np.array(seed.cpu().numpy())
        for k, (_, p) in enumerate(self.parameters):
            made.arrays[count + len(seeds) + k] = np.array(p.detach().cpu().numpy())
        Subject.__init__(
            *(made, f"the gradient of {self.name}", made.arrays),
            [
                *(f"input {i}" for i in real),
                *(f"cotangent {k}" for k in range(len(seeds))),
                *names,
            ],
        )
        made.analytic = False
        return made


class _Fixed:
    """An argument that is not varied, and passed as it is."""

    def __init__(self, x: Any) -> None:
        self.x = x
