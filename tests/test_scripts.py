"""Textbook scripts, run once with PyTorch and once with nothing changed but their imports."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
TAUGHT = {
    "several": ["derivatives", "network", "saving", "tensors", "training"],
    "all": ["attention", "idioms", "modules", "optimizers", "quickstart"],
    "T1": ["creation"],
    "T2": ["arithmetic"],
    "T3": ["reductions"],
    "T4": ["matrices"],
    "T5": ["indexing"],
    "T6": ["numpy_bridge"],
    "T7": ["devices"],
    "P1": ["curve_monte_carlo"],
    "P2": ["curve_by_hand"],
    "P3": ["curve_autograd"],
    "A": ["activations"],
    "D1": ["dnn_one_hot"],
    "D2": ["diabetes"],
    "D3": ["mnist_dnn"],
    "D4": ["linear_classifier"],
    "D5": ["two_layers"],
    "D6": ["layers_by_hand"],
    "D7": ["fit_evaluate"],
    "C1": ["correlation"],
    "C2": ["flipped_convolution"],
    "C3": ["convolution_1d"],
    "C4": ["padding_and_stride"],
    "C5": ["pooling"],
    "C6": ["learned_kernel"],
    "C7": ["kernel_gallery"],
    "C8": ["im2col"],
    "N1": ["lenet5"],
    "N2": ["lenet_fashion"],
    "N3": ["lenet_colour"],
    "N4": ["cnn_dropout"],
    "N5": ["small_alexnet"],
    "N6": ["alexnet"],
    "N7": ["resnet"],
    "N8": ["inception"],
    "N9": ["vgg_blocks"],
    "N10": ["photo_folder"],
    "G1": ["gan"],
    "G2": ["rnn_memory", "language_model", "forecast"],
    "G3": ["style_transfer"],
    "G4": ["fast_style"],
}
"""The scripts by the system that each is about."""

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?)", re.ASCII)


def on_minigrad(source: str) -> str:
    """The script with its imports of torch replaced."""
    source = re.sub(r"^import torch$", "import minigrad as torch", source, flags=re.M)
    return re.sub(r"^(from|import) torch\b", r"\1 minigrad", source, flags=re.M)


class Handover:
    """`same(x)` in a script: what is random on PyTorch's side is taken over on the other, the
    weights of a module, the numbers of a tensor or of a list."""

    def __init__(self) -> None:
        self.things: list[Any] = []

    def keep(self, thing: Any) -> Any:
        state = thing
        if isinstance(thing, torch.nn.Module):
            state = {k: v.numpy().copy() for k, v in thing.state_dict().items()}
        elif isinstance(thing, torch.Tensor):
            state = thing.detach().numpy().copy()
        self.things.append(state)
        return thing

    def give(self, thing: Any) -> Any:
        kept = self.things.pop(0)
        if isinstance(kept, np.ndarray):
            assert kept.shape == thing.shape and kept.dtype == thing.dtype
            return minigrad.from_numpy(kept).requires_grad_(thing.requires_grad)
        if not isinstance(kept, dict):
            assert len(kept) == len(thing)
            return kept
        thing.load_state_dict({k: minigrad.from_numpy(v) for k, v in kept.items()})
        return thing


def run(path: Path, source: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What a script prints, and what it leaves behind."""
    module = types.ModuleType(path.stem)
    vars(module).update(given)
    sys.modules[path.stem] = module  # a saved module class is found where it was defined
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(compile(source, str(path), "exec"), vars(module))
    finally:
        del sys.modules[path.stem]
    return said.getvalue(), vars(module)


def words(said: str) -> tuple[str, list[float]]:
    """The text without its numbers and spaces, and the numbers; what the README lists as different
    on purpose is made alike: shapes are tuples, pairs have one class, types have no prefix."""
    said = re.sub(r"torch\.return_types\.\w+", "ValuesIndices", said)
    said = re.sub(r"(?:torch|minigrad)\.Size\(\[(.*?)\]\)", r"(\1)", said).replace("torch.", "")
    said = re.sub(r"\((\d+),\)", r"(\1)", said)
    said = re.sub(r"grad_fn=<\w+>", "grad_fn", said)
    said = said.replace("FloatTensor", "float32")
    return re.sub(r"\s+", "", NUMBER.sub("#", said)), [float(n) for n in NUMBER.findall(said)]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script(path: Path, tmp_path: Path) -> None:
    source, handover = path.read_text(encoding="utf-8"), Handover()
    given = {"folder": str(tmp_path)}
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own are not ours to answer for
        said, left = run(path, source, {"same": handover.keep, **given})
    changed = on_minigrad(source)
    assert "minigrad" in changed and not re.search(r"^(from|import) torch\b", changed, re.M)
    our_said, our_left = run(path, changed, {"same": handover.give, **given})
    assert not handover.things

    text, numbers = words(said)
    our_text, our_numbers = words(our_said)
    assert our_text == text
    np.testing.assert_allclose(our_numbers, numbers, rtol=2e-3, atol=2e-4)  # as they are rounded
    tensors = {name: t for name, t in left.items() if isinstance(t, torch.Tensor)}
    assert tensors
    for name, t in tensors.items():
        ours = our_left[name].detach().numpy()
        assert str(t.dtype) == f"torch.{ours.dtype}" and tuple(t.shape) == ours.shape, name
        theirs = t.detach().numpy()
        atol = 1e-5 * max(1.0, np.max(np.abs(theirs[np.isfinite(theirs)]), initial=0))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=atol, err_msg=name)


def test_the_scripts_are_there() -> None:
    assert [path.stem for path in SCRIPTS] == sorted(n for names in TAUGHT.values() for n in names)
