"""Anomaly mode: which op made nan or inf, in which phase, and on which line.

While it is on, a `Detector` follows the thread. What comes out of a public function is judged, not
what is inside of it: a division by zero that `where` masks is no anomaly. Switched off it costs
nothing: it is told by the door only while somebody follows.
"""

from minigrad.anomaly.detector import Detector

__all__ = ["Detector"]
