"""The exercises themselves, a file a unit of the course, or two."""

from __future__ import annotations

from minigrad.exercise.book import (
    accuracy,
    activations,
    arrays,
    attention,
    batches,
    by_heart,
    layers,
    loops,
    neuron,
    norms,
    optimizers,
    own_ops,
    patches,
    pooling,
    programs,
    quotients,
    selection,
    shortcuts,
    sizes,
    sliding,
    slopes,
    small_net,
    softmax,
    starts,
    tape,
    tensors,
    time,
    two_nets,
)
from minigrad.exercise.exercise import Exercise

PARTS = (
    tensors,
    slopes,
    neuron,
    tape,
    quotients,
    arrays,
    selection,
    loops,
    small_net,
    softmax,
    layers,
    accuracy,
    activations,
    starts,
    optimizers,
    batches,
    by_heart,
    sliding,
    pooling,
    patches,
    sizes,
    norms,
    shortcuts,
    time,
    attention,
    two_nets,
    programs,
    own_ops,
)

EXERCISES: dict[str, Exercise] = {e.name: e for part in PARTS for e in part.EXERCISES}
"""In the order of the course."""
