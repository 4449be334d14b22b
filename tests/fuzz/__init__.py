"""Random programs, run by PyTorch and in every way that minigrad runs a program."""
