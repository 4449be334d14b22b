"""The engines by name: a library, compiled or not, in an environment of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.engines.engine import Engine


@dataclass(frozen=True)
class Entry:
    """Where an engine is, so that its library is imported in its own process only.

    Attributes:
        module, kind: of the engine's class, below benchmarks.engines.
        extra: which brings its library; None if it is always there.
        environment: variables of its process.
    """

    module: str
    kind: str
    extra: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def load(self, device: str) -> Engine:
        """The engine. Errors: `Absent` where its library is not installed."""
        from benchmarks.engines.engine import Absent

        try:
            module = import_module(f"benchmarks.engines.{self.module}")
        except ModuleNotFoundError as error:
            if self.extra is None:
                raise
            raise Absent(
                f"the module {error.name!r} is not installed; "
                f"python -m pip install -e '.[{self.extra}]' brings it"
            ) from error
        engine: Engine = getattr(module, self.kind)(device)
        return engine


_NEVER_GIVEN_BACK = {
    # The allocator keeps what was freed: otherwise each step of PyTorch fetches its memory page by
    # page from the system again.
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
    "MALLOC_MMAP_THRESHOLD_": "4000000000",
}

OWN = {
    "minigrad": Entry("with_minigrad", "Minigrad"),
    "minigrad-compiled": Entry("with_minigrad", "Compiled"),
    "minigrad-numpy": Entry("with_minigrad", "OnlyNumPy"),
    "torch": Entry("with_torch", "Torch", "reference"),
    "torch-malloc": Entry("with_torch", "Torch", "reference", _NEVER_GIVEN_BACK),
    "torch-compile": Entry(
        # Compile in the worker itself: helpers of its own would use the processor beside it.
        "with_torch", "TorchCompile", "reference", {"TORCHINDUCTOR_COMPILE_THREADS": "1"},
    ),
}  # fmt: skip
PEERS = {
    "jax": Entry("with_jax", "Jax", "peers"),
    "mygrad": Entry("with_mygrad", "MyGrad", "peers"),
    "autograd": Entry("with_autograd", "Autograd", "peers"),
}
ENGINES = OWN | PEERS


def chosen(words: str) -> list[str]:
    """The engines of a list with commas; ``own``, ``peers`` and ``all`` stand for several.
    Errors: KeyError that lists what there is."""
    groups = {"own": list(OWN), "peers": list(PEERS), "all": list(ENGINES)}
    found: list[str] = []
    for word in words.split(","):
        if word not in groups and word not in ENGINES:
            raise KeyError(
                f"no engine {word!r}; there are {', '.join(ENGINES)}, {', '.join(groups)}"
            )
        found += groups.get(word, [word])
    return list(dict.fromkeys(found))
