"""Kernels in C for what NumPy is slow at, where a C compiler is found; the same numbers within
rounding where none is.

``compiler`` builds C, ``library`` holds the kernels and runs them. Every kernel stands beside an
op's plain forward (`minigrad.native.hook`), and is written once for float and double.
"""
