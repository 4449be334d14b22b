"""A step is written down as it passes the door, and what must hold for it to be replayed."""
