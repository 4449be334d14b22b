"""What is done beside the steps of a training, in Keras's names where the meaning is Keras's."""

from __future__ import annotations

from minigrad.callbacks.callback import Callback
from minigrad.callbacks.checkpoint import Checkpoint
from minigrad.callbacks.csv_logger import CSVLogger
from minigrad.callbacks.early_stopping import EarlyStopping
from minigrad.callbacks.learning_rate import LearningRate
from minigrad.callbacks.live_plot import LivePlot

__all__ = [
    "CSVLogger",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "LearningRate",
    "LivePlot",
]
